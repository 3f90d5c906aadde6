"""Dates and times of GS1 elements: two-digit years, and days that may be left open.

Knows when digits are a date and which day they mean; reads no clock: the current year is an argument. Pure.
"""

from datetime import date
from typing import Final

_DAYS: Final = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS_OF_A_YEAR: Final = frozenset(f"{month:02}{day:02}" for month in range(1, 13) for day in range(_DAYS[month] + 1))
"""MMDD, with day 00 of each month."""


def is_date(digits: str) -> bool:
    """True if six digits are a day, YYMMDD.

    29 February needs a year that four divides, which is right for every century that two digits can mean until 2100.
    """
    return digits[4:] != "00" and is_date_or_month(digits)


def is_date_or_month(digits: str) -> bool:
    """True if six digits are a day, YYMMDD, or a month whose day is 00 (which means its last day)."""
    day = digits[2:6]
    return day in _DAYS_OF_A_YEAR and (day != "0229" or int(digits[:2]) % 4 == 0)


def is_full_date(digits: str) -> bool:
    """True if eight digits are a day, YYYYMMDD."""
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def is_time(digits: str) -> bool:
    """True if four digits are a time of day, hhmm."""
    return digits[:2] < "24" and digits[2:] < "60"


def day_of(digits: str, year: int) -> date:
    """The day that six digits mean, YYMMDD; day 00 is the last of its month.

    Args:
        digits: What :func:`is_date_or_month` is true for.
        year: The current year. The digits mean a year from 49 before it to 50 after it.

    Source: GS1 General Specifications, section 7.12.
    """
    century = year - year % 100
    years = int(digits[:2]) - year % 100
    if years >= 51:
        century -= 100
    elif years <= -50:
        century += 100
    full_year, month, day = century + int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    last = last_day(full_year, month)
    return date(full_year, month, min(day or last, last))


def last_day(year: int, month: int) -> int:
    """How many days a month has."""
    if month != 2:
        return _DAYS[month]
    return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28


def days_from(first: str, second: str) -> int:
    """Days from one YYMMDD to another, which are taken to be less than 50 years apart; negative if it lies before."""
    start = day_of(first, 2000)
    return (day_of(second, start.year) - start).days
