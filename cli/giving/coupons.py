"""``loyaltill hq coupons``: issue coupons by hand, look at one, take one back."""

import argparse
import csv
import json
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from cli.failures import USAGE, usage
from cli.giving.telling import answered, person
from cli.options import add_config, explain
from hq.asking import at_desk
from hq.config import HqConfig
from hq.control.desks import Desk
from hq.coupons.values import PAGE

_Ask: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]
_COLUMNS = ("code", "coupon", "card", "member", "new", "usable_at", "expires_at", "last_day")
_MAX_CARDS_BYTES = 10_000_000
_ABOUT = """\
Coupons that people give out, beside those of the programme's rules. A coupon's code is all that it takes to use it, unless
its kind is personal: keep lists of codes as you would keep money. HQ may be running or not."""
_ABOUT_ISSUE = """\
Issue one coupon to each of some members, or so many codes to whoever gets them, and print them. Tills accept a coupon once
they have heard of it from HQ. A personal coupon is good for its member only.

A member gets one coupon under one --once key. After an interruption run it again with the same --once: it does the rest,
and lists what was issued before, too. Cards that nobody has are named at the end, status 2.

--csv has the columns code, coupon, card, member, new, usable_at, expires_at and last_day; new is "no" for what an earlier
run issued."""
_ABOUT_SHOW = """\
Say what HQ knows of one coupon: its kind, what is left, whether and when it can be used, and what became of it. What tills
have not sent yet is not in it."""
_ABOUT_WITHDRAW = """\
Take back what is left of one coupon. A till accepts it until it hears of it."""


def add_parsers(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    coupons = actions.add_parser("coupons", help="issue coupons by hand, look at one, take one back")
    examples = "loyaltill hq coupons issue --coupon spring --segment lapsed --once spring-2026 --csv > spring.csv"
    explain(coupons, _ABOUT, examples)
    verbs = coupons.add_subparsers(title="actions", metavar="ACTION", dest="verb", required=True)
    _add_issue(verbs.add_parser("issue", help="issue coupons and print their codes"), examples)
    show = verbs.add_parser("show", help="say what is left of a coupon")
    explain(show, _ABOUT_SHOW, "loyaltill hq coupons show C01234567897")
    withdraw = verbs.add_parser("withdraw", help="take back what is left of a coupon")
    explain(withdraw, _ABOUT_WITHDRAW, 'loyaltill hq coupons withdraw C01234567897 --reason "printed twice"')
    withdraw.add_argument("--reason", required=True, metavar="TEXT", help="why; kept with the entry")
    for one in (show, withdraw):
        one.add_argument("code", metavar="CODE", help="as it is printed")
        one.add_argument("--json", action="store_true", help="print one JSON object")
        add_config(one)


def _add_issue(issue: argparse.ArgumentParser, examples: str) -> None:
    explain(issue, _ABOUT_ISSUE, f"{examples}\nloyaltill hq coupons issue --coupon flyer --count 500 --csv > flyer.csv")
    issue.add_argument("--coupon", required=True, metavar="ID", help="the kind of coupon, of the programme in force")
    whom = issue.add_mutually_exclusive_group(required=True)
    whom.add_argument("--card", nargs="+", metavar="N", help="the members with these cards")
    whom.add_argument(
        "--cards", type=Path, metavar="FILE", help="the same from a file, a card a line; - for what is piped in"
    )
    whom.add_argument("--segment", metavar="ID", help="everybody in this segment now")
    whom.add_argument("--tier", metavar="ID", help="everybody in this tier now")
    whom.add_argument("--count", type=int, metavar="N", help="so many codes, for whoever gets them")
    issue.add_argument("--reason", default="", metavar="TEXT", help="why; kept with the entries")
    issue.add_argument("--once", metavar="KEY", help="a text of yours that names this campaign; default: a new one")
    form = issue.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--csv", action="store_true", help="print a table for a mailing")
    add_config(issue)


def run(arguments: argparse.Namespace, config: HqConfig) -> int:
    """Do one action."""
    with at_desk(config, Desk.COUPONS) as ask:
        match arguments.verb:
            case "issue":
                return _issue(arguments, ask)
            case "show":
                said = answered(ask({"do": "show", "code": arguments.code.strip()}))
            case _:
                asked = {"do": "withdraw", "code": arguments.code.strip(), "reason": arguments.reason, "by": person()}
                said = answered(ask(asked))
    print(json.dumps(said) if arguments.json else "\n".join(_told(said)))
    return 0


def _issue(arguments: argparse.Namespace, ask: _Ask) -> int:
    questions = _questions(arguments)
    once = arguments.once
    if once is None:
        once = secrets.token_hex(8)
        print(f"if this is interrupted, run it again with --once {once}", file=sys.stderr, flush=True)
    asked = {"do": "issue", "coupon": arguments.coupon, "once": once, "reason": arguments.reason, "by": person()}
    printer = _Printer(arguments)
    unknown: list[str] = []
    skipped = 0
    for question in questions:
        for page in _pages(ask, {**asked, **question}):
            printer.take(page["coupons"])
            unknown += page["unknown"]
            skipped += page["skipped"]
    printer.end(once, unknown)
    print(f"{printer.new} issued, {printer.known} issued before", file=sys.stderr)
    if skipped:
        print(f"{skipped} skipped: the programme of the store where they joined has no such coupon", file=sys.stderr)
    for card in unknown:
        print(f"loyaltill: no member has the card {card}", file=sys.stderr)
    return USAGE if unknown else 0


def _questions(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    if arguments.segment is not None:
        return [{"way": "segment", "named": arguments.segment}]
    if arguments.tier is not None:
        return [{"way": "tier", "named": arguments.tier}]
    if arguments.count is not None:
        return [{"way": "count", "count": arguments.count}]
    cards = list(dict.fromkeys(arguments.card if arguments.card is not None else _read_cards(arguments.cards)))
    if not cards:
        usage(f"{arguments.cards}: there is no card in it")
    return [{"way": "cards", "cards": cards[start : start + PAGE]} for start in range(0, len(cards), PAGE)]


def _read_cards(path: Path) -> list[str]:
    try:
        if str(path) == "-":
            text = sys.stdin.read(_MAX_CARDS_BYTES + 1)
        else:
            with path.open(encoding="utf-8-sig") as file:
                text = file.read(_MAX_CARDS_BYTES + 1)
    except (OSError, UnicodeDecodeError) as fault:
        usage(f"{path}: cannot be read: {getattr(fault, 'strerror', None) or 'it is no text in UTF-8'}")
    if len(text) > _MAX_CARDS_BYTES:
        usage(f"{path}: more than {_MAX_CARDS_BYTES} bytes; split it")
    return [line.strip() for line in text.splitlines() if line.strip()]


def _pages(ask: _Ask, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    after: str | None = ""
    while after is not None:
        page = answered(ask({**asked, "after": after}))
        yield page
        after = page["next"]


class _Printer:
    """Prints coupons as they come, so that what was issued before a fault is known."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._json: list[dict[str, Any]] | None = [] if arguments.json else None
        self._csv = csv.writer(sys.stdout, lineterminator="\n") if arguments.csv else None
        if self._csv is not None:
            self._csv.writerow(_COLUMNS)
        self.new = self.known = 0

    def take(self, coupons: list[dict[str, Any]]) -> None:
        """Print a page, or keep it for the end."""
        for one in coupons:
            self.new += one["fresh"]
            self.known += not one["fresh"]
            row = {**one, "new": "yes" if one["fresh"] else "no"}
            if self._json is not None:
                self._json.append(one)
            elif self._csv is not None:
                self._csv.writerow([row[name] for name in _COLUMNS])
            else:
                until = f"until {one['last_day']}" if one["last_day"] else "for ever"
                print("  ".join(part for part in (one["code"], one["card"] or one["member"], until) if part))
        sys.stdout.flush()

    def end(self, once: str, unknown: list[str]) -> None:
        """Print what was kept."""
        if self._json is not None:
            print(json.dumps({"once": once, "coupons": self._json, "unknown": unknown}))


def _told(said: Mapping[str, Any]) -> Iterator[str]:
    yield f"coupon: {said['coupon']}"
    yield f"state: {said['state']}"
    yield f"uses left: {said['left']}"
    if said["member"]:
        yield f"only for the member: {said['member']}"
    if said["usable_at"]:
        yield f"usable from: {said['usable_at']}"
    if said["last_day"]:
        yield f"last day: {said['last_day']}"
    for at, kind, uses in said["history"]:
        yield f"  {at}  {kind}  {uses}"
