"""From a request's bytes to values: bounded, strict JSON, and the idempotency key."""

import asyncio
import json
from typing import Any

from starlette.requests import ClientDisconnect, Request

from agent.api.fields import BadField
from agent.till.record import MAX_KEY

MAX_BODY_BYTES = 1024 * 1024
BODY_WAIT_S = 10
KEY_HEADER = "Idempotency-Key"


class BodyTooLarge(Exception):
    """More than `MAX_BODY_BYTES` were announced or came."""


class NotJson(Exception):
    """The body is said to be something else than JSON."""


async def read_json(request: Request) -> Any:
    """Give the body as a JSON value.

    Raises:
        BadField: it is not JSON, or a name stands twice in one object.
        BodyTooLarge: it has more than 1 MiB.
        NotJson: its content type is another.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise NotJson
    return parse(await _body(request))


def parse(body: bytes) -> Any:
    """Read JSON; floats come through as floats, so that the field that has one can be named.

    Raises:
        BadField: it is not JSON.
    """
    try:
        return json.loads(body, object_pairs_hook=_once_each)
    except BadField:
        raise
    except (ValueError, RecursionError):
        raise BadField("", "the body is not JSON in UTF-8") from None


def idempotency_key(request: Request) -> str:
    """Give the host's idempotency key.

    Raises:
        BadField: there is none, or it is too long or not printable ASCII.
    """
    key = request.headers.get(KEY_HEADER, "")
    if not (1 <= len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise BadField(KEY_HEADER, f"expected a header of 1 to {MAX_KEY} printable ASCII characters")
    return key


async def _body(request: Request) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > MAX_BODY_BYTES:
        raise BodyTooLarge
    parts = bytearray()
    try:
        async with asyncio.timeout(BODY_WAIT_S):
            async for part in request.stream():
                parts += part
                if len(parts) > MAX_BODY_BYTES:
                    raise BodyTooLarge
    except (TimeoutError, ClientDisconnect):
        raise BadField("", "the body did not come whole") from None
    return bytes(parts)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise BadField("", "a name stands twice in one object")
    return values
