"""What happened at the till lately, for whoever listens: the scans of the agent's own scanners.

Knows how long an event is kept; refuses to know what it means.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_EVENTS = 32
KEPT_MS = 5_000
"""How long an event waits for a late listener; a scan that nobody fetched must not surprise the next customer."""


def monotonic_ms() -> int:
    """Milliseconds of a clock that never goes back."""
    return time.monotonic_ns() // 1_000_000


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

    def __init__(self, clock: Callable[[], int] = monotonic_ms, *, kept_ms: int = KEPT_MS) -> None:
        self._clock = clock
        self._kept_ms = kept_ms
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
            oldest_ms = self._clock() - self._kept_ms
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
