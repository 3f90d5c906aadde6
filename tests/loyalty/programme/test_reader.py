"""From a programme file to its values, and every fault that a file can have."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.explain import Names
from loyalty.holding.units import Unit
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import Rate, Rounding
from loyalty.parts.policies import BaseOf, OrderDiscounts, PaidWithUnits, TaxBasis
from loyalty.parts.tiers import Ladder, Tier
from loyalty.programme.model import Programme
from loyalty.programme.reader import content_version, read_programme
from loyalty.reading.problems import BadFile
from loyalty.rules.earning.base import MoneyBase
from loyalty.rules.earning.multiply import Multiply
from loyalty.rules.earning.per_amount import PerAmount, RemainderPolicy, RoundAt
from loyalty.rules.goods import EVERYTHING, Goods
from loyalty.rules.registry import REWARDS
from loyalty.rules.rewards.points_discount import PointsDiscount
from loyalty.rules.stages import Caps, Dating, Head, Terms, Trigger
from loyalty.rules.uses import Uses
from loyalty.rules.when import When

SMALLEST = """
[programme]
id = "p"
label = "1"
names.en = "P"
[currency]
code = "GBP"
"""
RULE = """
[[rule]]
kind = "per_amount"
id = "earn"
units = 1
per = "1.00"
"""
REWARD = """
[[reward]]
kind = "points_discount"
id = "spend"
cost = 100
discount = "1.00"
"""
FULL = """
[programme]
id = "full"
label = "spring 2026"
names = { en = "Full", kk = "Толық" }
valid_from = 2026-03-01
valid_until = 2026-05-31

[currency]
code = "KZT"
scale = 0

[[unit]]
id = "stars"
scale = 1
names.en = "stars"

[[unit]]
id = "points"

[[tier]]
id = "Gold"
names.en = "Gold"

[[category]]
id = "alcohol"
names.en = "alcohol"

[[rule]]
kind = "per_amount"
id = "stars-earn"
unit = "stars"
units = "0.5"
per = 1000
rounding = "half_even"
tax = "excluded"
exclude_categories = ["tobacco", "alcohol", "tobacco"]

[[rule]]
kind = "per_amount"
id = "carry"
units = 3
per = 700
remainder = "carry"

[[rule]]
kind = "multiply"
id = "gold"
unit = "stars"
when.tiers = ["Gold"]
multiplier = "1.25"

[[reward]]
kind = "points_discount"
id = "spend"
unit = "stars"
cost = "2.5"
discount = 10
minimum = "6.0"
most_percent = 40
exclude_categories = ["alcohol"]
"""


def named(text: str) -> Names:
    return Names(by_language=(("en", text),))


def problems(text: str) -> list[str]:
    with pytest.raises(BadFile) as caught:
        read_programme(text, "p.toml")
    return [line.removeprefix("p.toml") for line in caught.value.lines()]


def test_the_smallest_programme_awards_nothing() -> None:
    assert read_programme(SMALLEST, "p.toml") == Programme(
        id="p",
        label="1",
        version=content_version(SMALLEST),
        names=named("P"),
        currency=Currency(code="GBP", scale=2),
        units=(Unit(id="points", scale=0),),
        languages=("en",),
        valid_from=None,
        valid_until=None,
        earn_rules=(),
        multipliers=(),
        rewards=(),
    )


def test_every_key_reaches_its_value() -> None:
    kzt = Currency(code="KZT", scale=0)
    gold, no_wine = named("Gold"), (("alcohol", named("alcohol")),)
    base = MoneyBase(
        base=BaseOf.AFTER,
        tax=TaxBasis.INCLUDED,
        paid_with_units=PaidWithUnits.EXCLUDED,
        order_discounts=OrderDiscounts.PROPORTIONAL,
        currency=kzt,
    )

    def head(rule: str, goods: Goods = EVERYTHING, **when: Any) -> Head:
        return Head(id=rule, when=When(currency=kzt, **when), goods=goods, uses=Uses())

    points, stars = Unit(id="points", scale=0), Unit(id="stars", scale=1, names=named("stars"))
    assert read_programme(FULL, "p.toml") == Programme(
        id="full",
        label="spring 2026",
        version=content_version(FULL),
        names=Names(by_language=(("en", "Full"), ("kk", "Толық"))),
        languages=("en", "kk"),
        currency=kzt,
        units=(points, stars),
        ladder=Ladder(tiers=(Tier(id="Gold", names=gold, from_progress=0),)),
        categories=(("alcohol", named("alcohol")),),
        valid_from=date(2026, 3, 1),
        valid_until=date(2026, 5, 31),
        earn_rules=(
            PerAmount(
                head=head("carry"),
                unit=points,
                units=3,
                per_minor=700,
                base=base,
                rounding=Rounding.FLOOR,
                round_at=RoundAt.SALE,
                remainder=RemainderPolicy.CARRY,
                caps=Caps(),
                dating=Dating(),
            ),
            PerAmount(
                head=head("stars-earn", Goods(exclude_categories=frozenset({"alcohol", "tobacco"}), names=no_wine)),
                unit=stars,
                units=5,
                per_minor=1000,
                base=replace(base, tax=TaxBasis.EXCLUDED),
                rounding=Rounding.HALF_EVEN,
                round_at=RoundAt.SALE,
                remainder=RemainderPolicy.DROP,
                caps=Caps(),
                dating=Dating(),
            ),
        ),
        multipliers=(
            Multiply(
                head=head("gold", tiers=frozenset({"Gold"}), names=(("Gold", gold),)),
                unit="stars",
                rate=Rate.of(5, 4),
                combine=None,
                of_rules=frozenset(),
                tier=gold,
            ),
        ),
        rewards=(
            PointsDiscount(
                head=head("spend", Goods(exclude_categories=frozenset({"alcohol"}), names=no_wine)),
                terms=Terms(trigger=Trigger.CHOICE, unit=stars, cost=25),
                unit=stars,
                discount_minor=10,
                least_units=75,
                most_percent=40,
                currency=kzt,
            ),
        ),
    )


def test_a_programme_knows_its_parts_by_id_and_its_days() -> None:
    programme = read_programme(FULL, "p.toml")
    assert programme.unit("stars") == programme.units[1]
    assert (programme.unit("x"), programme.reward("x"), programme.tier_names("x")) == (None, None, None)
    assert programme.reward("spend") is programme.rewards[0]
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1)]
    assert [programme.valid_on(day) for day in days] == [False, True, True, False]
    assert read_programme(SMALLEST, "p").valid_on(date(1999, 1, 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "",
            [
                ": currency.code: is missing; expected a text [missing]",
                ": programme.id: is missing; expected a text [missing]",
                ': programme.names: needs a name in at least one language, as names.en = "..." [missing]',
                ": programme.label: is missing; expected a text [missing]",
            ],
        ),
        (
            SMALLEST.replace('id = "p"', 'id = "P!"'),
            [":3: programme.id: expected 1 to 40 of a-z, 0-9, - and _, beginning with a letter [wrong_value]"],
        ),
        (
            SMALLEST.replace("names.en", "names.eng"),
            [":5: programme.names.eng: expected ISO 639-1 codes of languages as keys, as kk, ru, en [wrong_value]"],
        ),
        (
            SMALLEST.replace('names.en = "P"', "names = {}"),
            [':5: programme.names: needs a name in at least one language, as names.en = "..." [missing]'],
        ),
        (
            SMALLEST.replace('"GBP"', '"gbp"'),
            [":7: currency.code: expected three capital letters, as KZT [wrong_value]"],
        ),
        (SMALLEST + "scale = 7", [":8: currency.scale: expected a whole number from 0 to 6 [wrong_value]"]),
        (
            SMALLEST.replace('label = "1"', 'label = "1"\nvalid_from = 2026-02-01\nvalid_until = 2026-01-31'),
            [":6: programme.valid_until: ends before valid_from [wrong_value]"],
        ),
        (
            SMALLEST.replace('label = "1"', 'label = "1"\nvalid_from = "2026-02-01"'),
            [":5: programme.valid_from: expected a date without quotes, as 2026-01-31 [wrong_value]"],
        ),
        (SMALLEST + "[programm]", [':8: programm: unknown key; did you mean "programme"? [unknown_key]']),
        (SMALLEST + "[[rules]]\nid=1", [':8: rules: unknown key; did you mean "rule"? [unknown_key]']),
        (SMALLEST + "[rule]", [":8: rule: expected at most 300 tables, each as [[rule]] [wrong_value]"]),
        (
            SMALLEST + '[[unit]]\nid = "stars"',
            [':8: unit[1].names: needs a name in at least one language, as names.en = "..." [missing]'],
        ),
        (
            SMALLEST + '[[unit]]\nid = "points"\n[[unit]]\nid = "points"',
            [":11: unit[2].id: is used by an earlier [[unit]] [repeated]"],
        ),
        (
            SMALLEST + '[[tier]]\nid = "a"\nnames.en = "A"\n[[tier]]\nid = "a"\nnames.en = "B"',
            [":12: tier[2].id: is used by an earlier table of this kind [repeated]"],
        ),
        (
            SMALLEST + "[[category]]\n[[category]]\nnames.en = 'B'",
            [
                ":8: category[1].id: is missing; expected a text [missing]",
                ':8: category[1].names: needs a name in at least one language, as names.en = "..." [missing]',
                ":9: category[2].id: is missing; expected a text [missing]",
            ],
        ),
        (
            SMALLEST + RULE + RULE.replace("units = 1", "units = 2"),
            [":17: rule[2].id: is used by an earlier table of this kind [repeated]"],
        ),
        (
            SMALLEST + RULE.replace("per_amount", "per_amont") + "unheard = 1",
            [':10: rule[1].kind: unknown kind; did you mean "per_amount"? [unknown_kind]'],
        ),
        (
            SMALLEST + "[[rule]]\n[[rule]]",
            [
                ":8: rule[1].kind: is missing; expected a text [missing]",
                ":8: rule[1].id: is missing; expected a text [missing]",
                ":9: rule[2].kind: is missing; expected a text [missing]",
                ":9: rule[2].id: is missing; expected a text [missing]",
            ],
        ),
        (
            SMALLEST + REWARD.replace("points_discount", "zzz"),
            [f":10: reward[1].kind: unknown kind; known here: {', '.join(sorted(REWARDS))} [unknown_kind]"],
        ),
        (SMALLEST + RULE.replace("units = 1", "units = 0"), [":12: rule[1].units: must be more than zero [rate_zero]"]),
        (
            SMALLEST + RULE.replace('"1.00"', '"0.00"'),
            [":13: rule[1].per: must be more than zero [rate_zero]"],
        ),
        (SMALLEST + RULE.replace('"1.00"', '"-1.00"'), [":13: rule[1].per: must be more than zero [wrong_value]"]),
        (
            SMALLEST + RULE.replace('"1.00"', '"92233720368547758.08"'),
            [":13: rule[1].per: the number is too large for 64 bits [too_large]"],
        ),
        (
            SMALLEST + RULE.replace('"1.00"', '"0.001"'),
            [":13: rule[1].per: the number has 3 decimals, at most 2 are possible [wrong_value]"],
        ),
        (
            SMALLEST + RULE.replace('"1.00"', "1.0"),
            [':13: rule[1].per: expected a decimal in quotes, as "12.50" [wrong_value]'],
        ),
        (
            SMALLEST + RULE.replace("units = 1", "units = '0.5'"),
            [":12: rule[1].units: the number has 1 decimals, at most 0 are possible [wrong_value]"],
        ),
        (
            SMALLEST + RULE + 'unit = "stars"',
            [":14: rule[1].unit: names no [[unit]] of this programme; known here: points [unknown_reference]"],
        ),
        (
            SMALLEST + RULE + 'rounding = "up"',
            [":14: rule[1].rounding: expected one of floor, ceiling, half_up, half_down, half_even [wrong_value]"],
        ),
        (
            SMALLEST + RULE + 'tax = "net"',
            [":14: rule[1].tax: expected one of included, excluded [wrong_value]"],
        ),
        (
            SMALLEST + RULE + 'remainder = "keep"',
            [":14: rule[1].remainder: expected one of drop, carry [wrong_value]"],
        ),
        (
            SMALLEST + RULE + 'remainder = "carry"\nrounding = "ceiling"',
            [":15: rule[1].rounding: must be floor where the remainder is carried over [wrong_value]"],
        ),
        (
            SMALLEST + RULE.replace('"1.00"', '"9223372036.00"') + 'remainder = "carry"',
            [":13: rule[1].per: is too large for a remainder to be carried over [too_large]"],
        ),
        (
            SMALLEST + RULE.replace('"earn"', f'"{"x" * 40}"') + 'remainder = "carry"',
            [":11: rule[1].id: is too long for a rule that carries its remainder over [wrong_value]"],
        ),
        (
            SMALLEST + RULE + "exclude_categories = [1]",
            [":14: rule[1].exclude_categories: expected a list of at most 1000 texts [wrong_value]"],
        ),
        (SMALLEST + RULE + "pre = 1", [':14: rule[1].pre: unknown key; did you mean "per"? [unknown_key]']),
        (
            SMALLEST + '[[rule]]\nkind = "multiply"\nid = "m"\nwhen.tiers = ["gold"]\nmultiplier = "0"\nunit = "x"',
            [
                ":11: rule[1].when.tiers: names no [[tier]] of this programme; add one [unknown_reference]",
                ":12: rule[1].multiplier: must be more than zero [rate_zero]",
                ":13: rule[1].unit: names no [[unit]] of this programme; known here: points [unknown_reference]",
            ],
        ),
        (
            SMALLEST
            + REWARD.replace("cost = 100", "cost = 0").replace('"1.00"', '"0"')
            + "minimum = 0\nmost_percent = 0",
            [
                ":12: reward[1].cost: must be more than zero [rate_zero]",
                ":13: reward[1].discount: must be more than zero [rate_zero]",
                ":14: reward[1].minimum: must be more than zero [rate_zero]",
                ":15: reward[1].most_percent: expected a whole number from 1 to 100 [wrong_value]",
            ],
        ),
    ],
)
def test_each_fault_names_line_key_and_what_was_expected(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


def test_the_minimum_of_a_reward_is_rounded_up_to_whole_costs() -> None:
    [reward] = read_programme(SMALLEST + REWARD + "minimum = 101", "p").rewards
    assert isinstance(reward, PointsDiscount)
    assert reward.least_units == 200
    [reward] = read_programme(SMALLEST + REWARD, "p").rewards
    assert isinstance(reward, PointsDiscount)
    assert (reward.least_units, reward.most_percent) == (100, 100)


def test_a_version_is_32_hex_digits_and_never_changes() -> None:
    assert content_version(SMALLEST) == "ed36264d7e800e4b47b8840707a48c2d"


@pytest.mark.parametrize(
    "other",
    [
        SMALLEST + "# a comment\n\n",
        SMALLEST.replace("\n", "\r\n"),
        SMALLEST.replace(" = ", "="),
        SMALLEST.replace('id = "p"\nlabel = "1"', 'label = "1"\nid = "p"'),
        SMALLEST.replace('names.en = "P"', "names = { en = 'P' }"),
        '[currency]\ncode = "GBP"\n' + SMALLEST.replace('[currency]\ncode = "GBP"\n', ""),
    ],
)
def test_comments_layout_and_the_order_of_keys_do_not_make_a_version(other: str) -> None:
    assert content_version(other) == content_version(SMALLEST)


@pytest.mark.parametrize(
    "other",
    [
        SMALLEST.replace('"1"', '"2"'),
        SMALLEST.replace("GBP", "KZT"),
        SMALLEST + "scale = 2\n",
        SMALLEST.replace('names.en = "P"', 'names.en = "Q"'),
        SMALLEST + RULE,
        SMALLEST.replace('label = "1"', 'label = "1"\nvalid_from = 2026-01-01'),
    ],
)
def test_any_value_makes_another_version(other: str) -> None:
    assert content_version(other) != content_version(SMALLEST)


HEAD, *TABLES = FULL.split("\n[[")


@given(st.permutations(TABLES))
def test_the_order_of_tables_makes_neither_another_programme_nor_another_version(tables: list[str]) -> None:
    shuffled = "\n[[".join([HEAD, *tables])
    assert read_programme(shuffled, "p") == read_programme(FULL, "p")


@given(st.text(max_size=60))
def test_any_text_after_a_programme_is_read_or_is_a_bad_file(text: str) -> None:
    try:
        programme = read_programme(SMALLEST + text, "p")
    except BadFile as bad:
        assert bad.problems  # noqa: PT017
    else:
        assert programme.id == "p"


def test_a_programme_has_at_most_a_hundred_earning_rules() -> None:
    head = '[programme]\nid = "p"\nlabel = "1"\nnames.en = "P"\n[currency]\ncode = "KZT"\n'
    rules = [f'[[rule]]\nkind = "per_amount"\nid = "r{number}"\nunits = 1\nper = "1.00"\n' for number in range(101)]
    assert len(read_programme(head + "".join(rules[:100]), "p.toml").earn_rules) == 100
    assert "at most 100 earning rules" in " ".join(problems(head + "".join(rules)))


def test_tiers_without_a_tier_are_a_problem_and_their_keys_are_known() -> None:
    with pytest.raises(BadFile) as refused:
        read_programme(SMALLEST + '[tiers]\nby = "spend"\nwindow = "P12M"\ngrace = "P30D"\n', "p")
    assert [problem.key for problem in refused.value.problems] == ["tiers.by"]
