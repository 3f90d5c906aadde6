"""How each language writes dates and times on receipts and pages.

Knows patterns and the English short month names; refuses to know time zones: an instant arrives already in the
store's zone. One form per language: CLDR's all-digit ``yMd`` (``04.12.2010``), except in English, where digits name one
day to a British reader and another to an American, so the month is written (``4 Dec 2010``). A test compares the
tables with Babel's copy of CLDR.
"""

from datetime import date, datetime, time

from loyalty.numbers.limits import require

_ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec")
_BETWEEN = {"kk": ", ", "az": " ", "ru": ", ", "hy": ", ", "en": ", ", "ka": ", ", "tr": " ", "uz": ", "}
"""What CLDR's short pattern puts between a date and a time."""


def write_date(day: date, language: str) -> str:
    """Write a date; the day of a ``datetime`` is taken in the zone it carries."""
    require(language in _BETWEEN, "a date is written in a language that has a catalogue")
    if language == "en":
        return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"
    if language == "ka":
        return f"{day.day}.{day.month}.{day.year}"
    mark = "/" if language == "uz" else "."
    return f"{day.day:02}{mark}{day.month:02}{mark}{day.year}"


def write_time(at: time | datetime, language: str) -> str:
    """Write the time of day with minutes, on the clock of 24 hours that all the languages share."""
    require(language in _BETWEEN, "a time is written in a language that has a catalogue")
    return f"{at.hour:02}:{at.minute:02}"


def write_date_time(at: datetime, language: str) -> str:
    """Write an instant as a local date and time.

    Args:
        at: Aware, in the zone in which it shall be read (the store's).
        language: One of the catalogues' languages.

    Raises:
        ValueError: ``at`` is naive.
    """
    require(at.tzinfo is not None, "an instant needs its time zone")
    return f"{write_date(at, language)}{_BETWEEN[language]}{write_time(at, language)}"
