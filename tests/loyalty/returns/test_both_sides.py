"""What a return gives back of what was spent, and what it takes of what was earned, as accounts stand."""

from __future__ import annotations

from datetime import date

import pytest

from loyalty.explain import Money, message
from loyalty.holding.lots import lot_of
from loyalty.holding.standing import LotBalance
from loyalty.journal.detail import DetailRestored
from loyalty.programme.model import Programme
from loyalty.returns import explain_return
from loyalty.sale.ask import Ask, RedeemRequest
from tests.loyalty.returns.counter import Counter
from tests.loyalty.shop import KZT, MEMBER, basket, programme, sold

YEAR_END = 1_798_761_600  # 2027-01-01 in UTC


def shop(unit: str = "", policies: str = "", more: str = "", *, units: int = 1) -> Programme:
    """A point for each tenge, and each point worth one; ``unit`` and ``policies`` are further keys."""
    return programme(
        f"""
[policies]
{policies}
[[unit]]
id = "points"
value = "1.00"
{unit}
[[rule]]
kind = "per_amount"
id = "earn"
units = {units}
per = "1.00"
{more}
[[reward]]
kind = "points_discount"
id = "spend"
cost = 1
discount = "1.00"
"""
    )


YEAR = 'expires = "P0D"\nexpires_round_up = "year"'


def spend(units: int) -> Ask:
    return Ask(redeem=(RedeemRequest(reward="spend", units=units),))


def lot(amount: int, ends: int = YEAR_END, unit: str = "points") -> LotBalance:
    dates = lot_of(None, ends)
    assert dates is not None
    return LotBalance(unit=unit, lot=dates, amount=amount)


def test_odm_011_half_of_the_goods_takes_half_of_what_was_earned_and_gives_half_of_what_was_spent() -> None:
    counter = Counter(shop(units=1, more='base = "before"'))
    counter.give(200)
    bought = counter.sell(basket(sold(1, 7_000, quantity_milli=2_000)), spend(50))
    assert counter.balance() == 200 - 50 + 70
    plan = counter.take_back(bought, (1, 1_000))
    assert [(one.unit, one.amount) for one in plan.reversals] == [("points", 35)]
    assert plan.restored == (DetailRestored(reward="spend", account=MEMBER, unit="points", units=25),)
    assert counter.balance() == 220 - 35 + 25
    assert (plan.refunded_minor, plan.worth_minor) == (1_000, 1_000)


def test_spent_points_go_back_to_their_lots_the_last_one_first() -> None:
    counter = Counter(shop(policies="earn_when_redeeming = false"))
    counter.give(10, date(2026, 6, 1))
    counter.give(10, date(2026, 9, 1))
    counter.give(10)
    before = counter.held()
    bought = counter.sell(basket(sold(1, 10_000, quantity_milli=4_000)), spend(24))
    assert [one.amount for one in counter.held().lots] == []
    assert counter.balance() == 6
    counter.take_back(bought, (1, 2_000))  # 12 of 24: the 4 of no lot, then 8 of September's
    assert [(one.lot.expires_at, one.amount) for one in counter.held().lots] == [(1_788_220_800, 8)]
    assert counter.balance() == 18
    counter.take_back(bought)
    assert counter.held() == before


def test_a_new_lot_by_policy_is_good_from_the_day_of_the_return() -> None:
    counter = Counter(shop(YEAR, 'return_restores_to = "new_lot"\nearn_when_redeeming = false'))
    counter.give(10, date(2026, 6, 1))
    bought = counter.sell(basket(1_000), spend(4))
    counter.pass_days(400)  # 2027: the old lot is over
    plan = counter.take_back(bought)
    assert plan.restored[0].units == 4
    assert lot(4, 1_830_297_600) in counter.held().lots  # 2028-01-01
    assert counter.expire() == 6


def test_points_that_go_back_to_a_lot_that_is_over_end_again() -> None:
    counter = Counter(shop(policies="earn_when_redeeming = false"))
    counter.give(10, date(2026, 2, 10))
    bought = counter.sell(basket(1_000), spend(10))
    counter.pass_days(30)
    counter.take_back(bought)
    assert counter.balance() == 10
    assert counter.held().usable("points", counter.now) == 0
    assert (counter.expire(), counter.balance()) == (10, 0)


def test_reversed_points_leave_the_lot_that_they_came_to() -> None:
    counter = Counter(shop(YEAR))
    counter.give(5, date(2026, 3, 1))
    bought = counter.sell(basket(1_000))
    assert lot(10) in counter.held().lots
    counter.take_back(bought)
    assert counter.held().lots == (lot(5, 1_772_323_200),)


def test_erp_021_a_sale_whose_points_are_spent_comes_back_and_the_member_owes_them() -> None:
    counter = Counter(shop(YEAR))
    first = counter.sell(basket(1_000))
    counter.pass_days(1)
    second = counter.sell(basket(1_000), spend(10))
    assert counter.balance() == 0
    plan = counter.void(first)
    assert (plan.refunded_minor, counter.balance()) == (1_000, -10)
    assert counter.held().lots == ()
    assert counter.sell(basket(1_500)).quoted.earned("points") == 15
    assert counter.held().usable("points", counter.now) == 5  # what is owed is made good first
    assert second.quoted.total_minor == 0


@pytest.mark.parametrize(
    ("keys", "taken", "left"),
    [
        ('negative = "allow"', 10, -7),
        ('negative = "debt"', 10, -7),
        ('negative = "debt"\nmost_negative = "5"', 8, -5),
        ('negative = "floor"', 3, 0),
    ],
)
def test_how_far_a_balance_falls_is_the_units_policy(keys: str, taken: int, left: int) -> None:
    counter = Counter(shop(keys, "earn_when_redeeming = false"))
    first = counter.sell(basket(1_000))
    counter.sell(basket(700), spend(7))
    plan = counter.take_back(first)
    assert (plan.reversals[0].amount, counter.balance()) == (taken, left)


def test_points_that_have_ended_are_not_taken_a_second_time() -> None:
    counter = Counter(shop(YEAR))
    bought = counter.sell(basket(1_000))
    counter.pass_days(400)
    assert counter.expire() == 10
    plan = counter.take_back(bought)
    assert (plan.reversals[0].amount, counter.balance(), plan.refunded_minor) == (0, 0, 1_000)


@pytest.mark.parametrize(("reverses", "after"), [("both", 20), ("earned", 15), ("none", 20)])
def test_what_a_return_undoes_is_a_policy_and_a_void_undoes_all(reverses: str, after: int) -> None:
    rules = shop(policies=f'return_reverses = "{reverses}"', more='base = "before"')
    counter = Counter(rules)
    counter.give(20)
    bought = counter.sell(basket(500), spend(5))
    counter.take_back(bought)
    assert counter.balance() == after  # 5 earned and 5 spent
    counter.void(counter.sell(basket(500), spend(5)))
    assert counter.balance() == after


def test_units_that_paid_as_a_tender_come_back_as_units_and_the_rest_as_money() -> None:
    tender = '[[reward]]\nkind = "points_discount"\nid = "pay"\ncost = 1\ndiscount = "1.00"\nsettle = "tender"'
    counter = Counter(shop(policies='return_reverses = "earned"', more=f'base = "before"\n{tender}'))
    counter.give(6)
    bought = counter.sell(
        basket(sold(1, 1_000, quantity_milli=2_000)), Ask(redeem=(RedeemRequest(reward="pay", units=6),))
    )
    assert (bought.quoted.total_minor, bought.quoted.paid_minor) == (1_000, 600)
    plan = counter.take_back(bought, (1, 1_000))
    assert (plan.worth_minor, plan.refunded_minor, plan.paid_in_units_minor) == (500, 200, 300)
    assert plan.restored == (DetailRestored(reward="pay", account=MEMBER, unit="points", units=3, amount_minor=300),)
    assert explain_return(counter.programme, reversals=plan.reversals, restored=plan.restored)[-1] == message(
        "explain.restored_payment",
        units=counter.programme.units[0].amount(3),
        amount=Money(amount_minor=300, currency=KZT),
    )


def test_iss_013_ten_returns_of_one_piece_refund_what_was_paid() -> None:
    rules = programme('[[reward]]\nkind = "percent"\nid = "quarter"\npercent = 25')
    counter = Counter(rules)
    bought = counter.sell(basket(sold(1, 23_900, quantity_milli=10_000)))
    assert bought.quoted.total_minor == 17_925
    refunds = [counter.take_back(bought, (1, 1_000)).refunded_minor for _ in range(10)]
    assert sum(refunds) == 17_925
    assert set(refunds) == {1_792, 1_793}


def test_smi_002_a_return_takes_what_the_refunded_share_had_earned() -> None:
    counter = Counter(programme('[[rule]]\nkind = "per_amount"\nid = "earn"\nunits = 1\nper = "1.00"'))
    bought = counter.sell(basket(sold(1, 4_000, discount_minor=1_000), sold(2, 2_000)))
    assert bought.quoted.earned("points") == 60
    plan = counter.take_back(bought, (2, 1_000))
    assert (counter.balance(), plan.refunded_minor) == (40, 2_000)
