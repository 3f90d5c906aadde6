"""Each piece of advice is given where it should be, and not where it should not."""

from datetime import date

import pytest

from loyalty.authoring.advice import AdviceCode, advise
from loyalty.programme.reader import read_programme
from tests.loyalty.authoring.writing import EARN, HEAD

GOOD = '[[unit]]\nid = "points"\nexpires = "P12M"\nvalue = "0.01"\n'
"""A unit of which nothing can be said."""
CATEGORY = '[[category]]\nid = "alcohol"\nnames.en = "alcohol"\n'
GOLD = '[[tier]]\nid = "gold"\nnames.en = "Gold"\nfrom = "1000"\n'
SPEND = '[[reward]]\nkind = "points_discount"\nid = "spend"\ncost = 100\ndiscount = "1.00"\n'
PERCENT = '[[reward]]\nkind = "percent"\nid = "ten"\npercent = "10"\nuses.in_all = 9\noffline = "cap"\n'
OFF = '[[reward]]\nkind = "amount_off"\nid = "off"\namount = "5.00"\nuses.in_all = 9\noffline = "cap"\n'
COUPON = '[[coupon]]\nid = "next"\nnames.en = "Next"\nlasts = "P30D"\n'
WALLET = '[[unit]]\nid = "wallet"\nkind = "money"\nnames.en = "Wallet"\n'
STARS = '[[unit]]\nid = "stars"\nnames.en = "Stars"\nexpires = "P12M"\nvalue = "0.01"\n'
DOUBLE = '[[rule]]\nkind = "multiply"\nid = "double"\nmultiplier = 2\n'
STEP = '[[rule]]\nkind = "per_step"\nid = "step"\nunits = 100\nstep = "20.00"\n'
AWAY = '[[segment]]\nid = "away"\nnames.en = "Away"\nabsent_days = 60\n'
CARDS = '[[unit]]\nid = "cards"\nkind = "money"\nholder = "card"\nexpires = "P3Y"\nnames.en = "Cards"\n'
LOAD = (
    '[[rule]]\nkind = "per_amount"\nid = "load"\nunit = "cards"\nunits = 1\nper = "1.00"\ncategories = ["gift-cards"]\n'
)
PAY = '[[reward]]\nkind = "tender"\nid = "pay"\nunit = "cards"\noffline = "cap"\n'
NAMED = 'categories = ["bread", "gift-cards"]\n'
ADD = '[[rule]]\nkind = "add"\nid = "more"\nunits = 5\n'
RATE = '[[rule]]\nkind = "per_action"\nid = "rate"\nunits = 5\nwhen.action = "feedback"\n'
MUG = '[[reward]]\nkind = "gift"\nid = "mug"\nitems = ["mug"]\nuses.in_all = 9\noffline = "cap"\n'
GIVE = '[[rule]]\nkind = "issue_coupon"\nid = "give"\ncoupon = "next"\n'
BUDGET = '[[budget]]\nid = "b"\nmost = "5.00"\n'
KEPT = '[tiers]\ngrace = "P30D"\nwindow = "P12M"\n'
TODAY = date(2026, 3, 4)


def when(keys: str) -> str:
    return GOOD + EARN + "".join(f"when.{key}\n" for key in keys.split("; "))


def valid(keys: str) -> str:
    """A programme that is valid in March."""
    return when(keys).replace(GOOD, "", 1) + GOOD + "#march"


PAIRS: list[tuple[AdviceCode, str, str]] = [
    (AdviceCode.NEVER_AT_WORK, valid("from = 2026-04-01"), valid("from = 2026-03-31")),
    (AdviceCode.NEVER_AT_WORK, valid("until = 2026-02-28"), valid("until = 2026-03-04")),
    (
        AdviceCode.NEVER_AT_WORK,
        when('from = 2026-03-07; until = 2026-03-08; weekdays = ["mon"]'),
        when('from = 2026-03-07; until = 2026-03-09; weekdays = ["mon"]'),
    ),
    (
        AdviceCode.NEVER_AT_WORK,
        when('from = 2026-03-07T12:00:00; until = 2026-03-07T14:00:00; hours = ["08:00-12:00"]'),
        when('from = 2026-03-07T12:00:00; until = 2026-03-07T14:00:00; hours = ["08:00-12:01"]'),
    ),
    (AdviceCode.NEVER_AT_WORK, when('stores = ["a"]; exclude_stores = ["a"]'), when('stores = ["a"]')),
    (
        AdviceCode.NEVER_AT_WORK,
        when('members = "none"; birthday_days_before = 3'),
        when('members = "only"; birthday_days_before = 3'),
    ),
    (AdviceCode.NEVER_AT_WORK, when("first_purchase = true; absent_days = 30"), when("absent_days = 30")),
    (
        AdviceCode.NEVER_AT_WORK,
        when("joined_within_days = 30; absent_days = 30"),
        when("joined_within_days = 31; absent_days = 30"),
    ),
    (AdviceCode.NEVER_AT_WORK, when("nth_visit = 7; every_nth_visit = 2"), when("nth_visit = 8; every_nth_visit = 2")),
    (
        AdviceCode.NEVER_AT_WORK,
        GOOD + EARN + DOUBLE + 'of_rules = ["ern"]\n',
        GOOD + EARN + DOUBLE + 'of_rules = ["earn"]\n',
    ),
    (AdviceCode.WINDOW_OVER, when("until = 2026-03-03"), when("until = 2026-03-04")),
    (
        AdviceCode.GOODS_EXCLUDE_THEMSELVES,
        GOOD + EARN + 'categories = ["a"]\nexclude_categories = ["a", "b"]\n',
        GOOD + EARN + 'categories = ["a", "c"]\nexclude_categories = ["a", "b"]\n',
    ),
    (
        AdviceCode.GOODS_EXCLUDE_THEMSELVES,
        when('least_items = 2; goods.items = ["x"]; goods.exclude_items = ["x"]'),
        when('least_items = 2; goods.items = ["x"]; goods.exclude_items = ["y"]'),
    ),
    (AdviceCode.UNIT_NEVER_EARNED, GOOD + STARS + EARN + SPEND + 'unit = "stars"\n', GOOD + STARS + EARN + SPEND),
    (
        AdviceCode.TIER_UNREACHABLE,
        GOOD + EARN + GOLD + GOLD.replace("gold", "silver") + '[tiers]\nby = "spend"\n',
        GOOD + EARN + GOLD + GOLD.replace("gold", "silver").replace("1000", "500") + '[tiers]\nby = "spend"\n',
    ),
    (
        AdviceCode.TIER_UNREACHABLE,
        GOOD + STARS + EARN + GOLD + '[tiers]\nby = "earned"\nunit = "stars"\n',
        GOOD + STARS + EARN + GOLD + '[tiers]\nby = "earned"\n',
    ),
    (AdviceCode.COUPON_UNUSED, GOOD + COUPON, GOOD + COUPON + PERCENT + 'coupon = "next"\n'),
    (
        AdviceCode.BUDGET_UNUSED,
        GOOD + '[[budget]]\nid = "spring"\nmost = 100\n' + EARN,
        GOOD + '[[budget]]\nid = "spring"\nmost = 100\n' + EARN + 'uses.budget = "spring"\n',
    ),
    (
        AdviceCode.EARN_LOOP,
        GOOD + EARN + SPEND + 'exclude_categories = ["alcohol"]\n' + CATEGORY.replace("alcohol", "gift-cards"),
        GOOD + EARN + SPEND + 'exclude_categories = ["gift-cards"]\n' + CATEGORY.replace("alcohol", "gift-cards"),
    ),
    (
        AdviceCode.EARN_LOOP,
        GOOD + EARN + SPEND + '[[unit]]\nid = "cards"\nkind = "money"\nholder = "card"\nnames.en = "Cards"\n',
        GOOD
        + EARN
        + 'exclude_categories = ["gift-cards"]\n'
        + SPEND
        + '[[unit]]\nid = "cards"\nkind = "money"\nholder = "card"\nnames.en = "Cards"\n',
    ),
    (
        AdviceCode.EARN_LOOP,
        GOOD + EARN + NAMED + SPEND + NAMED + CARDS + LOAD,
        GOOD + EARN + SPEND + CARDS + LOAD + PAY,
    ),
    (
        AdviceCode.EARN_LOOP,
        GOOD + EARN + SPEND + NAMED,
        GOOD + EARN + 'when.action = "feedback"\n' + SPEND + NAMED,
    ),
    (
        AdviceCode.REWARD_EXCEEDS_SPEND,
        GOOD + EARN + LOAD + CARDS + PAY + SPEND.replace("1.00", "200.00"),
        GOOD + EARN + LOAD + CARDS + PAY + SPEND,
    ),
    (
        AdviceCode.REWARD_EXCEEDS_SPEND,
        GOOD + EARN + SPEND.replace("1.00", "200.00"),
        GOOD + EARN + SPEND.replace("1.00", "99.00"),
    ),
    (
        AdviceCode.REWARD_EXCEEDS_SPEND,
        GOOD + EARN + DOUBLE + SPEND.replace("1.00", "50.00"),
        GOOD + EARN + DOUBLE + SPEND.replace("1.00", "49.00"),
    ),
    (
        AdviceCode.REWARD_EXCEEDS_SPEND,
        GOOD + STEP + SPEND.replace("1.00", "20.00"),
        GOOD + STEP + SPEND.replace("1.00", "19.00"),
    ),
    (AdviceCode.SEGMENT_EMPTY, GOOD + AWAY + "joined_within_days = 60\n", GOOD + AWAY + "joined_within_days = 61\n"),
    (
        AdviceCode.SEGMENT_EMPTY,
        GOOD + AWAY + 'least_visits = 1\nwindow = "P30D"\n',
        GOOD + AWAY + 'least_visits = 1\nwindow = "P90D"\n',
    ),
    (AdviceCode.REWARD_EXCEEDS_BASKET, GOOD + OFF, GOOD + OFF + 'when.least_spend = "5.01"\n'),
    (
        AdviceCode.PERCENTS_ADD_UP,
        GOOD + PERCENT + PERCENT.replace("ten", "ninety").replace('"10"', '"90"'),
        GOOD + PERCENT + PERCENT.replace("ten", "ninety").replace('"10"', '"89.9999"'),
    ),
    (
        AdviceCode.PERCENTS_ADD_UP,
        GOOD + PERCENT + PERCENT.replace("ten", "ninety").replace('"10"', '"90"'),
        GOOD + PERCENT + 'group = "g"\n' + PERCENT.replace("ten", "ninety").replace('"10"', '"90"') + 'group = "g"\n',
    ),
    (AdviceCode.NO_BUDGET, GOOD + PERCENT.replace("uses.in_all = 9\n", ""), GOOD + PERCENT),
    (
        AdviceCode.NO_BUDGET,
        GOOD + PERCENT.replace("uses.in_all = 9\n", ""),
        GOOD + COUPON + PERCENT + 'coupon = "next"\n',
    ),
    (AdviceCode.OFFLINE_OVERSPEND, GOOD + PERCENT.replace("cap", "allow"), GOOD + PERCENT),
    (AdviceCode.OFFLINE_OVERSPEND, GOOD + PERCENT.replace("cap", "allow"), GOOD + PERCENT.replace("cap", "deny")),
    (AdviceCode.NEVER_EXPIRES, EARN, GOOD + EARN),
    (AdviceCode.NEVER_EXPIRES, EARN, EARN + 'expires = "P90D"\n'),
    (AdviceCode.NO_VALUE, EARN, GOOD + EARN),
    (AdviceCode.CARD_BELOW_ZERO, GOOD + CARDS, GOOD + CARDS + 'negative = "refuse"\n'),
    (AdviceCode.COUPON_WITHOUT_END, GOOD + COUPON.replace('lasts = "P30D"\n', ""), GOOD + COUPON),
    (
        AdviceCode.PENDING_LONGER_THAN_LIFE,
        GOOD + EARN + 'pending_days = 31\nexpires = "P30D"\n',
        GOOD + EARN + 'pending_days = 30\nexpires = "P30D"\n',
    ),
    (AdviceCode.PENDING_LONGER_THAN_LIFE, GOOD + COUPON + "usable_after_days = 31\n", GOOD + COUPON),
    (
        AdviceCode.NAME_MISSING,
        GOOD + CATEGORY + "#languages",
        GOOD + CATEGORY + 'names.kk = "алкоголь"\n#languages',
    ),
    (
        AdviceCode.CATEGORY_UNKNOWN,
        GOOD + CATEGORY + EARN + 'exclude_categories = ["alchol"]\n',
        GOOD + CATEGORY + EARN + 'exclude_categories = ["alcohol"]\n',
    ),
    (
        AdviceCode.EXCLUDED_ONE_WAY,
        GOOD + EARN + 'exclude_categories = ["gift-cards"]\n' + SPEND + CARDS,
        GOOD + EARN + 'exclude_categories = ["gift-cards"]\n' + SPEND + CARDS + LOAD,
    ),
    (
        AdviceCode.EXCLUDED_ONE_WAY,
        GOOD + EARN + 'exclude_categories = ["alcohol", "tobacco"]\n' + SPEND + 'exclude_categories = ["alcohol"]\n',
        GOOD + EARN + 'exclude_categories = ["alcohol"]\n' + SPEND + 'exclude_categories = ["alcohol", "tobacco"]\n',
    ),
    (
        AdviceCode.PRIORITY_TIE,
        GOOD + EARN + 'group = "g"\npick = "first"\n' + EARN.replace("earn", "two") + 'group = "g"\npick = "first"\n',
        GOOD
        + EARN
        + 'group = "g"\npick = "first"\n'
        + EARN.replace("earn", "two")
        + 'group = "g"\npick = "first"\npriority = 1\n',
    ),
    (
        AdviceCode.PRIORITY_TIE,
        GOOD + EARN + 'group = "g"\npick = "last"\n' + EARN.replace("earn", "two") + 'group = "g"\npick = "last"\n',
        GOOD + EARN + 'group = "g"\n' + EARN.replace("earn", "two") + 'group = "g"\n',
    ),
    (AdviceCode.NO_EFFECT, GOOD + EARN + "uses.per_sale = 1\n", GOOD + EARN + "uses.per_day = 1\n"),
    (AdviceCode.NO_EFFECT, GOOD + STEP + "cap.per_line = 5\n", GOOD + EARN + "cap.per_line = 5\n"),
    (AdviceCode.NO_EFFECT, GOOD + STEP + "cap.least_per_line = 5\n", GOOD + STEP + "cap.least_per_sale = 5\n"),
    (AdviceCode.NO_EFFECT, GOOD + ADD + 'rounding = "half_up"\n', GOOD + STEP + 'rounding = "half_up"\n'),
    (AdviceCode.NO_EFFECT, GOOD + RATE + 'categories = ["tea"]\n', GOOD + RATE + 'when.goods.categories = ["tea"]\n'),
    (AdviceCode.NO_EFFECT, MUG + 'categories = ["tea"]\n', MUG + 'when.goods.categories = ["tea"]\n'),
    (AdviceCode.NO_EFFECT, MUG + 'most = "5.00"\n', OFF + 'most = "4.00"\n'),
    (
        AdviceCode.NO_EFFECT,
        GOOD + EARN + 'expires_round_up = "year"\n',
        GOOD + EARN + 'expires = "P1Y"\nexpires_round_up = "year"\n',
    ),
    (AdviceCode.NO_EFFECT, GOOD.replace("expires =", "expires_round_up = 'year' #") + EARN, GOOD + EARN),
    (AdviceCode.NO_EFFECT, COUPON.replace("lasts =", "lasts_round_up = 'year' #"), COUPON),
    (AdviceCode.NO_EFFECT, COUPON + GIVE + 'uses.budget = "b"\n' + BUDGET, COUPON + GIVE + BUDGET),
    (AdviceCode.NO_EFFECT, GOLD + KEPT + 'by = "balance"\n', GOLD + KEPT + 'by = "visits"\n'),
]


def codes(tables: str) -> set[AdviceCode]:
    return {one.code for one in advice(tables)}


def advice(tables: str) -> list:
    head = HEAD
    if tables.endswith("#march"):
        head = head.replace("[currency]", "valid_from = 2026-03-01\nvalid_until = 2026-03-31\n[currency]")
    if tables.endswith("#languages"):
        head = head.replace("[currency]", 'names.kk = "П"\n[currency]')
    text = head + tables
    return list(advise(read_programme(text, "p.toml"), text, TODAY))


@pytest.mark.parametrize(("code", "unwise", "fine"), PAIRS, ids=[f"{code}-{n}" for n, (code, *_) in enumerate(PAIRS)])
def test_it_is_given_where_it_should_be_and_nowhere_else(code: AdviceCode, unwise: str, fine: str) -> None:
    assert code in codes(unwise)
    assert code not in codes(fine)


def test_every_kind_of_advice_is_tested() -> None:
    assert {code for code, _, _ in PAIRS} == set(AdviceCode)


def test_a_wise_programme_gets_none() -> None:
    assert advice(GOOD + EARN) == []


def test_it_names_line_key_and_the_way_out() -> None:
    [one] = advice(GOOD + EARN + "when.until = 2026-03-03\n")
    assert (one.line, one.key) == (17, "rule[1].when.until")
    assert one.text == "its time is over; take it out, or move when.until"


def test_without_a_date_nothing_is_over() -> None:
    text = HEAD + GOOD + EARN + "when.until = 2026-03-03\n"
    assert advise(read_programme(text, "p.toml"), text) == ()


def test_the_order_is_that_of_the_lines() -> None:
    lines = [one.line for one in advice(SPEND.replace("1.00", "200.00") + EARN + COUPON)]
    assert lines == sorted(lines, key=lambda line: line or 0)


def test_of_one_place_the_order_is_that_of_the_words() -> None:
    named = [f"c{number}" for number in range(9)]
    found = advice(GOOD + CATEGORY + EARN + f"categories = {named}\n".replace("'", '"'))
    assert [one.text for one in found] == sorted(one.text for one in found)
    assert len(found) == len(named)
