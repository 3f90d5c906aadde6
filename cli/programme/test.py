"""``loyaltill programme test``: files of cases in, what came otherwise out."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.failures import FAILED, USAGE, usage
from cli.options import explain
from loyalty.cases.case import Case
from loyalty.cases.reading import read_cases
from loyalty.cases.run import Outcome, run_case
from loyalty.cases.world import CaseFault
from loyalty.reading.problems import BadFile, Problem

_ABOUT = """\
Run cases: each is a programme, members and steps over time, with the figures that must come out (docs/SPEC-case.md).
A folder stands for every .json file in it and below.

Each figure that came otherwise is one line; the last line is one JSON object that counts cases."""
_EXAMPLES = """\
loyaltill programme test tests/cases
loyaltill programme test ours.json theirs.json"""
_AFTER = """\
A variant of a case counts as a case. Steps that a case marks as deferred are not run; they are listed and counted apart.

Exit status: 0 every case passed, 1 at least one did not, 2 a file is no case or no case was found."""


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, _EXAMPLES, _AFTER)
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="a file of cases, or a folder of them")


def run(arguments: argparse.Namespace) -> int:
    """Run the cases; 0 when all passed."""
    outcomes = [outcome for path in _files(arguments.paths) for outcome in _run_file(path)]
    for outcome in outcomes:
        for line in told(outcome):
            print(line)
    failed = sum(not outcome.passed for outcome in outcomes)
    deferred = sum(len(outcome.deferred) for outcome in outcomes)
    if deferred:
        print(f"steps that are deferred: {deferred}")
    print(json.dumps({"cases": len(outcomes), "passed": len(outcomes) - failed, "failed": failed}))
    if not outcomes:
        return USAGE
    return FAILED if failed else 0


def told(outcome: Outcome) -> Iterator[str]:
    """Write what is to be said of a case: nothing where it passed."""
    for one in outcome.differences:
        yield f"{outcome.id}: step {one.step}: {one.key}: expected {one.expected}, got {one.got}"
    for step, deferred in outcome.deferred:
        yield f"{outcome.id}: step {step}: not run, deferred to {deferred.to}: {deferred.reason}"


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.json"))
        elif path.exists():
            yield path
        else:
            usage(f"{path}: there is no such file or folder")


def _run_file(path: Path) -> Iterator[Outcome]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        usage(f"{path}: is not UTF-8 text")
    for case in read_cases(text, str(path)):
        try:
            yield from run_case(case, _zone(case, path))
        except CaseFault as fault:
            key = f"{case.id}: step {fault.step}" if fault.step else case.id
            raise BadFile(str(path), [Problem(line=None, key=key, fault=fault.fault)]) from fault
        except BadFile as fault:
            raise BadFile(f"{path}: {fault.name}", fault.problems) from fault


def _zone(case: Case, path: Path) -> ZoneInfo:
    try:
        return ZoneInfo(case.zone)
    except (ZoneInfoNotFoundError, ValueError) as fault:
        problem = Problem(line=None, key=f"{case.id}.zone", fault="expected an IANA time zone, as Asia/Almaty")
        raise BadFile(str(path), [problem]) from fault
