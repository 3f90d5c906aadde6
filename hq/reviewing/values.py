"""What people ask of parked entries and exceptions, and what they are told, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from hq.attention.parking import ExceptionReason, ItemState, ParkReason, Place

PAGE_ROWS = 50
MAX_NOTE = 500
MAX_BY = 64
SLICE = 200
"""Entries that one transaction of a replay looks at: tills wait no longer for it than for a batch of theirs."""


class Pile(StrEnum):
    """Where something waits."""

    EXCEPTIONS = "exceptions"
    """Dealt with, and a person should know."""
    PARKED = "parked"
    """Stored and acknowledged, but not posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which of a pile are asked for.

    Attributes:
        till: A till's name, or the beginning of its id; empty for all.
        reason: A reason, or empty for all.
        state: Open or settled, or None for both.
        page: From 1; one past the end is the last.
    """

    till: str = ""
    reason: str = ""
    state: ItemState | None = ItemState.OPEN
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that waits, or waited.

    Attributes:
        entry_id: Of the entry that it is about, or None.
        at: When it was parked or raised.
        till: The till's name; None where it is about HQ itself.
        note: What HQ noted beside the reason, or empty.
        waits_for: The account without which it cannot be posted, or None.
        settled_by: Who settled it; None where nobody did, or where it was posted.
    """

    place: Place
    entry_id: bytes | None
    reason: ExceptionReason | ParkReason
    state: ItemState
    at: datetime
    till: str | None
    store: str | None
    note: str = ""
    waits_for: bytes | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None
    settled_note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """A page of a pile, the newest first; ``count`` is of all pages."""

    rows: tuple[Item, ...]
    page: int
    pages: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Everything that HQ knows of one item and of the entry that it is about.

    Attributes:
        kind: The entry's, or None where there is no readable entry.
        fault: What is the matter with a core that cannot be read, or None.
        claimed_at: When the till's clock said it happened, or None.
        received_at, effective_at: When HQ received it, and from when it counts; None without an entry.
        programme: The version that computed it, or None.
        postings: In words, one each.
        ledger: What it changed, in words; empty for nothing.
        detail: What happened at the till, card numbers and codes masked; None where it cannot be read.
        detail_proven: The detail is the one that the core vouches for.
        first_at: Where HQ saw the entry id first, or None where it never did.
    """

    item: Item
    kind: str | None = None
    fault: str | None = None
    claimed_at: datetime | None = None
    received_at: datetime | None = None
    effective_at: datetime | None = None
    programme: str | None = None
    postings: tuple[str, ...] = ()
    ledger: tuple[str, ...] = ()
    detail: dict[str, Any] | None = None
    detail_proven: bool = False
    first_at: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An item that is settled; ``known`` where it was before."""

    item: Item
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of one parked entry: posted, or why it is still parked."""

    place: Place
    till: str | None
    entry_id: bytes | None
    posted: bool
    reason: ParkReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What became of one slice; ``next`` is where to go on, or None at the end."""

    tried: tuple[Tried, ...]
    next: Place | None
