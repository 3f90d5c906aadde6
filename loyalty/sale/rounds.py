"""Where the fraction of a minor unit in a discount is rounded, and whether the discount is rounded or the price."""

from dataclasses import dataclass
from enum import StrEnum

from loyalty.numbers.rates import Rounding, divide
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

    def minor(self, wants: int, worth: int, scale: int) -> int:
        """Round ``wants``, which is to come off ``worth``, both in ``1/scale``; never below zero or above what is there."""
        if self.what is RoundsWhat.DISCOUNT:
            amount = divide(wants, scale, self.rounding)
        else:
            amount = divide(worth, scale, Rounding.HALF_UP) - divide(worth - wants, scale, self.rounding)
        return max(0, min(amount, -(-worth // scale)))


HALF_UP = Rounds()


def read_rounds(table: Table) -> Rounds:
    """Read the keys ``rounding``, ``rounds`` and ``round_at``, which stand among a reward's own."""
    return Rounds(
        rounding=table.choice("rounding", Rounding, Rounding.HALF_UP),
        what=table.choice("rounds", RoundsWhat, RoundsWhat.DISCOUNT),
        at=table.choice("round_at", RoundAt, RoundAt.SALE),
    )
