"""What the goods that are kept no longer reach, and everything that a sale counts or hands out."""

from __future__ import annotations

import pytest

from loyalty.holding.accounts import coupon_account, pool_account
from loyalty.holding.units import used_unit
from loyalty.journal.detail import DetailReversal
from loyalty.journal.entry import Posting
from loyalty.programme.model import Programme
from loyalty.returns import explain_return
from loyalty.sale.ask import Ask, ShownCoupon
from tests.loyalty.returns.counter import Counter, Sold
from tests.loyalty.shop import basket, programme, sold

EARN = """
[[rule]]
kind = "per_amount"
id = "earn"
units = 1
per = "1.00"
"""


def test_a_bonus_whose_minimum_is_no_longer_reached_comes_back_as_a_whole() -> None:
    rules = programme(
        EARN + '[[rule]]\nkind = "per_visit"\nid = "bonus"\nunits = 50\nwhen.least_spend = "30.00"\nuses.per_member = 1'
    )
    counter = Counter(rules)
    bought = counter.sell(basket(2_000, 1_500))
    assert counter.balance() == 35 + 50
    plan = counter.take_back(bought, (2, 1_000))
    assert plan.reversals == (
        DetailReversal(
            rule="bonus", unit="points", amount=50, returned_base=plan.reversals[0].returned_base, lost=True
        ),
        DetailReversal(rule="earn", unit="points", amount=15, returned_base=1_500),
    )
    assert counter.balance() == 20
    assert counter.balance(used_unit("bonus")) == 0  # the next sale may earn it
    said = [one.id for one in explain_return(rules, reversals=plan.reversals)]
    assert said == ["explain.reversed_lost", "explain.taken_back"]
    assert counter.take_back(bought).reversals[0].amount == 0
    assert counter.balance() == 0


def test_while_a_minimum_is_still_reached_a_return_takes_its_share_and_then_all() -> None:
    rules = programme('[[rule]]\nkind = "per_visit"\nid = "bonus"\nunits = 50\nwhen.least_items = 3')
    counter = Counter(rules)
    bought = counter.sell(basket(sold(1, 5_000, quantity_milli=5_000)))
    counter.take_back(bought, (1, 2_000))
    assert counter.balance() == 30
    counter.take_back(bought, (1, 1_000))
    assert counter.balance() == 0


def gifts(policy: str) -> Programme:
    return programme(
        f"""
        [policies]
        gift_on_return = "{policy}"
        [[reward]]
        kind = "gift"
        id = "mug"
        items = ["mug"]
        value = "7.00"
        stock = true
        when.least_spend = "30.00"
        """.replace("        ", "")
    )


@pytest.mark.parametrize(("policy", "charged"), [("keep", 0), ("charge", 700)])
def test_a_gift_that_the_kept_goods_no_longer_earn(policy: str, charged: int) -> None:
    counter = Counter(gifts(policy))
    stock = stocked(counter)
    bought = counter.sell(basket(2_000, 1_500))
    assert [gift.item for one in bought.quoted.redemptions for gift in one.gifts] == ["mug"]
    assert counter.held(stock).balance("stock.mug") == 4_000
    plan = counter.take_back(bought, (2, 1_000))
    assert (plan.refunded_minor, plan.charged_minor) == (1_500, charged)
    rest = counter.take_back(bought)
    assert (rest.refunded_minor, rest.charged_minor) == (2_000, -charged)  # the gift came back with everything
    assert counter.held(stock).balance("stock.mug") == 5_000
    said = [one.id for one in explain_return(counter.programme, reversals=(), charged_minor=plan.charged_minor)]
    assert said == (["explain.gift_charged"] if charged else [])


def stocked(counter: Counter) -> bytes:
    """Put five mugs on the shelf."""
    (name,) = (one for one in counter.programme.pools(counter.moment, None) if one.startswith("stock."))
    account = pool_account(counter.programme.id, name)
    counter.post([Posting(account=account, unit="stock.mug", amount=5_000)])
    return account


COUPONS = """
[[coupon]]
id = "next"
names.en = "Next time"
[[rule]]
kind = "issue_coupon"
id = "give"
coupon = "next"
when.least_spend = "30.00"
[[reward]]
kind = "percent"
id = "tenth"
percent = 10
coupon = "next"
"""


def show(counter: Counter, code: str) -> Ask:
    account = coupon_account(code)
    return Ask(coupons=(ShownCoupon(code=code, account=account, holdings=counter.held(account)),))


def test_a_coupon_that_was_given_out_is_good_no_more_once_its_minimum_is_missed() -> None:
    counter = Counter(programme(COUPONS))
    bought = counter.sell(basket(2_000, 1_500))
    (coupon,) = bought.posted.coupons
    plan = counter.take_back(bought, (2, 1_000))
    assert plan.withdrawn == (coupon.code,)
    assert counter.held(coupon.account).balance("coupon.next") == 0
    assert counter.take_back(bought).withdrawn == ()


def test_a_coupon_that_was_used_already_stays_used() -> None:
    counter = Counter(programme(COUPONS))
    bought = counter.sell(basket(4_000))
    (coupon,) = bought.posted.coupons
    counter.sell(basket(1_000), show(counter, coupon.code))
    assert counter.take_back(bought).withdrawn == ()
    assert counter.held(coupon.account).balance("coupon.next") == 0


@pytest.mark.parametrize(("policy", "uses"), [("keep", 0), ("restore", 1)])
def test_whether_a_used_coupon_is_good_again_is_a_policy(policy: str, uses: int) -> None:
    counter = Counter(programme(f'[policies]\ncoupon_on_return = "{policy}"{COUPONS}'))
    (coupon,) = counter.sell(basket(4_000)).posted.coupons
    bought = counter.sell(basket(1_000, 1_000), show(counter, coupon.code))
    assert bought.quoted.total_minor == 1_800
    counter.take_back(bought, (1, 1_000))
    assert counter.held(coupon.account).balance("coupon.next") == 0
    counter.take_back(bought)
    assert counter.held(coupon.account).balance("coupon.next") == uses


def test_a_void_gives_the_coupon_back_whatever_the_policy() -> None:
    counter = Counter(programme(COUPONS))
    (coupon,) = counter.sell(basket(4_000)).posted.coupons
    counter.void(counter.sell(basket(1_000), show(counter, coupon.code)))
    assert counter.held(coupon.account).balance("coupon.next") == 1


COUNTED = """
[policies]
cancelled_visits_count = {stays}
[[budget]]
id = "spring"
most = "100.00"
[[rule]]
kind = "per_amount"
id = "earn"
units = 1
per = "1.00"
cap.per_day = 30
[[rule]]
kind = "multiply"
id = "third"
multiplier = 2
when.every_nth_visit = 3
[[reward]]
kind = "percent"
id = "tenth"
percent = 10
uses.per_day = 2
uses.in_all = 5
uses.budget = "spring"
"""


def counts(counter: Counter) -> dict[str, int]:
    programme = counter.programme
    hidden = {unit: amount for unit, amount in counter.held().balances if "." in unit and amount}
    for name in programme.pools(counter.moment, None):
        held = counter.held(pool_account(programme.id, name))
        hidden |= {unit: amount for unit, amount in held.balances if amount}
    return hidden


def bought_twice(counter: Counter) -> Sold:
    return counter.sell(basket(sold(1, 2_000, quantity_milli=2_000)))


def test_what_a_sale_counted_comes_back_with_it() -> None:
    counter = Counter(programme(COUNTED.format(stays="false")))
    bought = bought_twice(counter)
    assert counts(counter) == {
        "budget.spring": 200,
        "got.earn.20260131": 18,
        "used.tenth.20260131": 1,
        "uses.tenth": 1,
        "visit.count": 1,
    }
    counter.take_back(bought, (1, 1_000))
    half = counts(counter)
    assert (half["budget.spring"], half["got.earn.20260131"], half["visit.count"]) == (100, 9, 1)
    counter.take_back(bought)
    assert counts(counter) == {}
    assert counter.everything() == {}


def test_what_counts_all_the_same_stays() -> None:
    counter = Counter(programme(COUNTED.format(stays="true")))
    counter.void(bought_twice(counter))
    assert counts(counter) == {"used.tenth.20260131": 1, "uses.tenth": 1, "visit.count": 1}


def test_progress_towards_a_tier_comes_back_in_proportion() -> None:
    rules = programme(
        '[[tier]]\nid = "gold"\nnames.en = "Gold"\nfrom = "15.00"\n[tiers]\nby = "spend"\nwindow = "P12M"\n' + EARN
    )
    counter = Counter(rules)
    bought = counter.sell(basket(2_000, 1_500))
    plan = counter.take_back(bought, (1, 1_000))
    assert counter.held().usable("tier.progress", counter.now) == 1_500
    assert [one.rule for one in plan.reversals] == ["earn"]
    counter.void(counter.sell(basket(700)))
    counter.take_back(bought)
    assert counter.everything() == {}


REFERRAL = f"""
[referral]
unit = "points"
referrer = 100
friend = 50
least_spend = "20.00"
most_per_member = 3
{EARN}"""
REFERRER = b"\x08" * 16


def test_both_sides_of_a_referral_come_back_with_the_purchase_that_earned_it() -> None:
    counter = Counter(programme(REFERRAL), referrer=REFERRER)
    bought = counter.sell(basket(1_500, 1_000))
    assert (counter.balance(), counter.held(REFERRER).balance("points")) == (25 + 50, 100)
    plan = counter.take_back(bought, (2, 1_000))
    assert (counter.balance(), counter.held(REFERRER).balance("points")) == (15, 0)
    assert [(one.rule, one.amount, one.lost) for one in plan.reversals] == [
        ("earn", 10, False),
        ("referral.friend", 50, True),
    ]
    again = counter.sell(basket(3_000))  # the next purchase may be the one that counts
    assert counter.held(REFERRER).balance("points") == 100
    counter.void(again)
    counter.take_back(bought)
    assert counter.everything() == {}
