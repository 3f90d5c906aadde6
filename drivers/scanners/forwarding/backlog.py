"""The scans that wait for another program: bounded, the oldest given up and counted, each overwritten when it goes.

Pure: milliseconds are arguments.
"""

from collections import deque
from typing import Final

MAX_WAITING_BYTES: Final = 65_536
_TERMINATORS: Final = frozenset(b"\r\n\t\x03\x04\x00")
KEPT_MS: Final = 5_000
"""How long a scan waits for a program that is not there; an older one must not surprise the next customer."""


class Backlog:
    """What is still to be written, scan by scan; for one thread.

    A terminator that comes by itself, as the LF behind a CR, is written like a scan and counts as none.

    Attributes:
        sent: Scans that went whole.
        dropped: Scans that were given up: too many waited, too long, or the program left in the middle.
    """

    def __init__(self, *, most_bytes: int = MAX_WAITING_BYTES) -> None:
        self._most_bytes = most_bytes
        self._waiting: deque[tuple[int, bytearray]] = deque()
        self._bytes = 0
        self._written = 0
        self._took_scan = False
        self.sent = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, scan: bytes, at_ms: int) -> None:
        """Take a scan; the oldest ones make room for it, but not one that has begun to go."""
        if not scan:
            return
        if len(scan) > self._most_bytes:
            self.dropped += 1
            return
        first = 1 if self._written else 0
        while self._bytes + len(scan) > self._most_bytes and len(self._waiting) > first:
            self._drop(first)
        self._waiting.append((at_ms, bytearray(scan)))
        self._bytes += len(scan)

    def head(self) -> memoryview:
        """What is to be written next, to the end of its scan; empty if nothing waits. Release it before the next call."""
        if not self._waiting:
            return memoryview(b"")
        return memoryview(self._waiting[0][1])[self._written :]

    def went(self, count: int) -> None:
        """So many bytes of :meth:`head` have gone."""
        self._written += count
        if self._waiting and self._written >= len(self._waiting[0][1]):
            self.sent += _is_scan(self._waiting[0][1])
            self._forget(0)

    def take(self) -> tuple[int, bytearray] | None:
        """Take the oldest scan out, with when it came, to write and overwrite it elsewhere; then say how it went."""
        if not self._waiting:
            return None
        taken = self._waiting.popleft()
        self._bytes -= len(taken[1])
        self._took_scan = _is_scan(taken[1])
        return taken

    def took(self, *, whole: bool) -> None:
        """What was taken out has gone, or not."""
        self.sent += whole and self._took_scan
        self.dropped += self._took_scan and not whole

    def expire(self, at_ms: int) -> None:
        """Give up what has waited longer than `KEPT_MS`."""
        while self._waiting and at_ms - self._waiting[0][0] > KEPT_MS:
            self._drop(0)

    def break_off(self) -> None:
        """The program left: the rest of a scan that had begun to go makes no sense to the next one."""
        if self._written:
            self._drop(0)

    def due_ms(self, at_ms: int) -> int | None:
        """How long until the oldest is too old, >= 0; None if nothing waits."""
        return max(0, KEPT_MS + 1 - (at_ms - self._waiting[0][0])) if self._waiting else None

    def _drop(self, place: int) -> None:
        self.dropped += _is_scan(self._waiting[place][1])
        self._forget(place)

    def _forget(self, place: int) -> None:
        _, scan = self._waiting[place]
        del self._waiting[place]
        self._bytes -= len(scan)
        scan[:] = bytes(len(scan))
        if place == 0:
            self._written = 0


def _is_scan(written: bytearray) -> bool:
    return any(byte not in _TERMINATORS for byte in written)
