"""Two-digit years, days that are left open, and the digits that are no day at all."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.gs1.dates import (
    day_of,
    days_from,
    is_date,
    is_date_or_month,
    is_full_date,
    is_time,
    last_day,
)

days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def yymmdd(day: date) -> str:
    return f"{day.year % 100:02}{day.month:02}{day.day:02}"


def is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def test_the_days_of_a_century_are_days_and_no_other_digits_are() -> None:
    for year, month, day in product(range(100), range(15), range(34)):
        digits = f"{year:02}{month:02}{day:02}"
        good = is_day(2000 + year, month, day)
        assert is_date(digits) is good, digits
        assert is_date_or_month(digits) is (good or (day == 0 and 1 <= month <= 12)), digits
        assert is_full_date(f"20{digits}") is good, digits


@pytest.mark.parametrize("digits", ["00000101", "20270229", "20261301", "20260100"])
def test_a_full_date_must_be_a_day(digits: str) -> None:
    assert not is_full_date(digits)


def test_a_time_is_of_one_day() -> None:
    for hour, minute in product(range(100), range(100)):
        assert is_time(f"{hour:02}{minute:02}") is (hour < 24 and minute < 60)


def test_two_digits_are_a_year_from_49_before_to_50_after() -> None:
    for year, digits in product(range(2000, 2100), range(100)):
        found = day_of(f"{digits:02}0101", year)
        assert (found.year % 100, found.month, found.day) == (digits, 1, 1)
        assert -49 <= found.year - year <= 50


@pytest.mark.parametrize(
    ("digits", "year", "day"),
    [
        ("991231", 2026, date(1999, 12, 31)),
        ("280229", 2026, date(2028, 2, 29)),
        ("260200", 2026, date(2026, 2, 28)),
        ("280200", 2026, date(2028, 2, 29)),
        ("000200", 2099, date(2100, 2, 28)),
        ("000229", 2099, date(2100, 2, 28)),
        ("001200", 2026, date(2000, 12, 31)),
    ],
)
def test_day_00_is_the_last_of_its_month(digits: str, year: int, day: date) -> None:
    assert day_of(digits, year) == day


def test_a_month_ends_where_the_next_begins() -> None:
    for year, month in product(range(1900, 2101), range(1, 13)):
        assert (date(year, month, last_day(year, month)) + timedelta(days=1)).day == 1


@given(first=days, apart=st.integers(-17_000, 17_000))
def test_days_between_two_dates_are_counted_over_the_turn_of_a_century(first: date, apart: int) -> None:
    second = first + timedelta(days=apart)
    counted = days_from(yymmdd(first), yymmdd(second))
    assert abs(counted - apart) <= 1  # one leap day may lie between two centuries
    assert (counted < 0) is (apart < 0)
