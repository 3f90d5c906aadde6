"""The way to HQ for a sale that waits: asked briefly, and not at all for a while after it did not answer."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from sync.links.brief import Queued
from sync.protocol.errors import LinkDown, SyncRefused
from sync.protocol.leases import LeaseAnswer, LeaseRequest

Ask = Callable[[LeaseRequest], LeaseAnswer]
_FAULTS = 3
"""So many in a row open the breaker."""
_REST = timedelta(seconds=30)


class Line:
    """Asks HQ while it answers. Safe from several threads; how long one waits, and for whom, is the way's own."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._ask: Ask | None = None
        self._faults = 0
        self._rests_until: datetime | None = None

    def open(self, ask: Ask | None) -> None:
        """Use this way from now on; None for none."""
        with self._turn:
            self._ask, self._faults, self._rests_until = ask, 0, None

    def ask(self, request: LeaseRequest, now: datetime) -> LeaseAnswer | None:
        """Ask, or give None where there is no way, it rests, or HQ did not answer in time."""
        with self._turn:
            ask = self._ask
            if ask is None or (self._rests_until is not None and now < self._rests_until):
                return None
        try:
            answer = ask(request)
        except Queued:
            return None
        except (LinkDown, SyncRefused):
            self._failed(ask, now)
            return None
        with self._turn:
            if ask is self._ask:
                self._faults, self._rests_until = 0, None
        return answer

    def _failed(self, ask: Ask, now: datetime) -> None:
        with self._turn:
            if ask is self._ask:
                self._faults += 1
                if self._faults >= _FAULTS:
                    self._rests_until = now + _REST
