"""Hears at once that HQ wants a lease back, while a till holds some and HQ is there; the sync worker then acts on it.

It changes nothing itself: whatever it misses, the next round of the sync hears.
"""

import logging
import threading
import time
from collections.abc import Callable

from agent.book import leases
from agent.errors import AgentError
from agent.till.context import Context
from agent.till.lending import news_of_leases
from sync.protocol.errors import LinkDown, SyncRefused
from sync.protocol.leases import MAX_WAIT_S, LeaseAnswer, LeaseRequest

_LOG = logging.getLogger(__name__)
_APART_S = 1.0
"""Shortest time between two questions: news stay news until a round has taken them in."""


class RecallWorker:
    """Waits at HQ in its own thread, by a link of its own.

    Args:
        context: The till.
        ask: Carries a question to HQ and waits for the answer longer than `MAX_WAIT_S`.
        nudge: Begins a round of the sync.
        is_online: Whether the last round reached HQ; while it did not, nobody waits there.
        idle_s: How often it looks whether there is something to wait for.
    """

    def __init__(
        self,
        context: Context,
        ask: Callable[[LeaseRequest], LeaseAnswer],
        *,
        nudge: Callable[[], None],
        is_online: Callable[[], bool],
        idle_s: float,
    ) -> None:
        self._context = context
        self._ask = ask
        self._nudge = nudge
        self._is_online = is_online
        self._idle_s = idle_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recall", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a question that waits at HQ is left to itself, since its answer is of no use any more."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            begun = time.monotonic()
            pause_s = self._idle_s
            try:
                if self._is_online() and self._holds():
                    if news_of_leases(self._context, self._ask, MAX_WAIT_S) and not self._stop.is_set():
                        self._nudge()
                        pause_s = _APART_S
                    elif time.monotonic() - begun >= _APART_S:
                        pause_s = 0.0  # HQ waited, so the next question may follow
            except (LinkDown, SyncRefused, AgentError):
                pass  # the sync meets the same, and says it
            except Exception:  # noqa: BLE001  # waiting is a courtesy and harms no sale
                if not self._stop.is_set():  # a book that was closed meanwhile is no fault
                    _LOG.exception("cannot wait for news of leases")
                    return
            self._stop.wait(pause_s)

    def _holds(self) -> bool:
        with self._context.book.read() as connection:
            return leases.count(connection) > 0
