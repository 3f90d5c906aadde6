"""``loyaltill hq audit``: whether HQ's book keeps what it promises."""

import argparse
import json
from collections.abc import Iterable
from datetime import UTC, datetime

from cli.failures import FAILED, USAGE, CommandFailed
from cli.options import add_config, explain
from cli.progress import progress
from hq.auditing.service import audit
from hq.auditing.values import PROMISES, Audit, Tally
from hq.book.looking import book_of
from hq.config import HqConfig
from hq.errors import BookUnusable

_ABOUT = """\
Look through HQ's whole book and compute again what must hold: the chain of every till's journal and of HQ's own, each entry posted
once, every balance and lot the sum of what entries post, and that no pool is given away twice by leases. HQ may be running or not:
nothing is written and nobody waits. It reads everything once, so it takes a while with millions of entries."""
_AFTER = """\
Each line says what was looked at and whether it holds; what does not is shown by ids, five examples at most, never by a card number
or a name. Exit status: 0 all is well, 1 something does not hold, 2 the book cannot be read."""


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = actions.add_parser("audit", help="compute again whether the book keeps what it promises")
    explain(parser, _ABOUT, "loyaltill hq audit\nloyaltill hq audit --json", _AFTER)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_config(parser)


def run(arguments: argparse.Namespace, config: HqConfig) -> int:
    """Audit; 1 where something does not hold."""
    try:
        with book_of(config) as connection, progress("entries", None) as told:
            found = audit(connection, datetime.now(UTC), told)
    except BookUnusable as fault:
        raise CommandFailed(str(fault), USAGE) from fault
    if arguments.json:
        print(json.dumps(_as_json(found)))
    else:
        print("\n".join(_lines(found)))
    return 0 if found.well else FAILED


def _as_json(found: Audit) -> dict[str, object]:
    checks = [
        {
            "check": one.check.value,
            "promise": PROMISES[one.check][1],
            "of": PROMISES[one.check][0],
            "looked_at": one.looked_at,
            "wrong": one.wrong,
            "left_out": one.left_out,
            "note": one.note,
            "examples": one.examples,
        }
        for one in found.tallies
    ]
    return {"as_of": found.as_of.isoformat(timespec="seconds"), "well": found.well, "checks": checks}


def _lines(found: Audit) -> Iterable[str]:
    for one in found.tallies:
        yield _line(one)
        if one.wrong:
            yield f"  must hold: {PROMISES[one.check][1]}"
            yield from (f"  {example}" for example in one.examples)
            if one.wrong > len(one.examples):
                yield f"  and {one.wrong - len(one.examples):,} more"
    wrong = [one.check.value for one in found.tallies if one.wrong]
    left_out = [one.check.value for one in found.tallies if one.left_out]
    if left_out:
        yield f"not asked now: {', '.join(left_out)}"
    yield "all is well" if not wrong else f"does not hold: {', '.join(wrong)}"


def _line(one: Tally) -> str:
    note = f" ({one.note})" if one.note else ""
    if one.left_out:
        return f"{one.check.value}: not asked{note}"
    verdict = f"{one.wrong:,} DO NOT HOLD" if one.wrong else "all hold"
    return f"{one.check.value}: {one.looked_at:,} {PROMISES[one.check][0]}, {verdict}{note}"
