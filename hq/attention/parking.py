"""What HQ could not post, and what a person should know about: stored with a reason, never dropped."""

from collections.abc import Collection
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import Connection, and_, func, select, update

from hq.book.dialects import in_chunks, insert_missing, put_rows
from hq.book.schema import exception, parked

Place: TypeAlias = tuple[bytes, int, int]
"""Where an entry stands: terminal, epoch, sequence."""


class ParkReason(StrEnum):
    """Why an entry was stored and acknowledged, but not posted."""

    MALFORMED = "malformed"
    """The core is not readable."""
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_ACCOUNT = "unknown_account"
    """An account that HQ does not have; posted by itself once another till's enrolment brings it."""
    UNKNOWN_ORIGINAL = "unknown_original"
    """A return that names no sale."""
    AMOUNT_TOO_LARGE = "amount_too_large"


class ExceptionReason(StrEnum):
    """What a person should look at; the entry itself was dealt with."""

    ENTRY_ID_REUSED = "entry_id_reused"
    """The same entry id came with other bytes; the first ones count."""
    DETAIL_MISMATCH = "detail_mismatch"
    """The detail is not the one that the core vouches for."""
    FORK = "fork"
    """A till's journal and HQ's differ at a common sequence, or HQ holds more: a disk was restored or cloned."""
    CLONE = "clone"
    """A till came with a journal that another disk had gone on from: two tills may live under one name."""
    ENTRIES_MISSING = "entries_missing"
    """Entries that a till had removed because HQ called them durable, and that HQ does not have."""
    ROT = "rot"
    """Bytes of a till's disk changed: an entry was sealed as evidence, and cannot be posted."""
    LEASE_FOREIGN = "lease_foreign"
    """An entry draws on a lease that another till holds; the draw is not counted."""
    LEASE_UNKNOWN = "lease_unknown"
    """An entry draws on a lease that HQ does not know; the draw is not counted."""
    LEASE_OVERDRAWN = "lease_overdrawn"
    """A till spent more of a lease than it was granted."""
    OVERSPENT = "overspent"
    """An entry gave units that nobody had, and that are the merchant's loss; it is posted as printed."""
    PROGRAMME_OLD = "programme_old"
    """A till sold by a version of the programme that another had replaced; once, until a person has looked."""
    TIER_OLD = "tier_old"
    """A sale was made by a tier that its member was not in any more."""
    BALANCES_DIFFER = "balances_differ"
    """A till's balances differed from HQ's in one bucket, whose number stands for the sequence; it fetched all anew."""
    CLOCK_OFF = "clock_off"
    """A till's clock and HQ's differ by more than some minutes."""
    HQ_RESTORED = "hq_restored"
    """The book lies behind what tills were told: it was restored, and what was done at HQ since is gone."""
    TILL_REVOKED = "till_revoked"
    """A person shut a till out; a record, and a reminder to look at what it sent last."""


HQ_ITSELF = bytes(16)
"""Stands where the terminal of an exception does when it is about HQ; its places count restores from 1."""


class ItemState(StrEnum):
    """Where a parked entry or an exception stands."""

    OPEN = "open"
    SETTLED = "settled"


def park(
    connection: Connection,
    place: Place,
    reason: ParkReason,
    *,
    at_ms: int,
    entry_id: bytes | None = None,
    waits_for: bytes | None = None,
) -> None:
    """Keep an entry for a person, or until the account ``waits_for`` comes; a parked one takes the new reason."""
    terminal, epoch, sequence = place
    row = {
        "terminal_id": terminal,
        "epoch": epoch,
        "sequence": sequence,
        "entry_id": entry_id,
        "reason": reason.value,
        "waits_for": waits_for,
        "state": ItemState.OPEN.value,
        "parked_at_ms": at_ms,
    }
    put_rows(connection, parked, [row], change=("reason", "waits_for", "entry_id"))


def settle(connection: Connection, place: Place, at_ms: int) -> None:
    """Note that a parked entry is posted now."""
    terminal, epoch, sequence = place
    own = and_(parked.c.terminal_id == terminal, parked.c.epoch == epoch, parked.c.sequence == sequence)
    connection.execute(update(parked).where(own).values(state=ItemState.SETTLED.value, settled_at_ms=at_ms))


def waiting_places(connection: Connection, accounts: Collection[bytes]) -> list[Place]:
    """Give the places of the parked entries that wait for one of ``accounts``, in a fixed order."""
    query = select(parked.c.terminal_id, parked.c.epoch, parked.c.sequence).where(
        parked.c.state == ItemState.OPEN.value
    )
    return sorted(
        (row.terminal_id, row.epoch, row.sequence)
        for some in in_chunks(accounts)
        for row in connection.execute(query.where(parked.c.waits_for.in_(some)))
    )


def has_open_exception(connection: Connection, reason: ExceptionReason, terminal: bytes) -> bool:
    """Tell whether a person still has to look at something like that at a till."""
    own = and_(
        exception.c.terminal_id == terminal,
        exception.c.reason == reason.value,
        exception.c.state == ItemState.OPEN.value,
    )
    return connection.execute(select(exception.c.epoch).where(own).limit(1)).first() is not None


def last_raised_ms(connection: Connection, reason: ExceptionReason, terminal: bytes) -> int | None:
    """Give when something like that was last raised of a till, settled or not; None where it never was."""
    own = and_(exception.c.terminal_id == terminal, exception.c.reason == reason.value)
    found: int | None = connection.execute(select(func.max(exception.c.raised_at_ms)).where(own)).scalar_one()
    return found


def raise_exception(
    connection: Connection,
    reason: ExceptionReason,
    *,
    place: Place,
    at_ms: int,
    entry_id: bytes | None = None,
    note: str = "",
) -> None:
    """Record something for a person, once for each place and reason."""
    insert_missing(connection, exception, [_exception_row(reason, place, at_ms, entry_id, note)])


def raise_again(connection: Connection, reason: ExceptionReason, *, place: Place, at_ms: int, note: str) -> None:
    """Record something for a person anew, also where the same was settled before."""
    row = {**_exception_row(reason, place, at_ms, None, note), "settled_at_ms": None}
    row |= {"settled_by": None, "settled_note": None}
    change = ("note", "state", "raised_at_ms", "settled_at_ms", "settled_by", "settled_note")
    put_rows(connection, exception, [row], change=change)


def _exception_row(
    reason: ExceptionReason, place: Place, at_ms: int, entry_id: bytes | None, note: str
) -> dict[str, object]:
    terminal, epoch, sequence = place
    return {
        "terminal_id": terminal,
        "epoch": epoch,
        "sequence": sequence,
        "reason": reason.value,
        "entry_id": entry_id,
        "note": note,
        "state": ItemState.OPEN.value,
        "raised_at_ms": at_ms,
    }
