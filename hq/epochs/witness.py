"""How far HQ ever told its feed and its leases, witnessed by a small file outside the book.

A book that is restored from a backup says nothing of what was told after the backup; the file beside it does. It
never runs ahead of what is committed, and it is written before a till hears of a position. It lags at most by what was
told since its last fsync, and only when the power fails: so a book from a backup older than that is always found out.
"""

import os
import threading
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from hq.errors import BookBusy, BookUnusable

WITNESS_FILE = "hq.told"
_MARK = "loyaltill-told-2"
_DIGITS = 20
_FSYNC_EVERY_S = 1.0
_MOST_BYTES = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Tills were told the feed of ``hq_epoch`` up to ``position`` at most, and leases up to the change ``leases``."""

    hq_epoch: str
    position: int
    leases: int = 0


class Witness:
    """The file. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._file: int | None = None
        self._told = Told(hq_epoch="", position=0)
        self._synced_at_s = 0.0

    def read(self) -> Told | None:
        """Give what the file says; None for a file that is missing, cut short or changed.

        Raises:
            BookUnusable: the file is there and cannot be read.
        """
        try:
            with self._path.open("rb") as file:
                return _parse(file.read(_MOST_BYTES))
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise BookUnusable(f"{self._path} cannot be read: {fault.strerror}") from fault

    def begin(self, told: Told) -> None:
        """Put ``told`` into a new file and go on from there.

        Raises:
            BookUnusable: the file cannot be written.
        """
        fresh = self._path.with_suffix(".new")
        try:
            with fresh.open("wb") as file:
                file.write(_record(told))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
            self._file = os.open(self._path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        except OSError as fault:
            raise BookUnusable(f"HQ cannot write {self._path}: {fault.strerror}") from fault
        self._told = told

    def tell(self, position: int) -> None:
        """Witness a committed position before a till hears of it; costs an fsync a second at most.

        Raises:
            BookBusy: the file cannot be written; the till must not be told.
        """
        self._tell(position=position)

    def tell_leases(self, change: int) -> None:
        """Witness a committed change of leases before a till hears of it; as `tell`."""
        self._tell(leases=change)

    def _tell(self, *, position: int = 0, leases: int = 0) -> None:
        with self._turn:
            if (position <= self._told.position and leases <= self._told.leases) or self._file is None:
                return
            told = Told(
                hq_epoch=self._told.hq_epoch,
                position=max(position, self._told.position),
                leases=max(leases, self._told.leases),
            )
            try:
                os.lseek(self._file, 0, os.SEEK_SET)
                os.write(self._file, _record(told))  # as long as the record before it, within one sector
                if time.monotonic() - self._synced_at_s >= _FSYNC_EVERY_S:
                    os.fsync(self._file)
                    self._synced_at_s = time.monotonic()
            except OSError as fault:
                raise BookBusy(f"HQ cannot write {self._path.name}: {fault.strerror}") from fault
            self._told = told

    def close(self) -> None:
        """Make what was told durable and let the file go."""
        with self._turn:
            if self._file is not None:
                handle, self._file = self._file, None
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)


def _record(told: Told) -> bytes:
    said = f"{_MARK} {told.hq_epoch} {told.position:0{_DIGITS}} {told.leases:0{_DIGITS}}"
    return f"{said} {_check(said)}\n".encode("ascii")


def _parse(data: bytes) -> Told | None:
    said, _, check = data.decode("ascii", "replace").rstrip("\n").rpartition(" ")
    match said.split(" "):
        case [mark, hq_epoch, position, leases] if mark == _MARK and check == _check(said):
            if position.isdecimal() and leases.isdecimal():
                return Told(hq_epoch=hq_epoch, position=int(position), leases=int(leases))
    return None


def _check(said: str) -> str:
    return sha256(said.encode()).hexdigest()[:16]
