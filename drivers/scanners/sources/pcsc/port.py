"""What a card source asks of PC/SC, and every code by which PC/SC says no.

Knows the names and numbers that PC/SC has on every system; refuses to know a library, so that a fake can stand in.

Source: PC/SC part 5 and pcsclite.h; the codes are the same on Windows (winerror.h, facility SCARD).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Protocol

PLUG_AND_PLAY: Final = r"\\?PnP?\Notification"
"""The reader that is none: its state changes when a reader comes or goes."""


class PcscCode(IntEnum):
    """The answers that a card source tells apart; every other one is a fault like any other."""

    INTERNAL_ERROR = 0x8010_0001
    CANCELLED = 0x8010_0002
    INVALID_HANDLE = 0x8010_0003
    INSUFFICIENT_BUFFER = 0x8010_0008
    UNKNOWN_READER = 0x8010_0009
    TIMEOUT = 0x8010_000A
    SHARING_VIOLATION = 0x8010_000B
    NO_SMARTCARD = 0x8010_000C
    COMM_ERROR = 0x8010_0013
    NOT_TRANSACTED = 0x8010_0016
    READER_UNAVAILABLE = 0x8010_0017
    NO_SERVICE = 0x8010_001D
    SERVICE_STOPPED = 0x8010_001E
    NO_ACCESS = 0x8010_0027
    NO_READERS = 0x8010_002E
    RESET_CARD = 0x8010_0068
    REMOVED_CARD = 0x8010_0069
    SECURITY_VIOLATION = 0x8010_006A


_NAMES: Final = {int(code): code.name for code in PcscCode}


class CardState(IntEnum):
    """The bits of a reader's state word. No IntFlag, whose ``~`` loses the bits that it has no names for."""

    UNAWARE = 0
    """Nothing is known yet: asked with it, PC/SC answers at once."""
    CHANGED = 0x02
    UNKNOWN = 0x04
    """There is no such reader (any more)."""
    UNAVAILABLE = 0x08
    EMPTY = 0x10
    PRESENT = 0x20
    MUTE = 0x200
    """There is a card, and it does not answer."""


class PcscError(Exception):
    """PC/SC refused a call.

    Attributes:
        code: Its answer, as a positive 32-bit number.
    """

    def __init__(self, call: str, code: int) -> None:
        super().__init__(f"{call}: {_NAMES.get(code) or f'0x{code:08X}'}")
        self.code = code


class PcscMissing(Exception):
    """This system has no PC/SC library; the text says which one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderNews:
    """What PC/SC says of one reader.

    Attributes:
        word: The state; given back with the next question, it tells PC/SC what is known already. The high half counts
            the cards that came and went.
        atr: The answer to reset of the card that is there, or empty. Its repr never shows it.
    """

    word: int = 0
    atr: bytes = field(default=b"", repr=False)

    @property
    def gone(self) -> bool:
        """True if the reader is not there any more."""
        return bool(self.word & (CardState.UNKNOWN | CardState.UNAVAILABLE))

    @property
    def present(self) -> bool:
        """True if a card lies on it."""
        return bool(self.word & CardState.PRESENT)

    @property
    def mute(self) -> bool:
        """True if that card does not answer."""
        return bool(self.word & CardState.MUTE)

    @property
    def counted(self) -> int:
        """How many cards have come and gone, modulo 65,536; not the same count after a restart of the service."""
        return self.word >> 16 & 0xFFFF


class PcscCard(Protocol):
    """A connected card."""

    def transmit(self, apdu: bytes) -> bytes:
        """The answer to a command, status word included; empty if the card was pulled meanwhile.

        Raises:
            PcscError: The card or the reader did not do it.
        """

    def begin(self) -> None:
        """Keep other programs from the card until :meth:`leave`; waits while one of them does the same.

        Raises:
            PcscError: The card was pulled.
        """

    def leave(self) -> None:
        """Disconnect, and leave the card as it is. Never raises."""


class PcscContext(Protocol):
    """A line to the service. After any failure it is given back and a new one is made."""

    def readers(self) -> tuple[str, ...]:
        """The names of the readers that are there; none is no error.

        Raises:
            PcscError: The service is not there.
        """

    def wait(self, known: Mapping[str, int], timeout_ms: int) -> dict[str, ReaderNews] | None:
        """Wait until the state of a reader differs from what is known.

        Args:
            known: The last state word of each reader, by name; 0 for one of which nothing is known.
            timeout_ms: Longest wait; 0 asks and does not wait.

        Returns:
            The state of every reader that was asked for, or None if nothing changed in that time.

        Raises:
            PcscError: The service is not there, or :meth:`cancel` was called.
        """

    def connect(self, reader: str) -> PcscCard:
        """Connect to the card on a reader, sharing it with other programs.

        Raises:
            PcscError: There is none, another program has it for itself, or it does not answer.
        """

    def cancel(self) -> None:
        """End a :meth:`wait` under way in another thread. Never raises; does nothing if none is under way."""

    def release(self) -> None:
        """Give the line back. Never raises."""


class Pcsc(Protocol):
    """The PC/SC of this system."""

    def establish(self) -> PcscContext:
        """A new line to the service.

        Raises:
            PcscError: The service does not run, or does not let this user in.
        """
