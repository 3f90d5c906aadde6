"""What a quote says."""

from dataclasses import dataclass

from loyalty.explain import Message, Names
from loyalty.holding.units import Unit
from loyalty.refusals import Refusal
from loyalty.rules.redemption import Redemption, Settle
from loyalty.rules.stages import Offer
from loyalty.rules.uses import Count


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedRemainder:
    """What an award takes from and leaves in the member's remainder, in ``1/denominator`` of a smallest step.

    Both are below zero for a member who still owes what a return gave back; it is taken from the next sales.
    """

    unit: str
    denominator: int
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """What one rule awards, rounded.

    Attributes:
        rule: The rule's id.
        unit: What is awarded.
        amount: Smallest steps, >= 0.
        bases: (line, base) of each line that earned, by line: minor units, thousandths of pieces, as the rule measures.
        remainder: What was carried over, or None where the rule drops it.
        usable_at: Epoch seconds (UTC) from which the units may be spent, or None for at once.
        expires_at: Epoch seconds (UTC) from which they may not be spent any more, or None for never.
        because: The explanation as a receipt prints it, the award itself first.
        more: What a counter or a member's page says besides: rounding and dates.
    """

    rule: str
    unit: Unit
    amount: int
    bases: tuple[tuple[int, int], ...]
    remainder: CarriedRemainder | None
    usable_at: int | None = None
    expires_at: int | None = None
    because: tuple[Message, ...]
    more: tuple[Message, ...] = ()

    @property
    def base(self) -> int:
        """The sum of the bases."""
        return sum(base for _, base in self.bases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a sale gives to an account that is not the member's.

    Attributes:
        rule: The rule's id, or ``referral.referrer``.
        account: Whose; None for a gift card that the sale has not named yet.
        unit: What is given.
        amount: Smallest steps, >= 0.
        bases: (line, share) of the lines that it is for.
        usable_at: Epoch seconds (UTC), as in `Award`; so is ``expires_at``.
    """

    rule: str
    account: bytes | None
    unit: Unit
    amount: int
    bases: tuple[tuple[int, int], ...]
    usable_at: int | None
    expires_at: int | None
    because: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Coupons that a rule issues with the sale.

    Attributes:
        rule: The rule's id.
        coupon: The coupon's id.
        unit: The hidden unit of its uses.
        names: What it is called.
        uses: Smallest steps of the unit on each one.
        count: How many.
        usable_at: Epoch seconds (UTC), as in `Award`; so is ``expires_at``.
    """

    rule: str
    coupon: str
    unit: str
    names: Names
    uses: int
    count: int
    usable_at: int | None
    expires_at: int | None
    because: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTotal:
    """One line after rewards.

    Attributes:
        amount_minor: What is to be paid for it, tenders not counted.
        discount_minor: What rewards took off.
        tax_minor: The tax contained in ``amount_minor``.
    """

    line: int
    amount_minor: int
    discount_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """A code, coupon or card that could not be used; the sale goes on without it.

    Attributes:
        asked: What was shown, by its place: ``codes[1]``, ``coupons[2]``.
        refusal: Why.
        because: In words what is missing, where something is.
    """

    asked: str
    refusal: Refusal
    because: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A rule or reward that was not at work.

    Attributes:
        id: Its id.
        names: What receipts call it, or None.
        message: What is missing.
        near: Thousandths of the way that is done.
    """

    id: str
    names: Names | None
    message: Message
    near: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The answer for one basket.

    Attributes:
        programme: The version that answered.
        awards: By rule id; without a member, what one would have earned.
        redemptions: Rewards at work, in the order in which they came.
        grants: What other accounts get: gift cards that are sold, the member who brought this one.
        issues: Coupons that come with the sale.
        counts: Changes of hidden counters.
        offers: What could be redeemed, by reward id.
        lines: What is left of each line, by line.
        total_minor: What the customer owes after discounts, by whatever means.
        paid_minor: What units and gift cards pay of it.
        tier: The tier that the member has with this sale, or None.
        declined: What was shown and could not be used.
        missed: Rules and rewards that were not at work, the nearest first.
        because: Why nothing was awarded at all, where no rule was asked.
    """

    programme: str
    awards: tuple[Award, ...]
    redemptions: tuple[Redemption, ...]
    offers: tuple[Offer, ...]
    grants: tuple[Grant, ...] = ()
    issues: tuple[Issue, ...] = ()
    counts: tuple[Count, ...] = ()
    lines: tuple[LineTotal, ...] = ()
    total_minor: int = 0
    paid_minor: int = 0
    tier: str | None = None
    declined: tuple[Declined, ...] = ()
    missed: tuple[Missed, ...] = ()
    because: tuple[Message, ...] = ()

    @property
    def to_pay_minor(self) -> int:
        """What is left to be paid with money."""
        return self.total_minor - self.paid_minor

    @property
    def discount_minor(self) -> int:
        """What rewards took off the bill, tenders not counted."""
        return sum(one.discount_minor for one in self.redemptions if one.settle is Settle.LINE_DISCOUNT)

    @property
    def tax_minor(self) -> int:
        """The tax contained in the total."""
        return sum(line.tax_minor for line in self.lines)

    def earned(self, unit: str) -> int:
        """Give what all rules together award of ``unit``."""
        return sum(award.amount for award in self.awards if award.unit.id == unit)

    def spent(self, unit: str) -> int:
        """Give what all rewards together cost of ``unit``."""
        return sum(one.units for one in self.redemptions if one.unit is not None and one.unit.id == unit)
