"""Points for a discount: what is offered, what is taken, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.explain import Message, Money, Units, message
from loyalty.holding.lots import LotUse
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.stages import Offer
from tests.loyalty.shop import KZT, SPEND, ask, basket, programme, quoted, sold, standing


def offer(more: str, *lines: object, points: int | None = None) -> Offer:
    member = standing(points=points) if points is not None else None
    [given_offer] = quoted(programme(SPEND + more), basket(*lines), member).offers  # type: ignore[arg-type]
    return given_offer


def reach(more: str, *lines: object, points: int | None = None) -> tuple[int, int]:
    found = offer(more, *lines, points=points)
    return found.most_units, found.most_discount_minor


def refusal(more: str, units: int, *lines: object, points: int = 10_000) -> Refusal:
    answer = ask(programme(SPEND + more), basket(*lines), standing(points=points), ("spend", units))  # type: ignore[arg-type]
    assert isinstance(answer, Refusal)
    return answer


def said(message_id: str, discount: int, units: int | None = None) -> tuple[Message, ...]:
    money = Money(amount_minor=discount, currency=KZT)
    if units is None:
        return (message(message_id, discount=money),)
    return (message(message_id, units=Units(amount=units, scale=0, names=None), discount=money),)


def test_whole_multiples_of_the_cost_are_offered() -> None:
    assert reach("", 1_000, points=295) == (200, 200)
    assert offer("", 1_000, points=295).because == said("explain.redeem_offer", 200, 200)


def test_never_more_than_the_basket_is_offered() -> None:
    assert reach("", 350, points=10_000) == (300, 300)


def test_at_most_the_stated_share_of_the_basket_is_offered() -> None:
    assert reach("most_percent = 50", 1_000, points=10_000) == (500, 500)


def test_goods_that_points_cannot_pay_for_are_left_out_of_the_payable_sum() -> None:
    wine = sold(1, 900, category="alcohol")
    assert reach('exclude_categories = ["alcohol"]', wine, sold(2, 250), points=10_000) == (200, 200)
    answer = quoted(
        programme(SPEND + 'exclude_categories = ["alcohol"]'),
        basket(wine, sold(2, 250), sold(3, 50)),
        standing(points=300),
        ("spend", 300),
    )
    [redemption] = answer.redemptions
    assert redemption.by_line == ((2, 250), (3, 50))


@pytest.mark.parametrize("points", [None, 0, -50, 40])
def test_what_is_missing_for_the_smallest_discount_is_said(points: int | None) -> None:
    found = offer("minimum = 200", 1_000, points=points)
    assert (found.most_units, found.least_units) == (0, 200)
    assert found.because == said("explain.redeem_missing", 200, 200 - max(points or 0, 0))


def test_a_basket_too_small_for_any_discount_says_so() -> None:
    assert offer("minimum = 200", 199, points=500).because == said("explain.redeem_too_small", 200)


def test_a_redemption_is_split_over_the_lines_to_the_last_minor_unit() -> None:
    answer = quoted(programme(SPEND), basket(200, 200, 200), standing(points=400), ("spend", 400))
    [redemption] = answer.redemptions
    assert redemption.by_line == ((1, 134), (2, 133), (3, 133))
    assert (redemption.units, redemption.discount_minor, redemption.uses) == (400, 400, (LotUse(lot=None, amount=400),))
    assert redemption.because == said("explain.redeemed", 400, 400)


def test_a_register_that_needs_a_price_for_each_piece_takes_off_a_little_less() -> None:
    # Seven pieces for 10.01: 3.00 off would leave 7.01; the next price that divides by seven is 7.07.
    tables = "[policies]\ndivisible_lines = true\n" + SPEND
    seven = sold(1, 1_001, quantity_milli=7_000)
    answer = quoted(programme(tables), basket(seven), standing(points=900), ("spend", 300))
    [redemption] = answer.redemptions
    assert (redemption.discount_minor, redemption.units) == (294, 300)
    nothing = ask(programme(tables), basket(sold(1, 301, quantity_milli=301_000)), standing(points=900), ("spend", 300))
    assert isinstance(nothing, Refusal)
    assert nothing.code is RefusalCode.REDEEM_EXCEEDS_BASKET


@pytest.mark.parametrize(
    ("more", "units", "amount", "points", "code"),
    [
        ("minimum = 200", 100, 1_000, 1_000, RefusalCode.REDEEM_BELOW_MINIMUM),
        ("", 0, 1_000, 1_000, RefusalCode.REDEEM_BELOW_MINIMUM),
        ("", -100, 1_000, 1_000, RefusalCode.REDEEM_BELOW_MINIMUM),
        ("", 150, 1_000, 1_000, RefusalCode.REDEEM_NOT_A_STEP),
        ("", 1_100, 1_000, 5_000, RefusalCode.REDEEM_EXCEEDS_BASKET),
        ("most_percent = 50", 600, 1_000, 5_000, RefusalCode.REDEEM_EXCEEDS_BASKET),
        ("", 300, 1_000, 299, RefusalCode.INSUFFICIENT_UNITS),
        ("", 100, 1_000, -5, RefusalCode.INSUFFICIENT_UNITS),
        ("minimum = 200", 150, 100, 0, RefusalCode.REDEEM_BELOW_MINIMUM),
        ("", 250, 100, 0, RefusalCode.REDEEM_NOT_A_STEP),
        ("", 300, 100, 0, RefusalCode.REDEEM_EXCEEDS_BASKET),
    ],
)
def test_each_refusal_has_its_code_and_the_first_one_wins(
    more: str, units: int, amount: int, points: int, code: RefusalCode
) -> None:
    answer = refusal(more, units, amount, points=points)
    assert (answer.code, answer.field) == (code, "redeem.units")


@given(
    st.integers(-100, 5_000),
    st.lists(st.tuples(st.integers(0, 2_000), st.sampled_from([None, "alcohol"])), min_size=1, max_size=6),
    st.integers(1, 100),
)
def test_what_is_offered_can_be_redeemed_and_one_step_more_cannot(
    points: int, goods: list[tuple[int, str | None]], percent: int
) -> None:
    rules = programme(SPEND + f'minimum = 200\nmost_percent = {percent}\nexclude_categories = ["alcohol"]')
    lines = [sold(number, amount, category=category) for number, (amount, category) in enumerate(goods, start=1)]
    member = standing(points=points)
    [found] = quoted(rules, basket(*lines), member).offers
    if found.most_units:
        answer = quoted(rules, basket(*lines), member, ("spend", found.most_units))
        [redemption] = answer.redemptions
        assert redemption.discount_minor == found.most_discount_minor
        assert sum(part for _, part in redemption.by_line) == found.most_discount_minor
        paid = {line.line: line.amount_minor for line in lines if line.category is None}
        assert all(0 < part <= paid[line] for line, part in redemption.by_line)
    assert isinstance(ask(rules, basket(*lines), member, ("spend", max(found.most_units, 100) + 100)), Refusal)
