"""Gifts and invitations: handed out besides the basket, while there are some."""

from dataclasses import replace

import pytest

from loyalty.explain import message
from loyalty.holding.accounts import pool_account
from loyalty.holding.standing import Holdings, Standing
from loyalty.programme.model import Programme
from loyalty.quote import Quote, quote
from loyalty.quote.posting import post
from loyalty.reading.problems import BadFile
from loyalty.refusals import Refusal
from loyalty.rules.redemption import Gift
from loyalty.rules.uses import Count
from loyalty.sale.ask import Ask, RedeemRequest
from loyalty.sale.basket import Basket
from tests.loyalty.shop import MEMBER, NOW, basket, programme, standing

AT = replace(NOW, store="s1")
GIFT = """
[[item]]
id = "CABLE"
names.en = "Cable"
[[reward]]
kind = "gift"
id = "gift"
items = ["CABLE", "MOUSE"]
value = "3.00"
when.least_spend = "100.00"
"""
MERCHANDISE = """
[[reward]]
kind = "gift"
id = "bag"
items = ["BAG"]
cost = 300
stock = true
"""
EVENING = """
[[event]]
id = "evening"
names.en = "Evening"
seats = 3
[[reward]]
kind = "invitation"
id = "seat"
event = "evening"
cost = 50
"""


def asked(
    rules: Programme, goods: Basket, member: Standing | None, *chosen: RedeemRequest, **pools: Holdings
) -> Quote | Refusal:
    named = {name.replace("__", "/").replace("_", "."): held for name, held in pools.items()}
    return quote(rules, goods, member, AT, Ask(redeem=chosen), named)


def had(rules: Programme, member: Standing, *chosen: RedeemRequest, **pools: Holdings) -> Quote:
    answer = asked(rules, basket(20_000), member, *chosen, **pools)
    assert isinstance(answer, Quote)
    return answer


def held(unit: str, amount: int) -> Holdings:
    return Holdings(balances=((unit, amount),))


def test_at_the_threshold_the_member_chooses_one_of_the_gifts() -> None:
    found = had(programme(GIFT), standing(), RedeemRequest(reward="gift", choice="MOUSE"))
    (given,) = found.redemptions
    assert given.gifts == (Gift(item="MOUSE", quantity_milli=1000),)
    assert (given.worth_minor, given.discount_minor, found.total_minor) == (300, 0, 20_000)


def test_without_a_choice_the_first_gift_is_handed_out_under_its_name() -> None:
    (given,) = had(programme(GIFT), standing(), RedeemRequest(reward="gift")).redemptions
    assert [gift.item for gift in given.gifts] == ["CABLE"]
    assert given.because[0].id == "explain.gift"


def test_below_the_threshold_it_is_offered_with_what_is_missing() -> None:
    answer = asked(programme(GIFT), basket(7_500), standing())
    assert isinstance(answer, Quote)
    (offer,) = answer.offers
    assert (offer.near, offer.because[0].id) == (750, "explain.missing_spend")
    assert (answer.missed[0].id, answer.missed[0].near) == ("gift", 750)


def test_at_the_threshold_the_offer_names_the_choices() -> None:
    (offer,) = had(programme(GIFT), standing()).offers
    assert (offer.choices, offer.near) == (("CABLE", "MOUSE"), 1000)


def test_what_is_no_gift_of_the_reward_is_refused() -> None:
    answer = asked(programme(GIFT), basket(20_000), standing(), RedeemRequest(reward="gift", choice="CAR"))
    assert isinstance(answer, Refusal)
    assert answer.code == "choice_unknown"


def test_one_gift_alone_is_handed_out_without_asking() -> None:
    rules = programme(GIFT.replace(', "MOUSE"', ""))
    (given,) = had(rules, standing()).redemptions
    assert [gift.item for gift in given.gifts] == ["CABLE"]


def test_merchandise_costs_units_and_comes_from_the_stores_stock() -> None:
    rules = programme(MERCHANDISE)
    found = had(rules, standing(points=700), RedeemRequest(reward="bag"), stock_bag__BAG__s1=held("stock.bag", 5_000))
    (given,) = found.redemptions
    assert (given.units, given.gifts) == (300, (Gift(item="BAG", quantity_milli=1000, pool="stock.bag/BAG/s1"),))
    assert Count(pool="stock.bag/BAG/s1", unit="stock.bag", amount=-1000) in found.counts
    posted = post(rules, found, b"\1" * 16, MEMBER)
    account = pool_account("p", "stock.bag/BAG/s1")
    assert [(one.unit, one.amount) for one in posted.postings if one.account == account] == [("stock.bag", -1000)]


def test_several_are_taken_as_far_as_stock_and_units_go() -> None:
    rules, stock = programme(MERCHANDISE), held("stock.bag", 2_000)
    two = RedeemRequest(reward="bag", times=2)
    (given,) = had(rules, standing(points=700), two, stock_bag__BAG__s1=stock).redemptions
    assert (given.units, given.gifts[0].quantity_milli) == (600, 2_000)
    three = asked(
        rules, basket(100), standing(points=900), RedeemRequest(reward="bag", times=3), stock_bag__BAG__s1=stock
    )
    assert isinstance(three, Refusal)
    dear = asked(rules, basket(100), standing(points=599), two, stock_bag__BAG__s1=stock)
    assert isinstance(dear, Refusal)
    assert dear.code == "insufficient_units"


def test_what_another_store_has_is_not_handed_out_here() -> None:
    rules, elsewhere = programme(MERCHANDISE), {"stock_bag__BAG__s2": held("stock.bag", 5_000)}
    answer = asked(rules, basket(100), standing(points=700), RedeemRequest(reward="bag", choice="BAG"), **elsewhere)
    assert isinstance(answer, Refusal)
    assert answer.code == "stock_empty"
    unnamed = asked(rules, basket(100), standing(points=700), RedeemRequest(reward="bag"), **elsewhere)
    assert isinstance(unnamed, Refusal)
    assert (unnamed.code, unnamed.field) == ("stock_empty", "redeem")
    assert rules.pools(AT, MEMBER) == ("stock.bag/BAG/s1",)
    (offer,) = had(rules, standing(points=700), **elsewhere).offers
    assert (offer.choices, offer.because) == ((), (message("explain.missing_stock"),))


def test_seats_are_given_while_there_are_some() -> None:
    rules = programme(EVENING)
    taken = held("seats.evening", -1)
    found = had(rules, standing(points=500), RedeemRequest(reward="seat", times=2), seats_evening=taken)
    (given,) = found.redemptions
    assert (given.units, given.seats) == (100, (("evening", 2),))
    assert Count(pool="seats.evening", unit="seats.evening", amount=-2) in found.counts
    many = asked(rules, basket(100), standing(points=500), RedeemRequest(reward="seat", times=3), seats_evening=taken)
    assert isinstance(many, Refusal)
    assert many.code == "seats_taken"


@pytest.mark.parametrize(("begins", "open_"), [("2026-01-31T23:00:00", True), ("2026-01-31T00:00:00", False)])
def test_nobody_is_invited_to_what_has_begun(begins: str, open_: bool) -> None:
    rules = programme(EVENING.replace("seats = 3", f"seats = 3\nat = {begins}"))
    (offer,) = had(rules, standing(points=500)).offers
    assert (offer.near == 1000, offer.because == (message("explain.missing_over"),)) == (open_, not open_)
    answer = asked(rules, basket(100), standing(points=500), RedeemRequest(reward="seat"))
    assert isinstance(answer, Refusal) is not open_


def test_when_all_seats_are_taken_the_offer_says_so() -> None:
    (offer,) = had(programme(EVENING), standing(points=500), seats_evening=held("seats.evening", -3)).offers
    assert (offer.near, offer.because) == (0, (message("explain.missing_seats"),))


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (GIFT.replace('items = ["CABLE", "MOUSE"]', "items = []"), "names nothing to hand out"),
        (GIFT.replace('"MOUSE"', '"CABLE"'), "names an item twice"),
        (EVENING.replace('event = "evening"', 'event = "morning"'), "names no [[event]]"),
        (EVENING + 'trigger = "auto"', "must not be auto"),
        (MERCHANDISE + 'settle = "tender"', "must be line_discount"),
    ],
)
def test_a_gift_that_makes_no_sense_is_a_problem_with_its_key(tables: str, said: str) -> None:
    with pytest.raises(BadFile) as refused:
        programme(tables)
    assert said in str(refused.value)
