"""Retention: entries leave the book once HQ has them in a backup and they are old enough; never before.

The oldest go first, in slices that a sale hardly waits for. What stays whatever its age: the last entry, the one with the last
receipt number, whatever is not durable, and everything from the first entry on that still has pending postings or an open print
job. The hash after the last one that went is kept, so that the chain can be checked and sent from there. With them go leases that
ended before, visits of before, and what was given beyond rights then.
"""

import re
from datetime import datetime

from sqlalchemy import Connection, text

from agent.book.book import Book
from agent.book.print_jobs import JobState
from agent.book.statements import Prepared

SLICE = 200
_LOCAL_TIME = re.compile(rb'"local_time":"([0-9TZ:.+-]{1,40})"')


def _prepared(sql: str) -> Prepared:
    return Prepared(text(sql))


_MARKS = _prepared("SELECT pruned, durable FROM sync_state WHERE id = 1")
_OPEN = f"('{JobState.QUEUED.value}', '{JobState.SENDING.value}')"
_LIMIT = _prepared(
    "SELECT min("  # noqa: S608  # names of states
    " :durable,"
    " coalesce((SELECT max(sequence) FROM journal), 0) - 1,"
    " coalesce((SELECT sequence FROM journal WHERE receipt_number IS NOT NULL ORDER BY sequence DESC LIMIT 1) - 1, :durable),"
    " coalesce((SELECT min(sequence) - 1 FROM pending), :durable),"
    f" coalesce((SELECT min(sequence) - 1 FROM print_job WHERE state IN {_OPEN}), :durable))"
)
_OLDEST = _prepared(
    "SELECT sequence, hash, detail FROM journal WHERE sequence > :pruned AND sequence <= :last ORDER BY sequence LIMIT :most"
)
_GONE = "> :pruned AND {0} <= :upto"
_ANSWERED = f"SELECT answer_key FROM journal WHERE sequence {_GONE.format('sequence')} AND answer_key IS NOT NULL"  # noqa: S608
_DELETE = [
    _prepared(f"DELETE FROM {table} WHERE {column} {_GONE.format(column)}")  # noqa: S608  # names of tables
    for table, column in (
        ("returned", "sale"),
        ("voided", "sale"),
        ("print_job", "sequence"),
        ("past_hash", "sequence"),
        ("floor_use", "sequence"),
        ("journal", "sequence"),
    )
]
_DELETE.insert(0, _prepared(f"DELETE FROM idempotency WHERE key IN ({_ANSWERED})"))  # noqa: S608
_ENDED = (
    "state = 'gone' AND expires_at < :before AND NOT EXISTS (SELECT 1 FROM held WHERE held.lease_id = lease.lease_id)"
)
_DELETE_ENDED = [
    _prepared(f"DELETE FROM lease_slice WHERE lease_id IN (SELECT lease_id FROM lease WHERE {_ENDED})"),  # noqa: S608
    _prepared(f"DELETE FROM lease WHERE {_ENDED}"),  # noqa: S608
]
_DELETE_VISITS = _prepared("DELETE FROM visitor WHERE visited_on < :before")
_NOTE = _prepared("UPDATE sync_state SET pruned = :upto, pruned_hash = :after WHERE id = 1")


def prune(book: Book, before: datetime, most: int = SLICE) -> int:
    """Remove the oldest entries that may go, at most ``most``; gives how many went.

    Args:
        book: The till's.
        before: Aware; what was sold at or after it stays.
        most: Entries of one transaction.
    """
    with book.read() as connection:
        if not _going(connection, before, 1):
            return 0
    with book.write() as writing:
        going = _going(writing.connection, before, most)
        if going:
            pruned, _ = _marks(writing.connection)
            upto, after = going[-1]
            for statement in _DELETE:
                statement.run(writing.connection, pruned=pruned, upto=upto)
            for statement in _DELETE_ENDED:
                statement.run(writing.connection, before=int(before.timestamp()))
            _DELETE_VISITS.run(writing.connection, before=before.date().isoformat())
            _NOTE.run(writing.connection, upto=upto, after=after)
    return len(going)


def _marks(connection: Connection) -> tuple[int, int]:
    row = _MARKS.one(connection)
    return (row[0], row[1]) if row is not None else (0, 0)


def _going(connection: Connection, before: datetime, most: int) -> list[tuple[int, bytes]]:
    """Give (position, hash) of what may go, in order, up to the first that may not."""
    pruned, durable = _marks(connection)
    if durable <= pruned:
        return []
    last = _LIMIT.scalar(connection, durable=durable)
    going: list[tuple[int, bytes]] = []
    for position, after, detail in _OLDEST.rows(connection, pruned=pruned, last=last, most=most):
        if not _is_older(detail, before):
            break
        going.append((position, after))
    return going


def _is_older(detail: bytes, before: datetime) -> bool:
    """Tell whether an entry is old enough; one whose time cannot be read is, since HQ has it and nobody can use it here."""
    found = _LOCAL_TIME.search(detail)
    try:
        return found is None or datetime.fromisoformat(found.group(1).decode("ascii")) < before
    except (ValueError, TypeError):
        return True
