"""Buy so many, get so many: which pieces are free, how often, and which ones are used up."""

import pytest

from loyalty.explain import Names
from loyalty.refusals import RefusalCode
from loyalty.rules.redemption import Gift
from loyalty.sale.ask import Ask
from tests.loyalty.rules.rewards.tills import (
    at_work,
    chosen,
    coupon,
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

COUPON = '[[coupon]]\nid = "c"\nnames.en = "C"\nscale = 1\nuses = "4.5"\n'


def free(keys: str, reward_id: str = "r") -> str:
    return reward("free_item", keys, reward_id)


@pytest.mark.parametrize(("pieces", "left"), [(1, 510), (2, 1_020), (3, 1_020), (5, 2_040), (6, 2_040), (9, 3_060)])
def test_of_three_pieces_one_is_free(pieces: int, left: int) -> None:
    assert total(free("buy = 2\nget = 1"), goods(1, 510, pieces)) == left


def test_per_item_each_item_makes_its_own_sets() -> None:
    third = free("buy = 2\nmix = false")
    assert total(third, goods(1, 100, 3)) == 200
    assert total(third, goods(1, 100, 3), goods(2, 500, 3)) == 1_200
    assert total(third, goods(1, 100, 3), goods(2, 500, 6)) == 2_200
    assert total(third, goods(1, 100, 2), goods(2, 500, 1)) == 700
    assert total(free("buy = 2\nmix = false\nmost_times = 1"), goods(1, 100, 3), goods(2, 500, 3)) == 1_300


def test_mixed_sets_give_away_the_cheapest_pieces() -> None:
    one = at_work(free("buy = 2\nmost_times = 1"), goods(1, 400, 4), goods(2, 200, 4))
    assert (one.discount_minor, one.free) == (200, ((2, 1_000),))
    assert one.counted == ((1, 2_000), (2, 1_000))


def test_a_set_may_be_as_many_pieces_as_reach_a_value() -> None:
    keys = free('buy_spend = "10.00"')
    one = at_work(keys, goods(1, 400, 2), goods(2, 200, 2))
    assert (one.discount_minor, one.counted) == (200, ((1, 2_000), (2, 1_000)))
    [missed] = quoted(keys, goods(1, 400, 2)).missed
    assert (missed.message.id, missed.near) == ("explain.missing_spend", 800)


def test_other_goods_may_be_free_than_those_that_are_bought() -> None:
    keys = free('items = ["i1"]\nget_items = ["i2"]\nbuy = 1')
    assert off(keys, 10_000, 11_500) == (0, 11_500)
    assert off(keys, 10_000, goods(2, 11_500, 2)) == (0, 11_500)
    assert off(keys, goods(1, 100, 2), goods(2, 50, 5)) == (0, 100)
    assert [one.message.id for one in quoted(keys, 10_000).missed] == ["explain.missing_goods"]


def test_goods_that_may_be_paid_and_free_are_never_both() -> None:
    keys = free('items = ["i1", "i2"]\nget_items = ["i2"]\nbuy = 2')
    assert off(keys, 300, 200) == (0, 0)
    assert off(keys, goods(1, 300), goods(2, 200, 2)) == (0, 200)
    assert off(keys, goods(1, 300, 2), goods(2, 200)) == (0, 200)


def test_where_nothing_need_be_bought_so_many_are_free_each_time() -> None:
    assert off(free("buy = 0\nmost_times = 1"), goods(1, 10_000, 5)) == (10_000,)
    one = at_work(
        free("buy = 0\nget = 2\ncost = 3"), goods(1, 1_000, 5), member=standing(points=50), ask=chosen(times=3)
    )
    assert (one.units, one.free, one.discount_minor) == (9, ((1, 5_000),), 5_000)
    more = refused(
        free("buy = 0\nget = 2\ncost = 3"), goods(1, 1_000, 5), member=standing(points=50), ask=chosen(times=4)
    )
    assert more.code is RefusalCode.REDEEM_EXCEEDS_BASKET


def test_a_coupon_pays_for_as_many_as_it_has_uses_for() -> None:
    keys = COUPON + free('buy = 0\ncoupon = "c"\ncost = "1.5"\nwhen.least_items = 3')
    one = at_work(keys, goods(1, 510, 9), ask=Ask(coupons=(coupon(uses=45),)))
    assert (one.times, one.units, one.discount_minor) == (3, 45, 1_530)
    assert at_work(keys, goods(1, 510, 9), ask=Ask(coupons=(coupon(uses=44),))).times == 2
    [declined] = quoted(keys, goods(1, 510, 9), ask=Ask(coupons=(coupon(uses=14),))).declined
    assert declined.refusal.code is RefusalCode.COUPON_USED_UP


def test_a_share_of_the_free_pieces_may_come_off() -> None:
    # 90% of the cheaper piece of 3.19: 2.871.
    one = at_work(free("buy = 1\npercent = 90"), goods(1, 319), goods(2, 400))
    assert (one.discount_minor, one.free, one.counted) == (287, (), ((1, 1_000), (2, 1_000)))
    assert [message.id for message in one.because] == ["explain.percent", "explain.rounded_down"]


def test_on_top_the_basket_is_paid_in_full_and_more_is_handed_out() -> None:
    one = at_work(free('buy = 3\ncounts = "on_top"'), goods(1, 32_000, 75))
    assert one.gifts == (Gift(item="i1", quantity_milli=25_000),)
    assert (one.by_line, one.counted) == ((), ((1, 75_000),))
    assert total(free('buy = 3\ncounts = "on_top"'), goods(1, 32_000, 75)) == 75 * 32_000


def test_what_was_handed_out_already_counts_neither_as_bought_nor_costs_as_far_as_it_is_handed_out() -> None:
    keys = free('buy = 3\ncounts = "on_top"')
    lines = goods(1, 32_000, 6), goods(2, 32_000, 25, item="i1", gift="r")
    assert at_work(keys, *lines).gifts == (Gift(item="i1", quantity_milli=2_000),)
    assert total(keys, goods(1, 32_000, 6), goods(2, 32_000, 2, item="i1", gift="r")) == 6 * 32_000
    assert total(keys, *lines) == 6 * 32_000 + 23 * 32_000


def test_on_top_there_may_be_something_to_choose_from() -> None:
    keys = free('buy = 1\ncounts = "on_top"\nget_items = ["mug", "pen"]\ntrigger = "choice"\nvalue = "2.00"')
    member = standing()
    one = at_work(keys, 500, member=member, ask=chosen(choice="pen"))
    assert (one.gifts, one.worth_minor) == ((Gift(item="pen", quantity_milli=1_000),), 200)
    assert at_work(keys, 500, member=member, ask=chosen()).gifts == (Gift(item="mug", quantity_milli=1_000),)
    assert refused(keys, 500, member=member, ask=chosen(choice="car")).code is RefusalCode.CHOICE_UNKNOWN
    [offer] = quoted(keys, 500, member=member).offers
    assert (offer.choices, offer.near) == (("mug", "pen"), 1000)


def test_what_is_handed_out_is_called_by_its_name() -> None:
    keys = free('buy = 3\ncounts = "on_top"')
    found = at_work(keys, goods(1, 100, 3, name="Cola")).because[0]
    assert dict(found.arguments) == {"pieces": 1, "item": "Cola"}
    named = '[[item]]\nid = "mug"\nnames.en = "Mug"\n' + free('buy = 1\ncounts = "on_top"\nget_items = ["mug"]')
    found = at_work(named, 100).because[0]
    assert dict(found.arguments)["item"] == Names(by_language=(("en", "Mug"),))


def test_on_top_per_item_gives_more_of_the_same() -> None:
    one = at_work(free('buy = 2\ncounts = "on_top"\nmix = false'), goods(1, 100, 5), goods(2, 300, 3))
    assert one.gifts == (Gift(item="i1", quantity_milli=2_000), Gift(item="i2", quantity_milli=1_000))


def test_pieces_that_a_set_used_up_are_in_no_other_set() -> None:
    again = free("buy = 2\nmost_times = 1", "a") + free("buy = 2\nmost_times = 1", "b")
    assert total(again, goods(1, 100, 6)) == 400
    assert total(again, goods(1, 100, 5)) == 400


def test_percentages_look_at_what_free_pieces_left() -> None:
    # 6 at 5.10, two of them free: 20.40, of which half comes off.
    half = reward("percent", "percent = 50", "half")
    assert total(free("buy = 0\nmost_times = 2") + half, goods(1, 510, 6)) == 1_020
    # The free piece is not the cheapest of the rest: it is gone.
    cheapest = reward("percent", 'percent = 50\ntake = "cheapest"', "cheapest")
    assert off(free("buy = 0\nmost_times = 1") + cheapest, 300, 400) == (300, 200)


def test_a_price_that_does_not_divide_is_rounded_once() -> None:
    # Three pieces for 20.00: one is 6.67.
    assert total(free("buy = 2"), sold(1, 2_000, quantity_milli=3_000)) == 1_333


def test_what_is_weighed_is_one_piece() -> None:
    one = at_work(free("buy = 1"), goods(1, 900, 1, quantity_milli=1_500), goods(2, 1_000))
    assert (one.free, one.counted) == (((1, 1_500),), ((1, 1_500), (2, 1_000)))


def test_a_million_pieces_take_no_longer_than_three() -> None:
    assert at_work(free("buy = 2"), goods(1, 1, 3_000_000)).times == 1_000


def test_how_many_pieces_more_it_takes_is_said() -> None:
    [missed] = quoted(free("buy = 2"), goods(1, 510, 2)).missed
    assert (missed.message.id, dict(missed.message.arguments), missed.near) == (
        "explain.missing_items",
        {"items": 1},
        666,
    )


def test_it_says_how_many_are_free() -> None:
    assert said(quoted(free("buy = 2"), goods(1, 510, 3))) == ("explain.free_item",)
    assert said(quoted(free('buy = 2\ncounts = "on_top"'), goods(1, 510, 3))) == ("explain.free_on_top",)


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ("get = 1", "buy: is missing; expected a whole number"),
        ("buy = 1\nget = 0", "get: expected a whole number from 1 to 1000000"),
        ('buy = 1\nbuy_spend = "5.00"', "buy: stands beside buy_spend; give one or the other"),
        ('buy = 0\ncounts = "on_top"', "buy: must be more than zero where the free pieces come on top"),
        ('buy = 1\ncounts = "on_top"\npercent = 50', "percent: must be 100 where the free pieces come on top"),
        ('buy = 1\nget_items = ["x"]\nmix = false', "mix: goes with free pieces of the same goods"),
        (
            'buy = 1\ncounts = "on_top"\nget_tags = ["x"]',
            "get_tags: goes with counts = inside; on top, get_items are handed out",
        ),
        ('buy = 1\nvalue = "1.00"', "value: goes with counts = on_top; pieces in the basket have their price"),
        (
            'buy_spend = "5.00"\nget_items = ["x"]',
            "buy_spend: goes with free pieces of the same goods, inside the basket",
        ),
        ("buy = 1\nmost_times = 0", "most_times: expected a whole number from 1 to 1000"),
    ],
)
def test_every_wrong_key_is_a_problem(keys: str, fault: str) -> None:
    assert faults(free(keys)) == [f"reward[1].{fault}"]
