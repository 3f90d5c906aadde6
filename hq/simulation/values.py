"""What a simulation assumes and what it finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Redeeming(StrEnum):
    """How members are taken to redeem; the past does not tell, so both ends can be asked for."""

    EAGER = "eager"
    """Whatever can be had is taken at once, the largest discount first, and every coupon at the next sale."""
    NEVER = "never"
    """Nothing is: what is earned stays, until it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFlow:
    """What happened to one unit in a span, in smallest steps."""

    earned: int = 0
    redeemed: int = 0
    expired: int = 0
    reversed: int = 0
    outstanding: int = 0
    """At the end of the span."""
    liability_minor: int = 0
    """What is outstanding is worth this much at the end of the span, where the unit has a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One calendar month of the store.

    Attributes:
        month: As ``2010-03``.
        sales: Receipts.
        sales_minor: What they came to before rewards.
        member_sales: Receipts of members.
        member_sales_minor: What those came to before rewards.
        cost_minor: Discounts, tenders paid with units, and gifts, at what they are worth.
        units: Flows by unit.
        tier_moves: (from, to) to how many members.
    """

    month: str
    sales: int = 0
    sales_minor: int = 0
    member_sales: int = 0
    member_sales_minor: int = 0
    cost_minor: int = 0
    units: Mapping[str, UnitFlow] = field(default_factory=dict)
    tier_moves: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """What one member had of a programme: received, and still held at the end, in minor units."""

    received_minor: int = 0
    held_minor: int = 0

    @property
    def total_minor(self) -> int:
        """Both."""
        return self.received_minor + self.held_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What one programme came to over the whole past.

    Attributes:
        label: Of the programme.
        version: Its content address.
        months: In order.
        rewards: Reward id to (times, cost in minor units).
        tiers: Tier id (empty for none) to members at the end.
        budgets: Budget id to (spent, most), in minor units; of budgets by day, month, store or member the fullest one.
        refused: Refusal code to receipts.
        benefits: Member to what they had.
        unvalued: Units that have no value, so that neither cost nor liability contains them.
    """

    label: str
    version: str
    months: tuple[Month, ...]
    rewards: Mapping[str, tuple[int, int]]
    tiers: Mapping[str, int]
    budgets: Mapping[str, tuple[int, int]]
    refused: Mapping[str, int]
    benefits: Mapping[bytes, Benefit]
    unvalued: tuple[str, ...] = ()

    @property
    def sales_minor(self) -> int:
        """All sales before rewards."""
        return sum(month.sales_minor for month in self.months)

    @property
    def cost_minor(self) -> int:
        """All discounts, tenders and gifts."""
        return sum(month.cost_minor for month in self.months)

    @property
    def liability_minor(self) -> int:
        """What members hold at the end is worth."""
        return sum(flow.liability_minor for flow in self.months[-1].units.values()) if self.months else 0

    @property
    def burden_minor(self) -> int:
        """What was given and what is owed together: what the programme takes from the margin."""
        return self.cost_minor + self.liability_minor

    def total(self, unit: str, flow: str) -> int:
        """Sum one flow of a unit over all months."""
        return sum(getattr(month.units[unit], flow) for month in self.months if unit in month.units)
