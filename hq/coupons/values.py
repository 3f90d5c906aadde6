"""What a person asks of coupons, and what they hear."""

from dataclasses import dataclass
from enum import StrEnum

PAGE = 500
"""Members, or coupons for whoever has them, of one transaction; tills' uploads go on between two."""
BEARER_AT_ONCE = 100
"""Coupons for whoever has them in one entry, which has room for 200 postings."""
MAX_COUNT = 100_000
MAX_REASON = 500
MAX_BY = 64


class Way(StrEnum):
    """Who gets coupons."""

    CARDS = "cards"
    SEGMENT = "segment"
    TIER = "tier"
    COUNT = "count"
    """Nobody in particular: so many are printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Coupons of one kind for some people.

    Attributes:
        once: Under this key a member gets one coupon of the kind, and ``count`` coupons are issued, however often asked.
        coupon: The kind's id.
        named: The segment or tier.
        count: For `Way.COUNT`.
    """

    once: str
    coupon: str
    way: Way
    named: str = ""
    count: int = 0
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A coupon that somebody has now. Whoever knows the code can use it, unless it is personal: it belongs in no log.

    Attributes:
        fresh: It was issued by this very question, not by one before it under the same key.
        member: Whose it is, hex; empty for a coupon for whoever has it.
        card: The card by which the member was named, if one was.
        usable_at: When it can be used for the first time, ISO 8601 in the store's zone; empty for at once.
        expires_at: When it can be used no more; empty for never.
        last_day: The last date on which it can be used, or empty.
    """

    code: str
    coupon: str
    fresh: bool
    member: str = ""
    card: str = ""
    usable_at: str = ""
    expires_at: str = ""
    last_day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one question gave.

    Attributes:
        next: Ask again with it for the rest; None at the end.
        unknown: Cards that nobody has.
        skipped: Members in whose store the programme in force has no such coupon.
    """

    coupons: tuple[Given, ...]
    next: str | None = None
    unknown: tuple[str, ...] = ()
    skipped: int = 0


class State(StrEnum):
    """What can be done with a coupon."""

    USABLE = "usable"
    NOT_YET = "not yet"
    USED_UP = "used up"
    OVER = "over"
    """Its time is."""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One coupon as HQ knows it; instants as in `Given`.

    Attributes:
        left: The uses that are left, a figure.
        member: Whose it is, hex, where only that member may use it; else empty.
        history: (when, kind of the entry, uses that came or went), the newest last.
    """

    coupon: str
    state: State
    left: str
    member: str = ""
    usable_at: str = ""
    expires_at: str = ""
    last_day: str = ""
    history: tuple[tuple[str, str, str], ...] = ()
