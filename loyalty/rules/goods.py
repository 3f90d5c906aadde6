"""Goods: which lines of a basket a rule is about."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from loyalty.explain import Names
from loyalty.sale.basket import BasketLine


class Reduced(StrEnum):
    """What to do with lines that the host has reduced already."""

    ANY = "any"
    SKIP = "skip"
    ONLY = "only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A selection of lines.

    A line is in it when it is of one of the categories, items or tags that are named (any line, where none is), and of
    none that is excluded; bounds of the price are per piece and inclusive. A line that a reward hands out is never in.

    Attributes:
        names: (category, its names) of what is named or excluded, for explanations.
    """

    categories: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    exclude_categories: frozenset[str] = frozenset()
    exclude_items: frozenset[str] = frozenset()
    exclude_tags: frozenset[str] = frozenset()
    least_price_minor: int | None = None
    most_price_minor: int | None = None
    reduced: Reduced = Reduced.ANY
    names: tuple[tuple[str, Names], ...] = field(default=(), compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        named = (self.categories, self.items, self.tags)
        excluded = (self.exclude_categories, self.exclude_items, self.exclude_tags)
        bounds = (self.least_price_minor, self.most_price_minor, self.reduced)
        object.__setattr__(self, "_hash", (named, excluded, bounds).__hash__())

    def __hash__(self) -> int:
        return self._hash  # worked out once: a quote looks goods up many times

    @property
    def narrows(self) -> bool:
        """Whether only some named goods are in, rather than all but a few."""
        return bool(self.categories or self.items or self.tags)

    def select(self, lines: Sequence[BasketLine]) -> list[BasketLine]:
        """Give the lines that are in the selection, in their order."""
        found = [line for line in lines if line.gift is None]
        if self.narrows:
            categories, items, tags = self.categories, self.items, self.tags
            found = [
                line
                for line in found
                if line.category in categories or line.item in items or (tags and not tags.isdisjoint(line.tags))
            ]
        if self.exclude_categories:
            found = [line for line in found if line.category not in self.exclude_categories]
        if self.exclude_items:
            found = [line for line in found if line.item not in self.exclude_items]
        if self.exclude_tags:
            found = [line for line in found if self.exclude_tags.isdisjoint(line.tags)]
        if self.least_price_minor is not None or self.most_price_minor is not None:
            found = [line for line in found if self._priced(line)]
        if self.reduced is not Reduced.ANY:
            found = [line for line in found if (line.discount_minor > 0) is (self.reduced is Reduced.ONLY)]
        return found

    def _priced(self, line: BasketLine) -> bool:
        least, most = self.least_price_minor, self.most_price_minor
        before = (line.amount_minor + line.discount_minor) * 1000
        return (least is None or before >= least * line.quantity_milli) and (
            most is None or before <= most * line.quantity_milli
        )


EVERYTHING = Goods()
