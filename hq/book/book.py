"""The one way to read and to write HQ's book.

`Book.write` is one database transaction of the one writer; `Book.read` is a snapshot. What makes a database do
that (`sqlite.py`, `postgres.py`) is behind `Store`.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hq.errors import BookBusy

WRITE_WAIT_S = 15
"""How long a writer waits for the ones before it; a till that is told BUSY simply comes again."""
POOL_WAIT_S = 10
"""How long a reader waits for a free connection."""
_PASSING = {
    "disk is full": "the disk of HQ's book is full",
    "no space left": "the disk of HQ's book is full",
    "readonly": "HQ's book cannot be written: its disk or file became read-only",
    "disk i/o error": "the disk of HQ's book reports errors",
    "locked": "HQ's book is locked by another program",
    "lock timeout": "HQ's book is locked by another program",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A database made ready.

    Attributes:
        writer: Begins transactions that exclude every other writer.
        reader: Begins read-only transactions that see one state.
        close: Gives everything back.
        settle: Brings what was written to where it stays, as far as nobody reads what was before; may do nothing.
        stay_with: Told HQ's epoch, goes on only in it, where another HQ could come in between; may do nothing.
    """

    writer: Engine
    reader: Engine
    close: Callable[[], None]
    settle: Callable[[], None] = lambda: None
    stay_with: Callable[[str], None] = lambda _hq_epoch: None


class Book:
    """HQ's book, open. Safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turn = threading.Lock()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection in a transaction that commits at the end, or leaves nothing when the block raises.

        Raises:
            BookBusy: the book could not be written just now; nothing was.
        """
        if not self._turn.acquire(timeout=WRITE_WAIT_S):
            raise BookBusy("HQ is busy writing; try again")
        try:
            with self._store.writer.begin() as connection:
                yield connection
        except (OperationalError, PoolTimeout) as fault:
            _raise_passing(fault)
            raise
        finally:
            self._turn.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one committed state from its first statement to its last."""
        try:
            with self._store.reader.begin() as connection:
                yield connection
        except (OperationalError, PoolTimeout) as fault:
            _raise_passing(fault)
            raise

    def settle(self) -> None:
        """Empty the write-ahead log, where the database has one of its own and nobody reads what was before."""
        with self._turn:
            self._store.settle()

    def stay_with(self, hq_epoch: str) -> None:
        """Read and write from now on only as long as HQ's epoch is this one."""
        self._store.stay_with(hq_epoch)

    def close(self) -> None:
        """Close every connection and let the next HQ in."""
        self._store.close()


def _raise_passing(fault: OperationalError | PoolTimeout) -> None:
    """Raise `BookBusy` with a sentence for what may pass; return for what is a fault of the program."""
    if isinstance(fault, PoolTimeout):
        raise BookBusy("HQ is busy reading; try again") from fault
    said = str(fault.orig).lower()
    for sign, sentence in _PASSING.items():
        if sign in said:
            raise BookBusy(sentence) from fault
    if not isinstance(fault.orig, sqlite3.Error):  # for SQLite an unknown table is an OperationalError too
        raise BookBusy("the database of HQ's book does not answer as it should") from fault
