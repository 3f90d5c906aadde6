"""What of a price is put off for units, and what of that is earned as they are redeemed."""

import pytest

from loyalty.holding.liability import deferred_minor, revenue_minor


def test_a_price_is_shared_in_proportion_to_what_goods_and_units_are_worth_alone() -> None:
    assert deferred_minor(100_000, 100_000, 9_500) == 8_676  # IFRS 15, example 52


def test_nothing_is_put_off_where_nothing_is_worth_anything() -> None:
    assert deferred_minor(100, 0, 0) == 0


@pytest.mark.parametrize(("expected", "revenue"), [(9_700, 3_493), (9_900, 3_339)])
def test_the_second_year_s_revenue_is_the_cumulative_share_less_the_first_year_s(expected: int, revenue: int) -> None:
    first = revenue_minor(8_676, 4_500, 9_500)
    assert first == 4_110
    assert revenue_minor(8_676, 8_500, expected, first) == revenue


def test_everything_is_recognised_at_last() -> None:
    first = revenue_minor(1_000, 1, 3)
    assert first + revenue_minor(1_000, 3, 3, first) == 1_000


def test_more_than_everything_is_never_recognised() -> None:
    assert revenue_minor(1_000, 12, 10) == 1_000


def test_an_estimate_that_rises_takes_revenue_back() -> None:
    assert revenue_minor(1_000, 5, 100, 500) == -450


def test_units_below_zero_are_a_bug() -> None:
    with pytest.raises(ValueError, match="not below zero"):
        revenue_minor(1_000, -1, 10)
    with pytest.raises(ValueError, match="not below zero"):
        deferred_minor(-1, 1, 1)
