"""A day of receipts of a grocery shop, made up: for demos and tests where no real receipts are at hand.

Knows what a day in a shop looks like and the plain columns of the shipped mapping ``generated.toml``. Everything
random comes from the generator that the caller seeds, so a seed always gives the same bytes.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random

from hq.history.whole_file import whole_file
from loyalty.numbers.limits import QUANTITY_SCALE, require
from loyalty.numbers.scaled import format_scaled

LANGUAGES = ("kk", "ru", "az", "hy", "en")
"""Languages in which every item has a name."""
COLUMNS = ("invoice", "item", "description", "category", "quantity", "timestamp", "unit_price", "customer")
_PRICE_SCALE = 2
_CARD_PREFIX = "29"
_OPENS_HOUR = 8
_VISITS_BY_HOUR = (20, 28, 36, 40, 55, 70, 58, 48, 52, 75, 110, 120, 95, 60)
"""How many visits fall into each hour from opening to closing, in proportion: a bump at noon, a peak after work."""
_BASKETS = ((1, 2, 55), (3, 6, 80), (7, 12, 40), (13, 25, 14))
"""Sizes of baskets: from, to, how many of them in proportion."""
_ANONYMOUS_PERMILLE = 350
_RETURN_PERMILLE = 25
_EARLIEST_RETURN_S, _LATEST_RETURN_S = 20 * 60, 5 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What day to make up.

    Attributes:
        receipts: Sales of the day, 1 to 100,000; some returns come on top.
        members: People with a card, 1 to 1,000,000; most of them come rarely.
        languages: Each item is named in one of these.
    """

    date: date
    receipts: int = 600
    members: int = 300
    languages: tuple[str, ...] = ("kk", "ru", "en")

    def __post_init__(self) -> None:
        require(1 <= self.receipts <= 100_000, "receipts must be 1 to 100,000")
        require(1 <= self.members <= 1_000_000, "members must be 1 to 1,000,000")
        require(bool(self.languages) and set(self.languages) <= set(LANGUAGES), f"languages are of {LANGUAGES}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Good:
    item: str
    category: str
    price_minor: int
    weighed: bool
    popularity: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Receipt:
    at: datetime
    customer: str
    lines: tuple[tuple[_Good, int], ...]
    """Each good with its thousandths: below zero where it comes back."""


def write_day(path: Path, day: Day, rng: Random) -> None:
    """Write a day's receipts as CSV, in the order of time.

    Raises:
        OSError: the file cannot be written.
    """
    receipts = sorted(_receipts(day, rng), key=lambda receipt: receipt.at)
    with whole_file(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number, receipt in enumerate(receipts, start=1):
            writer.writerows(_rows(number, receipt))


def card_number(number: int) -> str:
    """The card of a member by its number: 13 digits, as an EAN-13 of the range shops give out themselves."""
    digits = f"{_CARD_PREFIX}{number:010d}"
    require(len(digits) == 12, "a card number has ten digits of its own")
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def _receipts(day: Day, rng: Random) -> Iterator[_Receipt]:
    goods = _goods(day, rng)
    popularity = [good.popularity for good in goods]
    cards = [card_number(number) for number in rng.sample(range(10**10), day.members)]
    closes = datetime.combine(day.date, time(_OPENS_HOUR)) + timedelta(hours=len(_VISITS_BY_HOUR))
    for _ in range(day.receipts):
        sale = _Receipt(
            at=_visit(day.date, rng),
            customer=_customer(cards, rng),
            lines=tuple((good, _quantity_milli(good, rng)) for good in _basket(goods, popularity, rng)),
        )
        yield sale
        if sale.customer and rng.randrange(1000) < _RETURN_PERMILLE:
            at = sale.at + timedelta(seconds=rng.randrange(_EARLIEST_RETURN_S, _LATEST_RETURN_S))
            if at < closes:
                yield _Receipt(at=at, customer=sale.customer, lines=_given_back(sale, rng))


def _goods(day: Day, rng: Random) -> list[_Good]:
    text = (files("hq.history") / "goods.csv").read_text(encoding="utf-8")
    return [
        _Good(
            item=row["item"],
            category=row["category"],
            price_minor=int(row["price_minor"]),
            weighed=row["sold_by"] == "kg",
            popularity=int(row["popularity"]),
            name=row[rng.choice(day.languages)],
        )
        for row in csv.DictReader(text.splitlines())
    ]


def _visit(on: date, rng: Random) -> datetime:
    hour = _OPENS_HOUR + rng.choices(range(len(_VISITS_BY_HOUR)), _VISITS_BY_HOUR)[0]
    return datetime.combine(on, time(hour)) + timedelta(seconds=rng.randrange(3600))


def _customer(cards: list[str], rng: Random) -> str:
    if rng.randrange(1000) < _ANONYMOUS_PERMILLE:
        return ""
    # The lower of two draws: some members come often, most come rarely.
    return cards[min(rng.randrange(len(cards)), rng.randrange(len(cards)))]


def _basket(goods: list[_Good], popularity: list[int], rng: Random) -> list[_Good]:
    least, most, _ = rng.choices(_BASKETS, [weight for _, _, weight in _BASKETS])[0]
    return rng.choices(goods, popularity, k=rng.randint(least, most))


def _quantity_milli(good: _Good, rng: Random) -> int:
    if good.weighed:
        return rng.randrange(180, 2400)
    return 1000 * rng.choices((1, 2, 3, 6), (80, 14, 4, 2))[0]


def _given_back(sale: _Receipt, rng: Random) -> tuple[tuple[_Good, int], ...]:
    chosen = rng.sample(range(len(sale.lines)), min(len(sale.lines), rng.randint(1, 2)))
    return tuple((sale.lines[place][0], -sale.lines[place][1]) for place in sorted(chosen))


def _rows(number: int, receipt: _Receipt) -> Iterator[tuple[str, ...]]:
    prefix = "R" if receipt.lines[0][1] < 0 else ""
    for good, quantity_milli in receipt.lines:
        yield (
            f"{prefix}{number:06d}",
            good.item,
            good.name,
            good.category,
            format_scaled(quantity_milli, QUANTITY_SCALE),
            f"{receipt.at:%Y-%m-%d %H:%M:%S}",
            format_scaled(good.price_minor, _PRICE_SCALE),
            receipt.customer,
        )
