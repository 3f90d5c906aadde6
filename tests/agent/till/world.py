"""A till for tests: its own folder, a clock that a test moves, ids that repeat, and short ways to ask it things."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent.config.printers import PrinterConfig, PrinterMode
from agent.config.values import CardsConfig, ScanConfig, StoreConfig, TillConfig
from agent.keys import TillKeys
from agent.till.requests import CommitRequest, Provenance, QuoteRequest, ReturnRequest, VoidRequest
from agent.till.till import Till
from drivers.scanners.cards import CardRange
from loyalty.sale.basket import BasketLine

NOON = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
ALMATY = ZoneInfo("Asia/Almaty")
CARD = "2100000000017"
OTHER_CARD = "2100000000024"
PAYMENT = "4111111111111111"

PROGRAMME = """
[programme]
id = "club"
label = "first"
names.en = "The Club"
[currency]
code = "KZT"
scale = 2
[[category]]
id = "alcohol"
names.en = "alcohol"
[[rule]]
kind = "per_amount"
id = "base"
units = 1
per = "20.00"
exclude_categories = ["alcohol"]
[[reward]]
kind = "points_discount"
id = "off"
cost = 10
discount = "100.00"
"""
DOUBLE = PROGRAMME.replace('label = "first"', 'label = "second"').replace("units = 1", "units = 2")
CARRYING = PROGRAMME.replace('per = "20.00"', 'per = "20.00"\nremainder = "carry"')


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Mint:
    """Repeatable ids."""

    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def __call__(self) -> bytes:
        return self.chance.randbytes(16)


def config(
    folder: Path,
    *,
    zone: ZoneInfo = ALMATY,
    enrol_unknown: bool = True,
    enrol_unknown_uids: bool = False,
    printer: PrinterMode = PrinterMode.HOST,
    ranges: tuple[CardRange, ...] = (CardRange(prefix="2100", min_length=13, max_length=13),),
    country: str = "",
    scan: ScanConfig | None = None,
) -> TillConfig:
    return TillConfig(
        data_dir=folder / "till-data",
        store=StoreConfig(id="S1", name="Corner shop", zone=zone, country=country),
        scan=scan or ScanConfig(),
        programme_file=folder / "programme.toml",
        cards=CardsConfig(ranges=ranges, enrol_unknown=enrol_unknown, enrol_unknown_uids=enrol_unknown_uids),
        printers=(PrinterConfig(mode=printer, address="receipts"),),
    )


def programme_file(folder: Path, text: str = PROGRAMME) -> Path:
    path = folder / "programme.toml"
    path.write_text(text, encoding="utf-8")
    return path


def open_till(
    folder: Path, *, programme: str = PROGRAMME, clock: Clock | None = None, mint: Mint | None = None, **settings: Any
) -> Till:
    programme_file(folder, programme)
    return Till(
        config(folder, **settings),
        clock=clock or Clock(),
        mint=mint or Mint(random.Random(random.SystemRandom().randrange(2**32))),
    )


def keys_of(folder: Path) -> TillKeys:
    return TillKeys(folder / "till-data" / "keys")


def line(number: int = 1, amount_minor: int = 24_600, **fields: Any) -> BasketLine:
    return BasketLine(
        **{"line": number, "item": f"i{number}", "quantity_milli": 1_000, **fields}, amount_minor=amount_minor
    )


def basket(*lines: BasketLine, card: str | None = CARD, currency: str = "KZT", **fields: Any) -> QuoteRequest:
    return QuoteRequest(currency=currency, lines=lines or (line(),), card=card, **fields)


def sale(key: str = "k1", *lines: BasketLine, check: str | None = None, **fields: Any) -> CommitRequest:
    own = {name: fields.pop(name) for name in ("quote", "host_guid", "payment_set") if name in fields}
    return CommitRequest(key=key, check_id=check or f"c-{key}", sale=basket(*lines, **fields), **own)


def void(key: str, entry: str, **fields: Any) -> VoidRequest:
    return VoidRequest(key=key, sale=entry, **fields)


def goods(key: str, entry: str | None, *lines: tuple[int, int], **fields: Any) -> ReturnRequest:
    return ReturnRequest(**{"currency": "KZT", "check_id": f"r-{key}", **fields}, key=key, sale=entry, lines=lines)


def training(**fields: Any) -> Provenance:
    return Provenance(training=True, **fields)
