"""Where the fraction of a minor unit in a discount is rounded, and whether the discount is rounded or the price."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from loyalty.numbers.rates import Rounding, round_fraction
from loyalty.reading.tables import Table


class RoundAt(StrEnum):
    """Over what a discount is summed before it is rounded."""

    SALE = "sale"
    LINE = "line"
    ITEM = "item"


class RoundsWhat(StrEnum):
    """What comes out as whole minor units first; the other is what is left of the price."""

    DISCOUNT = "discount"
    PRICE = "price"


_MIRRORED = {
    Rounding.FLOOR: Rounding.CEILING,
    Rounding.CEILING: Rounding.FLOOR,
    Rounding.HALF_UP: Rounding.HALF_DOWN,
    Rounding.HALF_DOWN: Rounding.HALF_UP,
    Rounding.HALF_EVEN: Rounding.HALF_EVEN,
}
"""A discount that is rounded up leaves a price that is rounded down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """How one reward rounds."""

    rounding: Rounding = Rounding.HALF_UP
    what: RoundsWhat = RoundsWhat.DISCOUNT
    at: RoundAt = RoundAt.SALE

    @property
    def of_price(self) -> Rounding:
        """How what is left of the price is rounded, so that the discount is rounded as the reward says."""
        return self.rounding if self.what is RoundsWhat.PRICE else _MIRRORED[self.rounding]

    def minor(self, asked: Fraction, value: Fraction) -> int:
        """Round ``asked``, which is to come off ``value``; never below zero and never more than there is."""
        if self.what is RoundsWhat.DISCOUNT:
            amount = round_fraction(asked, self.rounding)
        else:
            amount = round_fraction(value, Rounding.HALF_UP) - round_fraction(value - asked, self.rounding)
        return max(0, min(amount, round_fraction(value, Rounding.CEILING)))


HALF_UP = Rounds()


def read_rounds(table: Table) -> Rounds:
    """Read the keys ``rounding``, ``rounds`` and ``round_at``, which stand among a reward's own."""
    return Rounds(
        rounding=table.choice("rounding", Rounding, Rounding.HALF_UP),
        what=table.choice("rounds", RoundsWhat, RoundsWhat.DISCOUNT),
        at=table.choice("round_at", RoundAt, RoundAt.SALE),
    )
