"""Opening the book's file: one process, one writer, power-cut-safe settings, and the schema brought up to date.

WAL with ``synchronous=FULL`` costs one fsync a commit and loses no commit at a power cut. SQLite before 3.51.3
can damage a WAL file when two connections write or checkpoint at once; so exactly one connection ever writes,
and every other is opened read-only.
"""

import os
import sqlite3
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool, StaticPool

from agent.errors import AgentError, BookBusy, BookFull, BookUnusable

APPLICATION_ID = 0x4C6F7961
"""``Loya``: what SQLite's header calls the file, so that another program's file is not taken for a book."""

_BUSY_MS = 5_000
_FULL = ("disk is full", "no space left", "readonly", "read-only", "disk i/o error")


def migrations() -> list[str]:
    """Give the SQL of every schema version, the first one first."""
    folder = files("agent.book") / "migrations"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return [(folder / name).read_text(encoding="utf-8") for name in names]


class SingleAgent:
    """The right to be the one agent of a data directory, held as an SQLite lock until closed or killed.

    The operating system gives it back when the process ends in any way, on Linux and on Windows alike.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=0.5, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("PRAGMA journal_mode=MEMORY")
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as fault:
            self._connection.close()
            if "locked" in str(fault):
                raise BookBusy(
                    f"another agent uses {path.parent}; stop it, or give this one another data_dir"
                ) from fault
            raise

    def close(self) -> None:
        """Let another agent in."""
        self._connection.close()


def make_private(path: Path) -> None:
    """Make a missing file, readable by its owner only: a journal holds cards as they were scanned.

    SQLite gives the files beside it the same permissions.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def writer_engine(path: Path) -> Engine:
    """Make the engine of the one writing connection; the caller writes BEGIN and COMMIT itself.

    `migrate` turns WAL on, once it knows whose file it is.
    """
    engine = create_engine(
        f"sqlite:///{path.as_posix()}",
        poolclass=StaticPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _set(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


def reader_engine(path: Path) -> Engine:
    """Make the engine of the read-only connections."""

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False, timeout=_BUSY_MS / 1000
        )

    return create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        max_overflow=-1,  # a question never waits for others: threads are what bounds it
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
    )


def migrate(engine: Engine, scripts: list[str], path: Path) -> None:
    """Bring the file to the newest schema, each version in one transaction.

    Raises:
        BookUnusable: the file is another program's, or of a newer agent.
    """
    with engine.connect() as connection:
        held = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        owner = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar_one()
        if tables and owner != APPLICATION_ID:
            raise BookUnusable(f"{path} is not a till's book; move it away or give the agent another data_dir")
        if held > len(scripts):
            raise BookUnusable(f"{path} was written by a newer agent (schema {held}); this one knows {len(scripts)}")
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")  # it changes the file, so only now that it is ours
        raw = connection.connection.driver_connection
        if not isinstance(raw, sqlite3.Connection):
            raise BookUnusable("the book needs Python's own SQLite driver")
        for version, script in enumerate(scripts[held:], start=held + 1):
            marks = f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={version};"
            raw.executescript(f"BEGIN IMMEDIATE;\n{script}\n{marks}\nCOMMIT;")


def explain(fault: DBAPIError | sqlite3.Error | OSError, path: Path) -> AgentError:
    """Turn a database fault into the sentence that a person needs; it repeats nothing of what was being written."""
    words = str(fault.orig if isinstance(fault, DBAPIError) else fault).lower()
    if any(word in words for word in _FULL):
        return BookFull(f"{path} cannot be written to (disk full or read-only); nothing was recorded")
    if "locked" in words or "busy" in words:
        return BookBusy(f"{path} is locked by another program")
    if "unable to open" in words:
        return BookUnusable(f"{path} cannot be opened; does the folder exist and may this user write to it?")
    if "not a database" in words or "malformed" in words:
        return BookUnusable(f"{path} is damaged or not an SQLite file; keep it and restore a copy")
    if isinstance(fault, OSError):
        return BookUnusable(f"{path} cannot be used: {fault.strerror}")
    return BookUnusable(f"{path} cannot be used: {type(fault).__name__}")
