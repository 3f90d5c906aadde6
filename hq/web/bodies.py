"""Reading requests' bodies with bounds on bytes and on time, for one body, for one caller and for all of them together."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from sync.protocol.errors import SyncErrorCode, SyncRefused

BODY_WAIT_S = 30
MOST_HELD_BYTES = 64 * 1024 * 1024
"""Most bytes of bodies that are held at once, whoever sends them."""
MOST_OF_ONE = 4
"""Most requests with a body of one caller at once. A till sends one after another; one that gave up waiting asks anew."""


class Bodies:
    """Gives bodies to those who make something of them, and knows how much is held. For one event loop."""

    def __init__(
        self,
        *,
        wait_s: float = BODY_WAIT_S,
        most_held_bytes: int = MOST_HELD_BYTES,
        most_of_one: int = MOST_OF_ONE,
    ) -> None:
        self._wait_s = wait_s
        self._most_held_bytes = most_held_bytes
        self._most_of_one = most_of_one
        self._held_bytes = 0
        self._of_one: Counter[bytes] = Counter()

    @asynccontextmanager
    async def of(self, request: Request, *, most: int, caller: bytes) -> AsyncIterator[bytes]:
        """Give a request's body, which counts as held until the block ends.

        Args:
            request: The request.
            most: Most bytes of its body.
            caller: Who sends it: a till's id, or where it comes from.

        Raises:
            SyncRefused: TOO_LARGE as soon as more than ``most`` bytes are announced or have come, MALFORMED when it
                ends early or does not come in time, BUSY when this caller or all of them send too much at once.
        """
        announced = request.headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced[:20]) > most:
            raise _too_large(most)
        if self._of_one[caller] >= self._most_of_one:
            raise SyncRefused(SyncErrorCode.BUSY, f"at most {self._most_of_one} requests at once")
        parts = bytearray()
        self._of_one[caller] += 1
        try:
            await self._read(request, parts, most)
            yield bytes(parts)
        finally:
            self._held_bytes -= len(parts)
            self._of_one[caller] -= 1
            if not self._of_one[caller]:
                del self._of_one[caller]

    async def _read(self, request: Request, parts: bytearray, most: int) -> None:
        try:
            async with asyncio.timeout(self._wait_s):
                async for part in request.stream():
                    parts += part
                    self._held_bytes += len(part)
                    if len(parts) > most:
                        raise _too_large(most)
                    if self._held_bytes > self._most_held_bytes:
                        raise SyncRefused(SyncErrorCode.BUSY, "HQ is busy reading; try again")
        except (TimeoutError, ClientDisconnect) as fault:
            raise SyncRefused(SyncErrorCode.MALFORMED, "the body did not come whole") from fault


class Turns:
    """Lets so many at once make something of what they hold; the others wait without a thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turns = asyncio.Semaphore(most)

    def one(self) -> asyncio.Semaphore:
        """Give what to enter; each event loop, one after another, has its own."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._turns = loop, asyncio.Semaphore(self._most)
        return self._turns


def client_of(request: Request) -> bytes:
    """Give where a request comes from, for callers that have proved nothing."""
    return (request.client.host if request.client else "").encode()


def _too_large(most: int) -> SyncRefused:
    return SyncRefused(SyncErrorCode.TOO_LARGE, f"at most {most} bytes")
