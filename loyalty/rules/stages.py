"""What a rule may do, stage by stage.

A quote runs in stages, each fed by the one before; within a stage the order is that of priority, then kind, then id,
so that the order in a file never matters:

1. a *reward* takes money off the bill, gives pieces away or hands something out, and may cost units;
2. a *tender* is a reward that pays with units what is left of the bill;
3. an *earn rule* finds the lines that earn and at which rate, as an exact fraction (`Earning`);
4. a *multiplier* changes the rate of an earning, on the lines it is for;
5. the engine caps and rounds each earning once, as its rule says, carries a remainder if the rule says so, and dates the
   units; the rule then says the result in words;
6. an *issuer* hands out coupons for a later sale.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from loyalty.explain import Message, Names
from loyalty.holding.periods import Lasting
from loyalty.holding.units import Unit
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.numbers.limits import require
from loyalty.numbers.rates import Rate, Rounding
from loyalty.parts.coupons import Coupon
from loyalty.parts.policies import Combine
from loyalty.refusals import Refusal
from loyalty.rules.goods import Goods
from loyalty.rules.redemption import Gift, Settle
from loyalty.rules.situation import Situation
from loyalty.rules.uses import Uses
from loyalty.rules.when import Unmet, When
from loyalty.sale.bill import Cut


class Offline(StrEnum):
    """What a till may do that cannot ask HQ."""

    ALLOW = "allow"
    CAP = "cap"
    """Only under a lease."""
    DENY = "deny"


class Trigger(StrEnum):
    """What sets a reward to work."""

    AUTO = "auto"
    """Its conditions alone."""
    CHOICE = "choice"
    """The member chose it."""
    CODE = "code"
    """A code was typed."""
    COUPON = "coupon"
    """A coupon was shown."""


class Pick(StrEnum):
    """Which of the rules of one group is at work."""

    BEST = "best"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What every rule and reward has.

    Attributes:
        id: Unique among the rules, or the rewards, of a programme.
        names: What receipts call it, or None.
        priority: Lower goes first.
        group: Of the rules of one group only one is at work.
        exclusive: Where it is at work, nothing that comes after it is.
    """

    id: str
    when: When
    names: Names | None = None
    goods: Goods
    uses: Uses
    priority: int = 0
    group: str | None = None
    pick: Pick = Pick.BEST
    exclusive: bool = False
    offline: Offline = Offline.ALLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Bounds on what an earn rule gives, in smallest steps; None for none."""

    per_line: int | None = None
    per_sale: int | None = None
    per_day: int | None = None
    per_month: int | None = None
    per_member: int | None = None
    least_per_line: int | None = None
    """A line that would give less gives nothing; so does a sale, by ``least_per_sale``."""
    least_per_sale: int | None = None

    @property
    def count(self) -> bool:
        """Whether what was given must be counted beyond the sale."""
        return any(bound is not None for bound in (self.per_day, self.per_month, self.per_member))


NO_CAPS = Caps()


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning:
    """What an earn rule found, exact and not yet rounded.

    Attributes:
        rule: The rule's id.
        unit: What is earned.
        bases: (line, base) of each line that earns, by line; zero bases are left out. A base is in minor units, or in
            thousandths of a piece, or 1 for the sale as a whole: as the rule measures.
        rate: Smallest steps of the unit per step of the base, before multipliers.
        flat: Smallest steps that come besides, whatever the base; the bases are then the shares of the lines in it, by
            which multipliers count for it and a return takes it back.
        rounding: How the fraction of a step is rounded, once, over the sum of the bases.
        by_line: Round each line by itself instead.
        carries: Keep the fraction for the member's next sale instead of rounding it away.
        multiplied: Multipliers count for it.
        currency: What the bases are counted in, or None where they are not money.
        because: The explanation of what was left out or multiplied, in order.
    """

    rule: str
    unit: Unit
    bases: tuple[tuple[int, int], ...]
    rate: Rate
    rounding: Rounding
    carries: bool = False
    by_line: bool = False
    flat: int = 0
    multiplied: bool = True
    currency: Currency | None = None
    because: tuple[Message, ...] = ()

    def __post_init__(self) -> None:
        require(not self.carries or self.rounding is Rounding.FLOOR, "what is carried over is floored")

    @property
    def base(self) -> int:
        """The sum of the bases."""
        return sum([base for _, base in self.bases])


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a member could redeem on this basket.

    Attributes:
        reward: The reward's id.
        unit: What it costs, or None where it costs nothing.
        least_units: Fewest steps of the unit that can be redeemed.
        most_units: Most that this member could redeem on this basket; 0 when out of reach.
        most_discount_minor: The discount for ``most_units``.
        choices: The items to choose from, where it is a gift.
        here: The till may give it, once at least, without asking HQ.
        because: Why it is offered, or what is missing.
        near: Thousandths of the way to it that are done; 1000 where it can be had.
    """

    reward: str
    unit: Unit | None
    least_units: int
    most_units: int
    most_discount_minor: int
    choices: tuple[str, ...] = ()
    here: bool = True
    because: tuple[Message, ...]
    near: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What a reward asks for before the engine checks limits and pays for it.

    Attributes:
        cut: What it takes off the bill.
        units: Smallest steps that it costs, >= 0.
        times: How often it is at work, >= 1.
        gifts: What it hands out.
        seats: (event, how many) that it gives away.
        worth_minor: What it costs the merchant, for budgets.
        because: In words.
    """

    cut: Cut = field(default_factory=Cut)
    units: int = 0
    times: int = 1
    gifts: tuple[Gift, ...] = ()
    seats: tuple[tuple[str, int], ...] = ()
    worth_minor: int = 0
    because: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """How a reward was set to work.

    Attributes:
        payer: The account that pays: the member's, a coupon's or a gift card's; None where nothing is paid.
        code: The coupon's code, or None.
        spendable: Smallest steps that the payer may spend now.
        units: Steps to spend, or None for the reward's price or the most.
        times: How often, where the reward has a price of its own; None for as often as it can.
        most_times: Bound on how often, from the uses that are left; None for no bound.
        choice: The item that was chosen of a gift.
    """

    payer: bytes | None = None
    code: str | None = None
    spendable: int = 0
    units: int | None = None
    times: int | None = None
    most_times: int | None = None
    choice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dating:
    """When units begin and end: the unit's own way, unless the rule has another.

    Attributes:
        pending_days: Days until they may be spent; 0 for at once.
        lasting: How long they are good, or None for ever.
    """

    pending_days: int = 0
    lasting: Lasting | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handout:
    """Coupons that a rule issues: ``count`` of one kind, each with ``uses`` smallest steps of its unit."""

    coupon: Coupon
    count: int
    uses: int
    because: tuple[Message, ...]


class Headed(Protocol):
    """Any rule or reward."""

    @property
    def head(self) -> Head:
        """What every rule and reward has."""


class Issuer(Protocol):
    """Stage 6: coupons that come with the sale."""

    @property
    def head(self) -> Head:
        """What every rule has."""

    def issue(self, situation: Situation) -> Handout | None:
        """Say what is issued; the rule's conditions hold. None for nothing."""


class EarnRule(Protocol):
    """Stage 3."""

    @property
    def head(self) -> Head:
        """What every rule has."""

    @property
    def unit(self) -> Unit:
        """What it awards."""

    @property
    def caps(self) -> Caps:
        """Bounds on what it awards."""

    @property
    def dating(self) -> Dating:
        """When what it awards begins and ends."""

    def earn(self, situation: Situation) -> Earning:
        """Find the lines that earn, and the exact rate; the rule's conditions hold."""

    def explain(self, earning: Earning, amount: int, exact: int) -> Message:
        """Say why an earning of this rule came to ``amount`` steps, or why to none.

        Args:
            earning: What the rule found, before multipliers.
            amount: Smallest steps of the unit, rounded and capped.
            exact: Before rounding, floored to ``1 / earning.rate.denominator`` of a step.
        """


class Multiplier(Protocol):
    """Stage 4."""

    @property
    def head(self) -> Head:
        """What every rule has."""

    @property
    def unit(self) -> str:
        """The id of the unit whose earnings it multiplies."""

    @property
    def of_rules(self) -> frozenset[str]:
        """The ids of the only rules whose earnings it multiplies; empty for all."""

    @property
    def rate(self) -> Rate:
        """What the rate is multiplied by."""

    @property
    def combine(self) -> Combine | None:
        """How it comes together with others; None for as the policy says."""

    def explain(self) -> Message:
        """Say that it multiplied."""


class Reward(Protocol):
    """Stages 1 and 2."""

    @property
    def head(self) -> Head:
        """What every reward has."""

    @property
    def terms(self) -> "Terms":
        """How it is set to work and what it costs."""

    @property
    def order(self) -> int:
        """Where its kind stands among rewards of one priority: what is given away, then shares, then amounts."""

    def draw(self, request: Request, situation: Situation) -> Draw | Refusal | Unmet:
        """Say what it asks for on the bill as it is; its conditions hold.

        A refusal says that what was asked cannot be; `Unmet`, that it has nothing to give on this bill.
        """

    def offer(self, request: Request, situation: Situation) -> Offer:
        """Say what could be redeemed, or what is missing; its conditions hold."""

    def stocks(self, moment: Moment) -> frozenset[str]:
        """Name the pools of stock that it hands out from, ``stock.<reward>/<item>/<store>``; most have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a reward is set to work.

    Attributes:
        code: The word to type, for `Trigger.CODE`.
        coupon: The coupon to show, for `Trigger.COUPON`.
        unit: What it costs, or None.
        cost: Smallest steps of ``unit`` for one use; 0 for nothing.
        least_balance: Smallest steps that the account must have, whatever is spent of them; 0 for no matter.
        most_minor: Most that it takes off in one sale, or None.
        restores: A return gives back what it cost.
    """

    trigger: Trigger
    code: str | None = None
    coupon: str | None = None
    unit: Unit | None = None
    cost: int = 0
    least_balance: int = 0
    settle: Settle = Settle.LINE_DISCOUNT
    most_minor: int | None = None
    restores: bool = True
