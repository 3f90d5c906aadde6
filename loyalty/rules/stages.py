"""What a rule may do, stage by stage, and what it may look at.

A quote runs in stages, each fed by the one before; within a stage, rules run in the order of their ids, so that
the order in a file never matters:

1. a *reward* turns units into a discount, which is split over the lines;
2. an *earn rule* finds the lines that earn and at which rate, as an exact fraction (`Earning`);
3. a *multiplier* changes the rate of an earning;
4. the engine rounds each earning once, as its rule says, and carries a remainder if the rule says so; the rule then
   says the result in words.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from loyalty.basket import Basket
from loyalty.explain import Message, Names
from loyalty.numbers.currency import Currency
from loyalty.numbers.limits import require
from loyalty.numbers.rates import Rate, Rounding
from loyalty.refusals import Refusal
from loyalty.standing import Standing
from loyalty.units import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a rule may look at.

    Attributes:
        basket: The basket, host discounts taken off.
        redeemed: (line, minor units) that rewards took off each line, by line.
        standing: The member's standing, or None for a sale without a member.
        at: Aware instant of the sale.
        business_date: The store's, for rules that count in days.
    """

    basket: Basket
    standing: Standing | None
    at: datetime
    business_date: date
    redeemed: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning:
    """What an earn rule found, exact and not yet rounded.

    Attributes:
        rule: The rule's id.
        unit: What is earned.
        bases: (line, minor units) of each line that earns, by line; zero bases are left out.
        rate: Smallest steps of the unit per minor unit of the base, multipliers included.
        rounding: How the fraction of a step is rounded, once, over the sum of the bases.
        carries: Keep the fraction for the member's next sale instead of rounding it away.
        because: The explanation of what was left out or multiplied, in order.
    """

    rule: str
    unit: Unit
    bases: tuple[tuple[int, int], ...]
    rate: Rate
    rounding: Rounding
    carries: bool
    because: tuple[Message, ...] = ()

    def __post_init__(self) -> None:
        require(not self.carries or self.rounding is Rounding.FLOOR, "what is carried over is floored")

    @property
    def base_minor(self) -> int:
        """The sum of the bases."""
        return sum(base for _, base in self.bases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a member could redeem on this basket.

    Attributes:
        reward: The reward's id.
        unit: What it costs.
        least_units: Fewest steps of the unit that can be redeemed.
        most_units: Most that this member could redeem on this basket; 0 when out of reach.
        most_discount_minor: The discount for ``most_units``.
        because: Why it is offered, or what is missing.
    """

    reward: str
    unit: Unit
    least_units: int
    most_units: int
    most_discount_minor: int
    because: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """Units that a member spends on this basket, and what that takes off each line."""

    reward: str
    unit: Unit
    units: int
    discount_minor: int
    by_line: tuple[tuple[int, int], ...]
    because: tuple[Message, ...]


class EarnRule(Protocol):
    """Stage 2."""

    @property
    def id(self) -> str:
        """Unique among the rules of a programme."""

    def earn(self, situation: Situation) -> Earning:
        """Find the lines that earn, and the exact rate."""

    def explain(self, earning: Earning, amount: int, exact: int) -> Message:
        """Say why an earning of this rule came to ``amount`` steps, or why to none.

        Args:
            earning: What the rule found, multipliers included.
            amount: Smallest steps of the unit, rounded.
            exact: The same before rounding, in ``1 / earning.rate.denominator`` of a step.
        """


class Multiplier(Protocol):
    """Stage 3."""

    @property
    def id(self) -> str:
        """Unique among the rules of a programme."""

    def multiply(self, earning: Earning, situation: Situation) -> Earning:
        """Give the earning, with a changed rate where the multiplier applies."""


class Reward(Protocol):
    """Stage 1."""

    @property
    def id(self) -> str:
        """Unique among the rewards of a programme."""

    def offer(self, situation: Situation) -> Offer:
        """Say what could be redeemed, or what is missing."""

    def redeem(self, units: int, situation: Situation) -> Redemption | Refusal:
        """Spend ``units`` smallest steps on the basket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What the reader of a rule may refer to."""

    currency: Currency
    units: dict[str, Unit]
    tiers: dict[str, Names]
    categories: dict[str, Names]
