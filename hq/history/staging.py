"""The scratch file of a plan: one SQLite file per input and mapping, built in one transaction.

Knows tables and locks. A run that is killed while building leaves an empty file, because SQLite takes the whole
transaction back; a second run that wants to build at the same time waits and then says that it is busy. So a file
either holds a complete plan or none, and no temporary name is needed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from hq.history.errors import StagingBusyError, StagingError

FORMAT = 3
"""Raise it whenever another file content is made of the same input: old plans are then built anew."""
_BUSY_TIMEOUT_S = 5
_CACHE_KIB = 16_384

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE receipt (
    id INTEGER PRIMARY KEY, cancelled INTEGER NOT NULL, invoice TEXT NOT NULL, day INTEGER NOT NULL,
    customer TEXT, mixed INTEGER NOT NULL DEFAULT 0, UNIQUE (cancelled, invoice, day)
);
CREATE TABLE line (
    row INTEGER PRIMARY KEY, receipt INTEGER NOT NULL, customer TEXT, item TEXT NOT NULL, description TEXT NOT NULL,
    category TEXT, quantity_milli INTEGER NOT NULL, amount_minor INTEGER NOT NULL, tax_minor INTEGER,
    at_us INTEGER NOT NULL, utc_offset_s INTEGER NOT NULL
);
CREATE TABLE dirty (row INTEGER PRIMARY KEY, reason TEXT NOT NULL);
CREATE TABLE matched (
    id INTEGER PRIMARY KEY, cancellation INTEGER NOT NULL, original INTEGER NOT NULL, cancelled_row INTEGER NOT NULL,
    purchase_row INTEGER NOT NULL, quantity_milli INTEGER NOT NULL
);
CREATE TABLE parked (
    row INTEGER PRIMARY KEY, cancellation INTEGER NOT NULL, quantity_milli INTEGER NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE operation (
    idx INTEGER PRIMARY KEY, receipt INTEGER NOT NULL, kind INTEGER NOT NULL, original INTEGER,
    at_us INTEGER NOT NULL, utc_offset_s INTEGER NOT NULL
);
"""


def is_complete(path: Path, key: str) -> bool:
    """Tell whether ``path`` holds the complete plan of ``key``.

    Raises:
        StagingError: the file cannot be opened.
    """
    if not path.exists():
        return False
    with storage_errors(path), closing(_connect(path, read_only=False)) as connection:
        return _key_of(connection) == key


@contextmanager
def building(path: Path, key: str) -> Iterator[sqlite3.Connection | None]:
    """Build the plan of ``key``: all that is done inside is stored together at the end, or not at all.

    Yields:
        The connection to fill, or None where another run has completed the file in the meantime.

    Raises:
        StagingBusyError: another run is building it.
        StagingError: the directory is full or cannot be written.
    """
    _make_folder(path.parent)
    with storage_errors(path), closing(_connect(path, read_only=False)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        if _key_of(connection) == key:
            yield None
            return
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        yield connection
        connection.execute("INSERT INTO meta VALUES ('key', ?)", (key,))
        connection.execute("COMMIT")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Read a complete plan; the connection belongs to the thread that opens it."""
    with storage_errors(path), closing(_connect(path, read_only=True)) as connection:
        yield connection


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Say in one sentence what is wrong with the plan's file."""
    # The low byte of an SQLite code is the primary one: a lock during recovery is a lock too.
    try:
        yield
    except sqlite3.OperationalError as fault:
        if getattr(fault, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise StagingBusyError(f"{path} is in use: another run is planning the same receipts there") from fault
        raise StagingError(f"{path} cannot be used for the plan: {fault}") from fault
    except sqlite3.DatabaseError as fault:
        raise StagingError(f"{path} is no plan of ours: {fault}; remove it and start again") from fault


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise StagingError(f"{folder} cannot hold the plan: {fault.strerror or fault}") from fault


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    mode = "ro" if read_only else "rwc"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_TIMEOUT_S)
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    return connection


def _key_of(connection: sqlite3.Connection) -> str | None:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None:
        return None
    found = connection.execute("SELECT value FROM meta WHERE key = 'key'").fetchone()
    return None if found is None else str(found[0])
