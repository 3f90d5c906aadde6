"""Steps that show no basket: returns, HQ's jobs, adjustments, enrolments, new versions, reports."""

from dataclasses import replace
from fractions import Fraction

from loyalty.cases.programmes import case_programme, changed
from loyalty.cases.steps import (
    AdjustStep,
    DeferStep,
    EnrolStep,
    IssueStep,
    LiabilityStep,
    PublishStep,
    ReportStep,
    Step,
)
from loyalty.cases.world import CaseFault, Done, World
from loyalty.holding.accounts import gift_card_account
from loyalty.holding.adjusting import plan_adjustment
from loyalty.holding.liability import deferred_minor, revenue_minor
from loyalty.holding.units import coupon_unit
from loyalty.journal.entry import Posting
from loyalty.numbers.scaled import format_scaled
from loyalty.quote.dating import dates_of_coupon
from loyalty.quote.posting import IssuedCoupon, coupon_postings
from loyalty.refusals import Refusal


def nothing(world: World, step: Step, member: str | None = None, refusal: Refusal | None = None) -> Done:
    """Give a step that changes no account."""
    return Done(
        step=step,
        programme=world.programme,
        member=member,
        ledger=world.ledger.copy(),
        persons=dict(world.persons),
        refusal=refusal,
    )


def adjust(world: World, step: AdjustStep, label: str) -> Done:
    """Give or take units by hand."""
    if (step.member is None) == (step.gift_card is None):
        raise CaseFault(label, "needs either a member or a gift card")
    if step.gift_card is not None:
        account = gift_card_account(step.gift_card)
        world.cards[step.gift_card] = account
    else:
        account = world.account(world.known(step.member or "", label))
    amount, lot = world.steps(step.unit, step.amount), world.lot(None, step.expires_at)
    if amount == 0:
        raise CaseFault(label, "adjusts nothing")
    held = world.ledger.holdings(account)
    plan = plan_adjustment(account, held, step.unit, amount, world.moment(step.store).at, lot)
    if isinstance(plan, Refusal):
        return nothing(world, step, step.member, plan)
    return record(world, step, label, plan, step.member)


def record(world: World, step: Step, label: str, postings: tuple[Posting, ...], member: str | None) -> Done:
    """Write an entry of a step."""
    own = world.account(member) if member is not None else None
    entry_id = world.post(label, postings, own)
    changes = tuple((one.unit, one.amount) for one in postings if one.account == own and "." not in one.unit)
    return replace(nothing(world, step, member), entry_id=entry_id, changes=changes)


def issue(world: World, step: IssueStep, label: str) -> Done:
    """Give out coupons."""
    coupon = world.programme.coupon(step.coupon)
    if coupon is None:
        raise CaseFault(label, f'the programme has no coupon "{step.coupon}"')
    uses = world.steps(coupon_unit(coupon.id), step.uses) if step.uses is not None else coupon.uses
    usable_at, expires_at = dates_of_coupon(coupon, world.moment(step.store))
    member = world.account(world.known(step.member, label)) if step.member is not None else None
    postings: list[Posting] = []
    for code in step.codes:
        world.add_coupon(code, coupon.id)
        account = world.coupons[code][0]
        issued = IssuedCoupon(coupon=coupon.id, code=code, account=account, usable_at=usable_at, expires_at=expires_at)
        postings.extend(coupon_postings(coupon, issued, uses, member))
    return record(world, step, label, tuple(postings), step.member)


def enrol(world: World, step: EnrolStep) -> Done:
    """Let a member join, today where the case does not say when."""
    member = step.member
    world.enrol(member if member.joined_on is not None else replace(member, joined_on=world.clock.date()))
    return nothing(world, step, member.id)


def publish(world: World, step: PublishStep) -> Done:
    """Put another version in force."""
    base = step.programme if step.programme is not None else world.content
    world.content = changed(base, step.change, world.case.id)
    world.programme = case_programme(world.content, world.case.id)
    return nothing(world, step)


def report(world: World, step: ReportStep) -> Done:
    """Count what the steps redeemed and, apart, what their returns gave back."""
    redeemed: dict[str, int] = {}
    restored: dict[str, int] = {}
    money = redemptions = 0
    for name in step.of:
        done = world.done[name]
        if done.quote is None or done.entry_id is None:
            for unit, amount in done.changes:
                restored[unit] = restored.get(unit, 0) + max(0, amount)
            continue
        costly = [one for one in done.quote.redemptions if one.unit is not None]
        redemptions += bool(costly)
        for one in costly:
            assert one.unit is not None
            redeemed[one.unit.id] = redeemed.get(one.unit.id, 0) + one.units
            money += one.discount_minor
    return replace(
        nothing(world, step),
        extra={
            "report": {
                "redeemed": {unit: format_scaled(amount, world.scale(unit)) for unit, amount in redeemed.items()},
                "redeemed_money": format_scaled(money, world.programme.currency.scale),
                "redemptions": redemptions,
                "restored": {unit: format_scaled(amount, world.scale(unit)) for unit, amount in restored.items()},
            }
        },
    )


def liability(world: World, step: LiabilityStep) -> Done:
    """Recognise revenue."""
    if Fraction(step.expected) <= 0 or Fraction(step.redeemed) < 0 or Fraction(step.liability) < 0:
        raise CaseFault(step.id, "nothing below zero is put off, redeemed or expected")
    redeemed, expected = Fraction(step.redeemed), Fraction(step.expected)
    common = redeemed.denominator * expected.denominator
    amount = revenue_minor(
        world.minor(step.liability), int(redeemed * common), int(expected * common), world.minor(step.recognised)
    )
    return replace(nothing(world, step), extra={"revenue": format_scaled(amount, world.programme.currency.scale)})


def defer(world: World, step: DeferStep) -> Done:
    """Share a price between goods and units."""
    if min(Fraction(step.price), Fraction(step.goods), Fraction(step.units)) < 0:
        raise CaseFault(step.id, "a price and its parts are not below zero")
    scale, price = world.programme.currency.scale, world.minor(step.price)
    put_off = deferred_minor(price, world.minor(step.goods), world.minor(step.units))
    told = {"put_off": format_scaled(put_off, scale), "revenue": format_scaled(price - put_off, scale)}
    return replace(nothing(world, step), extra=told)
