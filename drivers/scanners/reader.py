"""Reads one scanner in one thread, for weeks, whatever is unplugged.

Knows the life of a device (absent -> opening -> ready -> fault) and the order framer, symbol, gate; refuses to know
what a symbol means. A payment card is stopped here and only its refusal goes on; nothing scanned is ever logged.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from drivers.errors import DeviceGone, DriverError
from drivers.scanners.decoding.swipes import as_swiped
from drivers.scanners.framing import Frame, Framer, FramingSettings
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal
from drivers.scanners.source import ScanSource
from drivers.scanners.symbols import Misreading, Symbol, read_symbol

_LOG: Final = logging.getLogger(__name__)


class ReaderState(StrEnum):
    """Where a device is in its life."""

    ABSENT = "absent"
    OPENING = "opening"
    READY = "ready"
    FAULT = "fault"
    """It is there and does not work: busy, misconfigured, or its driver failed. It is tried again."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderStatus:
    """What a reader is doing and has done; a snapshot.

    Attributes:
        state: Where the device is in its life.
        detail: Why, in one English sentence; empty when there is nothing to say.
        admitted: Symbols handed to the listener.
        refused: Payment cards kept out.
        misread: Frames that were incomplete or no symbol, and cards that are none.
        misreading: Why the last of them was.
        repeated: Symbols suppressed because the same one had just been read.
    """

    state: ReaderState = ReaderState.STOPPED
    detail: str = ""
    admitted: int = 0
    refused: int = 0
    misread: int = 0
    misreading: Misreading | None = None
    repeated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSettings:
    """How a device is read; times are in milliseconds and > 0.

    Attributes:
        framing: How the device marks where a scan begins and ends.
        repeat_ms: The same symbol again within this time is one scan; counted from the last time it was seen.
        wait_ms: Longest wait in one read of a silent device; a stop interrupts it.
        first_retry_ms: Wait before the first new attempt to open; doubled each time.
        last_retry_ms: Longest wait between attempts.
    """

    framing: FramingSettings = field(default_factory=FramingSettings)
    repeat_ms: int = 300
    wait_ms: int = 60_000
    first_retry_ms: int = 250
    last_retry_ms: int = 5000

    def __post_init__(self) -> None:
        if min(self.repeat_ms, self.wait_ms, self.first_retry_ms) <= 0:
            raise ValueError("the times of a reader must be positive")
        if self.last_retry_ms < self.first_retry_ms:
            raise ValueError("last_retry_ms must not be below first_retry_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Another program has the device too: it gets everything that is not claimed, byte for byte and at once.

    Attributes:
        claims: Tells whether an admitted symbol is ours. What it raises is logged by type, and the scan is not ours.
        forward: Takes the bytes of what is not, with their framing; must neither wait nor raise.
        suffix: What ends a scan for the other program where the device has no framing of its own.
    """

    claims: Callable[[Symbol], bool]
    forward: Callable[[bytes], None]
    suffix: bytes = b"\r"


def monotonic_ms() -> int:
    """Milliseconds of a clock that never goes back."""
    return time.monotonic_ns() // 1_000_000


class ScanReader:
    """Owns one source in one thread.

    Args:
        source: The device; nobody else may touch it while the reader runs.
        gate: The gate of this device.
        on_scan: Called in the reader's thread with each admitted symbol and each refusal, in order. What it raises is
            logged by type and forgotten; a slow listener delays the next scan.
        settings: Times.
        sharing: Who else gets the scans; None if the device is ours alone.
        clock: Monotonic milliseconds.
    """

    def __init__(
        self,
        source: ScanSource,
        gate: Gate,
        on_scan: Callable[[Symbol | GateRefusal], None],
        *,
        settings: ReaderSettings | None = None,
        sharing: Sharing | None = None,
        clock: Callable[[], int] = monotonic_ms,
    ) -> None:
        self._source = source
        self._gate = gate
        self._on_scan = on_scan
        self._settings = settings or ReaderSettings()
        self._clock = clock
        self._swipes = gate.kind is DeviceKind.MAGSTRIPE
        self._sharing = sharing
        self._forwards = False
        self._framer = Framer(self._settings.framing, keeps_all=sharing is not None)
        self._status = ReaderStatus()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._logged = ""
        self._last_symbol: Symbol | None = None
        self._last_symbol_at_ms = 0

    @property
    def status(self) -> ReaderStatus:
        """A snapshot; may be read from any thread."""
        return self._status

    @property
    def is_dead(self) -> bool:
        """True if its thread ended although nobody stopped it; start another reader then."""
        return self._thread is not None and not self._thread.is_alive() and not self._stopping.is_set()

    def start(self) -> None:
        """Begin to read, in a thread of its own.

        Raises:
            RuntimeError: It runs already (the caller's bug).
        """
        if self._thread is not None:
            raise RuntimeError("the reader runs already")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name=f"scanner {self._source.name}", daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Tell it to stop reading, without waiting for it; harmless if it does not run."""
        if self._thread is not None:
            self._stopping.set()
            self._source.interrupt()

    def stop(self, timeout_ms: int = 2000) -> bool:
        """Stop reading and release the device.

        Returns:
            True if the thread has ended; False if it did not within ``timeout_ms``. A second call is harmless.
        """
        thread = self._thread
        if thread is None:
            return True
        self.ask_to_stop()
        thread.join(timeout_ms / 1000)
        if thread.is_alive():
            return False
        self._thread = None
        return True

    def _run(self) -> None:
        retry_ms = self._settings.first_retry_ms
        while not self._stopping.is_set():
            was_ready = self._life()
            retry_ms = self._settings.first_retry_ms if was_ready else retry_ms
            self._stopping.wait(retry_ms / 1000)
            retry_ms = min(retry_ms * 2, self._settings.last_retry_ms)
        self._become(ReaderState.STOPPED)

    def _life(self) -> bool:
        """One life of the device, from opening to its end; True if it was ready for a while."""
        ready = False
        self._become(ReaderState.OPENING)
        try:
            self._source.open()
            self._framer.opened(self._clock())
            ready = True
            self._become(ReaderState.READY)
            self._read_until_stopped()
        except DeviceGone as error:
            self._become(ReaderState.ABSENT, str(error))
        except DriverError as error:
            self._become(ReaderState.FAULT, str(error))
        except Exception as error:  # noqa: BLE001 - a fault of one driver must not end scanning for good
            self._become(ReaderState.FAULT, f"{self._source.name}: the driver failed ({type(error).__name__})")
        finally:
            self._source.close()
            self._framer.reset()
            self._last_symbol = None
            self._forwards = False
        return ready

    def _read_until_stopped(self) -> None:
        while not self._stopping.is_set():
            due_ms = self._framer.due_ms(self._clock())
            came = self._source.read(self._settings.wait_ms if due_ms is None else min(due_ms, self._settings.wait_ms))
            now_ms = self._clock()
            if isinstance(came, Symbol):
                self._pass(came, now_ms)
            elif isinstance(came, Misreading):
                self._misread(came)
            else:
                for frame in self._frames(came, now_ms):
                    self._take(frame, now_ms)
                    frame.wipe()

    def _frames(self, came: bytes | Frame, now_ms: int) -> tuple[Frame, ...]:
        if isinstance(came, Frame):
            return (came,)
        return self._framer.feed(came, now_ms) if came else self._framer.tick(now_ms)

    def _take(self, frame: Frame, now_ms: int) -> None:
        """A frame without data, as the LF behind a CR, goes the way of the frame before it."""
        symbol = Misreading(frame.ending) if frame.incomplete else read_symbol(frame)
        if isinstance(symbol, Symbol):
            self._pass(as_swiped(symbol) if self._swipes else symbol, now_ms, frame)
        elif frame.data:
            self._misread(symbol)
            if frame.raw or not frame.incomplete:
                self._share(None, frame)
        elif self._forwards:
            self._share(None, frame)

    def _misread(self, why: Misreading) -> None:
        self._status = replace(self._status, misread=self._status.misread + 1, misreading=why)

    def _pass(self, symbol: Symbol, now_ms: int, frame: Frame | None = None) -> None:
        admitted = self._gate.admit(symbol)
        self._share(admitted, frame)
        if isinstance(admitted, GateRefusal):
            self._status = replace(self._status, refused=self._status.refused + 1)
        elif self._is_repeat(admitted, now_ms):
            self._status = replace(self._status, repeated=self._status.repeated + 1)
            return
        else:
            self._status = replace(self._status, admitted=self._status.admitted + 1)
        self._tell(admitted)

    def _share(self, outcome: Symbol | GateRefusal | None, frame: Frame | None) -> None:
        """Forward what is not ours, a payment card like any other: it belongs to whoever else has the device."""
        if self._sharing is None or frame is None:
            return
        self._forwards = not (isinstance(outcome, Symbol) and self._is_ours(outcome, self._sharing))
        if self._forwards:
            self._sharing.forward(bytes(frame.raw or frame.data + self._sharing.suffix))

    def _is_ours(self, symbol: Symbol, sharing: Sharing) -> bool:
        try:
            return sharing.claims(symbol)
        except Exception as error:  # noqa: BLE001 - whoever shares the device must not go without the scan
            _LOG.error("%s: a scan could not be judged (%s)", self._source.name, type(error).__name__)
            return False

    def _is_repeat(self, symbol: Symbol, now_ms: int) -> bool:
        repeat = symbol == self._last_symbol and now_ms - self._last_symbol_at_ms < self._settings.repeat_ms
        self._last_symbol = symbol
        self._last_symbol_at_ms = now_ms
        return repeat

    def _tell(self, outcome: Symbol | GateRefusal) -> None:
        try:
            self._on_scan(outcome)
        except Exception as error:  # noqa: BLE001 - a listener's fault must not end scanning
            _LOG.error("%s: a listener failed (%s)", self._source.name, type(error).__name__)

    def _become(self, state: ReaderState, detail: str = "") -> None:
        """Take a state; a trouble is logged when it begins and not at every attempt, and so is its end."""
        self._status = replace(self._status, state=state, detail=detail)
        if detail and detail != self._logged:
            self._logged = detail
            _LOG.warning("scanner %s: %s", state, detail)
        elif state is ReaderState.READY and self._logged:
            self._logged = ""
            _LOG.info("scanner ready again: %s", self._source.name)
