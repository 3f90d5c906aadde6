"""A shop for tests of the agent's receipts, printing, local API and terminal: real book, a clock that stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.config.printers import PrinterConfig, PrinterKind, PrinterMode
from agent.config.scanners import ScannerConfig, ScannerKind, ScannerMode
from agent.config.values import (
    CardsConfig,
    StoreConfig,
    SyncConfig,
    TillConfig,
)
from agent.keys import TillKeys
from agent.ports import Clock
from agent.till.requests import CommitRequest, EnrolRequest, Provenance, QuoteRequest
from agent.till.till import Till
from drivers.scanners.cards import CardRange
from loyalty.sale.basket import BasketLine

NOON = datetime(2026, 3, 5, 7, 30, tzinfo=UTC)
SCANNER = "counter"
CARD, OTHER_CARD = "2100000000042", "2100000000059"
PROGRAMME = """
[programme]
id = "corner"
label = "2026"
names.en = "Corner card"

[currency]
code = "KZT"

[[tier]]
id = "gold"
names = { kk = "Алтын", az = "Qızıl", ru = "Золотой", hy = "Ոսկե", en = "Gold" }

[[category]]
id = "tobacco"
names = { kk = "темекі", az = "tütün", ru = "табак", hy = "ծխախոտ", en = "tobacco" }

[[rule]]
id = "base"
kind = "per_amount"
units = "1"
per = "100.00"
exclude_categories = ["tobacco"]

[[rule]]
id = "gold"
kind = "multiply"
when.tiers = ["gold"]
multiplier = "1.5"

[[reward]]
id = "off"
kind = "points_discount"
cost = 10
discount = "100.00"
"""
LINES = (
    BasketLine(
        line=1, item="4870001", name="WHITE HANGING HEART T-LIGHT HOLDER", quantity_milli=6_000, amount_minor=153_000
    ),
    BasketLine(
        line=2, item="4870002", name="Сүт 2,5 %", quantity_milli=1_000, amount_minor=54_000, discount_minor=6_000
    ),
    BasketLine(line=3, item="4870003", name="Alma", category="fruit", quantity_milli=1_234, amount_minor=73_917),
    BasketLine(line=4, item="4870004", name="Sobranie", category="tobacco", quantity_milli=1_000, amount_minor=110_000),
)


def counted() -> Iterator[int]:
    """Count from 1; a mint of a test takes its ids from it."""
    number = 0
    while True:
        number += 1
        yield number


def shop(folder: Path, *, language: str = "en", printer: bool = True, scanner: bool = False) -> TillConfig:
    """The settings of a till in ``folder``, which prints on a preview printer."""
    return TillConfig(
        data_dir=folder / "till",
        name="till 1",
        port=0,
        store=StoreConfig(id="s1", name="Әлия", zone=ZoneInfo("Asia/Almaty"), language=language),
        programme_file=programme(folder),
        cards=CardsConfig(ranges=(CardRange(prefix="2100", min_length=13, max_length=13),)),
        scanners=(ScannerConfig(name=SCANNER, kind=ScannerKind.SIMULATED, mode=ScannerMode.OWN),) if scanner else (),
        printers=(
            PrinterConfig(
                mode=PrinterMode.OWN if printer else PrinterMode.HOST,
                kind=PrinterKind.PREVIEW,
                address=str(folder / "receipts"),
            ),
        ),
        sync=SyncConfig(),
    )


def programme(folder: Path, text: str = PROGRAMME) -> Path:
    """Write a programme; gives its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "programme.toml"
    path.write_text(text, encoding="utf-8")
    return path


def open_till(config: TillConfig, clock: Clock = lambda: NOON) -> Till:
    """Open a till whose keys, ids and clock are the same in every run."""
    numbers = counted()
    keys = TillKeys(config.data_dir / "keys", terminal_seed=bytes(range(32)), identifier_key=bytes(32))
    return Till(config, keys=keys, clock=clock, mint=lambda: next(numbers).to_bytes(16, "big"))


def sale(
    key: str = "k1", *, card: str | None = CARD, lines: tuple[BasketLine, ...] = LINES, **more: object
) -> CommitRequest:
    """A paid sale; its check has the number of its key."""
    provenance = Provenance(operator="Асель", **more)  # type: ignore[arg-type]
    request = QuoteRequest(currency="KZT", lines=lines, card=card, provenance=provenance)
    return CommitRequest(key=key, check_id=f"check {key}", sale=request)


def enrolment(card: str = CARD, language: str | None = None, nickname: str | None = "Әлия") -> EnrolRequest:
    """A new member."""
    return EnrolRequest(key=f"enrol {card}", card=card, nickname=nickname, language=language)
