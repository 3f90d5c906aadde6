"""What the overview shows, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hq.attention.parking import ExceptionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class HqTotals:
    """HQ's totals; amounts are in smallest steps, by unit.

    Attributes:
        entries: Entries stored, over all journals.
        members: Members, merged ones counted once.
        earned: What sales gave, less what voids took back.
        reversed: What returns took back, as a positive number.
        outstanding: The sum of all balances.
        parked: Entries stored but not posted, waiting for a person or for another till.
        exceptions: Things that a person should look at.
    """

    entries: int
    members: int
    earned: Mapping[str, int]
    reversed: Mapping[str, int]
    outstanding: Mapping[str, int]
    parked: int
    exceptions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TillRow:
    """One till.

    Attributes:
        last_seen_at: When it last said hello or sent a batch, to the minute; None for a till that was only paired.
        head_code: The short code of the journal's head, as on its receipts; None for an empty journal.
        shut_out: HQ takes nothing from it any more.
    """

    terminal_id: bytes
    name: str
    store: str
    last_seen_at: datetime | None
    entries: int
    head_code: str | None
    shut_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRow:
    """Something that a person should look at; ``till`` and ``store`` are None where it is about HQ itself."""

    reason: ExceptionReason
    till: str | None
    store: str | None
    raised_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One member; of cards only the last four characters, of units only those that people see."""

    member_id: bytes
    last_four: tuple[str, ...]
    nickname: str | None
    tier: str | None
    balances: tuple[tuple[str, int], ...]
    joined_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersPage:
    """One page of members, the newest first."""

    rows: tuple[MemberRow, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberBalance:
    """What one member has, by unit, in smallest steps."""

    member_id: bytes
    balances: tuple[tuple[str, int], ...]

    def of(self, unit: str) -> int:
        """Give the balance of one unit; 0 where nothing was ever posted."""
        return dict(self.balances).get(unit, 0)
