"""Events by long polling: the answer comes with the first event, or empty when the wait is over."""

import asyncio
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from agent.api import replies
from agent.api.fields import BadField
from agent.events import Events

MAX_WAIT_MS = 30_000
DEFAULT_WAIT_MS = 25_000


class Listening:
    """Hands events to whoever asks."""

    def __init__(self, events: Events) -> None:
        self._events = events

    async def events(self, request: Request) -> Response:
        """The events behind ``after``, waiting at most ``wait_ms`` for the first."""
        after = _number(request, "after", 0, 2**53)
        wait_ms = _number(request, "wait_ms", DEFAULT_WAIT_MS, MAX_WAIT_MS)
        if not self._events.after(after):
            await _news(self._events, after, wait_ms)
        last = self._events.last  # before the events: what comes in between is told the next time
        found = self._events.after(after)
        told = [{"number": event.number, **event.body} for event in found]
        return replies.told({"events": told, "last": found[-1].number if found else last})


async def _news(events: Events, after: int, wait_ms: int) -> None:
    """Wait for an event behind a number, at most ``wait_ms``."""
    loop, came = asyncio.get_running_loop(), asyncio.Event()

    def tell() -> None:
        loop.call_soon_threadsafe(came.set)

    end = events.listen(tell)
    try:
        if not events.closed and not events.after(after):  # one may have come before we listened
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_ms / 1000):
                    await came.wait()
    finally:
        end()


def _number(request: Request, name: str, otherwise: int, most: int) -> int:
    given = request.query_params.get(name)
    if given is None:
        return otherwise
    if not (given.isascii() and given.isdigit() and len(given) <= 16 and int(given) <= most):
        raise BadField(name, f"expected a number from 0 to {most}")
    return int(given)
