"""``loyaltill programme check``: every problem of a programme file at once, then what is legal but may be unwise."""

import argparse
import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from agent.config.read import read_text
from cli.failures import FAILED, USAGE
from cli.options import explain
from loyalty.authoring.advice import Advice, advise
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.reading.problems import BadFile, Problem

_ABOUT = """\
Read a programme and tell every problem at once, each with its line and the way out. Then warn of what is legal but may
be unwise: rules that can never be at work, rewards worth more than was paid, points that never expire, missing names.

Exit status: 0 it can be published, 1 with --strict it has warnings, 2 it has problems. Publishing asks for no more than
the absence of problems."""


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, "loyaltill programme check club.toml\nloyaltill programme check club.toml --strict --json")
    parser.add_argument("file", type=Path, metavar="FILE", help="the programme")
    parser.add_argument("--strict", action="store_true", help="warnings fail the check too")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument("--at", type=_date, metavar="DATE", help="what is over is judged on this date; default: today")


def run(arguments: argparse.Namespace) -> int:
    """Check the file."""
    name = str(arguments.file)
    try:
        text = read_text(arguments.file)
        programme = read_programme(text, name)
    except BadFile as fault:
        _say_problems(name, fault.problems, as_json=arguments.json)
        return USAGE
    warnings = advise(programme, text, arguments.at or datetime.now().astimezone().date())
    _say_warnings(name, programme, warnings, as_json=arguments.json)
    return FAILED if warnings and arguments.strict else 0


def _say_problems(name: str, problems: Sequence[Problem], *, as_json: bool) -> None:
    if as_json:
        told = [{"line": one.line, "key": one.key, "code": one.code, "text": one.fault} for one in problems]
        print(json.dumps({"file": name, "problems": told, "warnings": []}))
        return
    print("\n".join(BadFile(name, problems).lines()))
    print(f"{name}: {_count(len(problems), 'problem')}; it cannot be used")


def _say_warnings(name: str, programme: Programme, warnings: Sequence[Advice], *, as_json: bool) -> None:
    if as_json:
        told = [{"line": one.line, "key": one.key, "code": one.code, "text": one.text} for one in warnings]
        said = {"programme": programme.id, "label": programme.label, "version": programme.version}
        print(json.dumps({"file": name, **said, "problems": [], "warnings": told}))
        return
    for one in warnings:
        place = f"{name}:{one.line}" if one.line is not None else name
        print(f"{place}: {one.key + ': ' if one.key else ''}{one.text} [{one.code}]")
    rules = len(programme.earn_rules) + len(programme.multipliers) + len(programme.issuers)
    print(
        f'{name}: "{programme.label}" ({programme.version[:12]}), {_count(rules, "rule")}, '
        f"{_count(len(programme.rewards), 'reward')}: no problems, {_count(len(warnings), 'warning')}"
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError("expected a date, as 2026-12-01") from fault


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
