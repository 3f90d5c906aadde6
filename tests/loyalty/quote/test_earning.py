"""Caps, groups, dates, rounding by line and what is said of them."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from loyalty.explain import Money, Units, message
from loyalty.holding.standing import Holdings, Standing
from loyalty.holding.units import got_unit
from loyalty.journal.entry import Posting
from loyalty.numbers.limits import MAX_BALANCE
from loyalty.numbers.rates import Rate
from loyalty.quote import Quote, quote
from loyalty.quote.posting import post
from loyalty.sale.ask import Ask, Load
from tests.loyalty.shop import KZT, MEMBER, NOW, at, basket, earned, earning, programme, quoted, sold, standing

ALMATY = ZoneInfo("Asia/Almaty")
PLAIN = '[[rule]]\nkind = "per_amount"\nid = "earn"\nunits = 1\nper = "1.00"\n'
POINTS = '[[unit]]\nid = "points"\n'


def points(amount: int) -> Units:
    return Units(amount=amount, scale=0, names=None)


# What the host takes off the basket as a whole


@pytest.mark.parametrize(
    ("keys", "credit", "base"),
    [("", 100, 899), ("", 998, 1), ("", 2_000, 0), ('base = "before"\n', 100, 899), ('tax = "excluded"\n', 100, 899)],
)
def test_a_credit_comes_off_the_base_to_the_minor_unit(keys: str, credit: int, base: int) -> None:
    rules = earning(keys, per="0.01")
    goods = replace(basket(333, 333, 333), credit_minor=credit)
    assert quoted(rules, goods).earned("points") == base


def test_of_what_units_pay_the_credit_takes_its_share() -> None:
    wallet = '[[unit]]\nid = "w"\nkind = "money"\nnames.en = "W"\n' + POINTS
    pay = '[[reward]]\nkind = "tender"\nid = "pay"\nunit = "w"\n'
    rules = programme(wallet + PLAIN.replace("1.00", "0.01") + pay)
    goods = replace(basket(600, 400), credit_minor=100)
    assert quoted(rules, goods, standing(w=500), ("pay", 500)).earned("points") == 450


# Caps


def test_a_cap_per_line_holds_on_each_line_and_one_per_sale_over_all() -> None:
    assert earned(earning("cap.per_line = 5"), 1_000, 300, 550) == 13
    assert earned(earning("cap.per_line = 5\ncap.per_sale = 10"), 1_000, 300, 550) == 10
    [award] = quoted(earning("cap.per_sale = 10"), basket(5_000)).awards
    assert award.because[1:] == (message("explain.capped", units=points(10)),)


def test_that_a_line_gave_less_than_its_money_says_is_said() -> None:
    capped = message("explain.capped_line", units=points(5))
    assert capped in quoted(earning("cap.per_line = 5"), basket(1_000, 300)).awards[0].more
    assert capped not in quoted(earning("cap.per_line = 5"), basket(500, 300)).awards[0].more


def test_what_a_multiplier_is_for_is_said_where_it_is_not_for_all_of_it() -> None:
    twice = '[[rule]]\nkind = "multiply"\nid = "m"\nmultiplier = 2\nitems = ["i1"]\n'
    [award] = quoted(programme(PLAIN + twice), basket(500, 1_000)).awards
    assert award.amount == 20
    rate, base = Rate(numerator=2, denominator=1), Money(amount_minor=500, currency=KZT)
    assert award.more == (message("explain.multiplied_part", multiplier=rate, base=base),)
    assert quoted(programme(PLAIN + twice), basket(500)).awards[0].more == ()
    pieces = '[[rule]]\nkind = "per_item"\nid = "p"\nunits = 1\n'
    [counted] = quoted(programme(pieces + twice), basket(500, 1_000)).awards
    assert counted.more == (message("explain.multiplied_items", multiplier=rate, items=1),)


def test_that_a_fraction_is_kept_is_said_also_where_it_was_multiplied() -> None:
    half = '[[rule]]\nkind = "multiply"\nid = "m"\nmultiplier = "1.5"\n'
    rules = programme(PLAIN + 'remainder = "carry"\n' + half)
    assert quoted(rules, basket(150), standing()).awards[0].more == (message("explain.remainder_kept"),)


def test_a_minimum_per_line_leaves_lines_out_and_one_per_sale_the_whole() -> None:
    [award] = quoted(earning("cap.least_per_line = 3"), basket(299, 300, 450)).awards
    assert (award.amount, award.bases) == (7, ((2, 300), (3, 450)))
    rules = earning("cap.least_per_sale = 5")
    assert [earned(rules, amount) for amount in (499, 500)] == [0, 5]
    [award] = quoted(rules, basket(499)).awards
    assert award.because[1:] == (message("explain.below_least", units=points(5)),)


@pytest.mark.parametrize(
    ("cap", "counter", "moment", "left"),
    [
        ("per_day", got_unit("earn", "20260203"), "2026-02-03T23:00", 3),
        ("per_day", got_unit("earn", "20260202"), "2026-02-03T01:00", 10),
        ("per_month", got_unit("earn", "202602"), "2026-02-28T12:00", 3),
        ("per_month", got_unit("earn", "202602"), "2026-03-01T12:00", 10),
        ("per_member", got_unit("earn"), "2030-01-01T12:00", 3),
    ],
)
def test_caps_beyond_the_sale_look_at_what_was_counted(cap: str, counter: str, moment: str, left: int) -> None:
    member = Standing(member=MEMBER, balances=((counter, 7),))
    answer = quote(earning(f"cap.{cap} = 10"), basket(5_000), member, at(moment))
    assert isinstance(answer, Quote)
    assert answer.earned("points") == left
    [count] = answer.counts
    assert count.amount == left
    assert earned(earning(f"cap.{cap} = 10"), 5_000) == 10, "nobody's counter stands in the way of what one would earn"


def test_a_counter_that_passed_its_cap_gives_nothing_and_never_takes() -> None:
    member = Standing(member=MEMBER, balances=((got_unit("earn"), 99),))
    answer = quoted(earning("cap.per_member = 10"), basket(5_000), member)
    assert (answer.earned("points"), answer.counts) == (0, ())


def test_a_counter_below_zero_does_not_widen_its_cap() -> None:
    member = Standing(member=MEMBER, balances=((got_unit("earn"), -99),))
    assert quoted(earning("cap.per_member = 10"), basket(5_000), member).earned("points") == 10


def test_rules_that_share_a_budget_stay_within_it_together() -> None:
    budget = '[[unit]]\nid = "points"\nvalue = "0.50"\n[[budget]]\nid = "b"\nmost = "10.00"\n'
    rule = PLAIN + 'uses.budget = "b"\n'
    rules = programme(budget + rule + rule.replace('"earn"', '"more"'))
    answer = quoted(rules, basket(1_500), standing())
    assert [award.amount for award in answer.awards] == [15, 5]
    [count] = answer.counts
    assert (count.pool, count.unit, count.amount) == ("budget.b", "budget.b", 1_000)
    spent = {"budget.b": Holdings(balances=(("budget.b", 1_000),))}
    again = quote(rules, basket(1_500), standing(), NOW, pools=spent)
    assert isinstance(again, Quote)
    assert again.awards == ()


# Groups


def test_of_a_group_of_rules_the_best_counts_or_the_first_or_the_last() -> None:
    def picked(pick: str) -> list[str]:
        more = f'group = "g"\npick = "{pick}"\n'
        rules = programme(
            PLAIN.replace("earn", "a")
            + more
            + PLAIN.replace("earn", "b").replace("units = 1", "units = 5")
            + more
            + PLAIN.replace("earn", "c").replace("units = 1", "units = 2")
            + more
            + PLAIN
        )
        answer = quoted(rules, basket(100))
        assert [one.id for one in answer.missed] == sorted({"a", "b", "c"} - {award.rule for award in answer.awards})
        return [award.rule for award in answer.awards]

    assert [picked(pick) for pick in ("best", "first", "last")] == [["b", "earn"], ["a", "earn"], ["c", "earn"]]


def test_an_exclusive_rule_ends_the_row_only_where_it_gives_something() -> None:
    rules = programme(PLAIN.replace("earn", "a") + 'exclusive = true\ncategories = ["tea"]\n' + PLAIN)
    assert earned(rules, sold(1, 500, category="tea"), 300) == 5
    assert earned(rules, 300) == 3


def test_an_exclusive_rule_that_its_group_passes_over_ends_nothing() -> None:
    rules = programme(
        PLAIN.replace("earn", "a")
        + 'group = "g"\nexclusive = true\n'
        + PLAIN.replace("earn", "b").replace("units = 1", "units = 3")
        + 'group = "g"\n'
        + PLAIN
    )
    assert earned(rules, 100) == 4


# Rounding


def test_rounding_by_line_rounds_each_line() -> None:
    assert earned(earning('round_at = "line"'), 150, 150) == 2
    assert earned(earning('round_at = "line"\nrounding = "half_up"'), 150, 150) == 4
    assert earned(earning('round_at = "line"\ncap.per_line = 1'), 350, 150, 99) == 2


@pytest.mark.parametrize(("rounding", "points_"), [("ceiling", 3), ("half_up", 3), ("floor", 2)])
def test_woo_001_a_sale_of_2_50_rounds_as_it_is_told_and_says_so(rounding: str, points_: int) -> None:
    [award] = quoted(earning(f'rounding = "{rounding}"'), basket(250)).awards
    assert award.amount == points_
    assert award.more == (message("explain.rounded_up" if points_ == 3 else "explain.rounded_down"),)
    assert quoted(earning(f'rounding = "{rounding}"'), basket(200)).awards[0].more == ()


def test_what_is_carried_is_said_as_money() -> None:
    [award] = quoted(earning('remainder = "carry"'), basket(275), standing()).awards
    money = Money(amount_minor=75, currency=KZT)
    assert award.more == (message("explain.remainder_carried", amount=money),)


def test_a_remainder_too_fine_to_be_kept_is_dropped() -> None:
    many = "".join(
        f'[[rule]]\nkind = "multiply"\nid = "m{number}"\nmultiplier = "1.000{number}"\n' for number in (1, 3, 7, 9)
    )
    [award] = quoted(earning('remainder = "carry"' + "\n" + many), basket(150), standing()).awards
    assert (award.amount, award.remainder) == (1, None)


# Dates


def test_units_begin_and_end_at_the_stores_midnights_and_both_days_are_said() -> None:
    rules = programme('[[unit]]\nid = "points"\nexpires = "P1M"\npending_days = 14\n' + PLAIN)
    answer = quote(rules, basket(100), standing(), at("2026-02-03T23:30", zone=ALMATY))
    assert isinstance(answer, Quote)
    [award] = answer.awards
    assert (award.usable_at, award.expires_at) == (1_771_268_400, 1_772_564_400)
    assert award.more == (
        message("explain.pending", date=date(2026, 2, 17)),
        message("explain.expires", date=date(2026, 3, 3)),
    )


def test_sqr_003_twelve_months_rounded_up_end_with_the_month() -> None:
    rules = programme('[[unit]]\nid = "points"\nexpires = "P12M"\nexpires_round_up = "month"\n' + PLAIN)
    answer = quote(rules, basket(100), standing(), at("2020-07-06T12:00"))
    assert isinstance(answer, Quote)
    assert answer.awards[0].expires_at == 1_627_776_000  # 2021-08-01
    assert answer.awards[0].more == (message("explain.expires", date=date(2021, 7, 31)),)


def test_a_rule_may_have_dates_of_its_own() -> None:
    unit = '[[unit]]\nid = "points"\nexpires = "P12M"\npending_days = 14\n'
    own = PLAIN + 'pending_days = 0\nexpires = "P7D"\n'
    [own_award, units] = quoted(programme(unit + own + PLAIN.replace("earn", "zz")), basket(100)).awards
    assert (own_award.usable_at, own_award.expires_at) == (None, 1_770_508_800)  # 2026-02-08
    assert (units.usable_at, units.expires_at) == (1_771_027_200, 1_801_440_000)


def test_dates_at_the_end_of_all_calendars_do_not_raise() -> None:
    rules = programme('[[unit]]\nid = "points"\nexpires = "P999Y"\npending_days = 3650\n' + PLAIN)
    for moment in ("9999-12-31T12:00", "9990-01-01T00:00", "0002-01-01T00:00"):
        assert isinstance(quote(rules, basket(100), standing(), at(moment, zone=ALMATY)), Quote)


# Gift cards


def test_a_gift_card_that_is_sold_gets_what_its_piece_cost() -> None:
    cards = '[[unit]]\nid = "gift"\nkind = "money"\nholder = "card"\nnames.en = "gift card"\n'
    rules = programme(
        cards + '[[rule]]\nkind = "per_amount"\nid = "sell"\nunit = "gift"\nunits = 1\nper = "1.00"\nitems = ["card"]\n'
    )
    one, two = b"\x0c" * 16, b"\x0d" * 16
    goods = basket(sold(1, 10_001, item="card", quantity_milli=2_000), sold(2, 500))
    answer = quote(rules, goods, None, NOW, Ask(loads=(Load(line=1, account=one),)))
    assert isinstance(answer, Quote)
    assert answer.awards == ()
    assert [(grant.account, grant.amount) for grant in answer.grants] == [(one, 5_001), (None, 5_000)]
    answer = quote(rules, goods, None, NOW, Ask(loads=(Load(line=1, account=one), Load(line=1, account=two))))
    assert isinstance(answer, Quote)
    posted = post(rules, answer, b"\x01" * 16, None)
    assert posted.postings == (
        Posting(account=one, unit="gift", amount=5_001),
        Posting(account=two, unit="gift", amount=5_000),
    )
    assert posted.opens == ((one, "gift_card"), (two, "gift_card"))


def test_a_balance_at_its_bound_is_refused_not_raised() -> None:
    rules = earning("cap.per_sale = 1")
    assert earned(rules, MAX_BALANCE, member=standing(points=MAX_BALANCE - 1)) == 1
