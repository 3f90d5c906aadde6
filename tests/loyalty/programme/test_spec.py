"""docs/SPEC-programme.md says what the code does."""

import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from loyalty.authoring.advice import AdviceCode
from loyalty.authoring.asking import answer, read_basket
from loyalty.authoring.keys import RULES, keys_of_kind
from loyalty.authoring.reference import INNER, SHARED, keys_told, reference, tables, told_elsewhere
from loyalty.numbers.currency import Currency
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.quote import Quote, quote
from loyalty.refusals import RefusalCode
from loyalty.rules.registry import REWARDS
from loyalty.sale.ask import Ask, RedeemRequest
from loyalty.sale.basket import Basket, BasketLine, make_basket
from tests.loyalty.shop import HEAD, NOW, earned, earning, standing

SPEC = (Path(__file__).parents[3] / "docs" / "SPEC-programme.md").read_text(encoding="utf-8")
WHOLE = re.findall(r"```toml programme\n(.*?)```", SPEC, re.DOTALL)
PARTS = re.findall(r"```toml rule\n(.*?)```", SPEC, re.DOTALL)
BASKETS = re.findall(r"```json basket\n(.*?)```", SPEC, re.DOTALL)
KINDS = {*RULES, *REWARDS}
CONTEXT = """
[[unit]]
id = "points"
[[unit]]
id = "stamps"
kind = "stamps"
names.en = "stamps"
[[unit]]
id = "wallet"
kind = "money"
names.en = "wallet"
[[budget]]
id = "spring"
most = 1000
[[coupon]]
id = "next"
names.en = "Next"
[[event]]
id = "evening"
names.en = "Evening"
seats = 40
"""
"""What the examples refer to."""


def test_every_block_is_one_of_the_tested_ones() -> None:
    assert SPEC.count("```") == 2 * (len(WHOLE) + len(PARTS) + len(BASKETS))
    assert (len(WHOLE), len(BASKETS)) == (1, 1)


@pytest.mark.parametrize("text", WHOLE + [HEAD + CONTEXT + part for part in PARTS])
def test_every_example_is_a_programme(text: str) -> None:
    programme = read_programme(text, "SPEC-programme.md")
    assert programme.heads


def test_every_kind_has_an_example_and_a_heading() -> None:
    assert set(re.findall(r'^kind = "([a-z_]+)"', SPEC, re.MULTILINE)) == KINDS
    assert set(re.findall(r"^### `([a-z_]+)`:", SPEC, re.MULTILINE)) == KINDS


def test_the_example_of_a_basket_is_answered_under_the_example_of_a_programme() -> None:
    [basket] = BASKETS
    asked = read_basket(basket, "SPEC-programme.md")
    assert asked.at is not None
    programme = read_programme(WHOLE[0], "SPEC-programme.md")
    found = answer(programme, asked, ZoneInfo(asked.zone), asked.at).answer
    assert isinstance(found, Quote)
    assert (found.discount_minor, found.earned("points")) == (5_000, 23)
    assert json.loads(basket).keys() <= set(re.findall(r"^\| `([a-z_]+)` \|", SPEC, re.MULTILINE))


@pytest.mark.parametrize("table", tables())
def test_the_tables_of_the_page_are_what_the_readers_ask_for(table: str) -> None:
    found = re.search(rf"<!-- keys: {table} -->\n(.*?)\n<!-- /keys -->", SPEC, re.DOTALL)
    assert found is not None
    assert found.group(1) == reference(table)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_key_of_a_kind_is_left_out(kind: str) -> None:
    keys = {str(one.path[0]) for one in keys_of_kind(kind)}
    assert keys <= keys_told([kind]) | told_elsewhere(kind)
    inner = {f"{one.path[0]}.{one.path[1]}" for one in keys_of_kind(kind) if len(one.path) == 2}
    assert inner <= keys_told(INNER)


def test_what_kinds_share_is_told_once() -> None:
    assert set(SHARED) <= set(tables())


def test_the_refusals_are_listed_in_their_order() -> None:
    section = SPEC[SPEC.index("## 11. Refusals") : SPEC.index("## 12.")]
    assert re.findall(r"`([a-z_]+)`", section) == list(RefusalCode)


def test_every_code_of_advice_is_listed() -> None:
    section = SPEC[SPEC.index("## 12. What `check` warns of") : SPEC.index("## 13.")]
    assert re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE) == list(AdviceCode)


def test_every_policy_has_an_example() -> None:
    section = SPEC[SPEC.index("An example of each value") : SPEC.index("## 11.")]
    assert set(re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE)) == keys_told(["policies"])


def test_the_worked_examples_are_right() -> None:
    assert earned(earning(per="20.00"), 24_600) == 12
    assert earned(earning(), 150, 150) == 3
    assert earned(earning('round_at = "line"'), 150, 150) == 2
    gold = '[[tier]]\nid = "gold"\nnames.en = "G"\n[[rule]]\nkind = "multiply"\nid = "g"\nwhen.tiers = ["gold"]\nmultiplier = "1.5"\n'
    assert earned(earning(gold), 399, member=standing("gold")) == 5
    steps = HEAD + '[[rule]]\nkind = "per_step"\nid = "s"\nunits = 5\nstep = "20.00"\n'
    assert earned(read_programme(steps, "p"), 6_500) == 15


KZT = Currency(code="KZT", scale=2)
EARN = '[[rule]]\nkind = "per_amount"\nid = "earn"\nunits = 1\nper = "1.00"\n'
SPEND = '[[reward]]\nkind = "points_discount"\nid = "spend"\ncost = 1\ndiscount = "1.00"\n'
PAY = '[[unit]]\nid = "points"\n[[unit]]\nid = "wallet"\nkind = "money"\nnames.en = "W"\n[[reward]]\nkind = "tender"\nid = "spend"\nunit = "wallet"\n'


def off(percent: str, name: str = "off") -> str:
    return f'[[reward]]\nkind = "percent"\nid = "{name}"\npercent = "{percent}"\n'


def amount(money: str) -> str:
    return f'[[reward]]\nkind = "amount_off"\nid = "less"\namount = "{money}"\n'


def line(number: int, amount_minor: int, **more: object) -> BasketLine:
    quantity = {"quantity_milli": 1000, **more}
    return BasketLine(line=number, item=f"i{number}", amount_minor=amount_minor, **quantity)  # type: ignore[arg-type]


def policy(switch: str, tables_: str, *lines: BasketLine, redeem: int | None = None) -> Quote:
    programme: Programme = read_programme(f"{HEAD}[policies]\n{switch}\n{tables_}", "p")
    basket = make_basket(KZT, lines)
    assert isinstance(basket, Basket)
    asked = Ask(redeem=(RedeemRequest(reward="spend", units=redeem),)) if redeem is not None else Ask()
    found = quote(programme, basket, standing(points=1000, wallet=1000), NOW, asked)
    assert isinstance(found, Quote), found
    return found


def left(found: Quote) -> list[int]:
    return [one.amount_minor for one in found.lines]


@pytest.mark.parametrize(("switch", "expected"), [('multipliers = "compound"', 300), ('multipliers = "additive"', 250)])
def test_multipliers_come_together_as_the_page_says(switch: str, expected: int) -> None:
    more = "".join(
        f'[[rule]]\nkind = "multiply"\nid = "m{place}"\nmultiplier = "{one}"\n'
        for place, one in enumerate(("1.5", "2"))
    )
    assert policy(switch, EARN + more, line(1, 10_000)).earned("points") == expected


@pytest.mark.parametrize(
    ("switch", "rewards", "lines", "expected"),
    [
        ('round_discounts = "each"', off("10", "a") + off("10", "b"), [line(1, 95)], [76]),
        ('round_discounts = "once"', off("10", "a") + off("10", "b"), [line(1, 95)], [77]),
        ('spread = "redistribute"', off("50"), [line(1, 1000, floor_minor=900), line(2, 1000)], [900, 100]),
        ('spread = "per_line"', off("50"), [line(1, 1000, floor_minor=900), line(2, 1000)], [900, 500]),
        ('odd_minor = "largest_remainder"', amount("1.00"), [line(n, 100) for n in (1, 2, 3)], [66, 67, 67]),
        ('odd_minor = "first"', amount("1.00"), [line(n, 100) for n in (1, 2, 3)], [66, 67, 67]),
        ('odd_minor = "last"', amount("1.00"), [line(n, 100) for n in (1, 2, 3)], [67, 67, 66]),
        ('line_floor = "0"', off("100"), [line(1, 500)], [0]),
        ('line_floor = "0.01"', off("100"), [line(1, 500)], [1]),
        ("divisible_lines = false", amount("1.00"), [line(1, 1001, quantity_milli=2000)], [901]),
        ("divisible_lines = true", amount("1.00"), [line(1, 1001, quantity_milli=2000)], [902]),
        ('host_discounts = "before_rewards"', off("10"), [line(1, 800, discount_minor=200)], [720]),
        ('host_discounts = "after_rewards"', off("10"), [line(1, 800, discount_minor=200)], [720]),
        ('host_discounts = "before_rewards"', amount("1.00"), [line(1, 800, discount_minor=200)], [700]),
        ('host_discounts = "after_rewards"', amount("1.00"), [line(1, 800, discount_minor=200)], [720]),
    ],
)
def test_discounts_follow_the_policies_as_the_page_says(
    switch: str, rewards: str, lines: list[BasketLine], expected: list[int]
) -> None:
    assert left(policy(switch, rewards, *lines)) == expected


@pytest.mark.parametrize(
    ("switch", "more", "line_", "redeem", "expected"),
    [
        ("earn_when_redeeming = true", SPEND, line(1, 1000), 4, 6),
        ("earn_when_redeeming = false", SPEND, line(1, 1000), 4, 0),
        ('base = "after"', amount("2.00"), line(1, 1000), None, 8),
        ('base = "before"', amount("2.00"), line(1, 1000), None, 10),
        ('tax = "included"', "", line(1, 1120, tax_minor=120), None, 11),
        ('tax = "excluded"', "", line(1, 1120, tax_minor=120), None, 10),
        ('paid_with_units = "excluded"', PAY, line(1, 1000), 400, 6),
        ('paid_with_units = "included"', PAY, line(1, 1000), 400, 10),
        ('order_discounts = "proportional"', amount("1.00"), line(1, 1000, category="books"), None, 9),
        ('order_discounts = "ignored"', amount("1.00"), line(1, 1000, category="books"), None, 10),
    ],
)
def test_bases_follow_the_policies_as_the_page_says(
    switch: str, more: str, line_: BasketLine, redeem: int | None, expected: int
) -> None:
    rule = EARN + ('categories = ["books"]\n' if line_.category is not None else "")
    assert policy(switch, rule + more, line_, redeem=redeem).earned("points") == expected


@pytest.mark.parametrize(
    ("rounding", "expected"), [("floor", 12), ("ceiling", 13), ("half_up", 13), ("half_down", 12), ("half_even", 12)]
)
def test_fractions_are_rounded_as_the_page_says(rounding: str, expected: int) -> None:
    rule = EARN.replace('"1.00"', '"20.00"')
    assert policy(f'rounding = "{rounding}"', rule, line(1, 25_000)).earned("points") == expected


@pytest.mark.parametrize(("switch", "expected"), [("group", 1), ("line", 2)])
def test_tax_is_rounded_as_the_page_says(switch: str, expected: int) -> None:
    lines = [line(number, 4, tax_ppm=200_000, tax_minor=1) for number in (1, 2)]
    found = policy(f'tax_rounding = "{switch}"', off("25"), *lines)
    assert (left(found), found.tax_minor) == ([3, 3], expected)
