"""A percentage off: the base, the rounding, the cheapest and the dearest, and what may not fall."""

import pytest

from loyalty.explain import Money, message
from loyalty.numbers.rates import Rate
from tests.loyalty.rules.rewards.tills import at_work, chosen, faults, goods, off, quoted, reward, said, total
from tests.loyalty.shop import KZT, sold, standing

TEN = reward("percent", "percent = 10")


def test_a_share_of_all_that_is_left_comes_off_rounded_once() -> None:
    # 3 x 0.05 = 0.15, of which 10% is 0.015: 0.02, which goes to the lines with the largest remainder.
    assert off(TEN, 5, 5, 5) == (1, 1, 0)


def test_the_discount_is_rounded_half_up_unless_the_price_is() -> None:
    # 10% of 28.75 is 2.875.
    assert total(TEN, 2_875) == 2_587
    assert total(TEN + 'rounds = "price"', 2_875) == 2_588


def test_the_rounding_is_the_rewards_own() -> None:
    # 3% of 17.50 is 0.525.
    three = reward("percent", "percent = 3")
    assert total(three, goods(1, 237, 6), 328) == 1_750 - 53
    assert total(three + 'rounding = "floor"', goods(1, 237, 6), 328) == 1_750 - 52


@pytest.mark.parametrize(("price", "left"), [(2_000, 1_700), (2_025, 1_721), (1_050, 893)])
def test_the_price_of_each_piece_can_be_rounded(price: int, left: int) -> None:
    fifteen = reward("percent", 'percent = 15\nrounds = "price"\nround_at = "item"')
    assert total(fifteen, goods(1, price, 3)) == 3 * left


def test_each_line_can_be_rounded_by_itself() -> None:
    assert off(TEN + 'round_at = "line"', 5, 5, 5) == (1, 1, 1)


def test_percentages_follow_each_other_on_what_is_left() -> None:
    # 460.00 - 10% = 414.00, of which 20% is 82.80.
    twenty = reward("percent", "percent = 20\npriority = 2", "twenty")
    assert total(TEN + "priority = 1\n" + twenty, 46_000) == 41_400 - 8_280


@pytest.mark.parametrize(("rounding", "each"), [("half_up", 3_487), ("floor", 3_489), ("ceiling", 3_483)])
def test_ten_percentages_can_be_rounded_once(rounding: str, each: int) -> None:
    # 100.00 x 0.9^10 = 34.867844; 100.00, 90.00, 81.00, 72.90, 65.61, then 6.561 comes off, and so on.
    keys = f'percent = 10\nrounding = "{rounding}"'
    ten = "".join(reward("percent", keys, f"p{number}") for number in range(10))
    assert total(ten, 10_000) == each
    assert total('[policies]\nround_discounts = "once"\n' + ten, 10_000) == (3_486 if rounding == "ceiling" else 3_487)


def test_only_the_named_goods_get_cheaper() -> None:
    half = reward("percent", 'percent = 50\ncategories = ["office"]')
    assert off(half, sold(1, 1_500, category="other"), sold(2, 5_000, category="office")) == (0, 2_500)


def test_the_cheapest_piece_is_found_by_its_price_with_tax() -> None:
    # Four at 5.28 and nine at 5.10: 90% of one at 5.10.
    cheapest = reward("percent", 'percent = 90\ntake = "cheapest"')
    assert off(cheapest, goods(1, 528, 4), goods(2, 510, 9)) == (0, 459)


def test_so_many_of_the_cheapest_or_of_the_dearest_get_cheaper() -> None:
    lines = goods(1, 1_200, 2), goods(2, 2_000, 2)
    assert off(reward("percent", "percent = 20\nmost_items = 1"), *lines) == (240, 0)
    assert off(reward("percent", "percent = 20\nmost_items = 3"), *lines) == (480, 400)
    assert off(reward("percent", 'percent = 20\nmost_items = 3\ntake = "dearest"'), *lines) == (240, 800)


def test_what_is_weighed_is_one_piece() -> None:
    cheapest = reward("percent", 'percent = 50\ntake = "cheapest"\nmost_items = 2')
    assert off(cheapest, sold(1, 900, quantity_milli=1_500), goods(2, 1_000, 2)) == (450, 500)


def test_a_piece_that_costs_nothing_is_not_the_cheapest() -> None:
    assert off(reward("percent", 'percent = 50\ntake = "cheapest"'), 0, 300, 400) == (0, 150, 0)


def test_at_most_so_much_comes_off() -> None:
    capped = reward("percent", 'percent = 100\nmost = "40.00"\nitems = ["i2", "i3"]')
    assert sum(off(capped, 3_450, 2_500, 1_500)) == 4_000
    assert off(capped, 3_450, 2_500, 1_500) == (0, 2_500, 1_500)


def test_never_more_comes_off_than_is_to_pay_after_the_credit() -> None:
    # 10% of 120.00 is 12.00, at most 9.00, but 6.00 is all there is to pay.
    capped = TEN + 'most = "9.00"'
    assert total(capped, 12_000, credit_minor=11_400) == 0
    assert sum(off(capped, 12_000, credit_minor=11_400)) == 600


def test_what_one_line_cannot_give_the_others_do_unless_the_policy_says_no() -> None:
    twenty = reward("percent", "percent = 20")
    lines = sold(1, 5_000, floor_minor=4_500), sold(2, 2_000)
    assert off(twenty, *lines) == (500, 900)
    assert off('[policies]\nspread = "per_line"\n' + twenty, *lines) == (500, 400)


def test_a_deposit_is_not_discounted() -> None:
    assert off(TEN, sold(1, 6_500, deposit_minor=5_000)) == (150,)


def test_everything_off_leaves_nothing_and_no_odd_minor_unit() -> None:
    prices = (644, 1_026, 5_165, 24_985, 276_000)
    assert total(reward("percent", "percent = 100"), *(sold(n, p) for n, p in enumerate(prices, start=1))) == 0


def test_a_fiscal_register_keeps_one_minor_unit_and_a_price_for_each_piece() -> None:
    policies = '[policies]\nline_floor = "0.01"\ndivisible_lines = true\n'
    assert off(policies + reward("percent", "percent = 100"), 500, 300) == (499, 299)
    # 10% of 10.00 and 10.00: 3 pieces must stay divisible by 3, and the single piece takes over what is missing.
    assert off(policies + TEN, goods(1, 500, 3), sold(2, 1_001)) == (150, 100)
    assert off(policies + TEN, sold(1, 1_000, quantity_milli=3_000), sold(2, 1_000)) == (100, 100)
    assert off(policies + TEN, sold(1, 1_010, quantity_milli=3_000), sold(2, 1_000)) == (101, 100)
    assert off(policies + TEN, sold(1, 1_020, quantity_milli=7_000), sold(2, 1_000)) == (96, 106)


def test_it_says_base_rate_rounding_and_name() -> None:
    found = quoted(TEN + 'names.en = "Ten"', 2_875)
    assert said(found) == ("explain.percent", "explain.named_reward", "explain.rounded_up")
    assert found.redemptions[0].because[0] == message(
        "explain.percent",
        percent=Rate.of(10, 1),
        base=Money(amount_minor=2_875, currency=KZT),
        discount=Money(amount_minor=288, currency=KZT),
    )
    assert said(quoted(TEN + 'most = "1.00"', 2_875)) == ("explain.percent", "explain.at_most")
    assert said(quoted(TEN, sold(1, 1_000, floor_minor=950))) == ("explain.percent", "explain.lost")


def test_where_nothing_is_to_lower_nothing_is_used_up() -> None:
    assert quoted(TEN + 'items = ["other"]', 100).redemptions == ()
    assert [one.message.id for one in quoted(TEN + 'items = ["other"]', 100).missed] == ["explain.missing_goods"]
    assert [one.message.id for one in quoted(TEN, 0).missed] == ["explain.missing_nothing_left"]


def test_a_member_may_choose_it_for_units() -> None:
    fifty = reward("percent", "percent = 50\ncost = 5")
    member = standing(points=10)
    one = at_work(fifty, 10_000, member=member, ask=chosen())
    assert (one.units, one.discount_minor, one.payer) == (5, 5_000, member.member)
    assert [message.id for message in one.because] == ["explain.percent", "explain.units_used"]
    [offer] = quoted(fifty, 10_000, member=member).offers
    assert (offer.least_units, offer.most_units, offer.most_discount_minor, offer.near) == (5, 5, 5_000, 1000)
    [far] = quoted(fifty, 10_000, member=standing(points=2)).offers
    assert (far.most_units, far.near, far.because[0].id) == (0, 400, "explain.redeem_missing")


def test_every_wrong_key_is_a_problem() -> None:
    assert faults(reward("percent", "")) == ['reward[1].percent: is missing; expected a decimal in quotes, as "12.50"']
    assert faults(reward("percent", 'percent = "100.1"')) == ["reward[1].percent: must be at most 100"]
    assert faults(reward("percent", "percent = 0")) == ["reward[1].percent: must be more than zero"]
    assert faults(reward("percent", 'percent = 5\ntake = "all"\nmost_items = 2')) == [
        "reward[1].most_items: goes with take = cheapest or dearest"
    ]
    assert faults(reward("percent", 'percent = 5\nsettle = "tender"')) == [
        "reward[1].settle: must be line_discount: only units can pay"
    ]
    assert faults(reward("percent", "percent = 5\nleast_balance = 3")) == [
        "reward[1].least_balance: is for a reward that costs a member's units"
    ]
