"""HQ's answers to bytes, as its HTTP API gives them (`hq.web.api`), without HTTP."""

from hq.errors import BookBusy
from hq.pairing.terminals import authenticate
from hq.server import Hq
from sync.protocol import epochs, leases, wire
from sync.protocol.errors import HTTP_STATUS, SyncErrorCode, SyncRefused

OK = 200
HELLO, UPLOAD, FEED, LEASES, HASH, EPOCH = "hello", "upload", "feed", "leases", "hash", "epoch"

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
    if what == LEASES:
        return leases.encode_lease_answer(hq.leasing.exchange(terminal, leases.decode_lease_request(body)))
    if what == HASH:
        return epochs.encode_hash_answer(hq.epochs.hash_at(terminal, epochs.decode_hash_asked(body)))
    if what == EPOCH:
        return epochs.encode_epoch_opened(hq.epochs.open_epoch(terminal, epochs.decode_epoch_request(body)))
    after, epoch, since, named = body.decode().split(" ")
    if epoch != str(terminal.epoch):
        raise SyncRefused(SyncErrorCode.EPOCH_UNKNOWN, f"HQ takes epoch {terminal.epoch} of this till")
    wanted = tuple(bytes.fromhex(one) for one in named.split(",") if one)
    page = hq.feed.page(
        terminal=terminal.terminal_id, epoch=terminal.epoch, after=int(after), wanted=wanted, since=int(since)
    )
    return wire.encode_feed_page(page)
