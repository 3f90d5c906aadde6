"""How a till stands with HQ, as values."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from loyalty.journal.chain import head_code

MAX_NOTE = 500
MAX_BY = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TillState(StrEnum):
    """Whether a till may talk to HQ."""

    OPEN = "open"
    REVOKED = "revoked"
    """It was shut out."""
    LOST = "lost"
    """It was shut out, and what it has not sent will never come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TillStanding:
    """One till.

    Attributes:
        epoch: The epoch whose journal HQ takes; ``sequence`` and ``head`` (its short code) are of it.
        seen_at: When HQ last heard of it, to the minute; None for one that was only paired.
        unposted: Entries that HQ stored and that no balance contains yet.
        parked: Entries that wait for a person or for another till; the unposted ones, and returns without a sale.
        exceptions: What a person should look at.
        programme: What people call the version that it counts by, or the version; None where it never said.
    """

    terminal_id: bytes
    name: str
    store: str
    state: TillState
    epoch: int
    sequence: int
    head: str | None
    seen_at: datetime | None
    programme: str | None
    unposted: int = 0
    parked: int = 0
    exceptions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A till after a change; ``known`` where there was nothing to change."""

    till: TillStanding
    known: bool


def standing_of(row: Any) -> TillStanding:
    """Read a row of a till with its journal's head and programme; counts are left at 0."""
    state = TillState.OPEN if row.revoked_at_ms is None else TillState.REVOKED
    return TillStanding(
        terminal_id=row.terminal_id,
        name=row.name,
        store=row.store,
        state=state if row.lost_at_ms is None else TillState.LOST,
        epoch=row.epoch,
        sequence=row.sequence or 0,
        head=head_code(row.hash) if row.hash else None,
        seen_at=_EPOCH + timedelta(milliseconds=row.last_seen_at_ms) if row.last_seen_at_ms is not None else None,
        programme=row.label or row.programme,
    )
