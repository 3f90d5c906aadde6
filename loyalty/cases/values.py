"""The things that a case is made of. The keys of the format (docs/SPEC-case.md) are the names of these fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from loyalty.cases.figures import NO_TAX, ONE, Figure, LocalTime, TaxText


class Verdict(StrEnum):
    """What the figures mean for an engine."""

    ADOPT = "adopt"
    """An engine must be able to reproduce them."""
    POLICY_CHOICE = "policy_choice"
    """Products differ; they hold under the switches that the programme names, and variants give the other answers."""
    ANTI = "anti"
    """Another product's bad behaviour, shown not to happen: the figures are those that are right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a case comes from: a test of a repository, or a document."""

    repo: str = ""
    path: str = ""
    test: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A figure of the source that this case does not expect, and why."""

    figure: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """A step that needs what a pure engine has not (concurrency, a network): it is counted apart and not run."""

    to: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LotHeld:
    """Units that an account has at the beginning; ``id`` is what steps call the lot."""

    id: str
    unit: str
    amount: Figure
    usable_at: LocalTime | None = None
    expires_at: LocalTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member at the beginning, or at the enrolment.

    Attributes:
        balances: Unit to what the member has of it for ever, beside the lots.
        visits: Sales made before the case begins.
        progress: What counts towards the next tier, for ever.
        birthday: ``"MM-DD"``.
        referrer: The id of the member who brought this one.
        card: The number on the member's card, where it matters.
    """

    id: str
    balances: Mapping[str, Figure] = field(default_factory=dict)
    lots: tuple[LotHeld, ...] = ()
    tier: str | None = None
    segments: tuple[str, ...] = ()
    birthday: str | None = None
    joined_on: date | None = None
    last_visit_on: date | None = None
    visits: int = 0
    progress: Figure | None = None
    referrer: str | None = None
    card: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponHeld:
    """A coupon that exists at the beginning: ``uses`` of the programme's ``coupon`` are left on ``code``."""

    code: str
    coupon: str
    uses: Figure = ONE
    member: str | None = None
    usable_at: LocalTime | None = None
    expires_at: LocalTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardHeld:
    """A gift card that exists at the beginning."""

    number: str
    unit: str
    amount: Figure
    expires_at: LocalTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolHeld:
    """What a pool of the programme has at the beginning, as ``stock.mug`` (pieces) or ``budget.spring`` (money)."""

    name: str
    amount: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a basket.

    Attributes:
        price: Per unit, as the host shows it: with the tax that it includes, without what is added to it, before the
            host's discount. Below zero: what the host takes off the basket as a whole.
        tax: ``"none"``, or rates joined by `` + ``: ``"15% incl"``, ``"15% excl"``, ``"fixed 10.00"`` per unit.
        deposit: Per unit, on top of the price and never discounted; no tax.
        floor: The least that one unit may be sold for.
        host_discount: What the host took off the line already.
        gift: The reward that the line is handed out for.
    """

    item: str
    price: Figure
    quantity: Figure = ONE
    tax: TaxText = NO_TAX
    name: str = ""
    category: str | None = None
    tags: tuple[str, ...] = ()
    deposit: Figure | None = None
    floor: Figure | None = None
    host_discount: Figure | None = None
    gift: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostDiscount:
    """What the cashier takes off the whole basket: one of the two, spread over the lines in proportion."""

    percent: Figure | None = None
    amount: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeem:
    """A reward that the member chose: ``units`` (a figure, or ``"max"``), or how many ``times``."""

    reward: str
    units: str | None = None
    times: int = 1
    choice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayWithCard:
    """A gift card that pays through the tender ``reward``; without ``units`` as much as it can."""

    number: str
    reward: str
    units: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A gift card that a line of the sale sells: what rules award of a card's unit for the line comes on it.

    A line of several pieces names as many cards, and each gets its share.
    """

    line: int
    gift_card: str
