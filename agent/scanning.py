"""The agent's own scanner: what it reads becomes an event that the POS program fetches.

Knows who is asked (`identify_admitted`) and how long an event is kept; refuses to keep what was scanned. A payment card stops
at the gate, and its event says only which device and why.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.config.values import ScannerConfig
from agent.till.context import Context
from agent.till.identify import identify_admitted
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal
from drivers.scanners.reader import ReaderStatus, ScanReader, monotonic_ms
from drivers.scanners.source import ScanSource
from drivers.scanners.symbols import Symbol
from loyalty.refusals import RefusalCode

MAX_EVENTS = 32
KEPT_MS = 5_000
"""How long an event waits for a late listener; a scan that nobody fetched must not surprise the next customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened at the till.

    Attributes:
        number: Counts from 1 since the agent started.
        at_ms: When, by the monotonic clock.
        body: What is told, as JSON values.
    """

    number: int
    at_ms: int
    body: dict[str, Any]


class Events:
    """The last few events; safe from any thread."""

    def __init__(self, clock: Callable[[], int] = monotonic_ms) -> None:
        self._clock = clock
        self._turn = threading.Lock()
        self._kept: deque[Event] = deque(maxlen=MAX_EVENTS)
        self._listeners: list[Callable[[], None]] = []
        self._last = 0
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nobody shall wait for events any more."""
        return self._closed

    @property
    def last(self) -> int:
        """The number of the newest event ever, 0 for none."""
        return self._last

    def add(self, body: dict[str, Any]) -> None:
        """Keep an event and tell everybody who listens."""
        with self._turn:
            self._last += 1
            self._kept.append(Event(number=self._last, at_ms=self._clock(), body=body))
        self._tell()

    def close(self) -> None:
        """End every wait: the agent stops."""
        self._closed = True
        self._tell()

    def after(self, number: int) -> list[Event]:
        """Give the events behind ``number`` that are not too old.

        A number that was never given is one from before the agent started again, so everything is behind it.
        """
        with self._turn:
            oldest_ms = self._clock() - KEPT_MS
            while self._kept and self._kept[0].at_ms < oldest_ms:
                self._kept.popleft()
            behind = number if number <= self._last else 0
            return [event for event in self._kept if event.number > behind]

    def listen(self, told: Callable[[], None]) -> Callable[[], None]:
        """Call ``told`` in the thread of each new event; gives what ends that."""
        with self._turn:
            self._listeners.append(told)

        def end() -> None:
            with self._turn:
                self._listeners.remove(told)

        return end

    def _tell(self) -> None:
        with self._turn:
            listeners = list(self._listeners)
        for told in listeners:
            told()


class Scanning:
    """The agent's own scanner, wired to `identify` and to the events."""

    def __init__(self, context: Context, source: ScanSource, events: Events) -> None:
        self._context = context
        self._events = events
        gate = Gate(device=source.name, kind=DeviceKind.BARCODE, ranges=context.config.cards.ranges)
        self._reader = ScanReader(source, gate, self._scanned)

    @property
    def status(self) -> ReaderStatus:
        """How the scanner is."""
        return self._reader.status

    def start(self) -> None:
        """Begin to read."""
        self._reader.start()

    def stop(self) -> None:
        """Stop reading and release the device."""
        self._reader.stop()

    def _scanned(self, outcome: Symbol | GateRefusal) -> None:
        self._events.add({"kind": "scan", **self._told(outcome)})

    def _told(self, outcome: Symbol | GateRefusal) -> dict[str, Any]:
        if isinstance(outcome, Symbol):
            return identify_admitted(self._context, outcome)
        code = RefusalCode.PAYMENT_CARD.value
        return {
            "refused": code,
            "text": self._context.catalogue.text(f"refusal.{code}"),
            "device": outcome.device,
            "reason": outcome.reason.value,
        }


def make_source(config: ScannerConfig) -> ScanSource:
    """Make the scanner that the settings name; pyserial is loaded when it opens."""
    from drivers.scanners.sources.serial_source import SerialSettings, SerialSource

    return SerialSource(SerialSettings(port=config.device, baud=config.baud))
