"""The steps of a case, one type for each kind. The keys of the format (docs/SPEC-case.md) are the names of these fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from loyalty.cases.expected import NOTHING_EXPECTED, Expect
from loyalty.cases.figures import ZERO, Figure, LocalTime
from loyalty.cases.values import Deferred, HostDiscount, Line, Load, Member, PayWithCard, Redeem


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What every step has.

    Attributes:
        do: Its kind, see `STEPS`.
        id: What later steps call it; where absent its number, from 1.
        at: When, by the store's clock; where absent the time of the step before.
        after: How long after the step before instead, as ``P91D``.
        repeat: How many times it is done; ``expect`` is about the last.
    """

    do: str
    id: str = ""
    about: str = ""
    at: LocalTime | None = None
    after: str | None = None
    store: str | None = None
    repeat: int = 1
    expect: Expect = NOTHING_EXPECTED
    deferred: Deferred | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteStep(Step):
    """A basket is shown and answered; nothing is kept, and accounts are expected as a sale would leave them."""

    lines: tuple[Line, ...]
    member: str | None = None
    host_discount: HostDiscount | None = None
    redeem: tuple[Redeem, ...] = ()
    codes: tuple[str, ...] = ()
    coupons: tuple[str, ...] = ()
    gift_cards: tuple[PayWithCard, ...] = ()
    declined: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    loads: tuple[Load, ...] = ()
    new_codes: tuple[str, ...] = ()
    """The codes of the coupons that the sale gives out, in their order; later steps name them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleStep(QuoteStep):
    """A basket is sold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitStep(Step):
    """What an earlier quote (``of``) answered is sold, by the programme of then."""

    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedLine:
    """What of one line comes back; lines count from 1."""

    line: int
    quantity: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnStep(Step):
    """Goods of a sale come back; without ``lines`` all that is left of it."""

    of: str
    lines: tuple[ReturnedLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidStep(Step):
    """A sale is undone as a whole."""

    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryStep(Step):
    """An earlier step is sent again, as it was: nothing may change."""

    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStep(Step):
    """A member does something that is no sale."""

    member: str
    action: str


class Job(StrEnum):
    """What time does to accounts."""

    EXPIRY = "expiry"
    TIERS = "tiers"
    SEGMENTS = "segments"
    OFFERS = "offers"
    """Birthdays, win-back and the like: coupons that are issued by a date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStep(Step):
    """HQ does what is due; ``new_codes`` as in a sale."""

    job: Job
    new_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustStep(Step):
    """A person at HQ gives units, or takes them where there are enough, from a member or a gift card."""

    unit: str
    amount: Figure
    member: str | None = None
    gift_card: str | None = None
    reason: str = ""
    expires_at: LocalTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueStep(Step):
    """HQ gives out coupons under these codes."""

    coupon: str
    codes: tuple[str, ...]
    member: str | None = None
    uses: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolStep(Step):
    """Somebody joins."""

    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishStep(Step):
    """Another version of the programme is in force from now on: a whole one, or what changes (see `loyalty.cases.case.Variant`)."""

    programme: Mapping[str, Any] | None = None
    change: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStep(Step):
    """What a till's closing report says of the steps ``of``."""

    of: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiabilityStep(Step):
    """Revenue from units that were redeemed, of a contract liability (IFRS 15).

    Attributes:
        liability: Money that was put off for the units.
        expected: Units that are expected to be redeemed in all.
        redeemed: Units that were redeemed so far.
        recognised: Money recognised before.
    """

    liability: Figure
    expected: Figure
    redeemed: Figure
    recognised: Figure = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferStep(Step):
    """What of a price is put off for the units that come with the goods (IFRS 15).

    Attributes:
        price: Money that was charged.
        goods: Money that the goods sell for alone.
        units: Money that the units are worth alone, those left out that will never be redeemed.
    """

    price: Figure
    goods: Figure
    units: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class LookStep(Step):
    """Nothing happens; ``expect`` says how things stand."""


STEPS: Mapping[str, type[Step]] = {
    "quote": QuoteStep,
    "sale": SaleStep,
    "commit": CommitStep,
    "return": ReturnStep,
    "void": VoidStep,
    "retry": RetryStep,
    "action": ActionStep,
    "job": JobStep,
    "adjust": AdjustStep,
    "issue": IssueStep,
    "enrol": EnrolStep,
    "publish": PublishStep,
    "report": ReportStep,
    "defer": DeferStep,
    "liability": LiabilityStep,
    "look": LookStep,
}
