"""A scanner in memory: gives out what a program puts in, byte for byte.

Used by the demo and by tests. It can be unplugged and plugged in again, and can deliver a scan in pieces.
"""

import threading
from collections import deque
from collections.abc import Iterable
from typing import Final

from drivers.errors import DeviceBusy, DeviceGone
from drivers.scanners.framing import Frame
from drivers.scanners.symbols import Symbol

MAX_QUEUED_BYTES: Final = 65_536


class SimulatedSource:
    """A :class:`~drivers.scanners.source.ScanSource` fed by :meth:`scan` and :meth:`feed` from any thread.

    Args:
        name: The name of the device.
        suffix: What the scanner sends after each scan.
    """

    def __init__(self, name: str = "simulated scanner", *, suffix: bytes = b"\r") -> None:
        self._name = name
        self._suffix = suffix
        self._pieces: deque[bytes | Frame | Symbol] = deque()
        self._queued_bytes = 0
        self._plugged = True
        self._opened = False
        self._interrupted = False
        self._changed = threading.Condition()

    @property
    def name(self) -> str:
        """The name of the device."""
        return self._name

    def scan(self, text: str) -> None:
        """One scan: ``text`` as UTF-8, then the suffix.

        Raises:
            BufferError: More than 65,536 bytes wait to be read.
        """
        self.feed([text.encode() + self._suffix])

    def feed(self, pieces: Iterable[bytes | Frame | Symbol]) -> None:
        """Bytes, frames or symbols as they are; each piece comes out of one :meth:`read`.

        Raises:
            BufferError: More than 65,536 bytes wait to be read; nothing was added.
        """
        added = [piece for piece in pieces if piece]
        size = sum(map(_size, added))
        with self._changed:
            if self._queued_bytes + size > MAX_QUEUED_BYTES:
                raise BufferError(f"{self._name}: nobody reads; {self._queued_bytes} bytes wait")
            self._pieces.extend(added)
            self._queued_bytes += size
            self._changed.notify_all()

    def unplug(self) -> None:
        """From now on the device is gone, and what it had not delivered is lost."""
        with self._changed:
            self._plugged = False
            self._opened = False
            self._drop()
            self._changed.notify_all()

    def plug_in(self) -> None:
        """The device is there again and can be opened."""
        with self._changed:
            self._plugged = True

    def open(self) -> None:
        """Take the device.

        Raises:
            DeviceGone: It is unplugged.
            DeviceBusy: It is open already.
        """
        with self._changed:
            if not self._plugged:
                raise DeviceGone(self._name, "not plugged in")
            if self._opened:
                raise DeviceBusy(self._name, "already open")
            self._opened = True
            self._interrupted = False

    def read(self, timeout_ms: int) -> bytes | Frame | Symbol:
        """One piece, or ``b""`` after ``timeout_ms``.

        Raises:
            DeviceGone: It is unplugged or not open.
        """
        with self._changed:
            self._changed.wait_for(self._has_news, timeout_ms / 1000)
            self._interrupted = False
            if not self._opened:
                raise DeviceGone(self._name, "unplugged")
            if not self._pieces:
                return b""
            piece = self._pieces.popleft()
            self._queued_bytes -= _size(piece)
            return piece

    def interrupt(self) -> None:
        """End the wait of a read, or of the next one."""
        with self._changed:
            self._interrupted = True
            self._changed.notify_all()

    def close(self) -> None:
        """Release the device; what waits stays for whoever opens it next."""
        with self._changed:
            self._opened = False
            self._changed.notify_all()

    def _has_news(self) -> bool:
        return bool(self._pieces) or self._interrupted or not self._opened

    def _drop(self) -> None:
        self._pieces.clear()
        self._queued_bytes = 0


def _size(piece: bytes | Frame | Symbol) -> int:
    if isinstance(piece, Symbol):
        return len(piece.text)
    return len(piece.data if isinstance(piece, Frame) else piece)
