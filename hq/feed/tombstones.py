"""Tombstones in the log: rows of withdrawn cards and of lots that are gone, kept until every till may be taken to know.

Source: docs/SPEC-sync.md, section 3, "Tombstones".
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from hq.book.dialects import insert_missing
from hq.book.schema import feed, feed_head, feed_mark
from hq.feed.log import Entity, head_position
from hq.feed.values import placed_values
from sync.protocol.values import FeedCard, FeedLot

_DAY_MS = 24 * 3600 * 1000
KEPT_MS = 90 * _DAY_MS
_AT_ONCE = 2_000
_DROP = delete(feed).where(
    feed.c.entity == bindparam("of"), feed.c.key == bindparam("at"), feed.c.position == bindparam("was")
)


def horizon(connection: Connection) -> int:
    """Give the position up to which tombstones are forgotten."""
    position: int = connection.execute(select(feed_head.c.horizon)).scalar_one()
    return position


def note_position(connection: Connection, now_ms: int) -> None:
    """Note where the log stands, once a day, and let go of notes that are older than the one that counts."""
    last = connection.execute(select(func.max(feed_mark.c.at_ms))).scalar_one()
    if last is None or now_ms - last >= _DAY_MS:
        insert_missing(connection, feed_mark, [{"position": head_position(connection), "at_ms": now_ms}])
        connection.execute(delete(feed_mark).where(feed_mark.c.position < ripe(connection, now_ms)))


def ripe(connection: Connection, now_ms: int) -> int:
    """Give the last position that is known to be as old as tombstones get; 0 where none is."""
    old = select(func.max(feed_mark.c.position)).where(feed_mark.c.at_ms <= now_ms - KEPT_MS)
    return connection.execute(old).scalar_one() or 0


def dead_rows(connection: Connection, upto: int) -> Iterator[Any]:
    """Give the rows of the log, behind the horizon and up to a position, that are tombstones.

    What becomes one later moves to a later position, so nothing at or before the horizon has to be looked at again.
    """
    after = horizon(connection)
    while log := _run(connection, after, upto):
        gone = {place for place, row in placed_values(connection, log) if _is_tombstone(row)}
        yield from (row for row in log if row.position in gone)
        after = log[-1].position


def forget(connection: Connection, dead: Sequence[Any], position: int) -> None:
    """Drop tombstones from the log, those that moved meanwhile excepted, and note up to where."""
    if dead:
        connection.execute(_DROP, [{"of": row.entity, "at": row.key, "was": row.position} for row in dead])
        connection.execute(update(feed_head).values(horizon=position))


def _run(connection: Connection, after: int, upto: int) -> Sequence[Any]:
    query = select(feed).where(feed.c.position > after, feed.c.position <= upto)
    query = query.where(feed.c.entity.in_((int(Entity.CARD), int(Entity.LOT)))).order_by(feed.c.position)
    return connection.execute(query.limit(_AT_ONCE)).all()


def _is_tombstone(row: object) -> bool:
    return (isinstance(row, FeedCard) and row.member is None) or (isinstance(row, FeedLot) and row.amount == 0)
