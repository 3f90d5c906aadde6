"""The journal read from its end, for a report of the last hours."""

from collections.abc import Iterator

from sqlalchemy import Connection, bindparam, select

from agent.book import journal
from agent.book.journal import Stored
from agent.book.schema import journal as entries
from agent.book.statements import Prepared

MAX_ENTRIES = 20_000
"""Most entries that a report looks at."""
_NEWEST = Prepared(select(entries.c.sequence).order_by(entries.c.sequence.desc()).limit(bindparam("most")))


def newest_first(connection: Connection) -> Iterator[Stored]:
    """Give the entries that are not erased, the newest first, at most 20,000."""
    for (sequence,) in _NEWEST.rows(connection, most=MAX_ENTRIES):
        stored = journal.by_sequence(connection, sequence)
        if stored is not None:
            yield stored
