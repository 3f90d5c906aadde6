"""Tills that wait to hear of their leases at once: a connection each, answered when a lease is wanted back.

A call is a courtesy: who misses it hears of the recall with its next exchange. It lives in the memory of HQ's one process.
"""

import asyncio
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

MAX_WAITING = 400
"""Most tills that wait at one time; those beyond are answered at once."""


class Call:
    """One till that waits, on an event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """End the wait; from any thread, also when its loop is gone."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)

    async def within(self, wait_s: float) -> None:
        """Wait until it rings, and ``wait_s`` seconds at most."""
        try:
            await asyncio.wait_for(self._rung.wait(), wait_s)
        except TimeoutError:
            return


class Calls:
    """Who waits. Threads may share it."""

    def __init__(self, most: int = MAX_WAITING) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._waiting: dict[bytes, Call] = {}
        self._closed = False

    @contextmanager
    def expecting(self, holder: bytes) -> Iterator[Call]:
        """Register a till, on the event loop of the caller; what rings from now on is heard.

        Of two waits of one till the older ends. Once too many wait, or HQ stops, a wait ends at once.
        """
        call = Call()
        with self._lock:
            before = self._waiting.pop(holder, None)
            if self._closed or len(self._waiting) >= self._most:
                call.ring()
            else:
                self._waiting[holder] = call
        if before is not None:
            before.ring()
        try:
            yield call
        finally:
            with self._lock:
                if self._waiting.get(holder) is call:
                    del self._waiting[holder]

    def ring(self, holders: Iterable[bytes]) -> None:
        """Answer these tills; to be called once what they are to hear is committed."""
        with self._lock:
            found = [self._waiting[holder] for holder in set(holders) if holder in self._waiting]
        for call in found:
            call.ring()

    def close(self) -> None:
        """Answer everybody, now and from now on: HQ stops."""
        with self._lock:
            self._closed = True
            found = list(self._waiting.values())
        for call in found:
            call.ring()
