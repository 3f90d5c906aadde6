"""The book: open it, read from it, and write to it one transaction at a time."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError

from agent.book import schema
from agent.book.files import SingleAgent, explain, make_private, migrate, migrations, reader_engine, writer_engine
from agent.book.statements import driver
from agent.book.witness import FILE as WITNESS
from agent.book.witness import HeadWitness, Witnessed, is_old_copy
from agent.errors import BookUnusable
from loyalty.journal.chain import first_head, terminal_id

FILE, LOCK = "till.db", "till.lock"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the journal stands.

    Attributes:
        terminal: The terminal's id, 16 bytes.
        epoch: The epoch of the journal.
        base: Entries before this epoch.
        sequence: Entries so far, in all epochs: the till's own position.
        hash: The hash after them.
        receipts: The last receipt number given.
    """

    terminal: bytes
    epoch: int
    base: int
    sequence: int
    hash: bytes
    receipts: int

    @property
    def wire(self) -> int:
        """Entries of this epoch: the sequence that HQ and receipts know."""
        return self.sequence - self.base


class Book:
    """One till's book. `write` gives the one writing connection, `read` a read-only one."""

    def __init__(
        self, folder: Path, public_key: bytes, identifier_key_id: bytes, *, head_file: Path | None = None
    ) -> None:
        """Open the book in ``folder``, making it for the holder of ``public_key`` when missing.

        A book that its witness knows to be an old copy is opened all the same; its rights to redeem offline are void.

        Args:
            folder: Where it is kept, made when missing.
            public_key: Of the terminal whose journal it is.
            identifier_key_id: Of the key that cards are hashed with.
            head_file: Where the head is witnessed; in ``folder`` unless it is to be on another disk.

        Raises:
            BookBusy: another agent holds it.
            BookUnusable: it cannot be opened, is not a book, or belongs to another key.
            BookFull: the folder cannot be written to.
        """
        self.path = folder / FILE
        self._lock = threading.RLock()
        self._closed = self._in_doubt = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._alone = SingleAgent(folder / LOCK)
            make_private(self.path)
        except OSError as fault:
            raise explain(fault, folder) from fault
        except sqlite3.Error as fault:
            raise explain(fault, folder / LOCK) from fault
        self._public_key = public_key
        self._witness = HeadWitness(head_file or folder / WITNESS)
        self._writer = writer_engine(self.path)
        self._reader = reader_engine(self.path)
        try:
            migrate(self._writer, migrations(), self.path)
            self._connection = self._writer.connect()
            self._head = self._begin(public_key, identifier_key_id)
            self._look_at_witness()
        except (DBAPIError, sqlite3.Error) as fault:
            self._release()
            raise explain(fault, self.path) from fault
        except BaseException:
            self._release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection and let another agent in."""
        with self._lock:
            self._closed = True
            self._connection.close()
            self._release()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other threads from writing during the block, which may hold `write` and what must go with it."""
        with self._lock:
            yield

    @property
    def head(self) -> Head:
        """Where the committed journal stands."""
        return self._head

    @contextmanager
    def write(self) -> Iterator["Writing"]:
        """Give the writing transaction: all of it is durable when the block ends, or nothing happened.

        Raises:
            BookFull: the disk is full or read-only; nothing was written.
        """
        with self._lock:
            self._require_open()
            connection = self._connection
            try:
                driver(connection).execute("BEGIN IMMEDIATE")
                self._settle_head()
                writing = Writing(connection, self._head)
                try:
                    yield writing
                    driver(connection).execute("COMMIT")
                except BaseException:
                    self._in_doubt = True
                    self._undo(connection)
                    raise
            except (DBAPIError, sqlite3.Error) as fault:
                raise explain(fault, self.path) from fault
            if writing.head != self._head:
                self._head = writing.head
                self._witness.note(_witnessed(self._head))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a read-only connection that sees one consistent state."""
        self._require_open()
        try:
            with self._reader.connect() as connection:
                driver(connection).execute("BEGIN")
                try:
                    yield connection
                finally:
                    driver(connection).execute("ROLLBACK")
        except (DBAPIError, sqlite3.Error) as fault:
            raise explain(fault, self.path) from fault

    def _require_open(self) -> None:
        if self._closed:
            raise BookUnusable(f"{self.path} is closed: the agent is ending")

    def _settle_head(self) -> None:
        """Read the head anew after a write that did not end well: an interrupt may come just after its commit."""
        if self._in_doubt:
            self._head = self._read_head(self._public_key)
            self._in_doubt = False

    def _look_at_witness(self) -> None:
        """Find out whether this book is an old copy, before anything is sold; remember it until HQ was told."""
        from agent.book.leases import void_leases  # which may stand on this module

        seen = self._witness.read()
        if is_old_copy(_witnessed(self._head), seen):
            _LOG.warning("the book was restored: its journal had gone on further than it stands now")
            with self.write() as writing:
                void_leases(writing.connection)
                writing.connection.execute(update(schema.sync_state).values(rolled_back=1))
        if seen != _witnessed(self._head):
            self._witness.note(_witnessed(self._head))

    def _release(self) -> None:
        self._witness.close()
        self._reader.dispose()
        self._writer.dispose()  # last, so that closing empties the WAL into the file, which a reader may not do
        self._alone.close()

    @staticmethod
    def _undo(connection: Connection) -> None:
        with suppress(DBAPIError, sqlite3.Error):  # SQLite may have rolled back by itself, as on a full disk
            driver(connection).execute("ROLLBACK")

    def _begin(self, public_key: bytes, identifier_key_id: bytes) -> Head:
        held = self._connection.execute(select(schema.terminal)).one_or_none()
        if held is None:
            self._connection.execute(insert(schema.epoch).prefix_with("OR IGNORE"), {"epoch": 1, "base": 0})
            row = {"id": 1, "public_key": public_key, "epoch": 1, "identifier_key_id": identifier_key_id}
            self._connection.execute(insert(schema.terminal), row)
            held = self._connection.execute(select(schema.terminal)).one()
        if held.public_key != public_key:
            raise BookUnusable(f"{self.path} was begun with another key than the one in the keys folder beside it")
        self.identifier_key_id: bytes = held.identifier_key_id
        return self._read_head(public_key)

    def _read_head(self, public_key: bytes) -> Head:
        journal, epochs = schema.journal.c, schema.epoch.c
        epoch, base = self._connection.execute(
            select(epochs.epoch, epochs.base).order_by(epochs.epoch.desc()).limit(1)
        ).one()
        last = self._connection.execute(
            select(journal.sequence, journal.hash).order_by(journal.sequence.desc()).limit(1)
        ).one_or_none()
        receipts = self._connection.execute(  # numbers only grow: the last one is found without reading the journal
            select(journal.receipt_number)
            .where(journal.receipt_number.is_not(None))
            .order_by(journal.sequence.desc())
            .limit(1)
        ).scalar()
        sequence = last.sequence if last is not None else 0
        return Head(
            terminal=terminal_id(public_key),
            epoch=epoch,
            base=base,
            sequence=sequence,
            hash=last.hash if last is not None and sequence > base else first_head(public_key, epoch),
            receipts=receipts or 0,
        )


def _witnessed(head: Head) -> Witnessed:
    return Witnessed(terminal=head.terminal, epoch=head.epoch, position=head.sequence, hash=head.hash)


class Writing:
    """A writing transaction under way, and where the journal will stand when it commits."""

    __slots__ = ("connection", "head")

    def __init__(self, connection: Connection, head: Head) -> None:
        self.connection = connection
        self.head = head

    def advance(self, new_hash: bytes, receipt_number: int | None) -> int:
        """Move the head by one entry; gives the entry's sequence."""
        head = self.head
        self.head = replace(head, sequence=head.sequence + 1, hash=new_hash, receipts=receipt_number or head.receipts)
        return self.head.sequence
