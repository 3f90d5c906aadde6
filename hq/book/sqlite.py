"""HQ's book in one SQLite file: one writer connection, readers that cannot write.

WAL with ``synchronous=FULL``: what was committed survives a power cut. SQLite before 3.51.3 can damage a WAL
database when two connections write or checkpoint at once, so there is one writer, and every other connection is
opened read-only.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from hq.book.book import POOL_WAIT_S, Store
from hq.book.lock import BookLock
from hq.errors import BookUnusable

BOOK_FILE = "hq.sqlite3"
LOCK_FILE = "hq.lock"
_READERS = 8
_OWN_TABLES = {"alembic_version", "setting", "feed_head"}
_WRITER_PRAGMAS = (
    "PRAGMA secure_delete=FAST",  # what is overwritten or removed leaves no letters behind; see hq.members.erasing
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-16384",  # KiB: small enough that memory stays flat early
)


def open_sqlite(data_dir: Path) -> Store:
    """Open (or make) the book in ``data_dir`` and hold its lock.

    Raises:
        BookInUse: another HQ has it open.
        BookUnusable: the directory or file cannot be used; says why.
    """
    make_data_dir(data_dir)
    lock = BookLock(data_dir / LOCK_FILE)
    path = data_dir / BOOK_FILE
    try:
        _require_own(path)
        writer = _engine(path, read_only=False)
        with writer.connect():
            pass
        reader = _engine(path, read_only=True)
    except (DBAPIError, sqlite3.Error) as fault:
        lock.close()
        said = fault.orig if isinstance(fault, DBAPIError) else fault
        raise BookUnusable(f"{path} cannot be used as HQ's book: {said}") from fault
    except BookUnusable:
        lock.close()
        raise
    if os.name == "posix":
        path.chmod(0o600)

    def close() -> None:
        reader.dispose()
        writer.dispose()
        lock.close()

    def settle() -> None:
        with writer.connect() as connection:
            own: Any = connection.connection.dbapi_connection
            own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    return Store(writer=writer, reader=reader, close=close, settle=settle)


def make_data_dir(data_dir: Path) -> None:
    """Make the directory for the book and prove that it may be written."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = data_dir / ".written-to-try"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as fault:
        raise BookUnusable(f"HQ cannot write in {data_dir}: {fault.strerror}") from fault


def _require_own(path: Path) -> None:
    """Refuse another program's database before anything is changed in it; turning WAL on changes the file."""
    if not path.exists():
        return
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    finally:
        connection.close()
    if names and not names >= _OWN_TABLES:
        raise BookUnusable(f"{path} is not HQ's book; move it away or set another data_dir")


def _engine(path: Path, *, read_only: bool) -> Engine:
    address = path.resolve().as_uri() + ("?mode=ro" if read_only else "")

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        for pragma in () if read_only else _WRITER_PRAGMAS:
            connection.execute(pragma)
        return connection

    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=_READERS if read_only else 1,
        max_overflow=0,
        pool_timeout=POOL_WAIT_S,
        hide_parameters=True,
    )
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def look_into_sqlite(data_dir: Path) -> Engine:
    """Read the book in ``data_dir`` beside an HQ that may be running; nothing is written and no lock is taken.

    Raises:
        BookUnusable: there is none, or it is no book of HQ's.
    """
    path = data_dir / BOOK_FILE
    if not path.exists():
        raise BookUnusable(f"{path} does not exist; HQ was never started here")
    try:
        _require_own(path)
    except sqlite3.Error as fault:
        raise BookUnusable(f"{path} cannot be used as HQ's book: {fault}") from fault
    return _engine(path, read_only=True)
