"""How dates and times are written, against Babel's copy of CLDR."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from babel import Locale
from babel.dates import format_date, format_time
from hypothesis import given
from hypothesis import strategies as st

from messages.dates import write_date, write_date_time, write_time
from messages.languages import PAPER_LANGUAGES

DIGITS = [language for language in PAPER_LANGUAGES if language != "en"]
days = st.dates(date(1970, 1, 1), date(2999, 12, 31))


@given(day=days, language=st.sampled_from(DIGITS))
def test_dates_are_cldrs_digits(day: date, language: str) -> None:
    pattern = Locale.parse(language).datetime_skeletons["yMd"]
    assert write_date(day, language) == format_date(day, format=pattern.pattern, locale=language)


@given(day=days)
def test_english_dates_write_the_month_as_cldr_does_for_britain(day: date) -> None:
    assert write_date(day, "en") == format_date(day, format="medium", locale="en_GB")


@given(at=st.times(), language=st.sampled_from(PAPER_LANGUAGES))
def test_times_are_cldrs_on_a_clock_of_24_hours(at: object, language: str) -> None:
    locale = "en_GB" if language == "en" else language
    assert write_time(at, language) == format_time(at, format="short", locale=locale)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", PAPER_LANGUAGES)
def test_date_and_time_are_joined_as_cldr_joins_them(language: str) -> None:
    at = datetime(2010, 12, 4, 9, 5, tzinfo=UTC)
    pattern = str(Locale.parse(language).datetime_formats["short"])
    expected = pattern.replace("{1}", write_date(at, language)).replace("{0}", write_time(at, language))
    assert write_date_time(at, language) == expected


def test_an_instant_is_read_in_the_zone_that_it_carries() -> None:
    at = datetime(2010, 12, 31, 20, 30, tzinfo=UTC).astimezone(timezone(timedelta(hours=5)))
    assert write_date_time(at, "ru") == "01.01.2011, 01:30"
    assert write_date_time(at, "en") == "1 Jan 2011, 01:30"


def test_a_naive_instant_is_a_bug() -> None:
    with pytest.raises(ValueError, match="time zone"):
        write_date_time(datetime(2010, 12, 4, 9, 5), "ru")  # noqa: DTZ001


def test_a_language_without_a_catalogue_is_a_bug() -> None:
    with pytest.raises(ValueError, match="catalogue"):
        write_date(date(2010, 12, 4), "de")
