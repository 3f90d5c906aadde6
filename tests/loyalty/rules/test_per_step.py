"""Earning per full step of money."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.explain import Money, Units, message
from tests.loyalty.shop import GOLD, KZT, SPEND, basket, earned, programme, quoted, sold, standing


def steps(step: str, units: str = "1", more: str = "") -> str:
    return f'[[rule]]\nkind = "per_step"\nid = "steps"\nunits = "{units}"\nstep = "{step}"\n{more}\n'


def money(amount_minor: int) -> Money:
    return Money(amount_minor=amount_minor, currency=KZT)


@pytest.mark.parametrize(
    ("step", "units", "most", "points"),
    [("20.00", "2", 1, 2), ("30.00", "3", 2, 6)],
    ids=["NCR-001", "NCR-002"],
)
def test_a_sale_of_60_gives_full_steps_up_to_the_limit(step: str, units: str, most: int, points: int) -> None:
    assert earned(programme(steps(step, units, f"most_steps = {most}")), 6_000) == points


def test_what_is_left_of_a_step_is_lost() -> None:
    rules = programme(steps("20.00", "2"))
    assert [earned(rules, amount) for amount in (1_999, 2_000, 3_999, 4_000)] == [0, 2, 2, 4]
    assert earned(rules, 1_500, 2_500) == 4, "the lines count together"


def test_it_is_explained_and_so_is_what_is_missing() -> None:
    [award] = quoted(programme(steps("20.00", "2")), basket(5_000)).awards
    assert award.because == (
        message(
            "explain.per_step",
            units=Units(amount=4, scale=0, names=None),
            per_units=Units(amount=2, scale=0, names=None),
            step=money(2_000),
            base=money(5_000),
        ),
    )
    [award] = quoted(programme(steps("20.00", "2")), basket(1_250)).awards
    assert award.because == (message("explain.nothing_below", missing=money(750)),)
    [award] = quoted(programme(steps("20.00", more='categories = ["tea"]')), basket(1_250)).awards
    assert award.because == (message("explain.nothing_excluded"),)


def test_only_its_goods_count_and_not_what_points_paid() -> None:
    rules = programme(steps("10.00", more='exclude_categories = ["wine"]') + SPEND)
    goods = basket(sold(1, 2_000), sold(2, 9_000, category="wine"))
    assert quoted(rules, goods).earned("points") == 2
    assert quoted(rules, goods, standing(points=10_000), ("spend", 6_000)).earned("points") == 0


def test_a_multiplier_counts_as_far_as_its_goods_go() -> None:
    doubled = steps("10.00", "10") + '[[rule]]\nkind = "multiply"\nid = "tea"\nmultiplier = 2\ncategories = ["tea"]\n'
    rules = programme(doubled)
    assert earned(rules, 1_000, 1_000) == 20
    assert earned(rules, sold(1, 1_000, category="tea"), sold(2, 1_000)) == 30
    assert earned(programme(steps("10.00", "10") + GOLD), 1_000, member=standing("gold")) == 15


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=6), st.integers(1, 10**5), st.integers(1, 5))
def test_a_step_more_is_never_less(amounts: list[int], step: int, most: int) -> None:
    rules = programme(steps(f"{step // 100}.{step % 100:02}", "3", f"most_steps = {most}"))
    whole = earned(rules, *amounts)
    assert whole == 3 * min(most, sum(amounts) // step)
    assert earned(rules, *amounts, step) >= whole
