"""Money off: of goods together or of each piece, never below zero or a floor, with the tax kept in order."""

import pytest

from loyalty.refusals import RefusalCode
from loyalty.rules.redemption import Settle
from tests.loyalty.rules.rewards.tills import (
    at_work,
    chosen,
    faults,
    goods,
    off,
    quoted,
    refused,
    reward,
    said,
    total,
)
from tests.loyalty.shop import sold, standing


def amount(money: str, keys: str = "", reward_id: str = "r") -> str:
    return reward("amount_off", f'amount = "{money}"\n{keys}', reward_id)


def test_it_comes_off_the_goods_in_proportion() -> None:
    one = at_work(amount("3.00"), goods(1, 1_200, 2))
    assert (one.by_line, one.settle, one.times) == (((1, 300),), Settle.LINE_DISCOUNT, 1)
    assert off(amount("5.00"), 600, 400, 1_000) == (150, 100, 250)


def test_what_is_left_is_never_below_zero() -> None:
    assert total(amount("249.00"), 2_500) == 0
    assert at_work(amount("249.00"), 2_500).discount_minor == 2_500


@pytest.mark.parametrize(
    ("money", "lines", "expected"),
    [
        ("50.00", [(5_000, 4_500), (5_000, 4_500)], (500, 500)),
        ("20.00", [(5_000, 4_500), (2_000, 0)], (500, 1_500)),
        ("25.00", [(5_000, 4_500), (2_000, 0), (2_000, 0), (2_000, 0)], (500, 667, 667, 666)),
        ("27.00", [(5_000, 4_500), (5_000, 4_500), (2_000, 0), (2_000, 0), (4_000, 0)], (500, 500, 425, 425, 850)),
        ("12.00", [(1_000, 0), (2_000, 1_900), (5_000, 5_000), (3_000, 2_600)], (700, 100, 0, 400)),
        ("20.00", [(1_000, 0), (2_000, 1_900), (5_000, 5_000), (3_000, 2_600)], (1_000, 100, 0, 400)),
    ],
)
def test_no_line_falls_below_its_floor_and_the_others_take_over(
    money: str, lines: list[tuple[int, int]], expected: tuple[int, ...]
) -> None:
    bought = [sold(number, price, floor_minor=floor) for number, (price, floor) in enumerate(lines, start=1)]
    assert off(amount(money), *bought) == expected


@pytest.mark.parametrize(
    ("odd", "expected"),
    [("largest_remainder", (134, 133, 133)), ("first", (134, 133, 133)), ("last", (133, 133, 134))],
)
def test_the_odd_minor_unit_goes_where_the_policy_says(odd: str, expected: tuple[int, ...]) -> None:
    assert off(f'[policies]\nodd_minor = "{odd}"\n' + amount("4.00"), 200, 200, 200) == expected


def test_so_much_comes_off_each_piece_and_no_more_than_it_costs() -> None:
    each = amount("3.00", 'each = "item"')
    assert off(each, goods(1, 1_200, 2)) == (600,)
    assert off(each, goods(1, 200, 2), goods(2, 400, 2)) == (400, 600)
    assert off(each, goods(1, 200, 2), goods(2, 400)) == (400, 300)


def test_so_many_of_the_cheapest_pieces_get_cheaper() -> None:
    lines = goods(1, 200, 2), goods(2, 100, 2)
    assert off(amount("3.00", 'each = "item"\nmost_items = 1'), *lines) == (0, 100)
    assert off(amount("0.50", 'each = "item"\nmost_items = 3\ntake = "dearest"'), *lines) == (100, 50)


def test_prices_have_bands() -> None:
    bands = (
        amount("10.00", 'each = "item"\nleast_price = "80.00"', "high")
        + amount("5.00", 'each = "item"\nleast_price = "10.00"\nmost_price = "50.00"', "middle")
        + amount("1.00", 'each = "item"\nmost_price = "10.00"', "low")
    )
    assert off(bands, 10_000, 2_000, 500) == (1_000, 500, 100)


def test_what_the_host_reduced_can_be_skipped() -> None:
    each = amount("10.00", 'each = "item"\nleast_price = "10.00"\nmost_price = "50.00"\nreduced = "skip"')
    assert off(each, sold(1, 1_500, discount_minor=500), 4_000) == (0, 1_000)


def test_an_amount_without_tax_takes_its_tax_with_it() -> None:
    # 207.00 and 10% on top are 227.70; 3.00 and its tax are 3.30, and the tax that is left is 20.40.
    found = quoted(amount("3.00", 'tax = "excluded"'), sold(1, 22_770, tax_minor=2_070, tax_ppm=100_000))
    assert (found.total_minor, found.tax_minor) == (22_440, 2_040)
    assert off(
        amount("3.00", 'tax = "excluded"\neach = "item"'), sold(1, 22_770, tax_minor=2_070, tax_ppm=100_000)
    ) == (330,)


def test_the_hosts_own_discount_can_come_last() -> None:
    # 80.00 less 40.00 is 40.00, of which the cashier's 50% leave 20.00.
    late = '[policies]\nhost_discounts = "after_rewards"\n' + amount("40.00")
    found = quoted(late, sold(1, 4_000, discount_minor=4_000))
    assert (found.redemptions[0].discount_minor, found.total_minor) == (4_000, 2_000)


def test_the_hosts_discount_that_comes_last_keeps_floors_and_deposits() -> None:
    late = '[policies]\nhost_discounts = "after_rewards"\n' + amount("1.00")
    assert total(late, sold(1, 500, discount_minor=500, floor_minor=480)) == 480
    # 10.00 without the deposit of 1.00, less 1.00, of which the cashier leaves half: 4.50.
    assert total(late, sold(1, 600, discount_minor=500, deposit_minor=100)) == 550


def test_a_credit_of_the_basket_counts_before() -> None:
    # 20.00 and a credit of 5.00: 10.00 off leave 5.00.
    assert total(amount("10.00"), 2_000, credit_minor=500) == 500
    assert total(amount("249.00"), 2_000, credit_minor=500) == 0
    assert off(amount("249.00"), 2_000, credit_minor=500) == (1_500,)


def test_a_member_may_buy_it_again_and_again_while_there_is_something_to_lower() -> None:
    paid = amount("10.00", "cost = 100")
    member = standing(points=500)
    one = at_work(paid, 2_500, member=member, ask=chosen(times=3))
    assert (one.units, one.times, one.discount_minor) == (300, 3, 2_500)
    assert at_work(paid, 2_500, member=member, ask=chosen(units=200)).discount_minor == 2_000
    codes = [
        refused(paid, 2_500, member=member, ask=asked).code
        for asked in (chosen(times=4), chosen(times=0), chosen(units=150), chosen(units=0), chosen(units=-100))
    ]
    assert codes == [
        RefusalCode.REDEEM_EXCEEDS_BASKET,
        RefusalCode.BAD_REQUEST,
        RefusalCode.REDEEM_NOT_A_STEP,
        RefusalCode.REDEEM_BELOW_MINIMUM,
        RefusalCode.REDEEM_BELOW_MINIMUM,
    ]
    poor = refused(paid, 2_500, member=standing(points=150), ask=chosen(times=2))
    assert (poor.code, poor.field) == (RefusalCode.INSUFFICIENT_UNITS, "redeem.units")
    [offer] = quoted(paid, 2_500, member=member).offers
    assert (offer.most_units, offer.most_discount_minor) == (300, 2_500)


def test_it_says_what_came_off() -> None:
    assert said(quoted(amount("3.00"), 500)) == ("explain.amount_off",)
    assert said(quoted(amount("3.00", 'each = "item"\nmost = "2.00"'), 500)) == (
        "explain.amount_off_each",
        "explain.at_most",
    )


def test_every_wrong_key_is_a_problem() -> None:
    assert faults(amount("0")) == ["reward[1].amount: must be more than zero"]
    assert faults(amount("1.00", "most_items = 1")) == ["reward[1].most_items: goes with each = item"]
    assert faults(amount("1.00", 'settle = "tender"')) == [
        "reward[1].settle: must be line_discount: only units can pay"
    ]
