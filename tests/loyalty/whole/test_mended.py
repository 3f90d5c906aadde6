"""Facts that were once otherwise, each found by a whole random programme and kept in its smallest form."""

from __future__ import annotations

from datetime import date

import pytest

from loyalty.holding.standing import Holdings
from loyalty.parts.coupons import mint_code
from loyalty.programme.reader import read_programme
from loyalty.quote import Quote, quote
from loyalty.reading.problems import BadFile
from loyalty.sale.ask import Ask, RedeemRequest, ShownCoupon
from tests.loyalty.returns.counter import Counter
from tests.loyalty.shop import HEAD, NOW, SPEND, basket, programme, quoted, sold

VISIT = '[[rule]]\nkind = "per_visit"\nid = "r"\nunits = 1\n'


def test_hours_with_an_offset_are_refused_rather_than_compared_with_the_clock() -> None:
    with pytest.raises(BadFile, match="expected spans of hours"):
        programme(VISIT + 'when.hours = ["17:00+05:00-20:00"]')


@pytest.mark.parametrize("levels", [60, 5_000, 100_000])
def test_a_key_of_many_parts_is_refused_and_does_not_take_the_memory(levels: int) -> None:
    with pytest.raises(BadFile, match="nesting is beyond all bounds"):
        read_programme(HEAD + ".".join("a" * levels) + " = 1", "p.toml")


def test_a_text_that_no_book_can_hold_is_refused() -> None:
    with pytest.raises(BadFile, match=r"rule\[1\]\.names\.en"):
        programme(VISIT + 'names.en = "a\\u0000b"')


def test_two_coupons_of_one_reward_share_its_uses_in_one_sale() -> None:
    rules = programme(
        """
[[coupon]]
id = "c"
names.en = "C"
[[reward]]
kind = "amount_off"
id = "off"
coupon = "c"
amount = "1.00"
uses.per_sale = 1
"""
    )
    codes = [mint_code(rules.coupons[0], bytes([place]) * 16, 0) for place in range(2)]
    held = Holdings(balances=(("coupon.c", 1),))
    shown = tuple(ShownCoupon(code=code, account=code.encode()[:16].ljust(16), holdings=held) for code in codes)
    answer = quote(rules, basket(1000), None, NOW, Ask(coupons=shown))
    assert isinstance(answer, Quote)
    assert answer.discount_minor == 100
    assert [(one.asked, one.refusal.code) for one in answer.declined] == [("coupons[2]", "reward_used_up")]


def test_a_rule_and_a_reward_whose_uses_would_be_counted_together_need_ids_of_their_own() -> None:
    reward = '[[reward]]\nkind = "percent"\nid = "r"\npercent = 10\n'
    assert programme(VISIT + reward).rewards
    for tables in (VISIT + "uses.per_member = 1\n" + reward, VISIT + reward + "uses.per_member = 1\n"):
        with pytest.raises(BadFile, match="needs an id of its own"):
            programme(tables)


def test_what_a_sale_earns_and_spends_at_once_leaves_the_lots_that_hold_it() -> None:
    counter = Counter(
        programme(
            """
[[unit]]
id = "points"
spendable_in_same_sale = true
[[rule]]
kind = "add"
id = "later"
units = 10
expires = "P2Y"
[[rule]]
kind = "add"
id = "soon"
units = 10
expires = "P1Y"
[[reward]]
kind = "points_discount"
id = "spend"
cost = 15
discount = "1.00"
"""
        )
    )
    before = counter.everything()
    sold_once = counter.sell(basket(1000), Ask(redeem=(RedeemRequest(reward="spend", units=15),)))
    assert [one.amount for one in counter.held().lots] == [5]
    assert [amount for _, amount in sold_once.sale.redemptions[0].uses] == [10, 5]
    counter.take_back(sold_once)
    assert counter.everything() == before


def test_a_void_gives_units_back_to_their_own_lot_whatever_returns_do() -> None:
    counter = Counter(programme('[policies]\nreturn_restores_to = "new_lot"\n' + SPEND))
    counter.give(100, date(2026, 7, 1))
    before = counter.everything()
    counter.void(counter.sell(basket(1000), Ask(redeem=(RedeemRequest(reward="spend"),))))
    assert counter.everything() == before


def test_a_mistyped_number_of_gift_cards_is_answered_at_once_and_adds_up() -> None:
    rules = programme(
        """
[[unit]]
id = "card"
names.en = "Card"
kind = "money"
holder = "card"
[[rule]]
kind = "per_amount"
id = "load"
unit = "card"
units = "1"
per = "1"
categories = ["cards"]
"""
    )
    line = sold(1, 1_000_000_007, quantity_milli=1_000_000_000, category="cards")
    answer = quoted(rules, basket(line))
    assert len(answer.grants) == 51
    assert sum(one.amount for one in answer.grants) == 1_000_000_007
    few = quoted(rules, basket(sold(1, 10, quantity_milli=3000, category="cards")))
    assert [one.amount for one in few.grants] == [4, 3, 3]
