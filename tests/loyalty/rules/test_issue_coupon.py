"""Coupons that come with a sale."""

import pytest

from loyalty.explain import Names, message
from loyalty.holding.accounts import AccountKind, coupon_account
from loyalty.holding.units import coupon_unit
from loyalty.programme.model import Programme
from loyalty.quote.issuing import MAX_COUPONS
from loyalty.quote.posting import post
from loyalty.quote.values import Issue, Quote
from tests.loyalty.shop import MEMBER, basket, programme, quoted, sold, standing

COUPON = """
[[coupon]]
id = "next"
names.en = "Next time"
lasts = "P30D"
usable_after_days = 1
"""


def issuing(more: str = "", coupon: str = COUPON) -> Programme:
    return programme(f'{coupon}[[rule]]\nkind = "issue_coupon"\nid = "give"\ncoupon = "next"\n{more}\n')


def issues(rules: Programme, *lines: object) -> tuple[tuple[int, int], ...]:
    answer = quoted(rules, basket(*lines), standing())  # type: ignore[arg-type]
    return tuple((issue.count, issue.uses) for issue in answer.issues)


def test_a_sale_gives_one_coupon_that_is_good_from_the_next_day_on() -> None:
    [issue] = quoted(issuing(), basket(100), standing()).issues
    name = Names(by_language=(("en", "Next time"),))
    assert issue == Issue(
        rule="give",
        coupon="next",
        unit=coupon_unit("next"),
        names=name,
        uses=1,
        count=1,
        usable_at=1_769_904_000,  # 2026-02-01
        expires_at=1_772_496_000,  # 2026-03-03: the 30th day is still good
        because=(message("explain.coupon_issued", coupon=name),),
    )


def test_coupons_are_counted_per_sale_step_or_item() -> None:
    three = sold(1, 4_500, quantity_milli=3_000)
    assert issues(issuing("count = 2"), three) == ((2, 1),)
    assert issues(issuing('per = "step"\nstep = "10.00"'), three) == ((4, 1),)
    assert issues(issuing('per = "step"\nstep = "10.00"\nmost = 3'), three) == ((3, 1),)
    assert issues(issuing('per = "step"\nstep = "50.00"'), three) == ()
    assert issues(issuing('per = "item"'), three) == ((3, 1),)
    assert issues(issuing('categories = ["tea"]'), three) == ()


def test_odp_018_a_coupon_has_a_use_for_each_piece_once_the_order_reaches_100() -> None:
    rules = issuing('uses_per = "item"\nitems = ["i1"]\nwhen.least_spend = "100.00"\nwhen.goods.items = ["i1"]')
    assert issues(rules, sold(1, 15_000, quantity_milli=3_000)) == ((1, 3),)
    assert issues(rules, sold(1, 9_000, quantity_milli=3_000), 9_000) == ()


def test_no_sale_gives_more_coupons_than_an_entry_has_room_for() -> None:
    rules = "".join(
        f'[[rule]]\nkind = "issue_coupon"\nid = "give{number}"\ncoupon = "next"\nper = "item"\n' for number in range(5)
    )
    given = issues(programme(COUPON + rules), sold(1, 100, quantity_milli=10**9))
    assert given == ((20, 1), (20, 1), (10, 1))
    assert sum(count for count, _ in given) == MAX_COUPONS


def test_the_first_customers_get_one_and_the_programme_counts_them() -> None:
    answer = quoted(issuing("uses.in_all = 100"), basket(100), standing())
    assert [(count.pool, count.amount) for count in answer.counts] == [("uses.give", 1)]


def two(first: str, second: str) -> Programme:
    rule = '[[rule]]\nkind = "issue_coupon"\nid = "{}"\ncoupon = "next"\n{}\n'
    return programme(COUPON + rule.format("one", first) + rule.format("two", second))


@pytest.mark.parametrize(("pick", "given"), [("best", "two"), ("first", "one"), ("last", "two")])
def test_of_a_group_one_rule_gives_coupons(pick: str, given: str) -> None:
    group = f'group = "g"\npick = "{pick}"\n'
    answer = quoted(two(group, group + "count = 2"), basket(100), standing())
    assert [issue.rule for issue in answer.issues] == [given]
    [missed] = answer.missed
    assert (missed.id, missed.message) == (
        {"one", "two"}.difference({given}).pop(),
        message("explain.missing_better_one"),
    )
    unlike = quoted(two(group + 'when.code = "TEA"', group), basket(100), standing())
    assert [issue.rule for issue in unlike.issues] == ["two"]


def test_after_an_exclusive_rule_none_gives_coupons() -> None:
    assert issues(two("exclusive = true", "count = 2"), 100) == ((1, 1),)
    assert issues(two("exclusive = true\npriority = 1", "count = 2"), 100) == ((2, 1), (1, 1))


@pytest.mark.parametrize("member", [MEMBER, None])
def test_what_is_issued_is_posted_to_accounts_of_its_own_with_a_member_or_without(member: bytes | None) -> None:
    rules = issuing("count = 2", COUPON + "uses = 3\n")
    answer = quoted(rules, basket(100), standing() if member is not None else None)
    assert isinstance(answer, Quote)
    posted = post(rules, answer, b"\x01" * 16, member)
    assert [(one.account, one.unit, one.amount) for one in posted.postings] == [
        (coupon_account(coupon.code), "coupon.next", 3) for coupon in posted.coupons
    ]
    assert len({coupon.code for coupon in posted.coupons}) == 2
    assert posted.opens == tuple(sorted((coupon.account, AccountKind.COUPON) for coupon in posted.coupons))
