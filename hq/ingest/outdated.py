"""Sales that a till made by what was no longer so: posted as printed, and told to a person.

A till without HQ goes on with the programme and the tiers that it knows. Source: docs/SPEC-sync.md, section 2, "Posting and parking".
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import TypeAlias

from sqlalchemy import Connection, bindparam, select

from hq.attention.parking import ExceptionReason, has_open_exception, raise_exception
from hq.book.schema import terminal, till_facts
from hq.ingest.accounts import Owner
from hq.ingest.arrivals import Arrived
from hq.programmes import tables
from hq.programmes.tables import HeldRelease
from loyalty.journal.entry import EntryKind
from loyalty.programme.schedule import in_order

SLACK_MS = 3_600_000
"""A sale keeps the version of its quote, so one that was replaced within this time before it is not old."""
_SOLD = frozenset({EntryKind.SALE, EntryKind.ACTION})
_STANDING, _TIER = b'"standing":{', b'"tier":"'
_TILL = (
    select(terminal.c.store, till_facts.c.zone)
    .select_from(terminal.outerjoin(till_facts, till_facts.c.terminal_id == terminal.c.terminal_id))
    .where(terminal.c.terminal_id == bindparam("till"), terminal.c.role == "till")
)
_Known: TypeAlias = tuple[int, int, str]
"""Of a release: from when it is in force and when it was published, in milliseconds since 1970, and its version."""


def note_outdated(
    connection: Connection, posted: Sequence[Arrived], owners: Mapping[bytes, Owner], now_ms: int
) -> None:
    """Tell a person of posted sales by an old programme, once for each till, and of each by an old tier."""
    sold = [one for one in posted if one.core is not None and one.core.kind in _SOLD]
    if not sold:
        return
    _note_programmes(connection, sold, now_ms)
    for one in sold:
        said = _old_tier(one, owners)
        if said is not None:
            _raise(connection, ExceptionReason.TIER_OLD, one, now_ms, said)


def _note_programmes(connection: Connection, sold: Sequence[Arrived], now_ms: int) -> None:
    groups: dict[tuple[bytes, str], list[Arrived]] = {}
    for one in sold:
        if one.core is not None and one.core.programme is not None:
            groups.setdefault((one.terminal, one.core.programme), []).append(one)
    held = tables.releases(connection) if groups else []
    for (till, version), entries in sorted(groups.items()):
        old = _first_old(connection, held, till, version, entries) if held else None
        if old is not None and not has_open_exception(connection, ExceptionReason.PROGRAMME_OLD, till):
            one, now_in_force = old
            note = f"sold by {version}, and {now_in_force} was in force"
            _raise(connection, ExceptionReason.PROGRAMME_OLD, one, now_ms, note)


def _first_old(
    connection: Connection, held: Sequence[HeldRelease], till: bytes, version: str, entries: Sequence[Arrived]
) -> tuple[Arrived, str] | None:
    """Give the first sale by a version that was not in force any more, with the one that was.

    Where the first and the last of them are by the right version, nothing in between is looked at.
    """
    row = connection.execute(_TILL, {"till": till}).one_or_none()
    if row is None:
        return None
    known = _known(held, row.store, tables.zone_of(row.zone) or UTC)
    if not any(_instead(known, one, version) for one in (entries[0], entries[-1])):
        return None
    return next((one, instead) for one in entries if (instead := _instead(known, one, version)) is not None)


def _known(held: Sequence[HeldRelease], store: str, zone: tzinfo) -> list[_Known]:
    """Give a store's releases, the one that begins last first."""
    published = {one.release.number: one.published_at_ms for one in held}
    ordered = in_order((one.release for one in held if one.is_live), store, zone)
    return [(int(at.timestamp()) * 1000, published[one.number], one.version) for at, one in reversed(ordered)]


def _instead(known: Sequence[_Known], one: Arrived, version: str) -> str | None:
    """Give the version that was in force where a sale was made by one that was not; else None."""
    at_ms = one.effective_ms()
    now, before = _in_force(known, at_ms), _in_force(known, at_ms - SLACK_MS)
    if before is None or version in {now, before, _in_force(known, one.claimed_ms or at_ms)}:
        return None
    return now


def _in_force(known: Sequence[_Known], at_ms: int) -> str | None:
    """Give the version that a till could know to be in force: published by then."""
    return next((version for begins, published, version in known if begins <= at_ms >= published), None)


def _old_tier(one: Arrived, owners: Mapping[bytes, Owner]) -> str | None:
    """Say by which tier a sale was made, where HQ had moved the member to another one before; else None."""
    owner = owners.get(one.visitor) if one.visitor is not None else None
    if owner is None or owner.account != one.visitor or owner.tier_at_ms is None:
        return None
    standing = one.sent.detail.rfind(_STANDING)
    if standing < 0 or owner.tier_at_ms > one.effective_ms():
        return None
    begins = one.sent.detail.find(_TIER, standing)
    end = one.sent.detail.find(b'"', begins + len(_TIER))
    sold_as = one.sent.detail[begins + len(_TIER) : end].decode(errors="replace") if begins >= 0 else None
    if sold_as == owner.tier:
        return None
    return f"sold by tier {sold_as or '-'}, and the member was in {owner.tier or '-'}"


def _raise(connection: Connection, reason: ExceptionReason, one: Arrived, now_ms: int, note: str) -> None:
    entry_id = one.core.entry_id if one.core is not None else None
    raise_exception(connection, reason, place=one.place, at_ms=now_ms, entry_id=entry_id, note=note)
