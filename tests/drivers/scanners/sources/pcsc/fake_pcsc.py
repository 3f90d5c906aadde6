"""A PC/SC in memory: readers, cards and a service that can be stopped, with the codes that pcscd answers."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from drivers.scanners.sources.pcsc.port import (
    PLUG_AND_PLAY,
    CardState,
    PcscCode,
    PcscError,
    ReaderNews,
)

READER = "Fake Reader 00 00"
DONE = b"\x90\x00"
STORAGE_ATR = bytes.fromhex("3B8F8001804F0CA000000306030001000000006A")


@dataclass(slots=True)
class FakeCard:
    """A card: its UID, what it answers to other commands, and what goes wrong with it."""

    uid: bytes = b""
    answers: dict[bytes, bytes] = field(default_factory=dict)
    atr: bytes = STORAGE_ATR
    fails: list[int] = field(default_factory=list)
    """Codes of the next failures of a command; 0 is an answer without anything, as of a card that is pulled."""
    asked: int = 0

    def answer(self, apdu: bytes) -> bytes:
        self.asked += 1
        if self.fails:
            code = self.fails.pop(0)
            if code:
                raise PcscError("SCardTransmit", code)
            return b""
        if apdu == bytes.fromhex("FFCA000000") and self.uid:
            return self.uid + DONE
        return self.answers.get(apdu, b"\x6d\x00")


@dataclass(slots=True)
class _Slot:
    card: FakeCard | None = None
    counted: int = 0

    @property
    def news(self) -> ReaderNews:
        state = CardState.PRESENT if self.card else CardState.EMPTY
        return ReaderNews(word=self.counted << 16 | state, atr=self.card.atr if self.card else b"")


class FakePcsc:
    """The service of one computer."""

    def __init__(self, *readers: str) -> None:
        self.changed = threading.Condition()
        self.slots = {name: _Slot() for name in readers or (READER,)}
        self.refuses: int | None = None
        """What a new line to the service is refused with."""
        self.connecting: list[int] = []
        """Codes with which the next connects fail."""
        self.contexts: list[FakeContext] = []
        self.waits = 0
        self.stuck = False
        """Says "changed" at once to every question, and nothing has."""

    def establish(self) -> "FakeContext":
        with self.changed:
            if self.refuses is not None:
                raise PcscError("SCardEstablishContext", self.refuses)
            self.contexts.append(FakeContext(self))
            return self.contexts[-1]

    def lay(self, card: FakeCard, reader: str = READER) -> None:
        self._move(reader, card)

    def lift(self, reader: str = READER) -> None:
        self._move(reader, None)

    def swap(self, card: FakeCard, reader: str = READER) -> None:
        """Another card takes a card's place before anybody looks."""
        with self.changed:
            self.slots[reader].card = card
            self.slots[reader].counted += 2
            self.changed.notify_all()

    def plug(self, reader: str) -> None:
        with self.changed:
            self.slots[reader] = _Slot()
            self.changed.notify_all()

    def unplug(self, reader: str = READER) -> None:
        with self.changed:
            del self.slots[reader]
            self.changed.notify_all()

    def stop(self, *, code: int = PcscCode.COMM_ERROR) -> None:
        """The service ends: every line of it is dead, those that wait are told so with ``code``."""
        with self.changed:
            self.refuses = PcscCode.NO_SERVICE
            for context in self.contexts:
                context.broken = code
            self.changed.notify_all()

    def start(self) -> None:
        """The service runs again, and has counted nothing yet."""
        with self.changed:
            self.refuses = None
            for slot in self.slots.values():
                slot.counted = 0

    @property
    def open_contexts(self) -> int:
        return sum(not context.released for context in self.contexts)

    def _move(self, reader: str, card: FakeCard | None) -> None:
        with self.changed:
            self.slots[reader].card = card
            self.slots[reader].counted += 1
            self.changed.notify_all()


class FakeContext:
    def __init__(self, pcsc: FakePcsc) -> None:
        self.pcsc = pcsc
        self.broken: int | None = None
        self.released = False
        self.cancelled = False

    def readers(self) -> tuple[str, ...]:
        self._check("SCardListReaders")
        return tuple(self.pcsc.slots)

    def wait(self, known: Mapping[str, int], timeout_ms: int) -> dict[str, ReaderNews] | None:
        call = "SCardGetStatusChange"
        with self.pcsc.changed:
            self.pcsc.waits += 1
            self.cancelled = False
            news = self._until(lambda: self._news(known), timeout_ms)
            self._check(call)
            if self.cancelled:
                raise PcscError(call, PcscCode.CANCELLED)
            return news

    def connect(self, reader: str) -> "FakeConnection":
        with self.pcsc.changed:
            self._check("SCardConnect")
            if self.pcsc.connecting:
                raise PcscError("SCardConnect", self.pcsc.connecting.pop(0))
            card = self.pcsc.slots[reader].card if reader in self.pcsc.slots else None
            if card is None:
                raise PcscError("SCardConnect", PcscCode.NO_SMARTCARD)
            return FakeConnection(card)

    def cancel(self) -> None:
        with self.pcsc.changed:
            self.cancelled = True
            self.pcsc.changed.notify_all()

    def release(self) -> None:
        self.released = True

    def _until(self, look: Callable[[], dict[str, ReaderNews] | None], timeout_ms: int) -> dict[str, ReaderNews] | None:
        end = time.monotonic() + timeout_ms / 1000
        while (news := look()) is None and self.broken is None and not self.cancelled:
            if not self.pcsc.changed.wait(max(0.0, end - time.monotonic())) and time.monotonic() >= end:
                return None
        return news

    def _news(self, known: Mapping[str, int]) -> dict[str, ReaderNews] | None:
        found = {name: self._state(name) for name in known}
        differs = any(state.word != known[name] for name, state in found.items())
        if not (differs or self.pcsc.stuck):
            return None
        return {
            name: ReaderNews(word=state.word | (CardState.CHANGED if state.word != known[name] else 0), atr=state.atr)
            for name, state in found.items()
        }

    def _state(self, name: str) -> ReaderNews:
        if name == PLUG_AND_PLAY:
            return ReaderNews(word=len(self.pcsc.slots) << 16)
        slot = self.pcsc.slots.get(name)
        return slot.news if slot else ReaderNews(word=CardState.UNKNOWN)

    def _check(self, call: str) -> None:
        if self.released:
            raise PcscError(call, PcscCode.INVALID_HANDLE)
        if self.broken is not None:
            raise PcscError(call, self.broken)


@dataclass(slots=True)
class FakeConnection:
    card: FakeCard
    began: bool = False
    left: bool = False

    def transmit(self, apdu: bytes) -> bytes:
        return self.card.answer(apdu)

    def begin(self) -> None:
        self.began = True

    def leave(self) -> None:
        self.left = True
