"""Cuts a scanner's byte stream into frames.

Knows terminators, a leading STX, silence, and what a scanner is set to put around each scan; refuses to know what a
frame means. Pure: bytes and milliseconds are arguments, so that any stream can be replayed.

How the bytes were cut into reads never matters. In particular a read that timed out ends nothing: only :meth:`tick`,
called after a read that found nothing waiting, may end a frame, and only after ``idle_ms`` of silence.
"""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

STX: Final = 0x02
TERMINATORS: Final = frozenset(b"\r\n\t\x03\x04\x00")
"""CR, LF, TAB, ETX, EOT and NUL; CR LF is a terminator and an empty frame, which is dropped."""
MAX_FRAME_BYTES: Final = 4096
DEFAULT_IDLE_MS: Final = 200
"""Slow scanners leave 30 ms between characters, and 300 baud leaves 33."""
MOST_STALL_MS: Final = 1000
"""A person needs longer from one scan to the next; what begins sooner behind a silence may be the rest of a scan."""
JOINED_MS: Final = 100
"""Longer than any scanner leaves between two characters: what comes sooner after a device was opened began before that."""
MAX_AFFIX_BYTES: Final = 16
MAX_JOIN_MS: Final = 1000
END_SENTINEL: Final = b"?"
"""The end of each track of a magstripe (ISO/IEC 7811-6)."""


class Ending(StrEnum):
    """What ended a frame."""

    TERMINATOR = "terminator"
    IDLE = "idle"
    """Silence, from a scanner that sends no terminator."""
    CUT = "cut"
    """Silence or a new STX in the middle of a frame that should have had its terminator; or the rest of such a frame,
    after the silence, or of one that began before the device was opened; or the prefix or suffix that the scanner puts
    around every scan is missing."""
    OVERFLOW = "overflow"
    """More than ``MAX_FRAME_BYTES``; the rest is thrown away up to the next terminator or silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The bytes of one scan, at most 4096; its repr never shows them.

    Attributes:
        data: Without STX, terminator, prefix and suffix. Empty only from a framer that keeps everything.
        ending: What ended it.
        raw: As they came, with STX and terminator; empty if the source has no framing of its own.
    """

    data: bytes | bytearray = field(repr=False)
    ending: Ending = Ending.TERMINATOR
    raw: bytes | bytearray = field(default=b"", repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("data", "raw"):
            held = getattr(self, name)
            if isinstance(held, bytes):
                object.__setattr__(self, name, bytearray(held))

    @property
    def incomplete(self) -> bool:
        """True if bytes are missing, so that the frame must not be taken for a scan."""
        return self.ending in _INCOMPLETE

    def wipe(self) -> None:
        """Overwrite the bytes with zeros, once they have been read and forwarded: they may be a payment card's."""
        for held in (self.data, self.raw):
            assert isinstance(held, bytearray)
            held[:] = bytes(len(held))


_INCOMPLETE: Final = frozenset({Ending.CUT, Ending.OVERFLOW})


@dataclass(frozen=True, slots=True, kw_only=True)
class FramingSettings:
    """How a scanner marks where a scan begins and ends. The defaults read any scanner that sends text of one line.

    Attributes:
        idle_ms: Silence that ends a frame without a terminator, > 0.
        terminators: The bytes that end a frame, each of CR, LF, TAB, ETX, EOT and NUL; the others are data. With ETX
            alone, lines inside a symbol are kept together; with none, only silence ends a frame.
        always_terminated: Whether the scanner is known to send one of ``terminators`` behind every scan; then silence
            never makes a scan. It is not possible without terminators.
        prefix: What the scanner sends before every scan, at most 16 bytes, without STX and terminators. It is taken
            off; a frame without it has lost its beginning and is :attr:`Ending.CUT`.
        suffix: The same after every scan, before the terminator.
        join_ms: For a magstripe reader that sends each track as a line: a line that begins within this time after the
            end of the one before belongs to the same swipe. The tracks become one frame, one after another where they
            end in ``?``, else with CR between them, and it comes ``join_ms`` after the last. 0 joins nothing.
        joined: Whether the device may be opened in the middle of a scan, as a port that is there before anybody reads it.

    Raises:
        ValueError: One of them is outside what stands here.
    """

    idle_ms: int = DEFAULT_IDLE_MS
    terminators: bytes = bytes(sorted(TERMINATORS))
    always_terminated: bool = False
    prefix: bytes = b""
    suffix: bytes = b""
    join_ms: int = 0
    joined: bool = False

    def __post_init__(self) -> None:
        if self.idle_ms <= 0:
            raise ValueError("idle_ms must be positive")
        if not TERMINATORS.issuperset(self.terminators):
            raise ValueError("terminators must be of CR, LF, TAB, ETX, EOT and NUL")
        if self.always_terminated and not self.terminators:
            raise ValueError("a scan that is always terminated needs terminators")
        for name, affix in (("prefix", self.prefix), ("suffix", self.suffix)):
            if len(affix) > MAX_AFFIX_BYTES or {STX, *self.terminators}.intersection(affix):
                raise ValueError(f"the {name} must have at most {MAX_AFFIX_BYTES} bytes, no STX and no terminator")
        if not 0 <= self.join_ms <= MAX_JOIN_MS:
            raise ValueError(f"join_ms must be between 0 and {MAX_JOIN_MS}")


class Framer:
    """The buffer of one device.

    A device that fell silent right after a terminator is taken to send one after every scan: silence inside its next
    frame means a stall or lost bytes, and that frame is marked :attr:`Ending.CUT`; then the guess is dropped, since a
    symbol may also hold a line end by itself. Silence in a frame that began with STX is always a cut.

    What comes behind a cut is its rest, up to the next terminator or STX, and is :attr:`Ending.CUT` too, since half a
    scan is no scan. Only what begins ``MOST_STALL_MS`` later and ends in silence is a scan again, of a device without
    terminators. In the same way a frame that ends in a terminator and begins right behind one that silence ended is
    the rest of that one.

    Args:
        settings: How the device marks its scans.
        keeps_all: Whether frames without data are given too, so that the frames' :attr:`Frame.raw` together are the
            stream, byte for byte: the LF behind a CR, what is beyond an overflow. A half-read frame at a :meth:`reset`
            is lost all the same, and so is the rest of a scan that began before the device was opened.
    """

    def __init__(self, settings: FramingSettings | None = None, *, keeps_all: bool = False) -> None:
        self._settings = settings or FramingSettings()
        self._keeps_all = keeps_all
        self._marks = re.compile(b"[%s]" % b"".join(b"\\x%02x" % mark for mark in (STX, *self._settings.terminators)))
        self._expects_terminator = False
        self._ended_by_terminator = False
        self._awaits_rest = False
        self._ended_by_silence = False
        self._follows_closely = False
        self._buffer = bytearray()
        self._raw = bytearray()
        self._started_by_stx = False
        self._overflowed = False
        self._last_byte_at_ms = 0
        self._joined_until_ms = 0
        self._joining = False
        self._settled = True
        self._swipe = Swipe() if self._settings.join_ms else None

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
        if self._settled:
            self._follows_closely = at_ms - self._last_byte_at_ms < MOST_STALL_MS
            self._joining = at_ms < self._joined_until_ms
        self._last_byte_at_ms = at_ms
        self._settled = False
        frames: list[Frame] = []
        start = 0
        for mark in self._marks.finditer(data):
            self._append(data[start : mark.start()], frames)
            self._mark(data[mark.start()], frames)
            start = mark.end()
        self._append(data[start:], frames)
        return tuple(frames)

    def tick(self, at_ms: int) -> tuple[Frame, ...]:
        """End the open frame if the device has been silent for ``idle_ms``, and the open swipe after ``join_ms``.

        Call it only when nothing was waiting to be read at ``at_ms``.
        """
        silent_ms = at_ms - self._last_byte_at_ms
        frames: list[Frame] = []
        if silent_ms >= self._settings.idle_ms:
            self._settled = True
            self._end_by_silence(frames)
        if self._swipe is not None and self._is_between_tracks and silent_ms >= self._settings.join_ms:
            frames += self._swipe.end()
        return tuple(frames)

    def _end_by_silence(self, frames: list[Frame]) -> None:
        unfinished = self._settings.always_terminated or self._expects_terminator or self._joining
        unfinished = unfinished or (self._awaits_rest and self._follows_closely)
        cut = self._started_by_stx or self._overflowed or (unfinished and bool(self._buffer))
        stalled = cut and not self._joining  # what came at the opening may be no more than a click on the line
        self._expects_terminator = self._ended_by_terminator or (self._expects_terminator and not stalled)
        if cut or self._buffer:
            self._awaits_rest, self._ended_by_silence = stalled, not stalled
        self._forget_joined()
        self._end(Ending.CUT if cut else Ending.IDLE, frames)

    def due_ms(self, at_ms: int) -> int | None:
        """How long until silence would mean something, > 0; None if it means nothing however long it is."""
        silent_ms = at_ms - self._last_byte_at_ms
        waits = [] if self._settled else [self._settings.idle_ms]
        if self._is_between_tracks:
            waits.append(self._settings.join_ms)
        return max(1, min(waits) - silent_ms) if waits else None

    def opened(self, at_ms: int) -> None:
        """The device has just been opened: where it is ``joined``, what comes at once is the rest of a scan."""
        if self._settings.joined:
            self._last_byte_at_ms, self._joined_until_ms = at_ms, at_ms + JOINED_MS

    def reset(self) -> None:
        """Forget a half-read frame, as after an unplug; the bytes are overwritten. How the scanner ends a scan stays known."""
        self._ended_by_terminator = False
        self._awaits_rest = self._joining = self._ended_by_silence = False
        self._settled = True
        self._clear()
        for swipe in self._swipe.end() if self._swipe is not None else ():
            swipe.wipe()

    @property
    def _is_between_tracks(self) -> bool:
        return self._swipe is not None and self._swipe.is_open and not self._buffer

    def _mark(self, byte: int, frames: list[Frame]) -> None:
        is_rest = self._awaits_rest or self._joining or (self._ended_by_silence and self._follows_closely)
        self._awaits_rest = self._ended_by_silence = False
        if byte == STX:
            self._forget_joined()
            self._end(Ending.CUT, frames)
            self._started_by_stx = True
        if self._keeps_all or not self._overflowed:
            self._raw.append(byte)
        self._forget_joined()
        if byte != STX:
            self._end(Ending.CUT if is_rest else Ending.TERMINATOR, frames)
        self._ended_by_terminator = byte != STX

    def _forget_joined(self) -> None:
        """Nobody had the beginning of this one, so nobody gets its bytes as they came."""
        if self._joining:
            overwrite(self._raw)
        self._joining = False

    def _append(self, piece: bytes, frames: list[Frame]) -> None:
        if piece:
            self._ended_by_terminator = False
        while piece and (self._keeps_all or not self._overflowed):
            room = MAX_FRAME_BYTES + 1 - len(self._raw)
            if not self._overflowed:
                room = min(room, MAX_FRAME_BYTES - len(self._buffer))
                self._buffer += piece[:room]
            self._raw += piece[:room]
            piece = piece[room:]
            if piece:
                self._end(Ending.OVERFLOW, frames)
                self._overflowed = True

    def _end(self, ending: Ending, frames: list[Frame]) -> None:
        if self._buffer or (self._keeps_all and self._raw):
            frame = self._stripped(Frame(data=bytearray(self._buffer), ending=ending, raw=bytearray(self._raw)))
            if self._swipe is None:
                frames.append(frame)
            else:
                frames += self._swipe.add(frame)
        self._clear()

    def _stripped(self, frame: Frame) -> Frame:
        """The frame without what the scanner puts around every scan; nothing between the two is no scan either."""
        prefix, suffix = self._settings.prefix, self._settings.suffix
        if frame.incomplete or not frame.data or not (prefix or suffix):
            return frame
        inner = frame.data[len(prefix) : len(frame.data) - len(suffix)]
        if inner and frame.data.startswith(prefix) and frame.data.endswith(suffix):
            Frame(data=frame.data).wipe()
            return replace(frame, data=inner)
        return replace(frame, ending=Ending.CUT)

    def _clear(self) -> None:
        overwrite(self._buffer)
        overwrite(self._raw)
        self._started_by_stx = False
        self._overflowed = False


class Swipe:
    """The tracks of one swipe so far, at most ``MAX_FRAME_BYTES`` together."""

    def __init__(self) -> None:
        self._tracks = bytearray()
        self._raw = bytearray()
        self._incomplete = False

    @property
    def is_open(self) -> bool:
        """True if a track is waiting for others."""
        return bool(self._tracks)

    def add(self, frame: Frame) -> tuple[Frame, ...]:
        """Take a track and overwrite it; one that has no room ends the swipe before it, so that no stream grows without end."""
        full = len(self._tracks) + 1 + len(frame.data) > MAX_FRAME_BYTES or len(self._raw) > 2 * MAX_FRAME_BYTES
        ended = self.end() if full else ()
        if not frame.data and not self._tracks:
            return (*ended, frame)
        if frame.data and self._tracks and not self._tracks.endswith(END_SENTINEL):
            self._tracks += b"\r"
        self._tracks += frame.data
        self._raw += frame.raw
        self._incomplete = self._incomplete or frame.incomplete
        frame.wipe()
        return ended

    def end(self) -> tuple[Frame, ...]:
        """The tracks as one frame, if there are any; a track that lost bytes makes the swipe incomplete."""
        if not self._tracks:
            return ()
        ending = Ending.CUT if self._incomplete else Ending.TERMINATOR
        frame = Frame(data=bytearray(self._tracks), ending=ending, raw=bytearray(self._raw))
        overwrite(self._tracks)
        overwrite(self._raw)
        self._incomplete = False
        return (frame,)


def overwrite(buffer: bytearray) -> None:
    """Empty a buffer that may have held a card's number, so that the number is not left in memory."""
    buffer[:] = bytes(len(buffer))
    buffer.clear()
