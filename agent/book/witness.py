"""Where the journal stood, witnessed by a small file outside the database.

A book that is restored from an image says nothing of what was sold since; the file beside it may. It is written after each
commit, without an fsync, so it lags after a power cut and never runs ahead: only a witness that is *ahead* of the book, or that knows
another hash at the same place, says anything. One that is missing, damaged, behind or another till's says nothing.
"""

import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

FILE = "till.head"
_LOG = logging.getLogger(__name__)
_MARK = "loyaltill-head-1"
_DIGITS = 20
_MOST_BYTES = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """Where a journal stood: the hash after the entry at ``position``, in ``epoch``."""

    terminal: bytes
    epoch: int
    position: int
    hash: bytes


def is_old_copy(book: Witnessed, witnessed: Witnessed | None) -> bool:
    """Tell whether a book is an older one than the witness saw, or another branch."""
    if witnessed is None or witnessed.terminal != book.terminal or witnessed.epoch < book.epoch:
        return False
    if (witnessed.epoch, witnessed.position) == (book.epoch, book.position):
        return witnessed.hash != book.hash
    return witnessed.epoch > book.epoch or witnessed.position > book.position


class HeadWitness:
    """The file. One thread writes at a time: whoever holds the book's writing lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._failed = False

    def read(self) -> Witnessed | None:
        """Give what the file says; None for one that is missing, unreadable, cut short or changed."""
        try:
            with self._path.open("rb") as file:
                return _parse(file.read(_MOST_BYTES))
        except OSError:
            return None

    def note(self, witnessed: Witnessed) -> None:
        """Write where the journal stands over what stood there: one record, as long as the one before it.

        A file that cannot be written stops nothing; it is said once.
        """
        try:
            if self._file is None:
                flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
                self._file = os.open(self._path, flags, 0o600)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, _record(witnessed))
            self._failed = False
        except OSError as fault:
            self.close()
            if not self._failed:
                _LOG.warning(
                    "%s cannot be written (%s); an old copy of the book would not be noticed", FILE, fault.strerror
                )
            self._failed = True

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            handle, self._file = self._file, None
            with suppress(OSError):
                os.close(handle)


def _record(one: Witnessed) -> bytes:
    said = f"{_MARK} {one.terminal.hex()} {one.epoch:0{_DIGITS}} {one.position:0{_DIGITS}} {one.hash.hex()}"
    return f"{said} {_check(said)}\n".encode("ascii")


def _parse(data: bytes) -> Witnessed | None:
    said, _, check = data.decode("ascii", "replace").rstrip("\n").rpartition(" ")
    match said.split(" "):
        case [mark, terminal, epoch, position, after] if mark == _MARK and check == _check(said):
            return Witnessed(
                terminal=bytes.fromhex(terminal), epoch=int(epoch), position=int(position), hash=bytes.fromhex(after)
            )
    return None


def _check(said: str) -> str:
    return sha256(said.encode()).hexdigest()[:16]
