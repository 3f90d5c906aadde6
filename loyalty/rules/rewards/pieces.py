"""Pieces of a basket by their price: which ones a reward takes, the cheapest or the dearest first.

Pieces of one line cost the same, so they are counted, never listed: a line of a million pieces is one stack.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import lcm

from loyalty.sale.basket import BasketLine
from loyalty.sale.bill import Bill
from loyalty.sale.wishes import Wanted, Wish


class Take(StrEnum):
    """Which pieces a reward is about."""

    ALL = "all"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Pieces of one line.

    Attributes:
        numerator: Over ``denominator``, what is left to pay of one piece, tax included and deposit not, exact.
        count: How many no set has used up yet.
    """

    line: BasketLine
    numerator: int
    denominator: int
    count: int

    @property
    def price(self) -> Fraction:
        """What is left to pay of one piece."""
        return Fraction(self.numerator, self.denominator)


Picked = tuple[tuple[Stack, int], ...]
"""Stacks with how many pieces are taken of each."""


def stacks(lines: Iterable[BasketLine], bill: Bill) -> list[Stack]:
    """Give the pieces of ``lines`` that still cost something, the cheapest first; ties by item, then line."""
    found = []
    for line in lines:
        numerator, denominator, count = bill.pieces(line)
        if numerator > 0:
            found.append(Stack(line=line, numerator=numerator, denominator=denominator, count=count))
    scale = lcm(*(one.denominator for one in found))
    return sorted(found, key=lambda one: (one.numerator * (scale // one.denominator), one.line.item, one.line.line))


def pick(found: Sequence[Stack], most: int) -> Picked:
    """Take up to ``most`` pieces in the order of ``found``."""
    picked = []
    for one in found:
        if most <= 0:
            break
        count = min(one.count, most)
        if count > 0:
            picked.append((one, count))
            most -= count
    return tuple(picked)


def after(found: Sequence[Stack], count: int) -> list[Stack]:
    """Give the stacks without their first ``count`` pieces, of which there are as many."""
    for place, one in enumerate(found):
        if count < one.count:
            rest = replace(one, count=one.count - count) if count else one
            return [rest, *found[place + 1 :]]
        count -= one.count
    return []


def without(found: Sequence[Stack], picked: Picked) -> list[Stack]:
    """Give the stacks without the pieces that were picked of them."""
    gone: dict[int, int] = {}
    for one, count in picked:
        gone[one.line.line] = gone.get(one.line.line, 0) + count
    left = [replace(one, count=one.count - gone[one.line.line]) if one.line.line in gone else one for one in found]
    return [one for one in left if one.count > 0]


def count_of(found: Iterable[Stack]) -> int:
    """Count the pieces."""
    return sum(one.count for one in found)


def share_of(picked: Picked, rate: Fraction) -> Wish:
    """Ask for a share of the price of the pieces."""
    values = ((one, one.price * count, count) for one, count in picked)
    return Wish.of(Wanted(line=one.line, exact=value * rate, value=value, pieces=count) for one, value, count in values)


def value_of(picked: Picked) -> Fraction:
    """Give the exact price of the pieces."""
    return sum((one.price * count for one, count in picked), Fraction(0))


def milli_of(*picks: Picked) -> tuple[tuple[int, int], ...]:
    """Give (line, thousandths) of the pieces, by line; what is weighed counts as a whole."""
    sums: dict[int, int] = {}
    for picked in picks:
        for one, count in picked:
            weighed = one.line.quantity_milli % 1000
            milli = one.line.quantity_milli if weighed else count * 1000
            sums[one.line.line] = sums.get(one.line.line, 0) + milli
    return tuple(sorted(sums.items()))
