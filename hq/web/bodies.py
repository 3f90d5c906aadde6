"""Reading a request's body with a bound on bytes and on time, before anything is made of it."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from sync.protocol.errors import SyncErrorCode, SyncRefused

BODY_WAIT_S = 30


async def read_body(request: Request, *, most: int) -> bytes:
    """Give the body.

    Raises:
        SyncRefused: TOO_LARGE as soon as more than ``most`` bytes are announced or have come, MALFORMED when it
            ends early or does not come within `BODY_WAIT_S`.
    """
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > most:
        raise _too_large(most)
    parts = bytearray()
    try:
        async with asyncio.timeout(BODY_WAIT_S):
            async for part in request.stream():
                parts += part
                if len(parts) > most:
                    raise _too_large(most)
    except (TimeoutError, ClientDisconnect) as fault:
        raise SyncRefused(SyncErrorCode.MALFORMED, "the body did not come whole") from fault
    return bytes(parts)


def _too_large(most: int) -> SyncRefused:
    return SyncRefused(SyncErrorCode.TOO_LARGE, f"at most {most} bytes")
