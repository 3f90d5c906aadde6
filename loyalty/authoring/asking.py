"""One basket for one programme: a file of a basket, a member and what is asked, and the quote that answers it.

Source: docs/SPEC-programme.md, section "Quoting one basket". Its parts are those of cases (docs/SPEC-case.md).
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from loyalty.cases.case import Case
from loyalty.cases.figures import Figure, LocalTime
from loyalty.cases.reading import read_value
from loyalty.cases.run import do
from loyalty.cases.steps import QuoteStep
from loyalty.cases.values import (
    CouponHeld,
    GiftCardHeld,
    HostDiscount,
    Line,
    Member,
    PayWithCard,
    PoolHeld,
    Redeem,
)
from loyalty.cases.world import CaseFault, World
from loyalty.programme.model import Programme
from loyalty.quote import Quote
from loyalty.reading.problems import BadFile, Problem
from loyalty.refusals import Refusal
from loyalty.sale.basket import Basket

_STEP = "basket"
_MEMBER = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """A gift card that pays: what is left on it, the tender it is spent through, and how much, or all it can."""

    number: str
    unit: str
    amount: Figure
    reward: str
    units: Figure | None = None
    expires_at: LocalTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberShown(Member):
    """The member of a basket, who needs no id."""

    id: str = _MEMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketFile:
    """A file of one basket; its keys are the names of these fields.

    Attributes:
        at: By the store's clock; None for now.
        zone: The store's time zone, an IANA name.
        member: None for a sale without a card.
        coupons: The coupons that are shown, with what is left on them.
        pools: What the programme's pools hold: ``budget.spring`` (spent so far), ``stock.mug/mug/centre`` (pieces).
    """

    lines: tuple[Line, ...]
    at: LocalTime | None = None
    zone: str = "UTC"
    store: str = "store"
    member: MemberShown | None = None
    host_discount: HostDiscount | None = None
    redeem: tuple[Redeem, ...] = ()
    codes: tuple[str, ...] = ()
    coupons: tuple[CouponHeld, ...] = ()
    gift_cards: tuple[CardShown, ...] = ()
    declined: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    pools: tuple[PoolHeld, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The basket, unless it was refused itself, and the answer."""

    basket: Basket | None
    answer: Quote | Refusal


def read_basket(text: str, name: str) -> BasketFile:
    """Read a basket from JSON; ``name`` is what problems call the file.

    Raises:
        BadFile: with every problem found.
    """
    return read_value(BasketFile, text, name)


def answer(
    programme: Programme,
    asked: BasketFile,
    zone: tzinfo,
    now: datetime,
    name: str = _STEP,
    *,
    at: LocalTime | None = None,
    store: str | None = None,
) -> Answered:
    """Quote a basket.

    Args:
        programme: The version to use.
        asked: The basket, with everything that is known of the member.
        zone: The zone that ``asked.zone`` names.
        now: By the store's clock, naive; used where the basket says no time.
        name: What problems call the file.
        at: By the store's clock, instead of the basket's own time.
        store: Instead of the basket's own.

    Raises:
        BadFile: the basket names what it never introduced, or figures have too many decimals.
    """
    members = (asked.member,) if asked.member is not None else ()
    case = Case(
        id=name,
        zone=asked.zone,
        at=at or asked.at or LocalTime(now),
        store=store or asked.store,
        members=members,
        coupons=asked.coupons,
        gift_cards=tuple(
            GiftCardHeld(number=one.number, unit=one.unit, amount=one.amount, expires_at=one.expires_at)
            for one in asked.gift_cards
        ),
        pools=asked.pools,
        steps=(_step(asked),),
    )
    try:
        done = do(World.of(case, programme, {}, zone), case.steps[0], _STEP)
    except CaseFault as fault:
        raise BadFile(name, [Problem(line=None, key="", fault=fault.fault)]) from fault
    found = done.quote if done.quote is not None else done.refusal
    assert found is not None
    return Answered(basket=done.basket, answer=found)


def _step(asked: BasketFile) -> QuoteStep:
    return QuoteStep(
        do="quote",
        lines=asked.lines,
        member=asked.member.id if asked.member is not None else None,
        host_discount=asked.host_discount,
        redeem=asked.redeem,
        codes=asked.codes,
        coupons=tuple(coupon.code for coupon in asked.coupons),
        gift_cards=tuple(
            PayWithCard(number=one.number, reward=one.reward, units=one.units) for one in asked.gift_cards
        ),
        declined=asked.declined,
        actions=asked.actions,
    )
