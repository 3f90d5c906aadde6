"""The HTTP protocol of the server: uvicorn's own, with a bound on how long a request's head may take.

Without it a stranger holds a connection for ever by sending a head letter by letter, and a thousand of them keep tills out.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WAIT_S = 15


class PatientProtocol(H11Protocol):
    """Closes a connection on which no request is under way and none begins within `HEAD_WAIT_S`."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait_for_a_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes; where they are no whole head yet, the rest has to come in time."""
        super().data_received(data)
        if self._busy():
            self._wait_no_more()
        elif self._head_due is None:
            self._wait_for_a_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _busy(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, whatever its type says
        return cycle is not None and not cycle.response_complete

    def _wait_for_a_head(self) -> None:
        self._head_due = self.loop.call_later(HEAD_WAIT_S, self._give_up)

    def _wait_no_more(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _give_up(self) -> None:
        self._head_due = None
        if not self._busy() and not self.transport.is_closing():
            self.transport.close()
