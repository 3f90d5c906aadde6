"""HQ's answers to bytes, as its HTTP API gives them (`hq.web.api`), without HTTP."""

from hq.errors import BookBusy
from hq.pairing.terminals import authenticate
from hq.server import Hq
from sync.protocol import wire
from sync.protocol.errors import HTTP_STATUS, SyncErrorCode, SyncRefused

OK = 200
HELLO, UPLOAD, FEED = "hello", "upload", "feed"

Answer = tuple[int, bytes]
"""An HTTP status and a body."""


def answer(hq: Hq, token: str, what: str, body: bytes) -> Answer:
    """Answer one request of the till that shows ``token``."""
    try:
        return OK, _answer(hq, token, what, body)
    except SyncRefused as refused:
        return HTTP_STATUS[refused.code], wire.encode_refused(refused)
    except BookBusy as busy:
        return HTTP_STATUS[SyncErrorCode.BUSY], wire.encode_refused(SyncRefused(SyncErrorCode.BUSY, str(busy)))


def _answer(hq: Hq, token: str, what: str, body: bytes) -> bytes:
    terminal = authenticate(hq.book, token)
    if what == HELLO:
        return wire.encode_hello_answer(hq.ingest.hello(terminal, wire.decode_hello(body)))
    if what == UPLOAD:
        return wire.encode_acknowledged(hq.ingest.batch(terminal, wire.decode_batch(body)))
    page = hq.feed.page(terminal=terminal.terminal_id, epoch=terminal.epoch, after=int(body))
    return wire.encode_feed_page(page)
