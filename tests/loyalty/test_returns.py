"""Returns and voids: what comes back, and that no order or split of returns takes another sum."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.holding.standing import Standing
from loyalty.holding.units import is_hidden
from loyalty.journal.detail import DetailAward, DetailReversal, Remainder
from loyalty.journal.entry import Posting
from loyalty.refusals import Refusal, RefusalCode
from loyalty.returns import ReturnPlan, SoldSale, plan_return, plan_void
from tests.loyalty.shop import GOLD, MEMBER, UNDOING, basket, earning, quoted, sale, sold, standing

CARRY = 'remainder = "carry"'
HIDDEN = "points.remainder.earn.100"
EXCLUDING = 'exclude_categories = ["alcohol"]'
Part = tuple[int, int]


def plan(sale_now: SoldSale, *coming_back: Part) -> ReturnPlan:
    answer = plan_return(sale_now, coming_back, None, UNDOING)
    assert isinstance(answer, ReturnPlan)
    return answer


def code_of(answer: ReturnPlan | Refusal) -> tuple[RefusalCode, str]:
    assert isinstance(answer, Refusal)
    return answer.code, answer.field


def after(sale_now: SoldSale, coming_back: list[Part]) -> SoldSale:
    returned = dict(sale_now.returned_milli)
    for line, milli in coming_back:
        returned[line] = returned.get(line, 0) + milli
    return replace(sale_now, returned_milli=returned)


def points(amount: int) -> Posting:
    return Posting(account=MEMBER, unit="points", amount=amount)


def test_half_of_two_units_takes_half_of_the_points() -> None:
    before = sale(earning(), basket(sold(1, 2_000, quantity_milli=2_000)), standing())
    assert plan(before, (1, 1_000)) == ReturnPlan(
        postings=(points(-10),),
        reversals=(DetailReversal(rule="earn", unit="points", amount=10, returned_base=1_000),),
        remainders=(),
        refunded_minor=1_000,
        worth_minor=1_000,
    )


def test_three_returns_of_a_third_take_everything_and_no_more() -> None:
    # 10 points on 10.00; a third is 3.33 points: 3, then 6 - 3, then 10 - 6.
    now = sale(earning(), basket(sold(1, 1_000, quantity_milli=3_000)), standing())
    taken: list[int] = []
    refunded: list[int] = []
    for _ in range(3):
        step = plan(now, (1, 1_000))
        taken.append(step.reversals[0].amount)
        refunded.append(step.refunded_minor)
        now = after(now, [(1, 1_000)])
    assert (taken, refunded) == ([3, 3, 4], [333, 333, 334])


def test_a_line_that_earned_nothing_takes_nothing_back() -> None:
    goods = basket(sold(1, 500), sold(2, 900, category="alcohol"))
    step = plan(sale(earning(EXCLUDING), goods, standing()), (2, 1_000))
    assert (step.postings, step.refunded_minor) == ((), 900)
    assert [reversal.amount for reversal in step.reversals] == [0]


def test_what_was_stored_at_the_sale_is_used_never_todays_rules() -> None:
    stored = sale(earning(GOLD), basket(500), standing("gold"))
    assert plan(stored, (1, 1_000)).postings == (points(-7),)


def test_a_sale_without_a_member_comes_back_without_postings() -> None:
    step = plan(sale(earning(CARRY), basket(500)), (1, 1_000))
    assert (step.postings, step.reversals, step.refunded_minor) == ((), (), 500)


def test_the_full_return_gives_the_remainder_back_once() -> None:
    member = Standing(member=MEMBER, balances=((HIDDEN, 90),))
    now = sale(earning(CARRY), basket(sold(1, 130, quantity_milli=2_000), sold(2, 0)), member)
    assert now.remainders == (Remainder(rule="earn", unit="points", numerator=-70, denominator=100),)
    first = plan(now, (1, 1_000))
    assert (first.postings, first.remainders) == ((points(-1),), ())
    now = after(now, [(1, 1_000)])
    last = plan(now, (1, 1_000))
    assert last.remainders == (Remainder(rule="earn", unit="points", numerator=70, denominator=100),)
    assert last.postings == (points(-1), Posting(account=MEMBER, unit=HIDDEN, amount=70))
    now = after(now, [(1, 1_000)])
    assert plan(now, (2, 1_000)).postings == ()


def test_a_void_is_the_return_of_everything() -> None:
    goods = basket(sold(1, 1_030, quantity_milli=2_500), sold(2, 99), sold(3, 500, category="alcohol"))
    whole = sale(earning(CARRY + "\n" + EXCLUDING), goods, standing())
    void = plan_void(whole, None, UNDOING)
    assert void == plan(whole, (1, 2_500), (2, 1_000), (3, 1_000))
    assert isinstance(void, ReturnPlan)
    assert void.postings == (points(-11), Posting(account=MEMBER, unit=HIDDEN, amount=-29))
    assert void.refunded_minor == 1_629


@pytest.mark.parametrize(
    ("coming_back", "code", "field"),
    [
        ([], RefusalCode.BASKET_EMPTY, "lines"),
        ([(9, 1)], RefusalCode.LINE_UNKNOWN, "lines[1].line"),
        ([(1, 0)], RefusalCode.QUANTITY_NOT_POSITIVE, "lines[1].quantity_milli"),
        ([(1, -1)], RefusalCode.QUANTITY_NOT_POSITIVE, "lines[1].quantity_milli"),
        ([(1, 1_001)], RefusalCode.RETURN_EXCEEDS_SALE, "lines[1].quantity_milli"),
        ([(1, 600), (1, 401)], RefusalCode.RETURN_EXCEEDS_SALE, "lines[2].quantity_milli"),
        ([(2, 501)], RefusalCode.RETURN_EXCEEDS_SALE, "lines[1].quantity_milli"),
    ],
)
def test_each_refusal_names_what_comes_back_wrongly(coming_back: list[Part], code: RefusalCode, field: str) -> None:
    now = sale(earning(), basket(100, 100), standing(), {2: 500})
    assert code_of(plan_return(now, coming_back, None, UNDOING)) == (code, field)


def test_a_voided_sale_is_over() -> None:
    gone = sale(earning(), basket(100), standing(), voided=True)
    assert code_of(plan_return(gone, [(9, 0)], None, UNDOING)) == (RefusalCode.SALE_VOIDED, "sale")
    assert code_of(plan_void(gone, None, UNDOING)) == (RefusalCode.SALE_VOIDED, "sale")


def test_a_sale_of_which_something_came_back_cannot_be_voided() -> None:
    assert code_of(plan_void(sale(earning(), basket(100), standing(), {1: 1}), None, UNDOING)) == (
        RefusalCode.SALE_RETURNED,
        "sale",
    )
    assert isinstance(plan_void(sale(earning(), basket(100), standing(), {1: 0}), None, UNDOING), ReturnPlan)


def test_a_stored_sale_that_contradicts_itself_cannot_be_made() -> None:
    good = sale(earning(), basket(100), standing())
    award = DetailAward(rule="earn", unit="points", amount=1, base=100, bases=((2, 100),))
    for wrong in (
        {"awards": (award,)},
        {"awards": (replace(award, bases=(), amount=-1),)},
        {"lines": good.lines * 2},
        {"lines": (replace(good.lines[0], quantity_milli=0),)},
        {"returned_milli": {7: 1}},
    ):
        with pytest.raises(ValueError, match=r"sale|sold"):
            replace(good, **wrong)


quantities = st.integers(1, 5_000)
drawn_lines = st.lists(
    st.tuples(st.integers(0, 10**6), quantities, st.sampled_from([None, "alcohol"])), min_size=1, max_size=5
)


def drawn_sale(drawn: list[tuple[int, int, str | None]], more: str, balance: int = 0) -> SoldSale:
    lines = [
        sold(number, amount, quantity_milli=milli, category=category)
        for number, (amount, milli, category) in enumerate(drawn, start=1)
    ]
    member = Standing(member=MEMBER, balances=((HIDDEN, balance),))
    return sale(earning(f"{more}\n{EXCLUDING}"), basket(*lines), member)


def split(data: st.DataObject, sale_now: SoldSale) -> list[Part]:
    """Some parts of what was sold, in some order."""
    parts: list[Part] = []
    for line in sale_now.lines:
        left = line.quantity_milli
        while left and data.draw(st.booleans()):
            parts.append((line.line, data.draw(st.integers(1, left))))
            left -= parts[-1][1]
    return list(data.draw(st.permutations(parts)))


@given(drawn_lines, st.sampled_from(["", CARRY]), st.data())
def test_each_step_is_the_difference_of_cumulative_floors(
    drawn: list[tuple[int, int, str | None]], more: str, data: st.DataObject
) -> None:
    now = drawn_sale(drawn, more)
    [award] = now.awards
    milli = {line.line: line.quantity_milli for line in now.lines}
    returned_base = Fraction(0)
    taken = 0
    for line, quantity in split(data, now):
        returned_base += Fraction(dict(award.bases).get(line, 0) * quantity, milli[line])
        [reversal] = plan(now, (line, quantity)).reversals
        taken += reversal.amount
        expected = award.amount * returned_base / award.base if award.base else Fraction(0)
        assert reversal.amount >= 0
        assert taken == expected.numerator // expected.denominator <= award.amount
        now = after(now, [(line, quantity)])


@given(drawn_lines, st.sampled_from(["", CARRY]), st.integers(-99, 99), st.data())
def test_any_order_and_split_of_returning_everything_takes_exactly_what_was_earned(
    drawn: list[tuple[int, int, str | None]], more: str, balance: int, data: st.DataObject
) -> None:
    whole = drawn_sale(drawn, more, balance)
    now = whole
    posted: dict[str, int] = {}
    refunded = 0
    steps = [[part] for part in split(data, whole)]
    left = {line.line: line.quantity_milli for line in whole.lines}
    for [(line, quantity)] in steps:
        left[line] -= quantity
    rest = [(line, quantity) for line, quantity in left.items() if quantity]
    for step in [*steps, *([rest] if rest else [])]:
        made = plan(now, *step)
        refunded += made.refunded_minor
        for posting in made.postings:
            posted[posting.unit] = posted.get(posting.unit, 0) + posting.amount
            assert posting.amount < 0 or is_hidden(posting.unit)
        now = after(now, step)
    void = plan_void(whole, None, UNDOING)
    assert isinstance(void, ReturnPlan)
    assert posted == {posting.unit: posting.amount for posting in void.postings}
    assert posted.get("points", 0) == -whole.awards[0].amount
    assert posted.get(HIDDEN, 0) == -sum(item.numerator for item in whole.remainders)
    assert refunded == void.refunded_minor == sum(line.amount_minor for line in whole.lines)


@given(drawn_lines, st.data())
def test_one_return_of_many_lines_is_the_sum_of_returning_them_one_by_one(
    drawn: list[tuple[int, int, str | None]], data: st.DataObject
) -> None:
    now = drawn_sale(drawn, "")
    parts = split(data, now)
    if parts:
        together = plan(now, *parts).reversals[0].amount
        one_by_one = 0
        for part in parts:
            one_by_one += plan(now, part).reversals[0].amount
            now = after(now, [part])
        assert one_by_one == together


@given(st.lists(st.tuples(st.integers(1, 10**5), st.booleans()), min_size=1, max_size=12))
def test_sales_and_full_returns_in_any_order_never_award_below_zero_and_owe_less_than_a_point_a_sale(
    steps: list[tuple[int, bool]],
) -> None:
    rules = earning(CARRY)
    balances: dict[str, int] = {"points": 0, HIDDEN: 0}
    kept = 0
    open_sales: list[SoldSale] = []
    for amount, give_back in steps:
        member = Standing(member=MEMBER, balances=tuple(sorted(balances.items())))
        [award] = quoted(rules, basket(amount), member).awards
        assert award.amount >= 0
        made = sale(rules, basket(amount), member)
        balances["points"] += award.amount
        balances[HIDDEN] += sum(item.numerator for item in made.remainders)
        kept += amount
        open_sales.append(made)
        if give_back:
            gone = open_sales.pop(0)
            kept -= gone.lines[0].amount_minor
            void = plan_void(gone, None, UNDOING)
            assert isinstance(void, ReturnPlan)
            for posting in void.postings:
                balances[posting.unit] += posting.amount
    assert 100 * balances["points"] + balances[HIDDEN] == kept
