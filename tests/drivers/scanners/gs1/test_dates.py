"""Two-digit years, days that are left open, and the digits that are no day at all."""

from datetime import date, timedelta

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


@given(days)
def test_every_day_is_one(day: date) -> None:
    assert is_date(yymmdd(day))
    assert is_date_or_month(yymmdd(day))
    assert is_full_date(f"{day.year}{day.month:02}{day.day:02}")


@given(st.integers(0, 999_999))
def test_only_days_are_days(number: int) -> None:
    digits = f"{number:06}"
    try:
        date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        assert not is_date(digits)
        assert is_date_or_month(digits) is (digits[4:] == "00" and 1 <= int(digits[2:4]) <= 12)
    else:
        assert is_date(digits)


@pytest.mark.parametrize("digits", ["00000101", "20270229", "20261301", "20260100"])
def test_a_full_date_must_be_a_day(digits: str) -> None:
    assert not is_full_date(digits)


@pytest.mark.parametrize(
    ("digits", "good"), [("0000", True), ("2359", True), ("2400", False), ("1260", False), ("9999", False)]
)
def test_a_time_is_of_one_day(digits: str, good: bool) -> None:
    assert is_time(digits) is good


@given(day=st.dates(date(1951, 1, 1), date(2149, 12, 31)), year=st.integers(2000, 2099))
def test_a_year_is_found_again_from_49_before_to_50_after(day: date, year: int) -> None:
    if -49 <= day.year - year <= 50:
        assert day_of(yymmdd(day), year) == day
    else:
        assert day_of(yymmdd(day), year) != day


@pytest.mark.parametrize(
    ("digits", "year", "day"),
    [
        ("260200", 2026, date(2026, 2, 28)),
        ("280200", 2026, date(2028, 2, 29)),
        ("000200", 2099, date(2100, 2, 28)),
        ("000229", 2099, date(2100, 2, 28)),
        ("001200", 2026, date(2000, 12, 31)),
    ],
)
def test_day_00_is_the_last_of_its_month(digits: str, year: int, day: date) -> None:
    assert day_of(digits, year) == day


@given(st.dates(date(2000, 1, 1), date(2200, 1, 1)))
def test_a_month_ends_where_the_next_begins(day: date) -> None:
    assert (day.replace(day=last_day(day.year, day.month)) + timedelta(days=1)).day == 1


@given(first=days, apart=st.integers(-17_000, 17_000))
def test_days_between_two_dates_are_counted_over_the_turn_of_a_century(first: date, apart: int) -> None:
    second = first + timedelta(days=apart)
    counted = days_from(yymmdd(first), yymmdd(second))
    assert abs(counted - apart) <= 1  # one leap day may lie between two centuries
    assert (counted < 0) is (apart < 0)
