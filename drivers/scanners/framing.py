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
    """The bytes of one scan, at most 4096; its repr never shows them.

    Attributes:
        data: Without STX and terminator. Empty only from a framer that keeps everything.
        ending: What ended it.
        raw: As they came, with STX and terminator; empty if the source has no framing of its own.
    """

    data: bytes = field(repr=False)
    ending: Ending = Ending.TERMINATOR
    raw: bytes = field(default=b"", repr=False, compare=False)

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
        keeps_all: Whether frames without data are given too, so that the frames' :attr:`Frame.raw` together are the
            stream, byte for byte: the LF behind a CR, what is beyond an overflow. A half-read frame at a :meth:`reset`
            is lost all the same.
    """

    def __init__(self, *, idle_ms: int = DEFAULT_IDLE_MS, keeps_all: bool = False) -> None:
        if idle_ms <= 0:
            raise ValueError("idle_ms must be positive")
        self._idle_ms = idle_ms
        self._keeps_all = keeps_all
        self._expects_terminator = False
        self._ended_by_terminator = False
        self._buffer = bytearray()
        self._raw = bytearray()
        self._started_by_stx = False
        self._overflowed = False
        self._last_byte_at_ms = 0
        self._settled = True

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
        self._settled = False
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
        self._settled = True
        cut = self._started_by_stx or (self._expects_terminator and bool(self._buffer))
        self._expects_terminator = self._ended_by_terminator or (self._expects_terminator and not cut)
        frames: list[Frame] = []
        self._end(Ending.CUT if cut else Ending.IDLE, frames)
        return tuple(frames)

    def due_ms(self, at_ms: int) -> int | None:
        """How long until silence would mean something, > 0; None if it means nothing however long it is."""
        return None if self._settled else max(1, self._idle_ms - (at_ms - self._last_byte_at_ms))

    def reset(self) -> None:
        """Forget a half-read frame and all guesses, as after an unplug; the bytes are overwritten."""
        self._expects_terminator = False
        self._ended_by_terminator = False
        self._settled = True
        self._clear()

    def _take(self, byte: int, frames: list[Frame]) -> None:
        ends = byte in TERMINATORS
        if byte == STX:
            self._end(Ending.CUT, frames)
            self._started_by_stx = True
        elif not ends:
            self._append(byte, frames)
        if self._keeps_all or not self._overflowed:
            self._raw.append(byte)
        if ends:
            self._end(Ending.TERMINATOR, frames)
        self._ended_by_terminator = ends

    def _append(self, byte: int, frames: list[Frame]) -> None:
        if len(self._buffer) == MAX_FRAME_BYTES or len(self._raw) > MAX_FRAME_BYTES:
            self._end(Ending.OVERFLOW, frames)
            self._overflowed = True
        if not self._overflowed:
            self._buffer.append(byte)

    def _end(self, ending: Ending, frames: list[Frame]) -> None:
        if self._buffer or (self._keeps_all and self._raw):
            frames.append(Frame(data=bytes(self._buffer), ending=ending, raw=bytes(self._raw)))
        self._clear()

    def _clear(self) -> None:
        for held in (self._buffer, self._raw):
            held[:] = bytes(len(held))
            held.clear()
        self._started_by_stx = False
        self._overflowed = False
