"""``loyaltill replay``: arguments in, outcome out."""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace as with_changes
from hashlib import sha256
from pathlib import Path

from agent.config.read import read_text
from cli.default_programme import default_programme
from cli.failures import FAILED, CommandFailed, usage
from cli.locks import held
from cli.logs import quiet_logging
from cli.options import explain
from cli.progress import progress
from cli.replay.outcome import Outcome
from cli.replay.refused import FILE as REFUSED
from cli.replay.refused import read_refused
from cli.replay.run import replay
from hq.history.choice import choose_mapping
from hq.history.mapping import ReceiptMapping
from hq.history.mapping_reader import read_mapping
from hq.history.plan import Plan, build_plan
from hq.history.report import write_report
from loyalty.programme.reader import content_version, read_programme
from loyalty.reading.places import Places
from loyalty.reading.problems import BadFile, Problem

_COMPLETE = "complete"
_REPORT = "report.csv"
_LOCK = "replay.lock"
_ABOUT = """\
Run a file of past receipts through a till and an HQ, in the order of time, and compare what both hold at the end:
points earned, taken back by cancellations, and outstanding. The same input always gives the same journal.

One row of the file is one line of a receipt. Which column is what, how a cancellation looks and what is not goods
stands in a mapping; for the columns of Online Retail II, and for those of `loyaltill demo`, one is shipped and found
by the header. Rows that cannot be used are counted by reason and listed in report.csv, and so are those of receipts
that the till refuses, which refused.csv lists as such; none vanishes."""
_EXAMPLES = """\
loyaltill replay --receipts receipts.csv.gz
loyaltill replay --receipts till.csv --mapping till.toml --programme ours.toml --json"""
_AFTER = """\
Without --programme: 1 point per 1.00 of goods, rounded down per sale.

A replay that was interrupted, or killed, goes on where it stood when the same command is given again.

Exit status: 0 till and HQ agree, 1 they do not or the till refused a receipt, 2 a file cannot be used."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, _EXAMPLES, _AFTER)
    parser.add_argument("--receipts", type=Path, required=True, metavar="FILE", help="CSV, or CSV packed with gzip")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="TOML: what the columns mean")
    parser.add_argument("--programme", type=Path, metavar="FILE", help="TOML: what earns points")
    parser.add_argument(
        "--work-dir",
        type=Path,
        default=Path("replay-data"),
        metavar="DIR",
        help="where the till's and HQ's books and the report are made; default: replay-data in the current folder",
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as one JSON object on one line")


def run(arguments: argparse.Namespace) -> int:
    """Replay; 0 when till and HQ agree."""
    quiet_logging()
    begun = time.monotonic()
    mapping = read_mapping(arguments.mapping) if arguments.mapping else choose_mapping(arguments.receipts)
    source = _programme(arguments.programme, mapping)
    work_dir = _made(arguments.work_dir)
    with held(work_dir / _LOCK, f"another replay is running in {work_dir}; wait for it, or give --work-dir another"):
        return _replay(arguments, mapping, source, begun)


def _replay(arguments: argparse.Namespace, mapping: ReceiptMapping, source: str, begun: float) -> int:
    with progress("reading", None) as told:
        plan = build_plan(arguments.receipts, mapping, arguments.work_dir, told)
    folder = arguments.work_dir / _name(plan, source)
    _begin(folder)
    programme = folder / "programme.toml"
    programme.write_text(source, encoding="utf-8")
    write_report(plan, folder / _REPORT)
    with progress("replaying", plan.counts.operations) as done:
        outcome = replay(plan, folder, programme, done)
    if outcome.refused:
        write_report(plan, folder / _REPORT, read_refused(folder))
    outcome = with_changes(outcome, seconds=round(time.monotonic() - begun, 3))
    (folder / _COMPLETE).touch()
    _print(outcome, folder, as_json=arguments.json)
    return 0 if outcome.agree and not outcome.refused else FAILED


def _programme(given: Path | None, mapping: ReceiptMapping) -> str:
    source = read_text(given) if given is not None else default_programme(mapping.currency)
    programme = read_programme(source, str(given or "the default programme"))
    if programme.currency != mapping.currency:
        wants = mapping.currency
        fault = (
            f'expected {wants.code} with {wants.scale} decimals, as the receipts are by the mapping "{mapping.name}"'
        )
        key = ("currency", "code" if programme.currency.code != wants.code else "scale")
        raise BadFile(str(given), [Problem(line=Places(source).line(key), key=".".join(key), fault=fault)])
    return source


def _name(plan: Plan, source: str) -> str:
    parts = (plan.input_sha256.hex(), plan.mapping.digest(), content_version(source))
    return f"run-{sha256(' '.join(parts).encode()).hexdigest()[:16]}"


def _made(folder: Path) -> Path:
    if folder.exists() and not folder.is_dir():
        usage(f"--work-dir {folder}: is a file; expected a folder, or a name for a new one")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise CommandFailed(f"--work-dir {folder} cannot be made: {fault.strerror}") from fault
    return folder


def _begin(folder: Path) -> None:
    """Begin anew where an earlier run came to its end; go on where one was killed.

    A complete run is moved aside before it is removed, so that a kill leaves no half of it to go on from.
    """
    aside = folder.with_name(f"{folder.name}.old")
    try:
        if aside.exists():
            shutil.rmtree(aside)
        if (folder / _COMPLETE).exists():
            folder.rename(aside)
            shutil.rmtree(aside)
        folder.mkdir(exist_ok=True)
    except OSError as fault:
        raise CommandFailed(f"{folder} cannot be made ready: {fault.strerror}") from fault


def _print(outcome: Outcome, folder: Path, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(outcome.as_json()))
    else:
        _for_people(print, outcome)
    refused = f", receipts that the till refused in {folder / REFUSED}" if outcome.refused else ""
    print(f"rows that were not used are listed in {folder / _REPORT}{refused}", file=sys.stderr)


def _for_people(say: Callable[[str], None], outcome: Outcome) -> None:
    say(f"{outcome.receipts:,} receipts: {outcome.orders:,} orders of {outcome.members:,} members, ")
    say(f"  {outcome.anonymous_orders:,} without a member, {outcome.returns:,} cancelled")
    say(f"points earned {outcome.earned:,}, taken back {outcome.reversed:,}")
    say(f"points outstanding: till {outcome.outstanding_till:,}, HQ {outcome.outstanding_hq:,}")
    say(f"entries: till {outcome.entries_till:,}, HQ {outcome.entries_hq:,}; journal head {outcome.head}")
    say(f"rows: {', '.join(f'{name} {count:,}' for name, count in outcome.rows.items() if count)}")
    say(f"cancelled lines that match no purchase: {outcome.parked:,}")
    for code, count in outcome.refused.items():
        say(f"the till refused {count:,} with {code}")
    say(f"till and HQ {'agree' if outcome.agree else 'DISAGREE'} ({outcome.seconds:.1f} s)")
