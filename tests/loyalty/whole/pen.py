"""What programmes are written with by chance: ids, values, tables, and a pen.

Everything is drawn from a `random.Random`, so that the same writer serves hypothesis, which shrinks what it finds, and a
campaign of hours from one seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

Value: TypeAlias = "str | int | bool | list[str] | Raw"
Keys: TypeAlias = "dict[str, Value]"

CATEGORIES = ("food", "alcohol", "toys", "cards")
ITEMS = ("i1", "i2", "i3", "i4", "i5")
TAGS = ("fresh", "own")
STORES = ("s1", "s2")
CODES = ("SUMMER", "Қыс")
ACTIONS = ("feedback", "check_in", "wash")
SEGMENTS = ("big", "new")
ROUNDINGS = ("floor", "ceiling", "half_up", "half_down", "half_even")
PERIODS = ("P0D", "P1D", "P30D", "P1M", "P12M", "P1Y6M3D")
ROUND_UPS = ("none", "month", "quarter", "half_year", "year")
POLICIES: dict[str, tuple[str | bool, ...]] = {
    "multipliers": ("compound", "additive"),
    "round_discounts": ("each", "once"),
    "spread": ("redistribute", "per_line"),
    "odd_minor": ("largest_remainder", "first", "last"),
    "divisible_lines": (False, True),
    "host_discounts": ("before_rewards", "after_rewards"),
    "earn_when_redeeming": (True, False),
    "cancelled_visits_count": (False, True),
    "rounding": ROUNDINGS,
    "base": ("after", "before"),
    "tax": ("included", "excluded"),
    "paid_with_units": ("excluded", "included"),
    "order_discounts": ("proportional", "ignored"),
    "tax_rounding": ("group", "line"),
    "return_reverses": ("both", "both", "earned", "none"),
    "return_restores_to": ("original_lot", "new_lot"),
    "coupon_on_return": ("keep", "restore"),
    "gift_on_return": ("keep", "charge"),
}


@dataclass(frozen=True)
class Raw:
    """A value as TOML has it: a date, a time."""

    text: str


@dataclass
class Written:
    """A programme as its tables: (header, keys), in the order of the file."""

    tables: list[tuple[str, Keys]] = field(default_factory=list)

    def add(self, header: str, keys: Keys) -> None:
        self.tables.append((header, keys))

    def of(self, header: str) -> list[Keys]:
        return [keys for name, keys in self.tables if name == header]

    def ids(self, header: str) -> list[str]:
        return [str(keys["id"]) for keys in self.of(header)]

    @property
    def text(self) -> str:
        return "\n".join(_table(header, keys) for header, keys in self.tables)

    def shuffled(self, rng: Random) -> str:
        """The same content with its tables, and the keys in them, in another order."""
        tables = [(header, _in_any_order(keys, rng)) for header, keys in self.tables]
        rng.shuffle(tables)
        return "\n".join(_table(header, keys) for header, keys in tables)


def _in_any_order(keys: Keys, rng: Random) -> Keys:
    pairs = list(keys.items())
    rng.shuffle(pairs)
    return dict(pairs)


def _table(header: str, keys: Keys) -> str:
    return "\n".join([header, *(f"{key} = {_toml(value)}" for key, value in keys.items())]) + "\n"


def _toml(value: Value) -> str:
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    return f'"{value}"'


class Pen:
    """Draws what a programme is written with."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.out = Written()
        self.scale = rng.choice((2, 2, 2, 0, 3))
        self.units: dict[str, int] = {}
        self.selling: list[str] = []

    def chance(self, percent: int) -> bool:
        return self.rng.randrange(100) < percent

    def some(self, of: tuple[str, ...], most: int = 2) -> list[str]:
        return self.rng.sample(of, self.rng.randint(1, min(most, len(of))))

    def number(self, least: int, most: int, scale: int) -> str:
        """A decimal of ``least`` to ``most`` smallest steps."""
        whole, rest = divmod(self.rng.randint(least, most), 10**scale)
        return f"{whole}.{rest:0{scale}}" if scale else str(whole)

    def money(self, least: int = 1, most: int = 5000) -> str:
        return self.number(least, most, self.scale)
