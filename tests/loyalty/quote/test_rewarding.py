"""Rewards together: order, groups, exclusivity, codes, coupons, limits and budgets."""

from dataclasses import replace
from datetime import timedelta

import pytest

from loyalty.holding.rights import Rights
from loyalty.holding.standing import Holdings, LotBalance
from loyalty.holding.units import owner_unit
from loyalty.journal.entry import Lot
from loyalty.refusals import RefusalCode
from loyalty.sale.ask import Ask, RedeemRequest, ShownCoupon
from loyalty.sale.basket import BasketLine
from tests.loyalty.rules.rewards.tills import (
    HERE,
    answer,
    at_work,
    card,
    chosen,
    coupon,
    goods,
    quoted,
    refused,
    reward,
    total,
)
from tests.loyalty.shop import AT, MEMBER, sold, standing

COUPON = '[[coupon]]\nid = "c"\nnames.en = "C"\ncode = { prefix = "C", digits = 6 }\n'
BUDGET = '[[budget]]\nid = "b"\nmost = "10.00"\n'


def percent(percents: int, keys: str = "", reward_id: str = "r") -> str:
    return reward("percent", f"percent = {percents}\n{keys}", reward_id)


def amount(money: str, keys: str = "", reward_id: str = "a") -> str:
    return reward("amount_off", f'amount = "{money}"\n{keys}', reward_id)


def declined(tables: str, *lines: BasketLine | int, **more: object) -> list[tuple[str, RefusalCode]]:
    return [(one.asked, one.refusal.code) for one in quoted(tables, *lines, **more).declined]


def test_what_is_given_away_comes_first_then_shares_then_amounts() -> None:
    # 6 at 10.00, of which 2 are free: 40.00; less 50%: 20.00; less 5.00: 15.00.
    tables = amount("5.00") + percent(50) + reward("free_item", "buy = 2", "f")
    assert total(tables, goods(1, 1_000, 6)) == 1_500
    assert [one.reward for one in quoted(tables, goods(1, 1_000, 6)).redemptions] == ["f", "r", "a"]


def test_priority_goes_before_kind() -> None:
    assert total(amount("5.00", "priority = 1") + percent(50, "priority = 2"), 2_000) == 750
    assert total(amount("5.00", "priority = 2") + percent(50, "priority = 1"), 2_000) == 500


def test_what_is_for_fewer_lines_goes_first() -> None:
    # 5.00 off A and B would leave nothing of 10.00 off A; after it, all of it comes off B.
    for wide, narrow in (("a", "b"), ("b", "a")):
        tables = amount("5.00", 'items = ["i1", "i2"]', wide) + amount("10.00", 'items = ["i1"]', narrow)
        assert total(tables, 600, 400, 1_000) == 1_000


def test_neither_the_order_of_the_file_nor_of_asking_matters() -> None:
    tables = [percent(10, 'code = "ONE"', "one"), percent(50, 'code = "TWO"', "two"), amount("1.00")]
    codes = ("ONE", "two")
    first = quoted("".join(tables), 995, ask=Ask(codes=codes))
    again = quoted("".join(reversed(tables)), 995, ask=Ask(codes=codes[::-1]))
    assert first.redemptions == again.redemptions
    assert first.lines == again.lines


def test_of_a_group_only_the_best_is_at_work() -> None:
    ladder = percent(5, 'group = "g"\nwhen.least_items = 3', "five") + percent(10, 'group = "g"\nwhen.least_items = 5')
    assert [total(ladder, goods(1, 10_000, pieces)) for pieces in (1, 3, 5)] == [10_000, 28_500, 45_000]
    assert [one.message.id for one in quoted(ladder, goods(1, 100, 5)).missed] == ["explain.missing_better_one"]


def test_a_group_may_take_its_first_or_its_last_instead() -> None:
    def of(pick: str) -> int:
        keys = f'group = "g"\npick = "{pick}"\n'
        return total(percent(5, keys + "priority = 1", "five") + percent(10, keys + "priority = 2", "ten"), 10_000)

    assert (of("first"), of("last"), of("best")) == (9_500, 9_000, 9_000)


def test_of_two_that_are_alike_the_code_is_declined() -> None:
    tables = percent(10, 'group = "g"', "auto") + percent(10, 'group = "g"\ncode = "X"')
    assert total(tables, 32_000, ask=Ask(codes=("x",))) == 28_800
    assert declined(tables, 32_000, ask=Ask(codes=("x",))) == [("codes[1]", RefusalCode.REWARD_EXCLUDED)]


def test_an_exclusive_reward_stands_alone() -> None:
    tables = percent(20, "exclusive = true\npriority = 1") + amount("10.00", "priority = 2")
    assert total(tables, 10_000) == 8_000
    # What comes before an exclusive reward keeps it from being at work.
    assert total(percent(20, "exclusive = true\npriority = 3") + amount("10.00", "priority = 2"), 10_000) == 9_000


def test_what_was_chosen_and_cannot_be_had_refuses_the_quote() -> None:
    member = standing(points=10)
    tables = percent(10, "cost = 5\nwhen.least_spend = 50") + percent(20, "exclusive = true\npriority = -1", "alone")
    assert refused(tables, 1_000, member=member, ask=chosen()).code is RefusalCode.REWARD_NOT_NOW
    assert refused(tables, 9_000, member=member, ask=chosen()).code is RefusalCode.REWARD_EXCLUDED
    assert refused(tables, 9_000, member=member, ask=chosen("nothing")).code is RefusalCode.REWARD_UNKNOWN
    assert refused(tables, 9_000, ask=chosen()).code is RefusalCode.MEMBER_UNKNOWN
    poor = refused(percent(10, "cost = 5"), 900, member=standing(points=4), ask=chosen())
    assert (poor.code, poor.field) == (RefusalCode.INSUFFICIENT_UNITS, "redeem.units")


@pytest.mark.parametrize(
    "tables",
    [
        percent(50),
        percent(50, 'trigger = "choice"'),
        amount("1.00", "cost = 5", "r"),
        reward("points_discount", 'cost = 5\ndiscount = "1.00"'),
        reward("free_item", 'buy = 1\ntrigger = "choice"\nmost_times = 1'),
        reward("gift", 'items = ["mug"]\ncost = 5'),
    ],
)
def test_a_reward_is_chosen_once_and_how_much_of_it_is_said_there(tables: str) -> None:
    twice = Ask(redeem=(RedeemRequest(reward="r"), RedeemRequest(reward="r")))
    found = refused(tables, goods(1, 1_000, 4), member=standing(points=100), ask=twice)
    assert (found.code, found.field) == (RefusalCode.REWARD_USED_UP, "redeem[2]")


def test_several_things_of_a_catalogue_are_chosen_together_up_to_the_most_of_a_sale() -> None:
    mug, cap, pen = (RedeemRequest(reward="r", choice=item) for item in ("mug", "cap", "pen"))
    tables = reward("gift", 'items = ["mug", "cap", "pen"]\ncost = 5\nmost_times = 2')
    member = standing(points=100)
    found = quoted(tables, 1_000, member=member, ask=Ask(redeem=(mug, cap)))
    assert [gift.item for one in found.redemptions for gift in one.gifts] == ["mug", "cap"]
    assert sum(one.units for one in found.redemptions) == 10
    for asked in ((mug, mug), (mug, RedeemRequest(reward="r")), (mug, cap, pen)):
        code = refused(tables, 1_000, member=member, ask=Ask(redeem=asked)).code
        assert code is RefusalCode.REWARD_USED_UP
    free = reward("gift", 'items = ["mug", "cap"]\ntrigger = "choice"')
    assert refused(free, 1_000, member=member, ask=Ask(redeem=(mug, cap))).code is RefusalCode.REWARD_USED_UP


@pytest.mark.parametrize(("kind", "keys"), [("free_item", "buy = 2"), ("bundle_price", 'count = 2\nprice = "1.00"')])
def test_several_coupons_make_no_more_sets_than_one_sale_may_have(kind: str, keys: str) -> None:
    tables = COUPON + reward(kind, f'{keys}\nmost_times = 1\ncoupon = "c"')
    shown = (coupon("C1"), coupon("C2", account=b"\x03" * 16))
    found = quoted(tables, goods(1, 1_000, 9), ask=Ask(coupons=shown))
    assert [one.times for one in found.redemptions] == [1]
    assert [(one.asked, one.refusal.code) for one in found.declined] == [("coupons[2]", RefusalCode.REWARD_USED_UP)]


def test_a_reward_may_ask_for_a_balance_beyond_its_price() -> None:
    tables = amount("1.00", "cost = 5\nleast_balance = 30")
    assert at_work(tables, 900, member=standing(points=30), ask=chosen("a")).units == 5
    low = refused(tables, 900, member=standing(points=29), ask=chosen("a"))
    assert (low.code, low.field) == (RefusalCode.REDEEM_BELOW_MINIMUM, "redeem.units")
    [offer] = quoted(tables, 900, member=standing(points=15)).offers
    assert (offer.most_units, offer.near, offer.because[0].id) == (0, 500, "explain.missing_units")


def test_two_rewards_share_one_balance() -> None:
    tables = percent(10, "cost = 5") + amount("1.00", "cost = 5")
    both = Ask(redeem=(RedeemRequest(reward="r"), RedeemRequest(reward="a")))
    assert quoted(tables, 900, member=standing(points=10), ask=both).spent("points") == 10
    assert refused(tables, 900, member=standing(points=9), ask=both).code is RefusalCode.INSUFFICIENT_UNITS


def test_an_automatic_reward_may_be_declined() -> None:
    assert total(percent(10), 1_000, ask=Ask(declined=("r",))) == 1_000


def test_a_code_opens_its_reward_whatever_its_capitals() -> None:
    tables = percent(10, 'code = "Summer"')
    assert total(tables, 1_000) == 1_000
    assert total(tables, 1_000, ask=Ask(codes=("SUMMER",))) == 900
    assert total(tables, 1_000, ask=Ask(codes=("summer", "SUMMER"))) == 900
    assert declined(tables, 1_000, ask=Ask(codes=("summer", "winter"))) == [("codes[2]", RefusalCode.CODE_UNKNOWN)]
    assert declined(percent(10, 'when.code = "X"'), 1_000, ask=Ask(codes=("x",))) == []


def test_a_code_reward_cannot_be_chosen_without_its_code() -> None:
    tables = reward("gift", 'items = ["mug", "pen"]\ncode = "GIFT"')
    assert refused(tables, 900, member=standing(), ask=chosen()).code is RefusalCode.REWARD_NOT_NOW
    asked = replace(chosen(choice="pen"), codes=("gift",))
    assert [gift.item for gift in at_work(tables, 900, member=standing(), ask=asked).gifts] == ["pen"]


def test_what_costs_no_units_may_be_chosen_without_a_member() -> None:
    tables = reward("gift", 'items = ["mug", "pen"]')
    assert [gift.item for gift in at_work(tables, 900, ask=chosen(choice="pen")).gifts] == ["pen"]
    with_coupon = COUPON + reward("gift", 'items = ["mug", "pen"]\ncoupon = "c"')
    asked = replace(chosen(choice="pen"), coupons=(coupon(),))
    one = at_work(with_coupon, 900, ask=asked)
    assert ([gift.item for gift in one.gifts], one.units, one.code) == (["pen"], 1, "C1")
    assert refused(tables, 900, ask=chosen("other")).code is RefusalCode.MEMBER_UNKNOWN


def test_a_coupon_takes_one_use_and_says_which() -> None:
    tables = COUPON + amount("1.00", 'coupon = "c"')
    one = at_work(tables, 900, ask=Ask(coupons=(coupon(uses=3),)))
    assert (one.units, one.code, one.payer, one.unit and one.unit.id) == (1, "C1", b"\x01" * 16, "coupon.c")


def dated(usable: int | None, expires: int | None) -> ShownCoupon:
    now = int(AT.timestamp())
    begins, ends = (now + at if at is not None else None for at in (usable, expires))
    lot = Lot(lot_id=b"\x05" * 16, usable_at=begins, expires_at=ends)
    held = LotBalance(unit="coupon.c", lot=lot, amount=1)
    return replace(coupon(), holdings=Holdings(balances=(("coupon.c", 1),), lots=(held,)))


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (replace(coupon(), holdings=Holdings()), RefusalCode.COUPON_UNKNOWN),
        (coupon(kind="other"), RefusalCode.COUPON_UNKNOWN),
        (coupon(uses=0), RefusalCode.COUPON_USED_UP),
        (coupon(uses=-1), RefusalCode.COUPON_USED_UP),
        (dated(60, None), RefusalCode.COUPON_NOT_YET),
        (dated(None, 0), RefusalCode.COUPON_EXPIRED),
        (dated(-60, 60), None),
    ],
)
def test_a_coupon_that_cannot_be_used_is_declined_and_the_sale_goes_on(
    shown: ShownCoupon, code: RefusalCode | None
) -> None:
    tables = COUPON + amount("1.00", 'coupon = "c"')
    expected = [("coupons[1]", code)] if code is not None else []
    assert declined(tables, 900, ask=Ask(coupons=(shown,))) == expected
    assert total(tables, 900, ask=Ask(coupons=(shown,))) == (800 if code is None else 900)


def test_a_coupon_that_is_shown_twice_is_used_once() -> None:
    tables = COUPON + amount("1.00", 'coupon = "c"')
    twice = Ask(coupons=(coupon(uses=5), coupon(uses=5)))
    assert total(tables, 900, ask=twice) == 800
    assert declined(tables, 900, ask=twice) == [("coupons[2]", RefusalCode.COUPON_USED_UP)]
    two = Ask(coupons=(coupon(), coupon("C2", account=b"\x03" * 16)))
    assert total(tables, 900, ask=two) == 700


def test_a_coupon_whose_goods_are_not_there_is_kept() -> None:
    tables = COUPON + amount("1.00", 'coupon = "c"\nitems = ["other"]')
    found = quoted(tables, 900, ask=Ask(coupons=(coupon(),)))
    [one] = found.declined
    assert (one.refusal.code, [said.id for said in one.because]) == (
        RefusalCode.REWARD_NOT_NOW,
        ["explain.missing_goods"],
    )
    assert found.redemptions == ()


def test_a_personal_coupon_is_for_one_member() -> None:
    tables = COUPON + "bearer = false\n" + amount("1.00", 'coupon = "c"')
    held = Holdings(balances=(("coupon.c", 1), (owner_unit(MEMBER), 1)))
    asked = Ask(coupons=(replace(coupon(), holdings=held),))
    assert total(tables, 900, member=standing(), ask=asked) == 800
    assert declined(tables, 900, ask=asked) == [("coupons[1]", RefusalCode.COUPON_PERSONAL)]
    other = replace(standing(), member=b"\x08" * 16)
    assert declined(tables, 900, member=other, ask=asked) == [("coupons[1]", RefusalCode.COUPON_PERSONAL)]


def test_each_member_may_have_it_so_often_and_nobody_without_a_card() -> None:
    tables = percent(10, "uses.per_member = 2")
    for used, left in ((0, 900), (1, 900), (2, 1_000)):
        assert total(tables, 1_000, member=replace(standing(), balances=(("used.r", used),))) == left
    assert total(tables, 1_000) == 1_000
    assert [one.message.id for one in quoted(tables, 1_000).missed] == ["explain.missing_member"]


def test_all_members_together_may_have_it_so_often() -> None:
    tables = percent(10, "uses.in_all = 3")
    for used, left in ((2, 900), (3, 1_000)):
        pools = {"uses.r": Holdings(balances=(("uses.r", used),))}
        assert total(tables, 1_000, pools=pools) == left


def test_more_than_the_limit_cannot_be_chosen() -> None:
    tables = amount("1.00", "cost = 1\nuses.per_sale = 2")
    assert at_work(tables, 900, member=standing(points=9), ask=chosen("a", times=2)).times == 2
    assert refused(tables, 900, member=standing(points=9), ask=chosen("a", times=3)).code is RefusalCode.REWARD_USED_UP
    assert refused(tables, 900, member=standing(points=9), ask=chosen("a", units=3)).code is RefusalCode.REWARD_USED_UP
    [offer] = quoted(tables, 900, member=standing(points=9)).offers
    assert (offer.most_units, offer.most_discount_minor) == (2, 200)


def test_what_would_pass_the_budget_is_refused_and_not_made_smaller() -> None:
    tables = BUDGET + percent(50, 'uses.budget = "b"')
    assert total(tables, 2_000) == 1_000
    assert total(tables, 2_001) == 2_001
    spent = {"budget.b": Holdings(balances=(("budget.b", 600),))}
    assert [total(tables, price, pools=spent) for price in (800, 802)] == [400, 802]
    assert [one.message.id for one in quoted(tables, 2_001).missed] == ["explain.missing_used_up"]


def test_two_rewards_of_one_sale_draw_from_the_same_budget() -> None:
    tables = BUDGET + percent(50, 'uses.budget = "b"') + amount("2.00", 'uses.budget = "b"')
    found = quoted(tables, 1_800)
    assert [one.reward for one in found.redemptions] == ["r"]
    assert [(count.pool, count.amount) for count in found.counts] == [("budget.b", 900)]


def test_a_reward_is_worth_what_it_takes_off() -> None:
    assert at_work(percent(10), 1_000).worth_minor == 100


def test_a_code_or_coupon_that_an_event_outlived_says_so() -> None:
    tables = percent(10, 'code = "X"\nwhen.until = 2026-01-30')
    [one] = quoted(tables, 900, ask=Ask(codes=("x",))).declined
    assert (one.refusal.code, [said.id for said in one.because]) == (
        RefusalCode.REWARD_NOT_NOW,
        ["explain.missing_over"],
    )
    earlier = replace(HERE, at=AT - timedelta(days=2))
    assert total(tables, 900, ask=Ask(codes=("x",)), moment=earlier) == 810


def test_a_sale_spends_no_more_of_its_own_units_than_it_earns() -> None:
    unit = '[[unit]]\nid = "points"\nspendable_in_same_sale = true\n'
    rule = '[[rule]]\nkind = "per_amount"\nid = "earn"\nunits = 1\nper = "1.00"\n'
    spend = amount("1.00", "cost = 10")
    # 10.00 earn 10 points; the point for the 1.00 that they take off is not earned any more.
    assert (
        refused(unit + rule + spend, 1_000, member=standing(), ask=chosen("a")).code is RefusalCode.INSUFFICIENT_UNITS
    )
    assert quoted(unit + rule + spend, 1_100, member=standing(), ask=chosen("a")).earned("points") == 10


def test_without_hq_nothing_is_given_that_takes_a_lease() -> None:
    alone = Ask(rights=Rights())
    assert total(percent(10, 'offline = "cap"'), 1_000, ask=alone) == 900  # it draws from nothing that others share
    assert total(percent(10, 'offline = "deny"'), 1_000, ask=alone) == 1_000
    assert total(percent(10, 'offline = "deny"'), 1_000, ask=Ask(rights=Rights(confirmed=True))) == 900


def test_gift_lines_count_for_nothing_and_cost_what_nothing_hands_out() -> None:
    tables = percent(10, "when.least_items = 2")
    lines = sold(1, 1_000), sold(2, 5_000, gift="r")
    assert total(tables, *lines) == 6_000


def test_two_coupons_of_one_reward_share_the_most_that_it_takes_off() -> None:
    tables = COUPON + percent(10, 'coupon = "c"\nmost = "15.00"')
    one, two = coupon("C1"), coupon("C2", account=b"\x03" * 16)
    assert total(tables, 20_000, ask=Ask(coupons=(one,))) == 20_000 - 1_500
    assert total(tables, 20_000, ask=Ask(coupons=(one, two))) == 20_000 - 1_500


def test_a_line_that_says_to_be_a_gift_is_the_thing_that_is_handed_out() -> None:
    tables = reward("gift", 'items = ["mug"]')
    assert declined(tables, 1_000, goods(2, 300, item="mug", gift="r")) == []
    told = declined(tables, 1_000, goods(2, 9_000, item="tv", gift="r"))
    assert told == [("lines[2].gift", RefusalCode.REWARD_NOT_NOW)]


def test_a_gift_line_that_nothing_hands_out_is_told() -> None:
    tables = reward("free_item", 'buy = 3\ncounts = "on_top"', "top")
    lines = goods(1, 100, 6), goods(2, 100, 2, item="i1", gift="top")
    assert quoted(tables, *lines).declined == ()
    more = quoted(tables, goods(1, 100, 6), goods(2, 100, 3, item="i1", gift="top"))
    assert [(one.asked, one.refusal.code) for one in more.declined] == [("lines[2].gift", RefusalCode.REWARD_NOT_NOW)]
    assert more.total_minor == 600 + 100


def test_a_member_pays_with_a_card_and_a_coupon_at_once() -> None:
    unit = '[[unit]]\nid = "gift"\nkind = "money"\nholder = "card"\nnames.en = "G"\n'
    tables = COUPON + unit + reward("tender", 'unit = "gift"') + amount("1.00", 'coupon = "c"')
    found = answer(tables, 900, ask=Ask(coupons=(coupon(),), gift_cards=(card(500),)))
    assert (found.total_minor, found.to_pay_minor) == (800, 300)  # type: ignore[union-attr]
