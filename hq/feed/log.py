"""Writing the latest-value log.

Positions are given out inside the transaction of the one writer, so they become visible in their own order: a
reader that has seen position n will never be shown a smaller one later.
"""

from collections.abc import Iterable
from enum import IntEnum

from sqlalchemy import Connection, select, update

from hq.book.dialects import put_rows
from hq.book.schema import feed, feed_head

CARD_KEY_BYTES = 8
ACCOUNT_BYTES = 16
LOT_BYTES = 16
RELEASE_BYTES = 8
_HEAD = select(feed_head.c.position)


class Entity(IntEnum):
    """What a row of the log is about, as stored."""

    MEMBER = 1
    CARD = 2
    BALANCE = 3
    LOT = 4
    FORGOTTEN = 5
    PROGRAMME = 10
    RELEASE = 11


Change = tuple[Entity, bytes]
"""An entity and its key; make one with `member_change`, `card_change` and their like."""


def member_change(member: bytes) -> Change:
    """Say that a member changed."""
    return Entity.MEMBER, member


def card_change(card_key: int) -> Change:
    """Say that a card changed."""
    return Entity.CARD, card_key.to_bytes(CARD_KEY_BYTES, "big", signed=True)


def balance_change(account: bytes, unit: str) -> Change:
    """Say that a balance changed."""
    return Entity.BALANCE, account + unit.encode()


def lot_change(account: bytes, unit: str, lot_id: bytes) -> Change:
    """Say that what is left of a lot changed."""
    return Entity.LOT, account + lot_id + unit.encode()


def forgotten_change(member: bytes) -> Change:
    """Say that a member is forgotten."""
    return Entity.FORGOTTEN, member


def programme_change(version: str) -> Change:
    """Say that a programme version was published for the first time."""
    return Entity.PROGRAMME, version.encode()


def release_change(number: int) -> Change:
    """Say that a release was published or withdrawn."""
    return Entity.RELEASE, number.to_bytes(RELEASE_BYTES, "big")


def record_changes(connection: Connection, changes: Iterable[Change]) -> None:
    """Move each changed thing to the end of the log; in one order whatever order it is given in."""
    ordered = sorted(set(changes))
    if not ordered:
        return
    moved = update(feed_head).values(position=feed_head.c.position + len(ordered)).returning(feed_head.c.position)
    first = connection.execute(moved).scalar_one() - len(ordered) + 1
    rows = [
        {"entity": int(entity), "key": key, "position": first + place} for place, (entity, key) in enumerate(ordered)
    ]
    put_rows(connection, feed, rows, change=("position",))


def head_position(connection: Connection) -> int:
    """Give the position of the last change."""
    position: int = connection.execute(_HEAD).scalar_one()
    return position
