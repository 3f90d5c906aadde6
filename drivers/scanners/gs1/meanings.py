"""What the value of an element means: an amount, a currency, a day.

Knows implied decimals and two-digit years; reads no clock: the current year is an argument. Pure.
"""

from datetime import date, time
from decimal import Decimal
from typing import Final

from drivers.scanners.gs1.codes import CURRENCIES
from drivers.scanners.gs1.dates import day_of
from drivers.scanners.gs1.values import Element

_AMOUNTS: Final = frozenset({"31", "32", "33", "34", "35", "36", "39"})
_CURRENCY_FIRST: Final = frozenset({"391", "393"})
_DAYS: Final = frozenset(
    {"11", "12", "13", "15", "16", "17", "4324", "4325", "4326", "7003", "7006", "7007", "7011", "8008"}
)
_BIRTHDAYS: Final = frozenset({"7250", "7251"})
_TIMES: Final = {"4324": 6, "4325": 6, "7003": 6, "7011": 6, "8008": 6, "7251": 8}
"""Identifiers with a time of day, and where it starts."""
_NO_TIME: Final = "9999"


def amount_of(element: Element) -> Decimal | None:
    """The measure, price, amount or percentage of a good element, exactly; None for other identifiers.

    The last digit of the identifier says how many decimals there are: ``(3103)000195`` is 0.195.

    Source: GS1 General Specifications, section 3, AIs 310n to 369n and 390n to 395n.
    """
    if element.ai[:2] not in _AMOUNTS or len(element.ai) != 4:
        return None
    digits = element.value[3:] if element.ai[:3] in _CURRENCY_FIRST else element.value
    return Decimal(digits).scaleb(-int(element.ai[3]))


def currency_of(element: Element) -> str | None:
    """The currency of a good element, in three letters of ISO 4217; None if it names none (the store's own, then)."""
    return CURRENCIES.get(element.value[:3]) if element.ai[:3] in _CURRENCY_FIRST else None


def date_of(element: Element, year: int) -> date | None:
    """The day, or the first of two days, of a good element; None for other identifiers.

    Args:
        element: An element of a message that was read without fault.
        year: The current year, which says which century two digits mean.
    """
    if element.ai in _DAYS:
        return day_of(element.value[:6], year)
    if element.ai in _BIRTHDAYS:
        return date(int(element.value[:4]), int(element.value[4:6]), int(element.value[6:8]))
    return None


def time_of(element: Element) -> time | None:
    """The time of day on the label's own clock; None if the element has none."""
    digits = element.value[_TIMES[element.ai] :] if element.ai in _TIMES else ""
    if not digits or digits == _NO_TIME:
        return None
    hour, minute, second = (int(digits[at : at + 2] or "0") for at in (0, 2, 4))
    return time(hour, minute, second)
