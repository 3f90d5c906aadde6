"""Multipliers."""

from loyalty.explain import Names, message
from loyalty.numbers.rates import Rate
from tests.loyalty.shop import GOLD, basket, earned, earning, quoted, standing

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
