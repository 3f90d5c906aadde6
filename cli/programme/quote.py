"""``loyaltill programme quote``: what one basket earns and what could be redeemed on it."""

import argparse
import json
from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agent.config.read import read_text
from cli.failures import FAILED, usage
from cli.options import explain
from cli.programme.telling import Telling
from loyalty.authoring.asking import BasketFile, answer, read_basket
from loyalty.cases.figures import LocalTime
from loyalty.programme.reader import read_programme
from loyalty.refusals import Refusal
from messages.catalogue import LANGUAGES, Catalogue

_ABOUT = """\
Answer for one basket: what is left to pay of each line, what is earned and why, what is at work, what could be redeemed
and what was missed by little. The basket is a JSON file of lines, member and what is asked (docs/SPEC-programme.md,
section "Quoting one basket"). Nothing is stored.

Exit status: 0 answered, 1 refused, 2 a file cannot be used."""
_EXAMPLES = """\
loyaltill programme quote club.toml --basket basket.json
loyaltill programme quote club.toml --basket basket.json --at 2026-12-31T18:00 --json"""


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, _EXAMPLES)
    parser.add_argument("file", type=Path, metavar="FILE", help="the programme")
    parser.add_argument("--basket", type=Path, required=True, metavar="FILE", help="the basket")
    parser.add_argument("--at", type=_local, help="when, by the store's clock, instead of the basket's own time")
    parser.add_argument("--store", help="where, instead of the basket's own store")
    parser.add_argument(
        "--lang", choices=LANGUAGES, default="en", metavar="LANG", help=f"{', '.join(LANGUAGES)}; default: en"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")


def run(arguments: argparse.Namespace) -> int:
    """Quote the basket."""
    programme = read_programme(read_text(arguments.file), str(arguments.file))
    name = str(arguments.basket)
    asked = read_basket(read_text(arguments.basket), name)
    zone = _zone(asked, name)
    now = datetime.now(zone).replace(tzinfo=None, second=0, microsecond=0)
    found = answer(programme, asked, zone, now, name, at=arguments.at, store=arguments.store)
    catalogue = Catalogue.load(arguments.lang)
    telling = Telling(programme, catalogue, zone)
    if isinstance(found.answer, Refusal):
        told = telling.refused(found.answer)
        place = f" ({told['field']})" if told["field"] else ""
        print(json.dumps({"refused": told}) if arguments.json else f"refused: {told['text']}{place} [{told['code']}]")
        return FAILED
    if arguments.json:
        print(json.dumps(telling.quoted(found.answer)))
    elif found.basket is not None:
        print("\n".join(telling.lines(found.answer, found.basket)))
    return 0


def _zone(asked: BasketFile, name: str) -> tzinfo:
    try:
        return ZoneInfo(asked.zone)
    except (ZoneInfoNotFoundError, ValueError):
        usage(f"{name}: zone: is no time zone; expected an IANA name, as Asia/Almaty")


def _local(text: str) -> LocalTime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError("expected the store's time, as 2026-12-31T18:00") from fault
    if at.tzinfo is not None:
        raise argparse.ArgumentTypeError("expected the store's time without an offset, as 2026-12-31T18:00")
    return LocalTime(at)
