"""Rates and rounding."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.numbers.rates import ONE, Rate, Rounding, divide, least_for_one

F, C, U, E = Rounding.FLOOR, Rounding.CEILING, Rounding.HALF_UP, Rounding.HALF_EVEN
MODES = (F, C, U, E)


@pytest.mark.parametrize(
    ("dividend", "divisor", "expected"),
    [
        # quarters: floor, ceiling, half up, half even
        (7, 4, (1, 2, 2, 2)),
        (6, 4, (1, 2, 2, 2)),
        (5, 4, (1, 2, 1, 1)),
        (4, 4, (1, 1, 1, 1)),
        (2, 4, (0, 1, 1, 0)),
        (10, 4, (2, 3, 3, 2)),
        (0, 4, (0, 0, 0, 0)),
        (-1, 4, (-1, 0, 0, 0)),
        (-2, 4, (-1, 0, -1, 0)),
        (-3, 4, (-1, 0, -1, -1)),
        (-5, 4, (-2, -1, -1, -1)),
        (-6, 4, (-2, -1, -2, -2)),
        (-10, 4, (-3, -2, -3, -2)),
    ],
)
def test_each_rounding_mode_gives_what_its_name_says(
    dividend: int, divisor: int, expected: tuple[int, int, int, int]
) -> None:
    assert tuple(divide(dividend, divisor, mode) for mode in MODES) == expected


@given(st.integers(), st.integers(1), st.sampled_from(MODES))
def test_rounding_never_moves_by_a_whole_step(dividend: int, divisor: int, mode: Rounding) -> None:
    assert abs(divide(dividend, divisor, mode) - Fraction(dividend, divisor)) < 1


@given(st.integers(), st.integers(1))
def test_halves_round_to_the_nearest(dividend: int, divisor: int) -> None:
    exact = Fraction(dividend, divisor)
    assert divide(dividend, divisor, E) == round(exact)
    assert abs(divide(dividend, divisor, U) - exact) <= Fraction(1, 2)
    assert divide(-dividend, divisor, U) == -divide(dividend, divisor, U)


@given(st.integers(), st.integers(1))
def test_floor_and_ceiling_are_each_others_mirror(dividend: int, divisor: int) -> None:
    assert divide(-dividend, divisor, F) == -divide(dividend, divisor, C)


def test_a_divisor_of_zero_is_the_callers_bug() -> None:
    with pytest.raises(ValueError, match="divisor must be positive"):
        divide(1, 0, F)


def test_a_rate_is_kept_in_lowest_terms() -> None:
    assert Rate.of(150, 100) == Rate(numerator=3, denominator=2)
    assert Rate.of(0, 7) == Rate(numerator=0, denominator=1)
    with pytest.raises(ValueError, match="lowest terms"):
        Rate(numerator=2, denominator=4)


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 2), (1, 0), (1, -2)])
def test_a_rate_is_never_negative(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="non-negative fraction"):
        Rate.of(numerator, denominator)
    with pytest.raises(ValueError, match="non-negative fraction"):
        Rate(numerator=numerator, denominator=denominator)


rates = st.builds(Rate.of, st.integers(0, 10**6), st.integers(1, 10**6))


@given(rates, rates, rates)
def test_rates_multiply_exactly_in_any_order(a: Rate, b: Rate, c: Rate) -> None:
    def exact(rate: Rate) -> Fraction:
        return Fraction(rate.numerator, rate.denominator)

    assert a * b == b * a
    assert (a * b) * c == a * (b * c)
    assert a * ONE == a
    assert exact(a * b) == exact(a) * exact(b)


@pytest.mark.parametrize("rounding", list(Rounding))
@pytest.mark.parametrize("divisor", [1, 2, 3, 7, 10])
def test_the_least_dividend_for_one_is_the_first_that_rounds_to_it(rounding: Rounding, divisor: int) -> None:
    first = next(dividend for dividend in range(1, 2 * divisor + 1) if divide(dividend, divisor, rounding) == 1)
    assert least_for_one(divisor, rounding) == first
