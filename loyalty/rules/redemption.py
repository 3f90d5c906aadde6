"""A reward at work, as a value: what later rules look at, and what a sale keeps."""

from dataclasses import dataclass
from enum import StrEnum

from loyalty.explain import Message
from loyalty.holding.lots import LotUse
from loyalty.holding.units import Unit


class Settle(StrEnum):
    """How what a reward takes off stands on the receipt."""

    LINE_DISCOUNT = "line_discount"
    TENDER = "tender"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """Something that is handed out besides the basket.

    Attributes:
        item: The host's item code.
        quantity_milli: How much of it.
        pool: The stock it is taken from, or None.
    """

    item: str
    quantity_milli: int
    pool: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """A reward at work: what it takes off each line, hands out, and costs.

    Attributes:
        reward: The reward's id.
        unit: What it costs, or None.
        units: Smallest steps spent.
        uses: The lots they come from, summing to ``units``.
        payer: The account that pays, or None.
        code: The coupon that was used, or None.
        settle: Whether it is a discount on lines or a tender.
        worth_minor: What it costs the merchant, gifts included.
        beyond: It was given beyond the rights of the till.
    """

    reward: str
    unit: Unit | None
    units: int
    uses: tuple[LotUse, ...]
    payer: bytes | None
    code: str | None
    settle: Settle
    by_line: tuple[tuple[int, int], ...]
    free: tuple[tuple[int, int], ...] = ()
    counted: tuple[tuple[int, int], ...] = ()
    gifts: tuple[Gift, ...] = ()
    seats: tuple[tuple[str, int], ...] = ()
    times: int = 1
    worth_minor: int = 0
    beyond: bool = False
    because: tuple[Message, ...]

    @property
    def discount_minor(self) -> int:
        """What it takes off in all."""
        return sum(amount for _, amount in self.by_line)
