"""The bytes by which an ESC/POS printer is asked how it is, and what its answers mean. Pure.

Source: Epson ESC/POS reference: DLE EOT n, GS a n (automatic status back), GS r n, GS I n, GS ( H function 48, DLE DC4
function 1, ESC p. Every answer has fixed bits, by which :class:`Replies` tells one kind from another and from noise.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final
from zlib import crc32

from drivers.printers.condition import DrawerContact, Paper, PrinterCondition
from drivers.printers.encoders import commands

AUTOMATIC_STATUS: Final = b"\x1da\xff"
"""GS a 255: say by yourself when anything changes, and once at once."""
PAPER_STATUS: Final = b"\x1dr\x01"
"""GS r 1: answered when everything before it has been worked off, so not while the paper is out."""
_MAX_TEXT: Final = 80
_ID_LETTERS: Final = bytes(range(0x20, 0x7F))
"""GS ( H takes process ids of four bytes from 32 to 126."""


class Ask(IntEnum):
    """The four real-time questions, DLE EOT n: answered at once, whatever else the printer is doing."""

    PRINTER = 1
    OFFLINE_CAUSE = 2
    ERROR_CAUSE = 3
    PAPER = 4

    @property
    def question(self) -> bytes:
        """The bytes to send."""
        return b"\x10\x04" + bytes((self.value,))


def information(what: int) -> bytes:
    """GS I n: 66 asks for the maker, 67 for the model."""
    return b"\x1dI" + bytes((what,))


MAKER: Final = 66
MODEL: Final = 67


def process_id(printing: str) -> bytes:
    """Four letters that stand for one printing of a job, whose name must be its own: what a printer says stays said."""
    number, letters = crc32(printing.encode()), bytearray()
    for _ in range(4):
        number, letter = divmod(number, len(_ID_LETTERS))
        letters.append(_ID_LETTERS[letter])
    return bytes(letters)


def completion(process: bytes) -> bytes:
    """GS ( H, function 48: say ``process`` when everything before has been printed."""
    return b"\x1d(H\x06\x0000" + process


def kick(pin: int, *, at_once: bool = False) -> bytes:
    """Open the cash drawer on ``pin``, 2 or 5, by a pulse of 100 ms.

    Args:
        pin: Of the drawer's connector.
        at_once: By DLE DC4, which a printer also obeys while it is offline; else by ESC p, which waits its turn.
    """
    return b"\x10\x14\x01" + bytes((0 if pin == 2 else 1, 1)) if at_once else commands.kick(pin)


@dataclass(frozen=True, slots=True)
class Answer:
    """One byte that answers a real-time question; which one, only the order of asking tells."""

    byte: int


@dataclass(frozen=True, slots=True)
class Automatic:
    """Four bytes of automatic status."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PaperAnswer:
    """The byte that answers GS r."""

    byte: int


@dataclass(frozen=True, slots=True)
class Told:
    """A text that answers GS I."""

    text: str


@dataclass(frozen=True, slots=True)
class Printed:
    """Everything before this process id has been printed."""

    process: bytes


@dataclass(frozen=True, slots=True)
class Noise:
    """A byte that no answer begins with."""

    byte: int


Reply = Answer | Automatic | PaperAnswer | Told | Printed | Noise


class Replies:
    """Cuts what a printer sends into replies; keeps the beginning of one until the rest has come."""

    def __init__(self) -> None:
        self._kept = b""

    def feed(self, data: bytes) -> Iterator[Reply]:
        """Give the replies that are complete now."""
        self._kept += data
        while self._kept:
            reply, length = _next(self._kept)
            if reply is None:
                return
            self._kept = self._kept[length:]
            if not (isinstance(reply, Noise) and reply.byte in _FLOW):
                yield reply


_FLOW: Final = frozenset({0x11, 0x13})
"""XON and XOFF, which a serial driver may leave in."""


def _next(data: bytes) -> tuple[Reply | None, int]:
    """The first reply in ``data`` and its length; None where more must come."""
    first = data[0]
    if first & 0x93 == 0x12:
        return Answer(first), 1
    if first & 0x93 == 0x10:
        return _automatic(data)
    if first == 0x37:
        return _printed(data)
    if first == 0x5F:
        return _told(data)
    if first & 0x90 == 0:
        return PaperAnswer(first), 1
    return Noise(first), 1


def _automatic(data: bytes) -> tuple[Reply | None, int]:
    if any(byte & 0x90 for byte in data[1:4]):
        return Noise(data[0]), 1
    return (Automatic(data[:4]), 4) if len(data) >= 4 else (None, 0)


def _printed(data: bytes) -> tuple[Reply | None, int]:
    """37 22 d1 d2 d3 d4 00."""
    if len(data) > 1 and data[1] != 0x22:
        return Noise(data[0]), 1
    if len(data) < 7:
        return None, 0
    return (Printed(data[2:6]), 7) if data[6] == 0 else (Noise(data[0]), 1)


def _told(data: bytes) -> tuple[Reply | None, int]:
    """5F, text, 00."""
    end = data.find(0, 0, _MAX_TEXT + 2)
    if end < 0:
        return (Noise(data[0]), 1) if len(data) > _MAX_TEXT else (None, 0)
    return Told(data[1:end].decode("ascii", "replace")), end + 1


def from_answers(answers: dict[Ask, int]) -> PrinterCondition:
    """What the answers to all four questions say.

    Raises:
        KeyError: A question has no answer (the caller's bug).
    """
    printer, cause, error, paper = (answers[ask] for ask in Ask)
    return PrinterCondition(
        answers=True,
        drawer_open=not printer & 0x04,
        online=not printer & 0x08,
        cover_open=bool(cause & 0x04),
        cutter_error=bool(error & 0x08),
        failed=bool(error & 0x64),
        paper=_paper(near=paper & 0x0C, out=paper & 0x60 | cause & 0x20),
    )


def from_automatic(data: bytes) -> PrinterCondition:
    """What four bytes of automatic status say."""
    printer, error, paper, _ = data
    return PrinterCondition(
        answers=True,
        drawer_open=not printer & 0x04,
        online=not printer & 0x08,
        cover_open=bool(printer & 0x20),
        cutter_error=bool(error & 0x08),
        failed=bool(error & 0x64),
        paper=_paper(near=paper & 0x03, out=paper & 0x0C),
    )


def with_drawer(condition: PrinterCondition, contact: DrawerContact) -> PrinterCondition:
    """The condition with the contact understood as this drawer means it, or as nothing where none hangs on the printer.

    Answers are read as of a drawer whose contact is low while it is open.
    """
    if contact is DrawerContact.LOW or condition.drawer_open is None:
        return condition
    return replace(condition, drawer_open=None if contact is DrawerContact.NONE else not condition.drawer_open)


def _paper(*, near: int, out: int) -> Paper:
    if out:
        return Paper.OUT
    return Paper.NEAR_END if near else Paper.THERE
