"""The sync protocol over HTTP. Every address but pairing and health asks for a till's bearer token first."""

import logging

from fastapi import Depends, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from hq.errors import BookBusy
from hq.pairing.terminals import Terminal, authenticate
from hq.web.bodies import read_body
from hq.web.limits import RateLimit
from hq.web.services import Services
from sync.protocol.epochs import (
    MAX_EPOCH_BYTES,
    decode_epoch_request,
    decode_hash_asked,
    encode_epoch_opened,
    encode_hash_answer,
)
from sync.protocol.errors import HTTP_STATUS, SyncErrorCode, SyncRefused
from sync.protocol.wire import (
    MAX_COMPRESSED_BYTES,
    MAX_MESSAGE_BYTES,
    decode_batch,
    decode_hello,
    decode_pair_request,
    encode_acknowledged,
    encode_feed_page,
    encode_hello_answer,
    encode_pair_answer,
    encode_refused,
)

PAIR_BURST = 10
PAIRS_PER_MINUTE = 10
RETRY_AFTER_S = 5
_JSON = "application/json"
_UNREAD = frozenset({SyncErrorCode.TOO_LARGE, SyncErrorCode.UNAUTHORIZED, SyncErrorCode.REVOKED})
"""Refusals before the body was read: the connection is closed, so that nobody goes on sending it."""
_log = logging.getLogger("loyaltill.hq")


def add_api(app: FastAPI, services: Services) -> None:
    """Add the protocol's addresses to an application."""

    async def till(request: Request) -> Terminal:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise SyncRefused(SyncErrorCode.UNAUTHORIZED, "a till's bearer token is needed")
        return await run_in_threadpool(authenticate, services.book, token.strip())

    own = Depends(till)

    @app.post("/v1/sync/hello")
    async def hello(request: Request, terminal: Terminal = own) -> Response:
        said = decode_hello(await read_body(request, most=MAX_MESSAGE_BYTES))
        return _json(encode_hello_answer(await run_in_threadpool(services.ingest.hello, terminal, said)))

    @app.post("/v1/sync/journal")
    async def journal(request: Request, terminal: Terminal = own) -> Response:
        body = await read_body(request, most=MAX_COMPRESSED_BYTES)
        return _json(await run_in_threadpool(_take_batch, services, terminal, body))

    @app.post("/v1/sync/hash")
    async def hash_at(request: Request, terminal: Terminal = own) -> Response:
        asked = decode_hash_asked(await read_body(request, most=MAX_EPOCH_BYTES))
        return _json(encode_hash_answer(await run_in_threadpool(services.epochs.hash_at, terminal, asked)))

    @app.post("/v1/sync/epoch")
    async def epoch(request: Request, terminal: Terminal = own) -> Response:
        asked = decode_epoch_request(await read_body(request, most=MAX_EPOCH_BYTES))
        return _json(encode_epoch_opened(await run_in_threadpool(services.epochs.open_epoch, terminal, asked)))

    @app.get("/v1/sync/feed")
    async def feed(request: Request, terminal: Terminal = own) -> Response:
        after = _number(request, "after")
        if _number(request, "epoch") != terminal.epoch:
            raise SyncRefused(SyncErrorCode.EPOCH_UNKNOWN, f"HQ takes epoch {terminal.epoch} of this till")
        return _json(await run_in_threadpool(_feed_page, services, terminal, after))

    _add_open(app, services)
    app.add_exception_handler(SyncRefused, _refused)
    app.add_exception_handler(BookBusy, _busy)


def _add_open(app: FastAPI, services: Services) -> None:
    limit = RateLimit(services.pairing.clock, burst=PAIR_BURST, per_minute=PAIRS_PER_MINUTE)

    @app.get("/health")
    async def health() -> Response:
        return _json(b'{"ok":true}')

    @app.post("/v1/pair")
    async def pair(request: Request) -> Response:
        if not limit.allows(request.client.host if request.client else ""):
            raise SyncRefused(SyncErrorCode.BUSY, "too many tries to pair; wait a minute")
        asked = decode_pair_request(await read_body(request, most=MAX_MESSAGE_BYTES))
        return _json(encode_pair_answer(await run_in_threadpool(services.pairing.pair, asked)))


def _take_batch(services: Services, terminal: Terminal, body: bytes) -> bytes:
    return encode_acknowledged(services.ingest.batch(terminal, decode_batch(body)))


def _feed_page(services: Services, terminal: Terminal, after: int) -> bytes:
    return encode_feed_page(services.feed.page(terminal=terminal.terminal_id, epoch=terminal.epoch, after=after))


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise SyncRefused(SyncErrorCode.MALFORMED, f"{name} must be a whole number, not negative")
    return int(text)


def _json(body: bytes, status: int = 200) -> Response:
    return Response(body, status_code=status, media_type=_JSON)


async def _refused(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, SyncRefused)
    answer = _json(encode_refused(fault), HTTP_STATUS[fault.code])
    if fault.code is SyncErrorCode.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if fault.code in _UNREAD:
        answer.headers["Connection"] = "close"
    if fault.code is SyncErrorCode.BUSY:
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer


async def _busy(request: Request, fault: Exception) -> Response:
    _log.warning("answered busy: %s", fault)
    return await _refused(request, SyncRefused(SyncErrorCode.BUSY, str(fault)))
