"""A sale that comes back whole, in whatever parts: the shop is as it was, but for what policies let stand."""

from __future__ import annotations

from random import Random

from loyalty.holding.standing import Holdings
from loyalty.holding.units import is_owner_unit
from loyalty.parts.policies import OnReturn, Reverses
from loyalty.programme.model import Programme
from loyalty.refusals import Refusal
from loyalty.returns import ReturnPlan
from tests.loyalty.whole.counter import Sale, Shop, sell, stock, take_back, void
from tests.loyalty.whole.histories import books_are_right, replayed

Book = dict[bytes, dict[tuple[str, bytes | None], int]]


def book(shop: Shop) -> Book:
    """Every account by unit and lot; None for what is in no lot. Nothing that is zero."""
    return {account: held for account, holdings in shop.ledger.accounts() if (held := _of(holdings))}


def _of(holdings: Holdings) -> dict[tuple[str, bytes | None], int]:
    found: dict[tuple[str, bytes | None], int] = {(one.unit, one.lot.lot_id): one.amount for one in holdings.lots}
    for unit, amount in holdings.balances:
        if is_owner_unit(unit):
            continue  # whose a coupon was stays written on it
        found[unit, None] = amount - sum(one.amount for one in holdings.lots if one.unit == unit)
    return {key: amount for key, amount in found.items() if amount}


def differences(before: Book, after: Book) -> dict[tuple[bytes, str, bytes | None], int]:
    """What is not as before: (account, unit, lot) to how much there is more."""
    found = {}
    for account in before.keys() | after.keys():
        was, now = before.get(account, {}), after.get(account, {})
        for unit, lot in was.keys() | now.keys():
            if change := now.get((unit, lot), 0) - was.get((unit, lot), 0):
                found[account, unit, lot] = change
    return found


def comes_back(programme: Programme, rng: Random, *, voided: bool) -> None:
    """Sell after some other sales, undo everything at the same moment, and compare the books."""
    shop = Shop(programme=programme, rng=rng)
    stock(shop)
    for _ in range(rng.randint(0, 3)):
        sell(shop)
    before = book(shop)
    sale = sell(shop)
    if sale is None:
        return
    plans = _undo(shop, sale, rng, voided=voided)
    if plans is None:
        return
    books_are_right(shop)
    replayed(shop)
    refunded = sum(plan.refunded_minor for plan in plans)
    worth = sum(plan.worth_minor for plan in plans)
    assert worth == sum(line.amount_minor for line in sale.quoted.lines), "what comes back is worth what was charged"
    assert refunded == worth - sale.quoted.paid_minor, "the refund is what money paid, credit aside"
    assert sum(plan.charged_minor for plan in plans) == 0, "no gift is charged once everything is back"
    left = differences(before, book(shop))
    allowed = _let_stand(programme, sale, voided=voided)
    wrong = {key: change for key, change in left.items() if key[1] not in allowed}
    assert not wrong, f"not as before: {wrong}"


def _undo(shop: Shop, sale: Sale, rng: Random, *, voided: bool) -> list[ReturnPlan] | None:
    if voided:
        plan = void(shop, sale)
        return None if isinstance(plan, Refusal) else [plan]
    plans = []
    while left := sale.left():
        line = rng.choice(sorted(left))
        milli = rng.choice((left[line], rng.randint(1, left[line])))
        plan = take_back(shop, sale, [(line, milli)])
        if isinstance(plan, Refusal):
            return None
        plans.append(plan)
    return plans


def _let_stand(programme: Programme, sale: Sale, *, voided: bool) -> set[str]:
    """The units that a policy lets stand."""
    policies = programme.policies
    units = {one.unit for one in sale.core.postings}
    stands = set(sale.detail.stays)
    stands |= {unit for unit in units if unit.startswith("stock.")}
    stands |= {
        one.unit for one in sale.core.postings if one.account != sale.member and one.unit == _referral(programme)
    }
    stands |= {unit for unit in units if unit.startswith(("used.referral", "uses.referral"))}
    if voided:
        return stands
    if policies.return_reverses is Reverses.NONE:
        return units
    for one in sale.quoted.redemptions:
        if one.unit is None or one.settle == "tender":
            continue
        reward = programme.reward(one.reward)
        assert reward is not None
        coupon = one.unit.id.startswith("coupon.")
        kept = policies.coupon_on_return is OnReturn.KEEP if coupon else policies.return_reverses is not Reverses.BOTH
        if kept or not reward.terms.restores:
            stands.add(one.unit.id)
    if policies.return_restores_to == "new_lot":
        stands |= {one.unit.id for one in sale.quoted.redemptions if one.unit is not None}
    return stands


def _referral(programme: Programme) -> str | None:
    return programme.referral.unit.id if programme.referral is not None else None
