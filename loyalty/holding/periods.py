"""Spans of calendar time and the instants at which units end or begin, in a store's zone.

Days end at the store's midnight: units that are good for a year are good for the whole of the last day.
"""

import re
from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from loyalty.numbers.limits import require

_ISO = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?", re.ASCII)
_MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Months, then days. A day that a month does not have becomes the last one it has.

    Attributes:
        months: >= 0.
        days: >= 0.
    """

    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        require(self.months >= 0 and self.days >= 0, "a period does not go back")

    def after(self, day: date) -> date:
        """Give the day that lies this period after ``day``; the last day there is, where it would lie beyond."""
        try:
            return _plus_months(day, self.months) + timedelta(days=self.days)
        except (OverflowError, ValueError):
            return date.max

    def before(self, day: date) -> date:
        """Give the day that lies this period before ``day``; the first day there is, where it would lie beyond."""
        try:
            return _plus_months(day, -self.months) - timedelta(days=self.days)
        except (OverflowError, ValueError):
            return date.min


class RoundUp(StrEnum):
    """To the first day of what the end of a period is moved."""

    NONE = "none"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


_STEP = {RoundUp.MONTH: 1, RoundUp.QUARTER: 3, RoundUp.HALF_YEAR: 6, RoundUp.YEAR: 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """How long something is good for.

    Attributes:
        period: From the day on; good for the whole of its last day.
        round_up: Where the end is moved; a period of nothing rounded up to the month ends with the month.
    """

    period: Period
    round_up: RoundUp = RoundUp.NONE

    def ends_at(self, day: date, zone: tzinfo) -> datetime:
        """Give the first instant (UTC) at which what began on ``day`` is over: a midnight of the store."""
        last = self.period.after(day)
        if self.round_up is RoundUp.NONE:
            return midnight(_next_day(last), zone)
        step = _STEP[self.round_up]
        return midnight(_plus_months(last.replace(day=1), step - (last.month - 1) % step), zone)


def parse_period(text: str) -> Period | None:
    """Read an ISO 8601 period of years, months and days, as ``P1Y6M`` or ``P90D``; None for anything else."""
    found = _ISO.fullmatch(text)
    if found is None or text == "P":
        return None
    years, months, days = (int(part or 0) for part in found.groups())
    return Period(months=years * _MONTHS_OF_A_YEAR + months, days=days)


def midnight(day: date, zone: tzinfo) -> datetime:
    """Give the instant (UTC) at which ``day`` begins in ``zone``."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def birthday_in(year: int, birthday: tuple[int, int]) -> date:
    """Give a birthday (month, day) in a year; one of 29 February is a day earlier where there is none."""
    month, day = birthday
    return date(year, month, 28 if birthday == (2, 29) and not isleap(year) else day)


def _plus_months(day: date, months: int) -> date:
    year, month = divmod(day.year * _MONTHS_OF_A_YEAR + day.month - 1 + months, _MONTHS_OF_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _next_day(day: date) -> date:
    return day + timedelta(days=1) if day < date.max else day
