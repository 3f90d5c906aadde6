"""The till that benchmarks measure: one shop, one programme, baskets of any length, the same in every run."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.config.printers import PrinterConfig, PrinterMode
from agent.config.values import CardsConfig, StoreConfig, TillConfig
from agent.till.requests import CommitRequest, Provenance, QuoteRequest
from agent.till.till import Till
from cli.default_programme import default_programme
from drivers.scanners.cards import CardRange
from loyalty.numbers.currency import Currency
from loyalty.sale.basket import BasketLine

STORE = "s1"
CURRENCY = Currency(code="KZT", scale=2)
MEMBERS = 100
"""Who comes in turns; a member of a till that HQ never heard of may well come that often."""
NOON = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
_NAMES = ("Сүт 2,5 %, 1 л", "Нан бородинский", "Alma Aport", "Ֆեթա պանիր 200 գ", "Green tea, 100 bags", "Қаймақ 20 %")

_CONFIG = """\
[store]
id = "s1"
name = "Дүкен"
time_zone = "Asia/Almaty"
language = "kk"

[till]
data_dir = "till"
port = 0

[programme]
file = "programme.toml"

[[cards.range]]
prefix = "29"
min_length = 13

[[printer]]
mode = "own"
kind = "preview"
address = "receipts"
"""


def settings(folder: Path) -> TillConfig:
    """Give the settings of a till whose book is in ``folder`` and that prints its own receipts."""
    return TillConfig(
        data_dir=folder / "till",
        store=StoreConfig(id=STORE, name="Дүкен", zone=ZoneInfo("Asia/Almaty"), language="kk"),
        port=0,
        programme_file=write_programme(folder),
        cards=CardsConfig(ranges=(CardRange(prefix="29", min_length=13, max_length=13),)),
        printers=(PrinterConfig(mode=PrinterMode.OWN, address=str(folder / "receipts")),),
    )


def write_programme(folder: Path) -> Path:
    """Write the programme into ``folder``."""
    path = folder / "programme.toml"
    path.write_text(default_programme(CURRENCY), encoding="utf-8")
    return path


def write_config(folder: Path) -> Path:
    """Write the same settings as a config file, for an agent in a process of its own."""
    path = folder / "config.toml"
    write_programme(folder)
    path.write_text(_CONFIG, encoding="utf-8")
    return path


def open_till(folder: Path) -> Till:
    """Open the till in ``folder``; no worker runs."""
    return Till(settings(folder), clock=lambda: NOON)


def sale(number: int, lines: int) -> CommitRequest:
    """Give the paid sale with this number: a member's basket of so many lines; `MEMBERS` come in turns."""
    basket = QuoteRequest(
        currency=CURRENCY.code,
        card=card(number),
        lines=tuple(_line(place, number) for place in range(1, lines + 1)),
        provenance=Provenance(operator="Асель", shift="1"),
    )
    return CommitRequest(key=f"sale-{number:012}", check_id=str(number), sale=basket)


def card(number: int) -> str:
    """Give the card of whoever buys the sale with this number."""
    return f"29{number % MEMBERS:011}"


def _line(place: int, number: int) -> BasketLine:
    amount_minor = 45_000 + (place * 7_919 + number * 104_729) % 400_000
    return BasketLine(
        line=place,
        item=f"48700{place * 1_237 % 100_000_000:08}",
        name=_NAMES[place % len(_NAMES)],
        category=("dairy", "bread", "fruit", "tea")[place % 4],
        quantity_milli=1_000 * (1 + place % 3),
        amount_minor=amount_minor,
        tax_minor=amount_minor * 12 // 112,
    )
