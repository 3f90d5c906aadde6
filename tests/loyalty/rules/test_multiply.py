"""Multipliers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.explain import Names, message
from loyalty.holding.standing import Standing
from loyalty.holding.units import used_unit
from loyalty.numbers.rates import Rate
from loyalty.reading.problems import BadFile
from tests.loyalty.shop import GOLD, MEMBER, basket, earned, earning, programme, quoted, sold, standing

PLAIN = '[[rule]]\nkind = "per_amount"\nid = "earn"\nunits = 1\nper = "1.00"\n'

SECOND = """
[[rule]]
kind = "multiply"
id = "again"
when.tiers = ["gold"]
multiplier = "2"
"""


def test_a_member_of_the_tier_earns_more_before_the_one_rounding() -> None:
    rules = earning(GOLD)
    assert earned(rules, 399, member=standing("gold")) == 5
    assert earned(rules, 399, member=standing("silver")) == 3
    assert earned(rules, 399, member=standing()) == 3
    assert earned(rules, 399) == 3


def test_the_multiplier_is_explained() -> None:
    gold = Names(by_language=(("en", "Gold"),))
    [award] = quoted(earning(GOLD), basket(400), standing("gold")).awards
    assert award.because[1:] == (message("explain.tier_multiplier", multiplier=Rate.of(3, 2), tier=gold),)


def test_multipliers_multiply_each_other() -> None:
    assert earned(earning(GOLD + SECOND), 100, member=standing("gold")) == 3


def test_a_multiplier_may_be_less_than_one() -> None:
    assert earned(earning(GOLD.replace("1.5", "0.25")), 1_000, member=standing("gold")) == 2


def test_only_the_unit_it_names_is_multiplied() -> None:
    stars = '[[unit]]\nid = "stars"\nnames.en = "stars"\n[[unit]]\nid = "points"\n'
    rules = earning(stars + GOLD.replace("multiplier = ", 'unit = "stars"\nmultiplier = '))
    assert earned(rules, 100, member=standing("gold")) == 1


def times(rule: str, multiplier: str, more: str = "") -> str:
    return f'[[rule]]\nkind = "multiply"\nid = "{rule}"\nmultiplier = "{multiplier}"\n{more}\n'


def test_additive_multipliers_add_what_each_adds() -> None:
    three = times("a", "2") + times("b", "3") + times("c", "1.5")
    assert earned(earning(three), 1_000) == 90
    assert earned(programme('[policies]\nmultipliers = "additive"\n' + PLAIN + three), 1_000) == 45


def test_one_multiplier_may_combine_in_its_own_way() -> None:
    assert earned(earning(times("a", "2") + times("b", "3", 'combine = "additive"')), 1_000) == 60
    added = times("a", "2", 'combine = "additive"') + times("b", "3", 'combine = "additive"')
    assert earned(earning(added + times("c", "1.5")), 1_000) == 60
    assert earned(earning(times("a", "0.25", 'combine = "additive"') + times("b", "0.1")), 1_000) == 0
    assert earned(earning(times("a", "0.25", 'combine = "additive"')), 1_000) == 2


def test_of_a_group_the_best_counts_on_each_line() -> None:
    rules = earning(
        times("all", "1.5", 'group = "g"') + times("tea", "2", 'group = "g"\ncategories = ["tea"]') + times("x", "10")
    )
    assert earned(rules, sold(1, 100, category="tea"), sold(2, 100)) == 35
    [award] = quoted(rules, basket(sold(1, 100, category="tea"))).awards
    assert [said.id for said in award.because[1:]] == ["explain.multiplier"] * 2


def test_a_group_may_take_the_first_or_the_last_instead() -> None:
    def picked(pick: str) -> int:
        more = f'group = "g"\npick = "{pick}"'
        rules = earning(
            times("a", "3", more + "\npriority = 2") + times("b", "5", more) + times("c", "2", more + "\npriority = 9")
        )
        return earned(rules, 100)

    assert [picked(pick) for pick in ("first", "last", "best")] == [5, 2, 5]


def test_after_an_exclusive_multiplier_none_counts_on_its_lines() -> None:
    rules = earning(times("a", "2", 'exclusive = true\ncategories = ["tea"]') + times("b", "10"))
    assert earned(rules, sold(1, 100, category="tea"), sold(2, 100)) == 12


def test_a_multiplier_may_be_for_some_rules_only() -> None:
    rules = earning('[[rule]]\nkind = "per_visit"\nid = "visit"\nunits = 5\n' + times("a", "3", 'of_rules = ["visit"]'))
    assert earned(rules, 100) == 16


def test_the_uses_of_a_multiplier_are_counted_where_it_gave_something() -> None:
    rules = earning(times("a", "3", "uses.per_member = 1\nexclude_categories = ['tea']"))
    answer = quoted(rules, basket(100), standing())
    assert (answer.earned("points"), [count.unit for count in answer.counts]) == (3, [used_unit("a")])
    again = Standing(member=MEMBER, balances=((used_unit("a"), 1),))
    assert quoted(rules, basket(100), again).earned("points") == 1
    assert quoted(rules, basket(sold(1, 100, category="tea")), standing()).counts == ()


def test_a_multiplier_has_no_budget_of_its_own() -> None:
    budget = '[[budget]]\nid = "b"\nmost = "1.00"\n'
    with pytest.raises(BadFile, match="draws on the budgets of the rules"):
        earning(times("a", "3", 'uses.budget = "b"') + budget)


@given(st.permutations(["2", "0.5", "1.25", "3"]), st.sampled_from(["compound", "additive"]))
def test_no_order_of_multipliers_matters(multipliers: list[str], own: str) -> None:
    rules = "".join(
        times(f"m{place}", multiplier, f'combine = "{own}"' if multiplier in ("2", "0.5") else "")
        for place, multiplier in enumerate(multipliers)
    )
    assert earned(earning(rules), 10_000) == (375 if own == "compound" else 562)
