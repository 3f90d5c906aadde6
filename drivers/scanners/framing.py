"""Cuts a scanner's byte stream into frames.

Knows terminators, a leading STX and silence; refuses to know what a frame means. Pure: bytes and milliseconds are
arguments, so that any stream can be replayed.

How the bytes were cut into reads never matters. In particular a read that timed out ends nothing: only :meth:`tick`,
called after a read that found nothing waiting, may end a frame, and only after ``idle_ms`` of silence.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

STX: Final = 0x02
TERMINATORS: Final = frozenset(b"\r\n\t\x03\x04\x00")
"""CR, LF, TAB, ETX, EOT and NUL; CR LF is a terminator and an empty frame, which is dropped."""
MAX_FRAME_BYTES: Final = 4096
DEFAULT_IDLE_MS: Final = 200
"""Slow scanners leave 30 ms between characters, and 300 baud leaves 33."""


class Ending(StrEnum):
    """What ended a frame."""

    TERMINATOR = "terminator"
    IDLE = "idle"
    """Silence, from a scanner that sends no terminator."""
    CUT = "cut"
    """Silence or a new STX, in the middle of a frame that should have had its terminator."""
    OVERFLOW = "overflow"
    """More than ``MAX_FRAME_BYTES``; the rest is thrown away up to the next terminator or silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The bytes of one scan, without STX and terminator, 1 to 4096 of them; its repr never shows them."""

    data: bytes = field(repr=False)
    ending: Ending = Ending.TERMINATOR

    @property
    def incomplete(self) -> bool:
        """True if bytes are missing, so that the frame must not be taken for a scan."""
        return self.ending in {Ending.CUT, Ending.OVERFLOW}


class Framer:
    """The buffer of one device.

    A device that fell silent right after a terminator is taken to send one after every scan: silence inside its next
    frame means lost bytes, and that frame is marked :attr:`Ending.CUT`, once; then the guess is dropped, since a symbol
    may also hold a line end by itself. Silence in a frame that began with STX is always a cut.

    Args:
        idle_ms: Silence that ends a frame without a terminator, > 0.
    """

    def __init__(self, *, idle_ms: int = DEFAULT_IDLE_MS) -> None:
        if idle_ms <= 0:
            raise ValueError("idle_ms must be positive")
        self._idle_ms = idle_ms
        self._expects_terminator = False
        self._ended_by_terminator = False
        self._buffer = bytearray()
        self._started_by_stx = False
        self._overflowed = False
        self._last_byte_at_ms = 0

    def feed(self, data: bytes, at_ms: int) -> tuple[Frame, ...]:
        """Take bytes as they came, in any pieces.

        Args:
            data: Any number of bytes.
            at_ms: Monotonic milliseconds at which the last of them was read.

        Returns:
            The frames that these bytes ended, in order; often none.
        """
        if not data:
            return ()
        self._last_byte_at_ms = at_ms
        frames: list[Frame] = []
        for byte in data:
            self._take(byte, frames)
        return tuple(frames)

    def tick(self, at_ms: int) -> tuple[Frame, ...]:
        """End the open frame if the device has been silent for ``idle_ms``.

        Call it only when nothing was waiting to be read at ``at_ms``.
        """
        if at_ms - self._last_byte_at_ms < self._idle_ms:
            return ()
        cut = self._started_by_stx or (self._expects_terminator and bool(self._buffer))
        self._expects_terminator = self._ended_by_terminator or (self._expects_terminator and not cut)
        frames: list[Frame] = []
        self._end(Ending.CUT if cut else Ending.IDLE, frames)
        return tuple(frames)

    def reset(self) -> None:
        """Forget a half-read frame and all guesses, as after an unplug; the bytes are overwritten."""
        self._expects_terminator = False
        self._ended_by_terminator = False
        self._clear()

    def _take(self, byte: int, frames: list[Frame]) -> None:
        if byte in TERMINATORS:
            self._end(Ending.TERMINATOR, frames)
            self._ended_by_terminator = True
            return
        self._ended_by_terminator = False
        if byte == STX:
            self._end(Ending.CUT, frames)
            self._started_by_stx = True
        elif not self._overflowed:
            self._append(byte, frames)

    def _append(self, byte: int, frames: list[Frame]) -> None:
        if len(self._buffer) == MAX_FRAME_BYTES:
            self._end(Ending.OVERFLOW, frames)
            self._overflowed = True
        else:
            self._buffer.append(byte)

    def _end(self, ending: Ending, frames: list[Frame]) -> None:
        if self._buffer:
            frames.append(Frame(data=bytes(self._buffer), ending=ending))
        self._clear()

    def _clear(self) -> None:
        self._buffer[:] = bytes(len(self._buffer))
        self._buffer.clear()
        self._started_by_stx = False
        self._overflowed = False
