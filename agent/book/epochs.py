"""The epochs of the till's journal: which positions are chained in which, and how a new one begins.

A *position* (``journal.sequence``) is the till's own count and never changes. In an epoch, entries count from 1 behind its
base: that is the sequence which HQ, the wire and receipts know. Source: docs/SPEC-journal.md, section 6.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, insert, select, text, update

from agent.book import rot
from agent.book.book import Writing
from agent.book.leases import void_leases
from agent.book.schema import epoch as epochs
from agent.book.schema import journal, past_hash, sync_state, terminal
from agent.book.statements import Prepared, Row
from loyalty.journal.chain import first_head, next_head
from loyalty.numbers.limits import require
from sync.protocol.epochs import OwnEpoch

_ALL = Prepared(select(epochs.c.epoch, epochs.c.base).order_by(epochs.c.epoch))
_PRUNED = Prepared(select(sync_state.c.pruned, sync_state.c.pruned_hash).where(sync_state.c.id == 1))
_HASH = Prepared(select(journal.c.hash).where(journal.c.sequence == bindparam("position")))
_FIRST_PAST = Prepared(
    select(past_hash.c.epoch, past_hash.c.hash)
    .where(past_hash.c.sequence == bindparam("position"))
    .order_by(past_hash.c.epoch)
    .limit(1)
)
_BEHIND = Prepared(
    select(journal.c.sequence, journal.c.hash, journal.c.core)
    .where(journal.c.sequence > bindparam("base"))
    .order_by(journal.c.sequence)
)
_KEEP = Prepared(insert(past_hash).prefix_with("OR IGNORE"))
_SET = Prepared(update(journal).where(journal.c.sequence == bindparam("position")).values(hash=bindparam("new_hash")))
_OPEN = Prepared(insert(epochs))
_FORGET = Prepared(text("DELETE FROM epoch WHERE base >= :base AND epoch NOT IN (SELECT epoch FROM past_hash)"))
"""Epochs in which nothing was ever written: two disks under one name would leave one at each contact."""
_CURRENT = Prepared(update(terminal).values(epoch=bindparam("now")))
_BACK = Prepared(
    text("UPDATE sync_state SET acked = min(acked, :base), durable = min(durable, :base), rolled_back = 0 WHERE id = 1")
)


def own_epochs(connection: Connection, head: int) -> Sequence[OwnEpoch]:
    """Give the journal of ``head`` entries as it is chained now, the oldest epoch first.

    No epoch without entries but the newest, and none whose entries were all removed.
    """
    found: list[OwnEpoch] = []
    pruned, _ = _pruned(connection)
    end = head
    for number, base in reversed(_ALL.rows(connection)):
        if base < end or not found:
            found.append(OwnEpoch(epoch=number, base=base, last=end - base, kept=max(0, pruned - base)))
            end = base
        if base == 0 or base < pruned:
            break
    return found[::-1]


def epoch_of(connection: Connection, position: int) -> tuple[int, int]:
    """Give (epoch, base) in which the entry at a position is chained now: the newest that begins before it."""
    return _epoch_at(_ALL.rows(connection), position)


def hash_at(connection: Connection, position: int) -> bytes | None:
    """Give the hash after the entry at ``position`` (>= 1), also of the last one that was removed; None where unknown."""
    found: bytes | None = _HASH.scalar(connection, position=position)
    if found is None:
        pruned, pruned_hash = _pruned(connection)
        return pruned_hash if position == pruned else None
    return found


def as_printed(connection: Connection, position: int, stored: bytes) -> tuple[int, bytes]:
    """Give the sequence and the hash that the entry at ``position`` had when it was written."""
    past = _FIRST_PAST.one(connection, position=position)
    if past is None:
        _, base = epoch_of(connection, position)
        return position - base, stored
    number, first = past
    return position - next(base for one, base in _ALL.rows(connection) if one == number), first


def reopen(writing: Writing, public_key: bytes, number: int, base: int) -> int:
    """Begin epoch ``number`` behind position ``base``: chain what follows anew, with the same ids and bytes.

    An entry whose bytes changed on the disk is sealed as evidence first, so that no hash vouches for them. One
    transaction with whatever else the caller writes; rights to redeem offline are void from then on. Gives the number of
    entries that were sealed.
    """
    connection, head = writing.connection, writing.head
    pruned, _ = _pruned(connection)
    require(
        number > head.epoch and pruned <= base <= head.sequence, "a new epoch is greater, and begins in the journal"
    )
    begun = _ALL.rows(connection)
    rows = [_row(public_key, begun, *stored) for stored in _BEHIND.rows(connection, base=base)]
    last, sealed = first_head(public_key, number), 0
    kept: list[dict[str, object]] = []
    changed: list[dict[str, object]] = []
    for row, whole in rot.sound(hash_at(connection, base) or b"", rows):
        sealed += not whole
        last = next_head(last, row.core if whole else rot.seal(connection, row))
        kept.append({"sequence": row.position, "epoch": _epoch_at(begun, row.position)[0], "hash": row.hash})
        changed.append({"position": row.position, "new_hash": last})
    _KEEP.run_many(connection, kept)
    _SET.run_many(connection, changed)
    _FORGET.run(connection, base=base)
    _OPEN.run(connection, epoch=number, base=base)
    _CURRENT.run(connection, now=number)
    _BACK.run(connection, base=base)
    void_leases(connection)
    writing.head = replace(head, epoch=number, base=base, hash=last)
    return sealed


def _epoch_at(begun: Sequence[Row], position: int) -> tuple[int, int]:
    return next((number, base) for number, base in reversed(begun) if base < position)


def _row(public_key: bytes, begun: Sequence[Row], position: int, stored: bytes, core: bytes) -> rot.Row:
    number, base = _epoch_at(begun, position)
    begins = first_head(public_key, number) if position == base + 1 else None
    return rot.Row(position=position, hash=stored, core=core, begins=begins)


def _pruned(connection: Connection) -> tuple[int, bytes | None]:
    row = _PRUNED.one(connection)
    require(row is not None, "the book's own state is there")
    assert row is not None
    return row[0], row[1]
