"""The bounds that every amount in Loyaltill keeps, and the check that stops a bug before it is written.

Amounts are stored as 64-bit signed integers at the till (SQLite) and at HQ (PostgreSQL), so a value outside
that range cannot be a value of ours.
"""

import re

INT64_MAX = 2**63 - 1
MAX_BALANCE = 10**15
"""Most smallest steps of one unit that an account may have or owe, remainders included: beyond any shop's use, and
small enough that sums over all accounts fit 64 bits. HQ parks what would pass it, so a till refuses it."""
MAX_SCALE = 6
"""Most decimal places that a currency or a unit may have."""
QUANTITY_SCALE = 3
"""Quantities are integer thousandths: 1.5 kg is 1500."""
MAX_BASKET_LINES = 2_000
MAX_TEXT = 200
"""Most characters of one name, item code or reference from a host."""
MAX_UNIT = 64
"""Most characters of a unit's id, hidden units for remainders included."""
_HALF_PAIR = re.compile("[\ud800-\udfff]")


def fits_int64(value: int) -> bool:
    """Tell whether ``value`` can be stored as a signed 64-bit integer."""
    return -INT64_MAX - 1 <= value <= INT64_MAX


def is_storable(text: str, most: int = MAX_TEXT) -> bool:
    """Tell whether every book and wire can hold ``text``: not too long, no NUL and no half of a surrogate pair."""
    return len(text) <= most and (text.isascii() or not _HALF_PAIR.search(text)) and "\0" not in text


def require(condition: bool, fault: str) -> None:
    """Stop a bug before it is written; unlike ``assert`` it holds under ``python -O``.

    Raises:
        ValueError: ``condition`` is false. It is the caller's bug, never something that a cashier can cause.
    """
    if not condition:
        raise ValueError(fault)
