"""A contactless or chip card reader as a scan source, through PC/SC.

One blocking wait for news of the reader, in the thread that reads; nothing else watches. After any failure of the
service the context is given back and the next :meth:`PcscSource.open` makes a new one, so a restart of pcscd, or of
Windows' service when the last reader is unplugged, is like an unplugged device. A failure of a card is never one of the
device: the next wait tells whether the card, the reader or the service has gone.

Nothing of a card is ever logged.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone, DriverError
from drivers.scanners.sources.pcsc.asking import parse_script, read_card
from drivers.scanners.sources.pcsc.port import (
    PLUG_AND_PLAY,
    CardState,
    Pcsc,
    PcscCode,
    PcscContext,
    PcscError,
    PcscMissing,
    ReaderNews,
)
from drivers.scanners.sources.pcsc.presence import Presence
from drivers.scanners.sources.pcsc.reader_names import matching
from drivers.scanners.symbols import Misreading, Symbol

_LOG: Final = logging.getLogger(__name__)

_LONGEST_WAIT_MS: Final = 1000
"""One question to PC/SC: an interruption that comes just before the wait begins is lost, and noticed after this time.
Every wait costs pcscd's library 40 system calls (a millisecond of a slow core), so shorter ones would not be free."""
_RETRY_S: Final = 0.1
_CLOSE_S: Final = 2.0
_WAKE_S: Final = 0.005
_WAKE_TRIES: Final = 50

_NO_SERVICE: Final = (
    "the smart card service of Windows does not run; it starts when a reader is plugged in"
    if sys.platform == "win32"
    else "the smart card service does not run; install the package pcscd and start it"
)
_DENIED: Final = "this user may not use the smart card service; on Linux polkit says who may"


def load() -> Pcsc:
    """The PC/SC of this system, loaded when it is first needed.

    Raises:
        PcscMissing: Its library is not installed.
    """
    from drivers.scanners.sources.pcsc import native

    return native.load()


@dataclass(frozen=True, slots=True, kw_only=True)
class PcscSettings:
    """Which reader, and what its cards are asked.

    Attributes:
        reader: The reader's name, whole or without its numbers (``reader_names.matching``); empty for the only one.
        apdus: Commands in hexadecimal for the merchant's own cards; the text that the last one answers is the card
            number. Without them the UID is read.

    Raises:
        ValueError: A command is none.
    """

    reader: str = ""
    apdus: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        parse_script(self.apdus)


def readers(load: Callable[[], Pcsc] = load, *, name: str = "pcsc") -> tuple[str, ...]:
    """The names of the readers that are there.

    Raises:
        DeviceGone: The service does not run.
        DeviceConfig: There is no PC/SC here, or this user may not use it.
    """
    try:
        context = load().establish()
    except PcscMissing as error:
        raise DeviceConfig(name, str(error)) from error
    except PcscError as error:
        raise _translated(name, error) from error
    try:
        return context.readers()
    except PcscError as error:
        raise _translated(name, error) from error
    finally:
        context.release()


class PcscSource:
    """A :class:`~drivers.scanners.source.ScanSource` on one reader.

    A card gives one symbol, or one reason why it is none, when it is laid down; the next comes after it was taken away.
    One that lies there when the reader is opened counts as laid down, except the very card that was read last before
    the reader was lost.

    Args:
        settings: Which reader, and what its cards are asked.
        name: The name of the device; the reader's if left out.
        load: Gives the PC/SC of this system.
    """

    def __init__(self, settings: PcscSettings, *, name: str = "", load: Callable[[], Pcsc] = load) -> None:
        self._wanted = settings.reader
        self._script = parse_script(settings.apdus)
        self._name = name or settings.reader or "card reader"
        self._load = load
        self._turn = threading.Lock()
        self._closing = threading.Event()
        self._interrupted = threading.Event()
        self._context: PcscContext | None = None
        self._reader = ""
        self._readers_word = 0
        self._presence = Presence()
        self._next_try = 0.0
        self._told_of_rival = False

    @property
    def name(self) -> str:
        """The configured name, or the reader's."""
        return self._name

    def open(self) -> None:
        """Find the reader.

        Raises:
            DeviceGone: The service does not run, or no such reader is plugged in.
            DeviceBusy: It is open here already.
            DeviceConfig: There is no PC/SC here, this user may not use it, or several readers fit the name.
        """
        with self._turn:
            if self._context is not None:
                raise DeviceBusy(self._name, "already open here")
            self._closing.clear()
            self._interrupted.clear()
            context = self._establish()
            try:
                self._reader = self._choose(context.readers())
            except PcscError as error:
                context.release()
                raise _translated(self._name, error) from error
            except DriverError:
                context.release()
                raise
            self._context = context
            self._readers_word = 0
            self._presence.opened()

    def read(self, timeout_ms: int) -> bytes | Symbol | Misreading:
        """The card that was laid down, waiting at most ``timeout_ms`` for one.

        Returns:
            Its symbol, or why it is none; ``b""`` if there was no card.

        Raises:
            DeviceGone: The reader or the service has gone, or the source is not open.
            DeviceConfig: This user may not use cards.
        """
        with self._turn:
            if self._context is None:
                raise DeviceGone(self._name, "not open")
            try:
                return self._read(self._context, time.monotonic() + timeout_ms / 1000)
            except PcscError as error:
                raise _translated(self._name, error) from error

    def interrupt(self) -> None:
        """Make a read that waits, or else the next one, answer ``b""``; a card that is just being asked is read first."""
        self._interrupted.set()
        for _ in range(_WAKE_TRIES):  # one that comes just before the wait begins is lost
            context = self._context
            if context is None or not self._turn.locked() or not self._interrupted.is_set():
                return
            context.cancel()
            time.sleep(_WAKE_S)

    def close(self) -> None:
        """Release the reader; a read in another thread ends at once, unless a card is just being asked."""
        self._closing.set()
        self.interrupt()
        if not self._turn.acquire(timeout=_CLOSE_S):
            return  # a card that does not answer is being asked; whoever reads gets DeviceGone, and closes again
        try:
            if self._context is not None:
                self._context.release()
            self._context = None
        finally:
            self._turn.release()

    def _establish(self) -> PcscContext:
        try:
            return self._load().establish()
        except PcscMissing as error:
            raise DeviceConfig(self._name, str(error)) from error
        except PcscError as error:
            raise _translated(self._name, error) from error

    def _choose(self, names: Sequence[str]) -> str:
        found = matching(names, self._wanted)
        if not found:
            raise DeviceGone(
                self._name, "no such card reader is plugged in" if names else "no card reader is plugged in"
            )
        if len(found) > 1:
            listed = ", ".join(f'"{name}"' for name in found)
            raise DeviceConfig(self._name, f"several card readers fit; name one of them: {listed}")
        return found[0]

    def _read(self, context: PcscContext, deadline: float) -> bytes | Symbol | Misreading:
        while not self._closing.is_set():
            if self._interrupted.is_set():
                self._interrupted.clear()
                return b""
            end = min(deadline, self._next_try) if self._presence.owed else deadline
            if self._look(context, end):
                return Misreading.PULLED_CARD
            if self._presence.owed and time.monotonic() >= self._next_try:
                outcome = self._ask(context)
                if outcome is not None:
                    return outcome
            if time.monotonic() >= deadline:
                return b""
        raise DeviceGone(self._name, "closed")

    def _look(self, context: PcscContext, end: float) -> bool:
        """Wait for news; True if a card was pulled away before it was read."""
        news = self._wait(context, min(max(0, round((end - time.monotonic()) * 1000)), _LONGEST_WAIT_MS))
        if news is None:
            return False
        mine, readers = news[self._reader], news[PLUG_AND_PLAY]
        if not (self._presence.differs(mine) or readers.word & CardState.CHANGED):
            self._closing.wait(_RETRY_S)  # nothing is new whatever PC/SC says: no reason to turn in circles
        self._learn_of_readers(context, readers)
        if mine.gone:
            raise DeviceGone(self._name, "the card reader was unplugged")
        return self._presence.learn(mine)

    def _wait(self, context: PcscContext, wait_ms: int) -> dict[str, ReaderNews] | None:
        try:
            return context.wait({self._reader: self._presence.word, PLUG_AND_PLAY: self._readers_word}, wait_ms)
        except PcscError as error:
            if error.code == PcscCode.CANCELLED:
                return None
            raise

    def _learn_of_readers(self, context: PcscContext, news: ReaderNews) -> None:
        if news.word & CardState.CHANGED and self._reader not in context.readers():
            raise DeviceGone(self._name, "the card reader was unplugged")
        self._readers_word = news.word & ~CardState.CHANGED

    def _ask(self, context: PcscContext) -> Symbol | Misreading | None:
        """Ask the card that lies there; None if it is to be asked again, or was told before."""
        self._next_try = time.monotonic() + _RETRY_S
        try:
            card = context.connect(self._reader)
            try:
                outcome = read_card(card, self._presence.atr, self._script)
            finally:
                card.leave()
        except PcscError as error:
            return self._failed(error)
        self._told_of_rival = False
        return outcome if self._presence.settled(outcome) else None

    def _failed(self, error: PcscError) -> Misreading | None:
        if error.code in _DENIALS:
            raise error
        if error.code == PcscCode.SHARING_VIOLATION:
            self._tell_of_rival()
            return None
        return Misreading.SILENT_CARD if self._presence.failed() else None

    def _tell_of_rival(self) -> None:
        if not self._told_of_rival:
            self._told_of_rival = True
            _LOG.warning("%s: another program has the card for itself; it is tried again", self._name)


_DENIALS: Final = frozenset({PcscCode.NO_ACCESS, PcscCode.SECURITY_VIOLATION})
_STOPPED: Final = frozenset({PcscCode.NO_SERVICE, PcscCode.SERVICE_STOPPED, PcscCode.COMM_ERROR})
"""The last one is what pcscd's library says when the service ends in the middle of a wait."""
_UNPLUGGED: Final = frozenset({PcscCode.UNKNOWN_READER, PcscCode.READER_UNAVAILABLE, PcscCode.NO_READERS})


def _translated(name: str, error: PcscError) -> DriverError:
    """The driver error for what the service answered."""
    if error.code in _DENIALS:
        return DeviceConfig(name, _DENIED)
    if error.code in _STOPPED:
        return DeviceGone(name, _NO_SERVICE)
    if error.code in _UNPLUGGED:
        return DeviceGone(name, "the card reader was unplugged")
    return DeviceGone(name, f"the smart card service failed ({error})")
