"""Whether a process holds the lock of a book, found out without taking it.

Both books are guarded by an exclusive SQLite transaction on a small file beside them; whoever only wants to read that
file is told that it is locked.
"""

import sqlite3
from contextlib import closing
from pathlib import Path


def is_held(lock: Path) -> bool:
    """Tell whether an agent or an HQ is at work behind ``lock``."""
    if not lock.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{lock.absolute().as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except sqlite3.OperationalError as fault:
        return "locked" in str(fault)
    return False


def address(book: Path, *, in_use: bool) -> str:
    """Give the SQLite address that reads a book and leaves nothing behind.

    A reader of a WAL book makes two files beside it. So a book that nobody uses, and that was closed well, is read
    as one that cannot change.
    """
    wal = book.with_name(f"{book.name}-wal")
    closed_well = not wal.exists() or wal.stat().st_size == 0
    settings = "mode=ro" if in_use or not closed_well else "mode=ro&immutable=1"
    return f"{book.absolute().as_uri()}?{settings}"
