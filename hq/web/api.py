"""The sync protocol over HTTP. Every address but pairing and health asks for a till's bearer token first."""

from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from hq.errors import BookBusy
from hq.pairing.terminals import Terminal, TillRevoked, authenticate
from hq.web.bodies import Bodies, Turns, client_of
from hq.web.limits import RateLimit
from hq.web.refusals import NOBODY, RefusalLog
from hq.web.services import Services
from loyalty.journal.entry import ACCOUNT_ID_BYTES
from sync.protocol.buckets import encode_bucket_page
from sync.protocol.epochs import (
    MAX_EPOCH_BYTES,
    decode_epoch_request,
    decode_hash_asked,
    encode_epoch_opened,
    encode_hash_answer,
)
from sync.protocol.errors import HTTP_STATUS, SyncErrorCode, SyncRefused
from sync.protocol.fields import account_id, hex_bytes
from sync.protocol.leases import MAX_LEASES_BYTES, decode_lease_request, encode_lease_answer
from sync.protocol.snapshots import encode_manifest
from sync.protocol.values import MAX_WANTED
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
_FOR_EVER = "private, max-age=31536000, immutable"
READERS = 8
"""Most batches that are expanded and taken in at once; the book has one writer anyway."""


def add_api(app: FastAPI, services: Services, bodies: Bodies, refusals: RefusalLog) -> None:
    """Add the protocol's addresses to an application."""
    turns = Turns(READERS)

    async def till(request: Request) -> Terminal:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise SyncRefused(SyncErrorCode.UNAUTHORIZED, "a till's bearer token is needed")
        terminal = await run_in_threadpool(authenticate, services.book, token.strip())
        request.state.till = terminal.terminal_id.hex()
        return terminal

    own = Depends(till)

    @app.post("/v1/sync/hello")
    async def hello(request: Request, terminal: Terminal = own) -> Response:
        async with bodies.of(request, most=MAX_MESSAGE_BYTES, caller=terminal.terminal_id) as body:
            said = decode_hello(body)
            return _json(encode_hello_answer(await run_in_threadpool(services.ingest.hello, terminal, said)))

    @app.post("/v1/sync/journal")
    async def journal(request: Request, terminal: Terminal = own) -> Response:
        async with bodies.of(request, most=MAX_COMPRESSED_BYTES, caller=terminal.terminal_id) as body, turns.one():
            return _json(await run_in_threadpool(_take_batch, services, terminal, body))

    @app.get("/v1/sync/feed")
    async def feed(request: Request, terminal: Terminal = own) -> Response:
        after = _number(request, "after")
        wanted = _members(request.query_params.get("members", ""))
        if _number(request, "epoch") != terminal.epoch:
            raise SyncRefused(SyncErrorCode.EPOCH_UNKNOWN, f"HQ takes epoch {terminal.epoch} of this till")
        since = _number(request, "since") if "since" in request.query_params else None
        files = request.query_params.get("segments") == "yes"
        return _json(await run_in_threadpool(_feed_page, services, terminal, after, wanted, since, files))

    _add_more(app, services, bodies, own)
    _add_open(app, services, bodies)

    async def refused(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, SyncRefused)
        refusals.note(fault, till=_till_of(request, fault), route=request.url.path)
        return _refused(fault)

    async def busy(request: Request, fault: Exception) -> Response:
        return await refused(request, SyncRefused(SyncErrorCode.BUSY, str(fault)))

    app.add_exception_handler(SyncRefused, refused)
    app.add_exception_handler(BookBusy, busy)


def _add_more(app: FastAPI, services: Services, bodies: Bodies, own: Any) -> None:
    """Add where journals part, the next epoch, leases, buckets, snapshots and segment files."""

    @app.post("/v1/sync/hash")
    async def hash_at(request: Request, terminal: Terminal = own) -> Response:
        async with bodies.of(request, most=MAX_EPOCH_BYTES, caller=terminal.terminal_id) as body:
            asked = decode_hash_asked(body)
            return _json(encode_hash_answer(await run_in_threadpool(services.epochs.hash_at, terminal, asked)))

    @app.post("/v1/sync/epoch")
    async def epoch(request: Request, terminal: Terminal = own) -> Response:
        async with bodies.of(request, most=MAX_EPOCH_BYTES, caller=terminal.terminal_id) as body:
            asked = decode_epoch_request(body)
            return _json(encode_epoch_opened(await run_in_threadpool(services.epochs.open_epoch, terminal, asked)))

    @app.post("/v1/sync/leases")
    async def leases(request: Request, terminal: Terminal = own) -> Response:
        leasing = services.leasing
        async with bodies.of(request, most=MAX_LEASES_BYTES, caller=terminal.terminal_id) as body:
            asked = decode_lease_request(body)
            if not asked.waits:
                return _json(encode_lease_answer(await run_in_threadpool(leasing.exchange, terminal, asked)))
        with leasing.calls.expecting(terminal.terminal_id) as call:
            answer = await run_in_threadpool(leasing.exchange, terminal, asked)
            if not answer.is_news:
                await call.within(asked.wait_s)
                answer = await run_in_threadpool(leasing.exchange, terminal, asked)
        return _json(encode_lease_answer(answer))

    @app.get("/v1/sync/feed/bucket")
    async def bucket(request: Request, _: Terminal = own) -> Response:
        first = hex_bytes(dict(request.query_params), "from", ACCOUNT_ID_BYTES)
        return _json(encode_bucket_page(await run_in_threadpool(services.feed.bucket, first)))

    @app.get("/v1/sync/snapshot")
    async def snapshot(_: Terminal = own) -> Response:
        return _json(encode_manifest(await run_in_threadpool(services.feed.snapshot)))

    @app.get("/v1/sync/snapshot/{name}")
    async def snapshot_part(name: str, _: Terminal = own) -> Response:
        return FileResponse(services.feed.frames(name), media_type="application/octet-stream")

    @app.get("/v1/sync/segments/{name}")
    async def segment(name: str, _: Terminal = own) -> Response:
        headers = {"Cache-Control": _FOR_EVER, "ETag": f'"{name}"'}
        return FileResponse(services.feed.segment(name), media_type="application/gzip", headers=headers)


def _add_open(app: FastAPI, services: Services, bodies: Bodies) -> None:
    limit = RateLimit(services.pairing.clock, burst=PAIR_BURST, per_minute=PAIRS_PER_MINUTE)

    @app.get("/health")
    async def health() -> Response:
        return _json(b'{"ok":true}')

    @app.post("/v1/pair")
    async def pair(request: Request) -> Response:
        if not limit.allows(request.client.host if request.client else ""):
            raise SyncRefused(SyncErrorCode.BUSY, "too many tries to pair; wait a minute")
        async with bodies.of(request, most=MAX_MESSAGE_BYTES, caller=client_of(request)) as body:
            asked = decode_pair_request(body)
            return _json(encode_pair_answer(await run_in_threadpool(services.pairing.pair, asked)))


def _take_batch(services: Services, terminal: Terminal, body: bytes) -> bytes:
    return encode_acknowledged(services.ingest.batch(terminal, decode_batch(body)))


def _feed_page(
    services: Services, terminal: Terminal, after: int, wanted: tuple[bytes, ...], since: int | None, files: bool
) -> bytes:
    page = services.feed.page(
        terminal=terminal.terminal_id,
        epoch=terminal.epoch,
        after=after,
        wanted=wanted,
        since=since,
        segments=files,
    )
    return encode_feed_page(page)


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise SyncRefused(SyncErrorCode.MALFORMED, f"{name} must be a whole number, not negative")
    return int(text)


def _members(text: str) -> tuple[bytes, ...]:
    ids = text.split(",") if text else []
    if len(ids) > MAX_WANTED:
        raise SyncRefused(SyncErrorCode.TOO_LARGE, f"at most {MAX_WANTED} members")
    try:
        return tuple(account_id(one) for one in ids)
    except ValueError as fault:
        raise SyncRefused(SyncErrorCode.MALFORMED, "members must be ids with commas between them") from fault


def _json(body: bytes, status: int = 200) -> Response:
    return Response(body, status_code=status, media_type=_JSON)


def _till_of(request: Request, fault: SyncRefused) -> str:
    """Give the id of the till that was refused, as far as it has proved to be one."""
    if isinstance(fault, TillRevoked):
        return fault.terminal_id.hex()
    return str(getattr(request.state, "till", NOBODY))


def _refused(fault: SyncRefused) -> Response:
    answer = _json(encode_refused(fault), HTTP_STATUS[fault.code])
    if fault.code is SyncErrorCode.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if fault.code is SyncErrorCode.BUSY:
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer
