"""The machines of a run: each has a disk, and on it a real till or the real HQ, which ends and begins as a process does."""

import shutil
import sqlite3
from pathlib import Path
from typing import cast

from agent.book.statements import driver
from agent.till.till import Till
from cli.simulation.chance import Chance
from cli.simulation.clocks import TillClock, WorldClock
from cli.simulation.disks import Sabotage, copy_disk
from cli.simulation.sharing import share_store
from cli.simulation.shop import hq_config, till_config
from hq.book.book import Book as HqBook
from hq.book.sqlite import BOOK_FILE, open_sqlite
from hq.epochs.witness import WITNESS_FILE
from hq.server import Hq

__all__ = ["BOOK_FILE", "WITNESS_FILE", "Disks", "HqMachine", "TillMachine"]


class Disks:
    """Names new folders for disks and images below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made = 0

    def new(self, name: str) -> Path:
        """Give a path where nothing is yet."""
        self._made += 1
        return self.folder / f"{name}.{self._made}"

    def copy(self, source: Path, name: str) -> Path:
        """Copy a disk to a new path."""
        target = self.new(name)
        copy_disk(source, target)
        return target


class TillMachine:
    """One till: a disk, a clock of its own, and the process when it runs.

    Attributes:
        number: Its place among the machines; settings follow from it, also on another's disk.
        till: The running till, or None.
        writer: SQLite's connection with which it writes.
    """

    def __init__(self, number: int, disks: Disks, disk: Path, world: WorldClock, mint: Chance) -> None:
        self.number = number
        self.name = f"till-{number}"
        self.clock = TillClock(world)
        self.disk = disk
        self.till: Till | None = None
        self.writer: sqlite3.Connection | None = None
        self._disks, self._mint = disks, mint

    @property
    def running(self) -> Till:
        """The running till; the caller has looked."""
        assert self.till is not None
        return self.till

    @property
    def book(self) -> Path:
        """The database file."""
        return self.disk / "till.db"

    def start(self) -> None:
        """Start the process on the disk as it is."""
        self.till = Till(till_config(self.disk, self.number), clock=self.clock, mint=lambda: self._mint.take(16))
        with self.till.context.book.write() as writing:
            self.writer = driver(writing.connection)

    def image(self) -> Path:
        """Copy the disk as it is, running or not."""
        return self._disks.copy(self.disk, f"{self.name}-image")

    def sabotage(self, chance: Chance) -> Sabotage:
        """Let the process end during what comes next; `die` with the image that it leaves."""
        assert self.writer is not None
        return Sabotage(self.writer, self.disk, self._disks.new(self.name), chance)

    def die(self, left: Path) -> None:
        """End the process without its doing; the disk is what was ``left``."""
        self.close()
        shutil.rmtree(self.disk)
        self.disk = left

    def close(self) -> None:
        """End the process."""
        till, self.till, self.writer = self.till, None, None
        if till is not None:
            till.close()


class HqMachine:
    """HQ's machine.

    Attributes:
        hq: The running HQ, or None.
    """

    def __init__(
        self, disks: Disks, disk: Path, world: WorldClock, randomness: Chance, page_rows: int, write_off: int | None
    ) -> None:
        self.disk = disk
        self.hq: Hq | None = None
        self.writer: sqlite3.Connection | None = None
        self._disks, self._world, self._randomness, self._page_rows = disks, world, randomness, page_rows
        self._write_off = write_off

    @property
    def running(self) -> Hq:
        """The running HQ; the caller has looked."""
        assert self.hq is not None
        return self.hq

    @property
    def book(self) -> Path:
        """The database file."""
        return self.disk / BOOK_FILE

    def start(self, *, restored: bool = False) -> None:
        """Start the process; as `hq.server.open_hq` does, without looking for a newer schema."""
        config = hq_config(self.disk, self._write_off)
        book = HqBook(share_store(open_sqlite(config.data_dir)))
        self.hq = Hq(
            config,
            book,
            clock=self._world,
            randomness=self._randomness.take,
            restored=restored,
            page_rows=self._page_rows,
        )
        with book.write() as connection:
            self.writer = cast(sqlite3.Connection, connection.connection.driver_connection)

    def image(self) -> Path:
        """Copy the disk as it is: a backup."""
        return self._disks.copy(self.disk, "hq-image")

    def sabotage(self, chance: Chance) -> Sabotage:
        """As `TillMachine.sabotage`."""
        assert self.writer is not None
        return Sabotage(self.writer, self.disk, self._disks.new("hq"), chance)

    def die(self, left: Path) -> None:
        """As `TillMachine.die`."""
        self.close()
        shutil.rmtree(self.disk)
        self.disk = left

    def close(self) -> None:
        """End the process."""
        hq, self.hq, self.writer = self.hq, None, None
        if hq is not None:
            hq.close()
