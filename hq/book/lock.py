"""One HQ for one book: a lock that every system has and that ends with the process.

The lock is an exclusive transaction on a small SQLite file beside the book. The operating system drops it when
the process ends, however it ends; nothing has to be cleaned up and no process id is guessed at.
"""

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from hq.errors import BookInUse, BookUnusable


class BookLock:
    """Held from making it until `close`."""

    def __init__(self, path: Path) -> None:
        """Take the lock.

        Raises:
            BookInUse: another process holds it.
            BookUnusable: the file cannot be made.
        """
        try:
            self._connection = sqlite3.connect(path, timeout=0.5, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as fault:
            raise BookUnusable(f"{path} cannot be opened ({fault}); check that the directory may be written") from fault
        try:
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as fault:
            self._connection.close()
            if "locked" in str(fault):
                raise BookInUse(
                    f"another HQ uses the book in {path.parent}; stop it or set another data_dir"
                ) from fault
            raise BookUnusable(f"{path} cannot be locked ({fault})") from fault

    def close(self) -> None:
        """Let the next HQ in."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()
