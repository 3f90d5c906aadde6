"""What entries say of members beside their units: when they last came, and which tier they are in."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from hq.book.dialects import among, in_chunks, update_rows
from hq.book.schema import member
from hq.feed.log import Change, member_change, record_changes
from hq.ingest.accounts import Owner, owners_of, stores_of
from hq.ingest.arrivals import Arrived
from hq.texts import plain_text
from loyalty.journal.entry import EntryKind
from sync.protocol.values import LAST_SECOND, MAX_SEGMENTS

MAX_TIER = 64
_KEY = ("member_id",)


def note_members(connection: Connection, posted: Sequence[Arrived], owners: Mapping[bytes, Owner]) -> list[Change]:
    """Note the visits and moves of posted entries, in their order; give what the feed must tell."""
    moves = [one for one in posted if one.core is not None and one.core.kind == EntryKind.TIER]
    return [*_note_visits(connection, posted, owners), *_note_moves(connection, moves)]


def set_segments(connection: Connection, segments: Mapping[bytes, Iterable[str]]) -> int:
    """Say to which segments members belong from now on; gives how many members changed.

    Args:
        connection: In a writing transaction.
        segments: For each member (no alias) the ids of segments; at most `MAX_SEGMENTS`, the first in sorted order.
    """
    wanted = {one: json.dumps(sorted(set(ids))[:MAX_SEGMENTS]) for one, ids in segments.items()}
    query = select(member.c.member_id, member.c.segments)
    rows = [
        {"member_id": row.member_id, "segments": wanted[row.member_id]}
        for some in in_chunks(wanted)
        for row in connection.execute(query.where(among(connection, member.c.member_id, some)))
        if wanted[row.member_id] != (row.segments or "[]")
    ]
    update_rows(connection, member, rows, keys=_KEY)
    record_changes(connection, [member_change(row["member_id"]) for row in rows])
    return len(rows)


def _note_visits(connection: Connection, posted: Sequence[Arrived], owners: Mapping[bytes, Owner]) -> list[Change]:
    """Note when and where members came last; of two stores on one day, the one whose sale arrived later."""
    stores = stores_of(connection, {one.terminal for one in posted if one.visitor is not None})
    latest: dict[bytes, tuple[str, str | None]] = {}
    for one in posted:
        owner = owners.get(one.visitor) if one.visitor is not None else None
        if owner is None or one.business_date is None:
            continue
        day, home = latest.get(owner.account, (owner.last_visit_on or "", owner.home))
        store = stores.get(one.terminal, home)
        if one.business_date > day or (one.business_date == day and store != home):
            latest[owner.account] = one.business_date, store
    rows = [{"member_id": own, "last_visit_on": day, "home": store} for own, (day, store) in sorted(latest.items())]
    update_rows(connection, member, rows, keys=_KEY)
    return [member_change(own) for own in latest]


def _note_moves(connection: Connection, moves: Sequence[Arrived]) -> list[Change]:
    told = [(one, detail) for one in moves if (detail := one.detail) is not None]
    owners = owners_of(connection, [detail.member for _, detail in told if detail.member is not None])
    rows: list[dict[str, Any]] = [
        {
            "member_id": owners[detail.member].account,
            "tier": plain_text(detail.tier.after, MAX_TIER),
            "tier_until_s": _instant(detail.tier.until),
            "tier_at_ms": one.effective_ms(),
        }
        for one, detail in told
        if detail.tier is not None and detail.member in owners
    ]
    update_rows(connection, member, rows, keys=_KEY)
    return [member_change(row["member_id"]) for row in rows]


def _instant(seconds: int | None) -> int | None:
    """Take what no calendar has for no end."""
    return seconds if seconds is not None and 0 <= seconds <= LAST_SECOND else None
