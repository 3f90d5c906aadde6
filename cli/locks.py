"""Locks that a process holds until it ends, however it ends: taken for a folder, or seen without taking them.

Both books are guarded by an exclusive SQLite transaction on a small file beside them; whoever only wants to read that
file is told that it is locked.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cli.failures import CommandFailed


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


@contextmanager
def held(lock: Path, otherwise: str) -> Iterator[None]:
    """Hold ``lock`` during the block, as the books' own are held.

    Raises:
        CommandFailed: another process holds it; says ``otherwise``. Or the file cannot be made.
    """
    try:
        connection = sqlite3.connect(lock, timeout=0.5, isolation_level=None)  # of two at once, one must win
    except sqlite3.Error as fault:
        raise CommandFailed(f"{lock} cannot be opened: {fault}") from fault
    with closing(connection):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as fault:
            taken = "locked" in str(fault)
            raise CommandFailed(otherwise if taken else f"{lock} cannot be locked: {fault}") from fault
        yield


def address(book: Path, *, in_use: bool) -> str:
    """Give the SQLite address that reads a book and leaves nothing behind.

    A reader of a WAL book makes two files beside it. So a book that nobody uses, and that was closed well, is read
    as one that cannot change.
    """
    wal = book.with_name(f"{book.name}-wal")
    closed_well = not wal.exists() or wal.stat().st_size == 0
    settings = "mode=ro" if in_use or not closed_well else "mode=ro&immutable=1"
    return f"{book.absolute().as_uri()}?{settings}"
