"""``loyaltill policy explain``: what tills without HQ may cost the merchant at worst, in money, and why not more."""

import argparse
import json
from pathlib import Path
from typing import Any, TypeAlias

from agent.config.read import read_text
from cli.giving.telling import answered
from cli.options import DEFAULT_CONFIG, add_config, config_file, explain
from hq.asking import ask_at
from hq.book.sqlite import BOOK_FILE
from hq.config import load_hq_config
from hq.control.desks import Desk
from loyalty.authoring.exposure import BUDGET, WorstCase, worst_case, worth_minor
from loyalty.numbers.currency import Currency
from loyalty.numbers.scaled import format_scaled
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme

Exposed: TypeAlias = list[tuple[str, int]]
"""Units, each with how many smallest steps of it."""
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
        "written_off_minor": _worth(programme, known["written_off"]) if known is not None else None,
        "one_disk_minor": _worth(programme, known["one_disk"]) if known is not None else None,
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
        off, disk = known["written_off"], known["one_disk"]
        said += [f"written off, and may still come: {_priced(programme, *one)}" for one in off]
        said += [f"a disk that is put back may give again: {_priced(programme, *one)}" for one in disk]
        if off and worst.chain_minor is not None:
            figure = worst.chain_minor + _worth(programme, off)
            said.append(f"THE WHOLE CHAIN, with what was written off: {_money(figure, money)}{_rest(programme, off)}")
        if disk:
            figure = _worth(programme, disk)
            said.append(f"each disk that is put back, besides: {_money(figure, money)}{_rest(programme, disk)}")
        said += [f"so far {reason}: {_priced(programme, unit, amount)}" for unit, reason, amount in known["lost"]]
    return said


def _worth(programme: Programme, held: Exposed) -> int:
    return sum(worth_minor(programme, unit, amount) or 0 for unit, amount in held)


def _rest(programme: Programme, held: Exposed) -> str:
    """Name what no price says the worth of."""
    rest = [_counted(programme, unit, amount) for unit, amount in held if worth_minor(programme, unit, amount) is None]
    return f", and {', '.join(rest)}, which have no price" if rest else ""


def _priced(programme: Programme, unit: str, amount: int) -> str:
    worth, counted = worth_minor(programme, unit, amount), _counted(programme, unit, amount)
    if worth is None or unit.startswith(BUDGET):
        return counted
    return f"{counted}, worth {_money(worth, programme.currency)}"


def _counted(programme: Programme, unit: str, amount: int) -> str:
    own, money = programme.unit(unit), programme.currency
    if unit.startswith(BUDGET):
        return f"{format_scaled(amount, money.scale)} {money.code} of {unit}"
    return f"{format_scaled(amount, own.scale) if own is not None else amount} of {unit}"


def _money(figure: int | None, money: Currency) -> str:
    return "no bound" if figure is None else f"at most {format_scaled(figure, money.scale)} {money.code}"


def _figure(name: str, most: int, money: Currency) -> str:
    return _money(most, money) if name.startswith("budget ") else f"at most {most}"
