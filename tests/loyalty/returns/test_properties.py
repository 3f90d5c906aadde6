"""Whatever is sold, spent and returned, in any order and split: everything comes back, and nothing more."""

from __future__ import annotations

from datetime import date
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from loyalty.holding.ledger import Ledger
from loyalty.holding.units import is_hidden
from loyalty.programme.model import Programme
from loyalty.refusals import Refusal
from loyalty.sale.ask import Ask, RedeemRequest
from tests.loyalty.returns.counter import Counter, Sold
from tests.loyalty.shop import basket, programme, sold

LOTS = (None, date(2026, 3, 1), date(2026, 7, 1), date(2027, 1, 1))


@cache
def rules(more: str = "") -> Programme:
    """Lots, carried fractions, limits, tiers, a bonus, a budget, coupons, a discount for points and a tender."""
    return programme(
        f"""
[policies]
coupon_on_return = "restore"
gift_on_return = "charge"
[[unit]]
id = "points"
expires = "P0D"
expires_round_up = "year"
{more}
[[unit]]
id = "stamps"
names.en = "Stamps"
[[tier]]
id = "gold"
names.en = "Gold"
from = "50.00"
[tiers]
by = "spend"
window = "P12M"
[[budget]]
id = "spring"
most = "1000.00"
[[coupon]]
id = "next"
names.en = "Next"
lasts = "P30D"
[[rule]]
kind = "per_amount"
id = "earn"
units = 3
per = "1.00"
remainder = "carry"
exclude_categories = ["alcohol"]
cap.per_day = 100000
[[rule]]
kind = "per_item"
id = "stamp"
unit = "stamps"
units = 1
[[rule]]
kind = "per_visit"
id = "bonus"
units = 20
when.least_spend = "10.00"
uses.per_day = 3
[[rule]]
kind = "issue_coupon"
id = "give"
coupon = "next"
when.least_spend = "15.00"
[[reward]]
kind = "percent"
id = "tenth"
percent = 10
when.least_spend = "5.00"
uses.in_all = 100
uses.budget = "spring"
[[reward]]
kind = "gift"
id = "mug"
items = ["mug"]
value = "2.00"
when.least_items = 3
[[reward]]
kind = "points_discount"
id = "spend"
cost = 1
discount = "0.07"
[[reward]]
kind = "points_discount"
id = "pay"
cost = 2
discount = "0.05"
settle = "tender"
"""
    )


lines = st.lists(
    st.tuples(st.integers(0, 3_000), st.sampled_from([1_000, 2_000, 3_000, 1_250]), st.booleans()),
    min_size=1,
    max_size=4,
)
held = st.lists(st.tuples(st.integers(1, 60), st.sampled_from(LOTS)), max_size=4)
asked = st.lists(
    st.tuples(st.sampled_from(["spend", "pay"]), st.integers(1, 80)), max_size=2, unique_by=lambda one: one[0]
)


def goods(drawn: list[tuple[int, int, bool]]) -> list[object]:
    return [
        sold(number, amount, quantity_milli=milli, category="alcohol" if alcohol else None)
        for number, (amount, milli, alcohol) in enumerate(drawn, start=1)
    ]


def sell(counter: Counter, drawn: list[tuple[int, int, bool]], wanted: list[tuple[str, int]]) -> Sold:
    """Sell, with as much of what is wanted as can be had."""
    bought = basket(*goods(drawn))  # type: ignore[arg-type]
    for count in range(len(wanted), -1, -1):
        redeem = tuple(
            RedeemRequest(reward=reward, units=units * 2 if reward == "pay" else units)
            for reward, units in wanted[:count]
        )
        if not isinstance(counter.quote(bought, Ask(redeem=redeem)), Refusal):
            return counter.sell(bought, Ask(redeem=redeem))
    raise AssertionError


def return_all(counter: Counter, sales: list[Sold], data: st.DataObject) -> list[Sold]:
    """Return every sale in parts, in any order."""
    left = [one for one in sales if not data.draw(st.booleans(), label="in one go")]
    for one in sales:
        if one not in left:
            counter.take_back(one)
            check(counter)
    while left:
        one = data.draw(st.sampled_from(left), label="of which sale")
        line = data.draw(st.sampled_from([line for line, milli in one.milli_left().items() if milli]))
        counter.take_back(one, (line, data.draw(st.integers(1, one.milli_left()[line]))))
        check(counter)
        left = [one for one in left if any(one.milli_left().values())]
    return sales


def check(counter: Counter) -> None:
    for _, account in counter.ledger.accounts():
        assert all(one.amount > 0 for one in account.lots)


@given(held, lines, asked, st.data())
def test_the_return_of_everything_restores_everything(
    lots: list[tuple[int, date | None]],
    drawn: list[tuple[int, int, bool]],
    wanted: list[tuple[str, int]],
    data: st.DataObject,
) -> None:
    counter = Counter(rules())
    for amount, ends in lots:
        counter.give(amount, ends)
    before = counter.everything()
    bought = sell(counter, drawn, wanted)
    refunded = charged = 0
    while any(bought.milli_left().values()):
        line = data.draw(st.sampled_from([line for line, milli in bought.milli_left().items() if milli]))
        plan = counter.take_back(bought, (line, data.draw(st.integers(1, bought.milli_left()[line]))))
        refunded, charged = refunded + plan.refunded_minor, charged + plan.charged_minor
        assert plan.refunded_minor >= 0
        assert all(one.amount >= 0 for one in plan.reversals)
        check(counter)
    assert counter.everything() == before
    assert (refunded, charged) == (bought.quoted.to_pay_minor, 0)


@given(held, lines, asked)
def test_a_void_restores_everything_as_the_return_of_everything_does(
    lots: list[tuple[int, date | None]], drawn: list[tuple[int, int, bool]], wanted: list[tuple[str, int]]
) -> None:
    counter = Counter(rules())
    for amount, ends in lots:
        counter.give(amount, ends)
    before = counter.everything()
    assert counter.void(sell(counter, drawn, wanted)).refunded_minor >= 0
    assert counter.everything() == before


@given(held, st.lists(st.tuples(lines, asked), min_size=1, max_size=4), st.data())
def test_several_sales_that_spend_of_each_other_come_back_in_any_order(
    lots: list[tuple[int, date | None]],
    drawn: list[tuple[list[tuple[int, int, bool]], list[tuple[str, int]]]],
    data: st.DataObject,
) -> None:
    counter = Counter(rules())
    for amount, ends in lots:
        counter.give(amount, ends)
    before = {account: dict(one.balances) for account, one in counter.everything().items()}
    sales = [sell(counter, one, wanted) for one, wanted in drawn]
    return_all(counter, sales, data)
    assert {account: dict(one.balances) for account, one in counter.everything().items()} == before


@given(
    held,
    st.lists(st.tuples(lines, asked), min_size=1, max_size=4),
    st.sampled_from(["", 'negative = "floor"', 'negative = "debt"\nmost_negative = "9"']),
    st.data(),
)
def test_units_are_conserved_and_no_lot_falls_below_zero(
    lots: list[tuple[int, date | None]],
    drawn: list[tuple[list[tuple[int, int, bool]], list[tuple[str, int]]]],
    negative: str,
    data: st.DataObject,
) -> None:
    """Earned = open + redeemed + expired + reversed, whatever happens when."""
    counter = Counter(rules(negative))
    earned = redeemed = expired = reversed_ = 0
    for amount, ends in lots:
        counter.give(amount, ends)
        earned += amount
    sales: list[Sold] = []
    lowest = {"": None, 'negative = "floor"': 0}.get(negative, -9)
    for one, wanted in drawn:
        made = sell(counter, one, wanted)
        earned += made.quoted.earned("points")
        redeemed += made.quoted.spent("points")
        sales.append(made)
        if data.draw(st.booleans(), label="time passes"):
            counter.pass_days(data.draw(st.integers(1, 300)))
            expired += counter.expire()
        if data.draw(st.booleans(), label="some comes back"):
            back = data.draw(st.sampled_from(sales))
            left = [line for line, milli in back.milli_left().items() if milli]
            if left:
                line = data.draw(st.sampled_from(left))
                plan = counter.take_back(back, (line, data.draw(st.integers(1, back.milli_left()[line]))))
                reversed_ += sum(item.amount for item in plan.reversals if item.unit == "points")
                redeemed -= sum(item.units for item in plan.restored if item.unit == "points")
        check(counter)
        assert earned == counter.balance() + redeemed + expired + reversed_
        assert lowest is None or counter.balance() >= lowest
    assert min(redeemed, expired, reversed_) >= 0


@given(lines, st.data())
def test_no_return_takes_more_than_was_earned(drawn: list[tuple[int, int, bool]], data: st.DataObject) -> None:
    counter = Counter(rules())
    bought = sell(counter, drawn, [])
    earned = {award.rule: award.amount for award in bought.quoted.awards if not is_hidden(award.unit.id)}
    taken = dict.fromkeys(earned, 0)
    for line, milli in data.draw(st.permutations(list(bought.milli_left().items()))):
        for one in counter.take_back(bought, (line, milli)).reversals:
            taken[one.rule] += one.amount
            assert taken[one.rule] <= earned[one.rule]
    assert taken == earned


@given(held, st.lists(st.tuples(lines, asked), min_size=1, max_size=3), st.data())
def test_a_replay_of_the_journal_gives_the_same_standing(
    lots: list[tuple[int, date | None]],
    drawn: list[tuple[list[tuple[int, int, bool]], list[tuple[str, int]]]],
    data: st.DataObject,
) -> None:
    counter = Counter(rules())
    for amount, ends in lots:
        counter.give(amount, ends)
    sales = [sell(counter, one, wanted) for one, wanted in drawn]
    for one in sales:
        if data.draw(st.booleans(), label="comes back"):
            line = data.draw(st.sampled_from(list(one.milli_left())))
            counter.take_back(one, (line, one.milli_left()[line]))
        counter.pass_days(data.draw(st.integers(0, 200)))
        counter.expire()
    again = Ledger()
    for entry_id, postings in [*counter.journal, *counter.journal]:
        again.post(entry_id, postings)
    assert dict(again.accounts()) == dict(counter.ledger.accounts())
