"""``loyaltill policy explain``: what tills without HQ may cost the merchant at worst, in money, and why not more."""

import argparse
import json
from pathlib import Path
from typing import Any

from agent.config.read import read_text
from cli.giving.telling import answered
from cli.options import DEFAULT_CONFIG, add_config, config_file, explain
from hq.asking import ask_at
from hq.book.sqlite import BOOK_FILE
from hq.config import load_hq_config
from hq.control.desks import Desk
from loyalty.authoring.exposure import WorstCase, worst_case
from loyalty.numbers.currency import Currency
from loyalty.numbers.scaled import format_scaled
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme

_ABOUT = """\
Say what tills may give away at worst while they cannot reach HQ, beyond what members have: for one sale, for one member, for a
till on a day, and for the whole chain. What is offline = "cap" cannot be overspent by any number of tills, whatever is lost, late or
twice. How many tills there are, and what was written off, is asked of HQ's book where [hq] has one; --tills says another number."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, "loyaltill policy explain --programme programme.toml --tills 40 --days 3")
    parser.add_argument("what", choices=["explain"], metavar="explain")
    parser.add_argument("--programme", required=True, type=Path, metavar="FILE", help="the programme")
    parser.add_argument("--tills", type=int, metavar="N", help="how many tills sell; default: as HQ knows, else 1")
    parser.add_argument("--days", type=int, default=1, metavar="N", help="business dates without HQ; default: 1")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Explain the policy."""
    programme = read_programme(read_text(arguments.programme), str(arguments.programme))
    known = _known(arguments)
    tills = max(1, arguments.tills or (known or {}).get("tills") or 1)
    days = max(1, arguments.days)
    worst = worst_case(programme, tills, days)
    if arguments.json:
        print(json.dumps(_as_json(worst, programme, tills, days, known)))
        return 0
    for line in _lines(worst, programme, tills, days, known):
        print(line)
    return 0


def _known(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """Ask HQ's book, where there is one on this machine; none is made by asking."""
    if arguments.config == DEFAULT_CONFIG and not arguments.config.exists():
        return None
    config = load_hq_config(config_file(arguments))
    if config.database_url is None and not (config.data_dir / BOOK_FILE).exists():
        return None
    return dict(answered(ask_at(config, Desk.LEASES, {"do": "exposure"})))


def _as_json(
    worst: WorstCase, programme: Programme, tills: int, days: int, known: dict[str, Any] | None
) -> dict[str, Any]:
    return {
        "programme": programme.id,
        "currency": programme.currency.code,
        "tills": tills,
        "days": days,
        "per_sale_minor": worst.per_sale_minor,
        "per_member_minor": worst.per_member_minor,
        "per_till_day_minor": worst.per_till_day_minor,
        "chain_minor": worst.chain_minor,
        "unbounded": list(worst.unbounded),
        "budgets": [list(one) for one in worst.budgets],
        "capped": list(worst.capped),
        "hq": known,
    }


def _lines(worst: WorstCase, programme: Programme, tills: int, days: int, known: dict[str, Any] | None) -> list[str]:
    said = [f"tills: {tills}, business dates without HQ: {days}, programme {programme.label} of {programme.id}"]
    if worst.capped:
        said.append(f"cannot be overspent (cap, deny): {', '.join(worst.capped)}")
    if worst.unbounded:
        said.append(f"NO BOUND (allow, and no [offline] table): {', '.join(worst.unbounded)}")
    money = programme.currency
    for text, figure in (
        ("one sale", worst.per_sale_minor),
        ("one member, at all tills together", worst.per_member_minor),
        ("one till on one day", worst.per_till_day_minor),
        ("THE WHOLE CHAIN", worst.chain_minor),
    ):
        said.append(f"{text}: {_money(figure, money)}")
    said += [f"{name}: {_figure(name, most, money)} beyond it" for name, most in worst.budgets]
    if known is not None:
        said += [f"written off, and may still come: {amount} of {unit}" for unit, amount in known["written_off"]]
        said += [f"a disk that is put back may give again: {amount} of {unit}" for unit, amount in known["one_disk"]]
        said += [f"so far {reason}: {amount} of {unit}" for unit, reason, amount in known["lost"]]
    return said


def _money(figure: int | None, money: Currency) -> str:
    return "no bound" if figure is None else f"at most {format_scaled(figure, money.scale)} {money.code}"


def _figure(name: str, most: int, money: Currency) -> str:
    return _money(most, money) if name.startswith("budget ") else f"at most {most}"
