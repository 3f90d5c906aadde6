"""Disks that fail: machines that end in the middle of a write, images, power cuts with a torn tail, disks that are full.

A machine's disk is a folder. What a process leaves there when it ends at some instant is what its files hold at that
instant, so an image taken then, opened by a new process, is what a crash is. No code under test is changed for it:
SQLite itself calls back while it works, and SQLite itself says that it is full.
"""

import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

from agent.book.witness import FILE as WITNESS
from cli.simulation.chance import Chance

_GONE_WITH_THE_PROCESS = ("-shm", ".lock", ".lock-journal", ".new")
_MOST_DOUBLINGS = 13
"""A write of a sale takes some thousand steps of SQLite's machine; a crash comes within 2 to the power of this."""


def copy_disk(source: Path, target: Path) -> None:
    """Copy a machine's folder as it stands; locks and shared memory end with the process that made them."""
    target.mkdir(parents=True)
    for item in sorted(source.iterdir()):
        if item.name.endswith(_GONE_WITH_THE_PROCESS):
            continue
        if item.is_dir():
            copy_disk(item, target / item.name)
        else:
            shutil.copyfile(item, target / item.name)


class Sabotage:
    """Ends a machine after so many steps of SQLite's own work on its writing connection.

    Attributes:
        image: The disk as it was then, once it has happened.
    """

    def __init__(self, connection: sqlite3.Connection, disk: Path, image: Path, chance: Chance) -> None:
        """Begin to count; the end comes soon, late, or after all is done and before anybody hears."""
        self._connection = connection
        self._disk, self._target = disk, image
        self._left = 1 + chance.below(1 << chance.between(3, _MOST_DOUBLINGS))
        self.image: Path | None = None
        connection.set_progress_handler(self._step, 1)

    def end(self) -> Path:
        """Stop counting; gives the disk as it was at the end, which is now where nothing happened before."""
        with suppress(sqlite3.ProgrammingError):  # a pool closes a connection that cannot even roll back
            self._connection.set_progress_handler(None, 1)
        if self.image is None:
            copy_disk(self._disk, self._target)
            self.image = self._target
        return self.image

    def _step(self) -> int:
        """Take the image when the time has come; from then on the process does nothing any more."""
        if self.image is None:
            self._left -= 1
            if self._left > 0:
                return 0
            copy_disk(self._disk, self._target)
            self.image = self._target
        return 1


class WriteAhead:
    """The write-ahead log of one database file, to tear its tail as a power cut does.

    What was synced before stays. The writes after it may have reached the disk in part, or as garbage.
    """

    def __init__(self, database: Path) -> None:
        """Remember where the log stands now: everything up to here is synced."""
        self._database, self._log = database, database.with_name(database.name + "-wal")
        self._witness = database.with_name(WITNESS)
        self._witnessed = self._witness.read_bytes() if self._witness.exists() else None
        self._before = self._state()

    def tear(self, image: Path, chance: Chance) -> bool:
        """Cut the log of an image somewhere behind where it stood; False where nothing was added, or it began anew."""
        size, head, written_ns = self._before
        grown, head_now, written_now_ns = self._state()
        if head_now != head or written_now_ns != written_ns or grown <= size or not size:
            return False
        kept = chance.between(size, grown - 1)
        garbage = chance.take(min(grown - kept, 512)) if chance.one_in(2) else b""
        with (image / self._log.name).open("r+b") as log:
            log.truncate(kept)
            log.seek(kept)
            log.write(garbage)
        if self._witnessed is not None:  # it is written behind the sync that never ended
            (image / WITNESS).write_bytes(self._witnessed)
        return True

    def _state(self) -> tuple[int, bytes, int]:
        if not self._log.exists():
            return 0, b"", 0
        with self._log.open("rb") as log:
            head = log.read(32)
        return self._log.stat().st_size, head, self._database.stat().st_mtime_ns


def fill(connection: sqlite3.Connection, spare_pages: int) -> None:
    """Let the disk be full: the database may grow by so many pages and no more."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages + spare_pages}")


def empty(connection: sqlite3.Connection) -> None:
    """Make room again."""
    connection.execute("PRAGMA max_page_count=1073741823")
