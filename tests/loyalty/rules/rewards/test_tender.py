"""Paying with units and gift cards: never more than is left, never more than there is."""

import pytest

from loyalty.holding.lots import LotUse
from loyalty.refusals import RefusalCode
from loyalty.rules.redemption import Settle
from loyalty.sale.ask import Ask, RedeemRequest
from tests.loyalty.rules.rewards.tills import at_work, card, chosen, faults, off, quoted, refused, reward, said, total
from tests.loyalty.shop import sold, standing

POINTS = '[[unit]]\nid = "points"\nvalue = "1.00"\n'
WALLET = '[[unit]]\nid = "wallet"\nkind = "money"\nnames.en = "W"\n'
GIFT = '[[unit]]\nid = "gift"\nkind = "money"\nholder = "card"\nnames.en = "G"\n'


def pay(unit: str, keys: str = "", reward_id: str = "r") -> str:
    return reward("tender", f'unit = "{unit}"\n{keys}', reward_id)


def test_a_wallet_pays_what_was_chosen_and_the_bill_stays_as_it_is() -> None:
    found = quoted(WALLET + pay("wallet"), 23_000, member=standing(wallet=11_500), ask=chosen(units=11_500))
    assert (found.total_minor, found.paid_minor, found.to_pay_minor, found.discount_minor) == (
        23_000,
        11_500,
        11_500,
        0,
    )
    [one] = found.redemptions
    assert (one.settle, one.units, one.uses) == (Settle.TENDER, 11_500, (LotUse(lot=None, amount=11_500),))
    assert said(found) == ("explain.tender",)


def test_without_a_number_it_pays_as_much_as_it_can() -> None:
    member = standing(wallet=11_500)
    assert at_work(WALLET + pay("wallet"), 9_000, member=member, ask=chosen()).units == 9_000
    assert at_work(WALLET + pay("wallet"), 20_000, member=member, ask=chosen()).units == 11_500


@pytest.mark.parametrize("keys", ["most_percent = 30", 'most = "3.00"', 'most_percent = 30\nsettle = "line_discount"'])
def test_several_cards_pay_together_no_more_than_one_may(keys: str) -> None:
    cards = tuple(card(200, account=bytes([number]) * 16) for number in (1, 2, 3))
    found = quoted(GIFT + pay("gift", keys), 1_000, ask=Ask(gift_cards=cards))
    assert [one.discount_minor for one in found.redemptions] == [200, 100]
    assert [(one.asked, one.refusal.code) for one in found.declined] == [
        ("gift_cards[3]", RefusalCode.REDEEM_EXCEEDS_BASKET)
    ]


def test_points_pay_at_their_value_and_none_of_them_for_nothing() -> None:
    assert at_work(POINTS + pay("points"), 35_050, member=standing(points=1_000), ask=chosen()).units == 350
    # A point is worth a third of a minor unit: 10 minor units take 30 of 31 points.
    third = '[[unit]]\nid = "points"\nvalue = "0.003333"\n' + pay("points")
    one = at_work(third, 1_000, member=standing(points=31), ask=chosen())
    assert (one.units, one.discount_minor) == (31, 10)
    assert at_work(third, 1_000, member=standing(points=33), ask=chosen()).units == 31


def test_the_last_unit_is_kept_unless_it_may_pay_less_than_it_is_worth() -> None:
    half = '[[unit]]\nid = "points"\nvalue = "0.50"\n'
    member = standing(points=100)
    assert (at_work(half + pay("points"), 3_745, member=member, ask=chosen()).units) == 74
    up = half + pay("points", 'rounding = "ceiling"')
    one = at_work(up, 3_745, member=member, ask=chosen())
    assert (one.units, one.discount_minor) == (75, 3_745)
    assert at_work(up, 3_745, member=member, ask=chosen(units=75)).discount_minor == 3_745
    assert refused(up, 3_745, member=member, ask=chosen(units=76)).code is RefusalCode.REDEEM_EXCEEDS_BASKET
    [offer] = quoted(up, 3_745, member=member).offers
    assert (offer.most_units, offer.most_discount_minor) == (75, 3_745)


def test_points_first_then_cards_in_their_order_and_never_above_what_is_left() -> None:
    credit = '[[unit]]\nid = "credit"\nkind = "money"\nholder = "card"\nnames.en = "C"\n'
    tables = POINTS + credit + pay("points", "priority = 1") + pay("credit", "priority = 2", "credit")
    cards = tuple(
        card(steps, bytes([number]) * 16, "credit", reward="credit") for number, steps in enumerate((30_000, 20_000), 1)
    )
    asked = Ask(redeem=(RedeemRequest(reward="r", units=100),), gift_cards=cards)
    found = quoted(tables, 50_000, member=standing(points=100), ask=asked)
    assert [(one.reward, one.units, one.discount_minor) for one in found.redemptions] == [
        ("r", 100, 10_000),
        ("credit", 30_000, 30_000),
        ("credit", 10_000, 10_000),
    ]
    assert (found.paid_minor, found.to_pay_minor) == (50_000, 0)


def test_eleven_cards_pay_in_the_order_in_which_they_were_shown() -> None:
    cards = tuple(card(100, bytes([number]) * 16) for number in range(1, 12))
    found = quoted(GIFT + pay("gift"), 1_050, ask=Ask(gift_cards=cards))
    assert [one.units for one in found.redemptions] == [100] * 10 + [50]


def test_a_gift_card_needs_no_member_and_goes_by_what_discounts_left() -> None:
    ten = reward("percent", "percent = 10", "ten")
    found = quoted(GIFT + pay("gift") + ten, 10_000, ask=Ask(gift_cards=(card(10_000),)))
    assert (found.total_minor, found.paid_minor) == (9_000, 9_000)


def test_what_cannot_be_paid_with_a_card_is_declined() -> None:
    tables = GIFT + pay("gift", 'minimum = "1.00"')
    for shown, code in (
        (card(5_000, units=6_000), RefusalCode.INSUFFICIENT_UNITS),
        (card(99), RefusalCode.INSUFFICIENT_UNITS),
        (card(5_000, units=99), RefusalCode.REDEEM_BELOW_MINIMUM),
        (card(20_000, units=10_001), RefusalCode.REDEEM_EXCEEDS_BASKET),
        (card(5_000, unit="other"), RefusalCode.GIFT_CARD_UNKNOWN),
    ):
        found = quoted(tables, 10_000, ask=Ask(gift_cards=(shown,)))
        [declined] = found.declined
        assert (declined.refusal.code, found.paid_minor) == (code, 0)


def test_a_card_shown_twice_pays_once_what_it_has() -> None:
    found = quoted(GIFT + pay("gift"), 10_000, ask=Ask(gift_cards=(card(3_000), card(3_000))))
    assert found.paid_minor == 3_000
    assert [one.refusal.code for one in found.declined] == [RefusalCode.INSUFFICIENT_UNITS]


@pytest.mark.parametrize(
    ("units", "code"),
    [
        (0, RefusalCode.REDEEM_BELOW_MINIMUM),
        (-5, RefusalCode.REDEEM_BELOW_MINIMUM),
        (4, RefusalCode.REDEEM_BELOW_MINIMUM),
        (51, RefusalCode.REDEEM_EXCEEDS_BASKET),
        (41, RefusalCode.INSUFFICIENT_UNITS),
    ],
)
def test_each_refusal_has_its_code(units: int, code: RefusalCode) -> None:
    tables = POINTS + pay("points", "minimum = 5\nmost_percent = 50")
    found = refused(tables, 10_000, member=standing(points=40), ask=chosen(units=units))
    assert (found.code, found.field) == (code, "redeem.units")


def test_the_largest_share_is_of_the_whole_bill() -> None:
    tables = POINTS + WALLET + pay("wallet", "priority = 1", "w") + pay("points", "most_percent = 30\npriority = 2")
    asked = Ask(redeem=(RedeemRequest(reward="w"), RedeemRequest(reward="r")))
    found = quoted(tables, 10_000, member=standing(wallet=5_000, points=500), ask=asked)
    assert [one.discount_minor for one in found.redemptions] == [5_000, 3_000]


def test_goods_that_units_cannot_pay_for_are_left_out() -> None:
    tables = POINTS + pay("points", 'exclude_categories = ["tobacco"]')
    lines = sold(1, 5_000, category="tobacco"), sold(2, 2_000)
    assert at_work(tables, *lines, member=standing(points=100), ask=chosen()).by_line == ((2, 2_000),)


def test_units_may_come_off_as_a_discount_where_registers_need_it() -> None:
    tables = '[policies]\nline_floor = "0.01"\n' + WALLET + pay("wallet", 'settle = "line_discount"')
    found = quoted(tables, 300, 200, member=standing(wallet=1_000), ask=chosen())
    assert (found.total_minor, found.paid_minor, found.spent("wallet")) == (2, 0, 498)
    # Three pieces for 1.00: what is left must divide by three, and no more units go than came off.
    divisible = "[policies]\ndivisible_lines = true\n" + WALLET + pay("wallet", 'settle = "line_discount"')
    found = quoted(divisible, sold(1, 100, quantity_milli=3_000), member=standing(wallet=50), ask=chosen())
    assert (found.total_minor, found.spent("wallet")) == (51, 49)


def test_what_sells_stored_value_is_not_paid_with_it_nor_gets_cheaper() -> None:
    sell = '[[rule]]\nkind = "per_amount"\nid = "sell"\nunit = "gift"\nunits = 1\nper = "1.00"\nitems = ["i1"]\n'
    earn = '[[rule]]\nkind = "per_amount"\nid = "earn"\nunits = 1\nper = "1.00"\n'
    points = '[[unit]]\nid = "points"\n'
    tables = points + GIFT + sell + earn + pay("gift") + reward("percent", "percent = 10", "ten")
    found = quoted(tables, 5_000, 1_000, member=standing(), ask=Ask(gift_cards=(card(9_000),)))
    assert [line.discount_minor for line in found.lines] == [0, 100]
    assert (found.paid_minor, found.to_pay_minor, found.earned("points")) == (900, 5_000, 0)
    assert off(tables + reward("percent", 'percent = 50\nitems = ["i1"]', "named"), 5_000) == (2_500,)


def test_an_offer_says_how_much_can_be_paid_or_what_is_missing() -> None:
    [offer] = quoted(POINTS + pay("points", "minimum = 20"), 3_000, member=standing(points=100)).offers
    assert (offer.most_units, offer.most_discount_minor, offer.near) == (30, 3_000, 1000)
    [offer] = quoted(POINTS + pay("points", "minimum = 20"), 3_000, member=standing(points=5)).offers
    assert (offer.most_units, offer.near, offer.because[0].id) == (0, 250, "explain.missing_units")
    [offer] = quoted(POINTS + pay("points", "minimum = 40"), 3_000, member=standing(points=50)).offers
    assert (offer.most_units, offer.because[0].id) == (0, "explain.missing_nothing_left")


def test_a_tender_is_paid_after_the_hosts_discount_too() -> None:
    late = '[policies]\nhost_discounts = "after_rewards"\n' + WALLET + pay("wallet")
    found = quoted(late, sold(1, 4_000, discount_minor=4_000), member=standing(wallet=9_000), ask=chosen())
    assert (found.total_minor, found.paid_minor) == (4_000, 4_000)


def test_a_credit_of_the_basket_is_never_paid_twice() -> None:
    found = quoted(WALLET + pay("wallet"), 2_000, member=standing(wallet=9_000), ask=chosen(), credit_minor=500)
    assert (found.total_minor, found.paid_minor, found.to_pay_minor) == (1_500, 1_500, 0)
    assert total(WALLET + pay("wallet"), 2_000, credit_minor=2_500) == 0


def test_every_wrong_key_is_a_problem() -> None:
    bare = '[[unit]]\nid = "points"\n'
    assert faults(bare + pay("points")) == ["reward[1].unit: has no value, so that it cannot pay"]
    assert faults(POINTS + pay("points", "cost = 5")) == [
        "reward[1].cost: is not for a tender: its units pay at their own value"
    ]
    assert faults(POINTS + pay("points", 'code = "X"')) == [
        "reward[1].code: is not for a tender: its units pay at their own value"
    ]
    assert faults(POINTS + pay("points", 'trigger = "auto"')) == [
        "reward[1].trigger: must be choice: nobody pays with units without asking"
    ]
    assert faults(POINTS + pay("points", "most_percent = 101")) == [
        "reward[1].most_percent: expected a whole number from 1 to 100"
    ]
    assert faults(POINTS + pay("nothing")) == [
        "reward[1].unit: names no [[unit]] of this programme; known here: points"
    ]
