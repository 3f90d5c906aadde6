"""Earning per piece, litre or kilogram."""

from hypothesis import given
from hypothesis import strategies as st

from loyalty.explain import Units, message
from loyalty.numbers.rates import Rate
from tests.loyalty.shop import basket, earned, programme, quoted, sold


def items(more: str = "", units: str = "1", unit: str = "") -> str:
    return unit + f'[[rule]]\nkind = "per_item"\nid = "items"\nunits = "{units}"\n{more}\n'


def test_each_piece_counts_and_what_is_weighed_is_one() -> None:
    rules = programme(items('categories = ["coffee"]'))
    assert earned(rules, sold(1, 900, category="coffee", quantity_milli=3_000), sold(2, 500)) == 3
    assert earned(rules, sold(1, 900, category="coffee", quantity_milli=1_250)) == 1


def test_an_exact_quantity_counts_in_thousandths() -> None:
    fuel = programme(items('pieces = "exact"', "2"))
    assert earned(fuel, sold(1, 5_000, quantity_milli=40_250)) == 80
    assert earned(fuel, sold(1, 5_000, quantity_milli=40_250), sold(2, 5_000, quantity_milli=250)) == 81
    up = programme(items('pieces = "exact"\nrounding = "ceiling"', "2"))
    assert earned(up, sold(1, 5_000, quantity_milli=40_250)) == 81


def test_it_is_explained_with_the_quantity_that_counted() -> None:
    [award] = quoted(programme(items('pieces = "exact"', "2")), basket(sold(1, 100, quantity_milli=1_500))).awards
    assert award.bases == ((1, 1_500),)
    assert award.because == (
        message(
            "explain.per_item",
            units=Units(amount=3, scale=0, names=None),
            per_units=Units(amount=2, scale=0, names=None),
            quantity=Rate.of(3, 2),
        ),
    )
    [award] = quoted(programme(items('items = ["x"]')), basket(100)).awards
    assert award.because == (message("explain.nothing_excluded"),)


def test_what_is_handed_out_for_a_reward_earns_nothing_and_a_free_sample_does() -> None:
    assert earned(programme(items()), sold(1, 100), sold(2, 0, gift="spring")) == 1
    assert earned(programme(items()), sold(1, 100), sold(2, 0)) == 2


def test_a_stamp_card_caps_its_stamps_and_doubles_them_on_some_goods() -> None:
    unit = '[[unit]]\nid = "stamps"\nkind = "stamps"\nnames.en = "stamps"\n'
    rules = programme(
        items('unit = "stamps"\ncap.per_sale = 6', unit=unit)
        + '[[rule]]\nkind = "multiply"\nid = "tea"\nunit = "stamps"\nmultiplier = 2\ncategories = ["tea"]\n'
    )
    cups = (sold(1, 500, quantity_milli=2_000), sold(2, 500, quantity_milli=1_000, category="tea"))
    assert quoted(rules, basket(*cups)).earned("stamps") == 4
    assert quoted(rules, basket(sold(1, 500, quantity_milli=9_000))).earned("stamps") == 6


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=8), st.integers(1, 99))
def test_exact_quantities_are_floored_once_over_the_sale(quantities: list[int], units: int) -> None:
    lines = [sold(number, 100, quantity_milli=milli) for number, milli in enumerate(quantities, start=1)]
    assert earned(programme(items('pieces = "exact"', str(units))), *lines) == units * sum(quantities) // 1000
