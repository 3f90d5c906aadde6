"""The bytes of the sync protocol.

Small messages are JSON objects. A batch is gzip over lines: a header object, then for each entry its core and
its detail, verbatim. Canonical JSON holds no raw line feed, so a line is exactly what was stored. Everything
that comes in is bounded before it is expanded.
"""

import json
import zlib
from collections.abc import Iterator
from typing import Any

from loyalty.journal.codec import canonical_json
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.values import (
    MAX_BATCH_BYTES,
    MAX_BATCH_ENTRIES,
    MAX_FEED_ROWS,
    Acknowledged,
    Batch,
    FeedBalance,
    FeedCard,
    FeedEntity,
    FeedMember,
    FeedPage,
    FeedRow,
    Hello,
    HelloAnswer,
    PairAnswer,
    PairRequest,
    SentEntry,
)

MAX_MESSAGE_BYTES = 64 * 1024
MAX_COMPRESSED_BYTES = 2 * 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_LEVEL = 6


def pairing_proof_bytes(code: str, public_key: bytes) -> bytes:
    """Give the bytes that a till signs to prove that the key it pairs is its own."""
    return b"loyaltill pairing 1\0" + public_key + code.encode()


def encode_pair_request(request: PairRequest) -> bytes:
    """Write a pairing request."""
    return canonical_json(
        {
            "code": request.code,
            "public_key": request.public_key.hex(),
            "proof": request.proof.hex(),
            "store": request.store,
            "name": request.name,
        }
    )


def decode_pair_request(data: bytes) -> PairRequest:
    """Read a pairing request; raises SyncRefused(MALFORMED) for anything else."""
    given = _object(data)
    return PairRequest(
        code=_text(given, "code", 64),
        public_key=_hex(given, "public_key", 32),
        proof=_hex(given, "proof", 64),
        store=_text(given, "store", 64),
        name=_text(given, "name", 64),
    )


def encode_pair_answer(answer: PairAnswer) -> bytes:
    """Write the answer to a pairing request."""
    return canonical_json(
        {
            "token": answer.token,
            "identifier_key": answer.identifier_key.hex(),
            "hq_epoch": answer.hq_epoch,
            "merchant": answer.merchant,
        }
    )


def decode_pair_answer(data: bytes) -> PairAnswer:
    """Read the answer to a pairing request."""
    given = _object(data)
    return PairAnswer(
        token=_text(given, "token", 256),
        identifier_key=_hex(given, "identifier_key", 32),
        hq_epoch=_text(given, "hq_epoch", 64),
        merchant=_text(given, "merchant", 200),
    )


def encode_hello(hello: Hello) -> bytes:
    """Write a hello."""
    return canonical_json(
        {
            "protocol": [hello.protocol_min, hello.protocol_max],
            "terminal": hello.terminal.hex(),
            "epoch": hello.epoch,
            "sequence": hello.sequence,
            "head": hello.head.hex(),
            "hq_epoch_seen": hello.hq_epoch_seen,
        }
    )


def decode_hello(data: bytes) -> Hello:
    """Read a hello."""
    given = _object(data)
    protocol = given.get("protocol")
    if not (isinstance(protocol, list) and len(protocol) == 2 and all(type(item) is int for item in protocol)):
        raise SyncRefused(SyncErrorCode.MALFORMED, "protocol must be [lowest, highest]")
    seen = given.get("hq_epoch_seen")
    return Hello(
        protocol_min=protocol[0],
        protocol_max=protocol[1],
        terminal=_hex(given, "terminal", 16),
        epoch=_count(given, "epoch"),
        sequence=_count(given, "sequence"),
        head=_hex(given, "head", 32),
        hq_epoch_seen=None if seen is None else _text(given, "hq_epoch_seen", 64),
    )


def encode_hello_answer(answer: HelloAnswer) -> bytes:
    """Write the answer to a hello."""
    return canonical_json(
        {
            "protocol": answer.protocol,
            "resume_from": answer.resume_from,
            "held_head": answer.held_head.hex(),
            "hq_epoch": answer.hq_epoch,
            "hq_time": answer.hq_time,
            "max_batch_entries": answer.max_batch_entries,
            "max_batch_bytes": answer.max_batch_bytes,
        }
    )


def decode_hello_answer(data: bytes) -> HelloAnswer:
    """Read the answer to a hello."""
    given = _object(data)
    return HelloAnswer(
        protocol=_count(given, "protocol"),
        resume_from=_count(given, "resume_from"),
        held_head=_hex(given, "held_head", 32),
        hq_epoch=_text(given, "hq_epoch", 64),
        hq_time=_count(given, "hq_time"),
        max_batch_entries=_count(given, "max_batch_entries"),
        max_batch_bytes=_count(given, "max_batch_bytes"),
    )


def encode_acknowledged(answer: Acknowledged) -> bytes:
    """Write an acknowledgement."""
    return canonical_json({"acked": answer.acked, "durable": answer.durable})


def decode_acknowledged(data: bytes) -> Acknowledged:
    """Read an acknowledgement."""
    given = _object(data)
    return Acknowledged(acked=_count(given, "acked"), durable=_count(given, "durable"))


def encode_refused(refused: SyncRefused) -> bytes:
    """Write a refusal; the HTTP status beside it follows from the code."""
    value: dict[str, object] = {"error": refused.code.value, "detail": refused.detail}
    if refused.need is not None:
        value["need"] = refused.need
    return canonical_json(value)


def decode_refused(data: bytes) -> SyncRefused | None:
    """Read a refusal, or None where the bytes are not HQ's (a proxy's page, say)."""
    try:
        given = _object(data)
        need = given.get("need")
        return SyncRefused(
            SyncErrorCode(str(given.get("error"))),
            str(given.get("detail", ""))[:200],
            need=need if type(need) is int else None,
        )
    except (SyncRefused, ValueError):
        return None


def encode_batch(batch: Batch) -> bytes:
    """Write and compress a batch; the same batch always gives the same bytes."""
    header = canonical_json(
        {
            "terminal": batch.terminal.hex(),
            "epoch": batch.epoch,
            "first": batch.first,
            "count": len(batch.entries),
            "head": batch.head.hex(),
            "signature": batch.signature.hex() if batch.signature is not None else None,
        }
    )
    lines = [header, *(part for entry in batch.entries for part in (entry.core, entry.detail))]
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(b"\n".join(lines)) + packer.flush()


def decode_batch(data: bytes) -> Batch:
    """Expand and read a batch.

    Raises:
        SyncRefused: TOO_LARGE beyond the bounds, MALFORMED when cut short or of another shape.
    """
    lines = _expand(data).split(b"\n")
    given = _object(lines[0])
    count = _count(given, "count")
    if not 1 <= count <= MAX_BATCH_ENTRIES:
        raise SyncRefused(SyncErrorCode.TOO_LARGE, f"a batch has 1 to {MAX_BATCH_ENTRIES} entries")
    if len(lines) != 1 + 2 * count:
        raise SyncRefused(SyncErrorCode.MALFORMED, "the batch does not hold as many entries as its header says")
    signature = given.get("signature")
    return Batch(
        terminal=_hex(given, "terminal", 16),
        epoch=_count(given, "epoch"),
        first=_count(given, "first"),
        head=_hex(given, "head", 32),
        entries=tuple(SentEntry(core=core, detail=detail) for core, detail in _pairs(lines[1:])),
        signature=None if signature is None else _hex(given, "signature", 64),
    )


def encode_feed_page(page: FeedPage) -> bytes:
    """Write a page of the feed."""
    return canonical_json(
        {
            "hq_epoch": page.hq_epoch,
            "after": page.after,
            "upto": page.upto,
            "complete": page.complete,
            "applied": page.applied,
            "rows": [_row_out(row) for row in page.rows],
        }
    )


def decode_feed_page(data: bytes) -> FeedPage:
    """Read a page of the feed."""
    given = _object(data, limit=MAX_BATCH_BYTES)
    rows = given.get("rows")
    if not isinstance(rows, list) or len(rows) > MAX_FEED_ROWS:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"rows must be a list of at most {MAX_FEED_ROWS}")
    return FeedPage(
        hq_epoch=_text(given, "hq_epoch", 64),
        after=_count(given, "after"),
        upto=_count(given, "upto"),
        complete=given.get("complete") is True,
        applied=_count(given, "applied"),
        rows=tuple(_row_in(row) for row in rows),
    )


def _row_out(row: FeedRow) -> list[object]:
    match row:
        case FeedMember():
            ids = [row.member.hex(), row.canonical.hex()]
            return [FeedEntity.MEMBER.value, *ids, row.nickname, row.tier, row.language]
        case FeedCard():
            return [FeedEntity.CARD.value, row.card_key, row.member.hex() if row.member is not None else None]
        case FeedBalance():
            return [FeedEntity.BALANCE.value, row.account.hex(), row.unit, row.amount]


def _row_in(row: Any) -> FeedRow:
    try:
        match row:
            case [FeedEntity.MEMBER.value, str(member), str(canonical), nickname, tier, language]:
                return FeedMember(
                    member=bytes.fromhex(member),
                    canonical=bytes.fromhex(canonical),
                    nickname=nickname,
                    tier=tier,
                    language=language,
                )
            case [FeedEntity.CARD.value, int(card_key), member]:
                return FeedCard(card_key=card_key, member=None if member is None else bytes.fromhex(member))
            case [FeedEntity.BALANCE.value, str(account), str(unit), int(amount)]:
                return FeedBalance(account=bytes.fromhex(account), unit=unit, amount=amount)
    except (ValueError, TypeError):
        pass
    raise SyncRefused(SyncErrorCode.MALFORMED, "a feed row of another shape")


def _pairs(lines: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(lines[0::2], lines[1::2], strict=True)


def _expand(data: bytes) -> bytes:
    if len(data) > MAX_COMPRESSED_BYTES:
        raise SyncRefused(SyncErrorCode.TOO_LARGE, f"at most {MAX_COMPRESSED_BYTES} bytes")
    unpacker = zlib.decompressobj(_GZIP)
    try:
        plain = unpacker.decompress(data, MAX_BATCH_BYTES + 1)
    except zlib.error as fault:
        raise SyncRefused(SyncErrorCode.MALFORMED, "not gzip") from fault
    if len(plain) > MAX_BATCH_BYTES:
        raise SyncRefused(SyncErrorCode.TOO_LARGE, f"at most {MAX_BATCH_BYTES} bytes before compression")
    if not unpacker.eof:
        raise SyncRefused(SyncErrorCode.MALFORMED, "the batch is cut short")
    return plain


def _object(data: bytes, *, limit: int = MAX_MESSAGE_BYTES) -> dict[str, Any]:
    if len(data) > limit:
        raise SyncRefused(SyncErrorCode.TOO_LARGE, f"at most {limit} bytes")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as fault:
        raise SyncRefused(SyncErrorCode.MALFORMED, "not JSON in UTF-8") from fault
    if not isinstance(value, dict):
        raise SyncRefused(SyncErrorCode.MALFORMED, "not a JSON object")
    return value


def _text(given: dict[str, Any], name: str, most: int) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= most:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"{name} must be a text of 1 to {most} characters")
    return value


def _hex(given: dict[str, Any], name: str, size: int) -> bytes:
    value = given.get(name)
    try:
        data = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        data = b""
    if len(data) != size:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"{name} must be {size} bytes in hex")
    return data


def _count(given: dict[str, Any], name: str) -> int:
    value = given.get(name)
    if type(value) is not int or not 0 <= value < 2**63:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"{name} must be a whole number, not negative")
    return value
