"""Referral: both sides get something at the friend's first purchase that qualifies."""

from datetime import date

import pytest

from loyalty.holding.accounts import pool_account
from loyalty.holding.ledger import Ledger
from loyalty.holding.lots import lot_of
from loyalty.holding.standing import Holdings, Standing
from loyalty.journal.entry import Posting
from loyalty.parts.referral import REFERRAL_FRIEND, REFERRAL_REFERRER, referrals_pool
from loyalty.quote import Quote, quote
from loyalty.quote.posting import post
from tests.loyalty.shop import MEMBER, NOW, basket, programme, quoted, standing

ANNA = b"\x0a" * 16
REFERRAL = """
[referral]
referrer = 500
friend = 300
least_spend = "30.00"
"""
USED = "used.referral.friend"


def friend(joined_on: date | None = None) -> Standing:
    return Standing(member=MEMBER, referrer=ANNA, joined_on=joined_on)


def both(answer: Quote) -> tuple[int, int]:
    return answer.earned("points"), sum(grant.amount for grant in answer.grants)


def test_the_first_purchase_that_qualifies_rewards_both_sides() -> None:
    rules = programme(REFERRAL)
    answer = quoted(rules, basket(2_000, 1_000), friend())
    [award], [grant] = answer.awards, answer.grants
    assert (award.rule, award.amount, award.bases) == (REFERRAL_FRIEND, 300, ((1, 2_000), (2, 1_000)))
    assert (grant.rule, grant.account, grant.amount) == (REFERRAL_REFERRER, ANNA, 500)
    assert post(rules, answer, b"\x01" * 16, MEMBER).postings == (
        Posting(account=MEMBER, unit="points", amount=300),
        Posting(account=ANNA, unit="points", amount=500),
        Posting(account=MEMBER, unit=USED, amount=1),
    )


def test_a_smaller_purchase_does_not_use_it_up_and_says_what_is_missing() -> None:
    answer = quoted(programme(REFERRAL), basket(2_999), friend())
    assert (both(answer), answer.counts) == ((0, 0), ())
    [missed] = answer.missed
    assert (missed.id, missed.near) == (REFERRAL_FRIEND, 999)


def test_it_happens_once_however_often_the_friend_buys_and_an_entry_arrives() -> None:
    rules, ledger = programme(REFERRAL), Ledger()
    for number in (1, 1, 2, 3):
        held = ledger.holdings(MEMBER)
        member = Standing(member=MEMBER, referrer=ANNA, balances=held.balances, lots=held.lots)
        entry = bytes([number]) * 16
        ledger.post(entry, post(rules, quoted(rules, basket(5_000), member), entry, MEMBER).postings)
    assert (ledger.holdings(MEMBER).balance("points"), ledger.holdings(ANNA).balance("points")) == (300, 500)


@pytest.mark.parametrize(
    "member",
    [
        None,
        standing(),
        Standing(member=MEMBER, referrer=MEMBER),
        Standing(member=MEMBER, referrer=ANNA, balances=((USED, 1),)),
    ],
)
def test_nobody_else_gets_it(member: Standing | None) -> None:
    assert both(quoted(programme(REFERRAL), basket(5_000), member)) == (0, 0)


def test_it_must_come_within_the_days_after_joining() -> None:
    rules = programme(REFERRAL + "within_days = 30\n")
    assert both(quoted(rules, basket(5_000), friend(date(2026, 1, 2)))) == (300, 500)
    assert both(quoted(rules, basket(5_000), friend(date(2026, 1, 1)))) == (0, 0)
    assert both(quoted(rules, basket(5_000), friend())) == (300, 500), "who has just joined"


def test_a_member_is_rewarded_for_so_many_friends_and_the_friend_still_is() -> None:
    rules = programme(REFERRAL + "most_per_member = 2\n")
    pool = referrals_pool(ANNA)
    assert pool in rules.pools(NOW, MEMBER, ANNA)
    assert pool not in rules.pools(NOW, MEMBER)
    answer = quoted(rules, basket(5_000), friend())
    [count] = [count for count in answer.counts if count.pool == pool]
    posted = post(rules, answer, b"\x01" * 16, MEMBER)
    assert Posting(account=pool_account("p", pool), unit=count.unit, amount=1) in posted.postings
    full = {pool: Holdings(balances=((count.unit, 2),))}
    again = quote(rules, basket(5_000), friend(), NOW, pools=full)
    assert isinstance(again, Quote)
    assert (both(again), [count.pool for count in again.counts]) == ((300, 0), [None])


def test_both_sides_get_units_with_the_units_own_dates() -> None:
    rules = programme('[[unit]]\nid = "points"\nexpires = "P1Y"\npending_days = 3\n' + REFERRAL)
    answer = quoted(rules, basket(5_000), friend())
    [award], [grant] = answer.awards, answer.grants
    assert lot_of(award.usable_at, award.expires_at) == lot_of(grant.usable_at, grant.expires_at) is not None
