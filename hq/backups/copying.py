"""Copying HQ's SQLite book while HQ works: a consistent copy, checked, synced to disk, and put in place at once.

It reads as any other reader does, so the one writer goes on. A copy that fails anywhere leaves what was there before.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from hq.book.sqlite import BOOK_FILE
from hq.errors import BookUnusable

_SOUND = [("ok",)]
_PAGES = 4_096
"""Pages of one step; the copy is of one state all the same, since one read transaction holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """A backup holds so many entries of one journal."""

    terminal: bytes
    epoch: int
    sequence: int


def copy_book(data_dir: Path, file: Path, progress: Callable[[int, int], None] | None = None) -> list[Covered]:
    """Copy the book in ``data_dir`` to ``file``; gives what the copy holds, read from the copy itself.

    Args:
        data_dir: Where the book is.
        file: The backup; what stands there is replaced once the copy is good.
        progress: Is told (pages left, pages in all) now and then.

    Raises:
        BookUnusable: there is no book, the copy cannot be written, or it does not hold together.
    """
    book = data_dir / BOOK_FILE
    if not book.exists():
        raise BookUnusable(f"{book} does not exist; HQ was never started here")
    fresh = file.with_name(f"{file.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        _copy(book, fresh, progress)
        covered = _verified(fresh)
        _sync(fresh)
        fresh.replace(file)
        _sync_folder(file.parent)
    except (sqlite3.Error, OSError) as fault:
        said = (fault.strerror if isinstance(fault, OSError) else None) or str(fault)
        raise BookUnusable(f"the backup {file} cannot be made: {said}") from fault
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return covered


def _copy(book: Path, fresh: Path, progress: Callable[[int, int], None] | None) -> None:
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(f"{book.resolve().as_uri()}?mode=ro", uri=True)) as source:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # from here on one state is read
        with closing(sqlite3.connect(fresh)) as copy:
            told = (lambda _, left, total: progress(left, total)) if progress is not None else None
            source.backup(copy, pages=_PAGES, progress=told)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it


def _verified(fresh: Path) -> list[Covered]:
    """Read what the copy holds, once all of it has been checked."""
    with closing(sqlite3.connect(f"{fresh.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        found = copy.execute("PRAGMA integrity_check(10)").fetchall()
        if found != _SOUND:
            raise BookUnusable(f"the copy does not hold together: {found[0][0]}; HQ's own book may be damaged")
        rows = copy.execute("SELECT terminal_id, epoch, sequence FROM journal_head ORDER BY terminal_id, epoch")
        return [Covered(terminal=terminal, epoch=epoch, sequence=sequence) for terminal, epoch, sequence in rows]


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name durable; where a folder cannot be opened (Windows), the system does it by itself."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
