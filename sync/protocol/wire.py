"""The bytes of the sync protocol.

Small messages are JSON objects. A batch is compressed lines: a header object, then for each entry its core and its
detail, packed so that they unpack to what was stored (`sync.protocol.packing`), or verbatim. Canonical JSON holds no raw
line feed, so a line is one part. Everything that comes in is bounded before it is expanded and before it is unpacked.
"""

import zlib
from typing import Any

from loyalty.journal.codec import canonical_json
from loyalty.numbers.limits import INT64_MAX, MAX_UNIT
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.fields import account_id, count, hex_bytes, int64, read_object, short_text
from sync.protocol.packing import DICTIONARY, ID_BYTES, NotPacked, Packed, UnpackedTooLarge, pack, unpack
from sync.protocol.releases import facts_in, facts_out, programme_in, programme_out, release_in, release_out
from sync.protocol.standings import balance_in, balance_out, lot_in, lot_out, member_in, member_out
from sync.protocol.sums import BUCKETS, MODULUS
from sync.protocol.values import (
    MAX_BATCH_BYTES,
    MAX_BATCH_ENTRIES,
    MAX_FEED_ROWS,
    MAX_PAGE_BYTES,
    MAX_PARKED,
    MAX_WANTED,
    Acknowledged,
    Batch,
    FeedBalance,
    FeedCard,
    FeedEntity,
    FeedForgotten,
    FeedLot,
    FeedMember,
    FeedPage,
    FeedProgramme,
    FeedRelease,
    FeedRow,
    Hello,
    HelloAnswer,
    PairAnswer,
    PairRequest,
    SentEntry,
)

MAX_MESSAGE_BYTES = 64 * 1024
MAX_COMPRESSED_BYTES = MAX_BATCH_BYTES + 64 * 1024
"""No batch within its bounds is larger, even one that gzip cannot shrink."""
_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS
_LEVEL = 6
_MOST_DETAIL = 200
_MISCOUNTED = "the batch does not hold what its header says"


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
    given = read_object(data, MAX_MESSAGE_BYTES)
    return PairRequest(
        code=short_text(given, "code", 64),
        public_key=hex_bytes(given, "public_key", 32),
        proof=hex_bytes(given, "proof", 64),
        store=short_text(given, "store", 64),
        name=short_text(given, "name", 64),
    )


def encode_pair_answer(answer: PairAnswer) -> bytes:
    """Write the answer to a pairing request."""
    return canonical_json(
        {
            "token": answer.token,
            "identifier_key": answer.identifier_key.hex(),
            "hq_key": answer.hq_key.hex(),
            "hq_epoch": answer.hq_epoch,
            "merchant": answer.merchant,
        }
    )


def decode_pair_answer(data: bytes) -> PairAnswer:
    """Read the answer to a pairing request."""
    given = read_object(data, MAX_MESSAGE_BYTES)
    return PairAnswer(
        token=short_text(given, "token", 256),
        identifier_key=hex_bytes(given, "identifier_key", 32),
        hq_key=hex_bytes(given, "hq_key", 32),
        hq_epoch=short_text(given, "hq_epoch", 64),
        merchant=short_text(given, "merchant", 200),
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
            **facts_out(hello.facts),
        }
    )


def decode_hello(data: bytes) -> Hello:
    """Read a hello."""
    given = read_object(data, MAX_MESSAGE_BYTES)
    protocol = given.get("protocol")
    if not (isinstance(protocol, list) and len(protocol) == 2 and all(type(item) is int for item in protocol)):
        raise SyncRefused(SyncErrorCode.MALFORMED, "protocol must be [lowest, highest]")
    seen = given.get("hq_epoch_seen")
    return Hello(
        protocol_min=protocol[0],
        protocol_max=protocol[1],
        terminal=hex_bytes(given, "terminal", 16),
        epoch=count(given, "epoch", least=1),
        sequence=count(given, "sequence"),
        head=hex_bytes(given, "head", 32),
        hq_epoch_seen=None if seen is None else short_text(given, "hq_epoch_seen", 64),
        facts=facts_in(given),
    )


def encode_hello_answer(answer: HelloAnswer) -> bytes:
    """Write the answer to a hello."""
    return canonical_json(
        {
            "protocol": answer.protocol,
            "epoch": answer.epoch,
            "durable": answer.durable,
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
    given = read_object(data, MAX_MESSAGE_BYTES)
    return HelloAnswer(
        protocol=count(given, "protocol", least=1),
        epoch=count(given, "epoch", least=1),
        durable=count(given, "durable"),
        resume_from=count(given, "resume_from", least=1),
        held_head=hex_bytes(given, "held_head", 32),
        hq_epoch=short_text(given, "hq_epoch", 64),
        hq_time=count(given, "hq_time"),
        max_batch_entries=count(given, "max_batch_entries", least=1),
        max_batch_bytes=count(given, "max_batch_bytes", least=1),
    )


def encode_acknowledged(answer: Acknowledged) -> bytes:
    """Write an acknowledgement."""
    return canonical_json({"acked": answer.acked, "durable": answer.durable})


def decode_acknowledged(data: bytes) -> Acknowledged:
    """Read an acknowledgement."""
    given = read_object(data, MAX_MESSAGE_BYTES)
    return Acknowledged(acked=count(given, "acked"), durable=count(given, "durable"))


def encode_refused(refused: SyncRefused) -> bytes:
    """Write a refusal; the HTTP status beside it follows from the code."""
    value: dict[str, object] = {"error": refused.code.value, "detail": refused.detail}
    if refused.need is not None:
        value["need"] = refused.need
    return canonical_json(value)


def decode_refused(data: bytes) -> SyncRefused | None:
    """Read a refusal, or None where the bytes are not HQ's (a proxy's page, say)."""
    try:
        given = read_object(data, MAX_MESSAGE_BYTES)
        detail = given.get("detail")
        return SyncRefused(
            SyncErrorCode(short_text(given, "error", 64)),
            detail[:_MOST_DETAIL] if isinstance(detail, str) else "",
            need=count(given, "need", least=1) if "need" in given else None,
        )
    except (SyncRefused, ValueError):
        return None


def encode_batch(batch: Batch) -> bytes:
    """Write, pack and compress a batch; the same batch always gives the same bytes."""
    packed = pack([(entry.core, entry.detail) for entry in batch.entries])
    header = canonical_json(
        {
            "terminal": batch.terminal.hex(),
            "epoch": batch.epoch,
            "first": batch.first,
            "count": len(batch.entries),
            "head": batch.head.hex(),
            "through": batch.through,
            "signature": batch.signature.hex(),
            "ids": len(packed.ids) // ID_BYTES if packed is not None else None,
        }
    )
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS, zdict=DICTIONARY)
    if packed is None:
        lines = [header, *(part for entry in batch.entries for part in (entry.core, entry.detail))]
        return packer.compress(b"\n".join(lines)) + packer.flush()
    text = packer.compress(b"\n".join([header, *packed.lines, b""])) + packer.flush(zlib.Z_BLOCK)
    return (
        text + packer.compress(packed.ids) + packer.flush()
    )  # ids are no text, and have a block with codes of their own


def decode_batch(data: bytes) -> Batch:
    """Expand and read a batch.

    Raises:
        SyncRefused: TOO_LARGE beyond the bounds, MALFORMED when cut short or of another shape.
    """
    header, _, body = _expand(data).partition(b"\n")
    given = read_object(header, MAX_MESSAGE_BYTES)
    entries = count(given, "count")
    if not 1 <= entries <= MAX_BATCH_ENTRIES:
        raise SyncRefused(SyncErrorCode.TOO_LARGE, f"a batch has 1 to {MAX_BATCH_ENTRIES} entries")
    first = count(given, "first", least=1, most=INT64_MAX - entries)
    ids = None if given.get("ids") is None else count(given, "ids", most=MAX_BATCH_BYTES)
    parts = _plain_parts(body, entries) if ids is None else _packed_parts(body, entries, ids)
    return Batch(
        terminal=hex_bytes(given, "terminal", 16),
        epoch=count(given, "epoch", least=1),
        first=first,
        head=hex_bytes(given, "head", 32),
        through=count(given, "through", least=first + entries - 1),
        entries=tuple(SentEntry(core=core, detail=detail) for core, detail in parts),
        signature=hex_bytes(given, "signature", 64),
    )


def _plain_parts(body: bytes, entries: int) -> list[tuple[bytes, bytes]]:
    lines = body.split(b"\n", 2 * MAX_BATCH_ENTRIES)
    if len(lines) != 2 * entries:
        raise SyncRefused(SyncErrorCode.MALFORMED, _MISCOUNTED)
    return list(zip(lines[0::2], lines[1::2], strict=True))


def _packed_parts(body: bytes, entries: int, ids: int) -> list[tuple[bytes, bytes]]:
    end = len(body) - ids * ID_BYTES
    lines = body[: max(end, 0)].split(b"\n", 2 * MAX_BATCH_ENTRIES + 1)
    if len(lines) != 2 * entries + 1 or lines[-1]:
        raise SyncRefused(SyncErrorCode.MALFORMED, _MISCOUNTED)
    try:
        return unpack(Packed(lines=tuple(lines[:-1]), ids=body[end:]), MAX_BATCH_BYTES)
    except UnpackedTooLarge as fault:
        raise SyncRefused(SyncErrorCode.TOO_LARGE, f"at most {MAX_BATCH_BYTES} bytes before packing") from fault
    except NotPacked as fault:
        raise SyncRefused(SyncErrorCode.MALFORMED, _MISCOUNTED) from fault


def encode_feed_page(page: FeedPage) -> bytes:
    """Write a page of the feed."""
    return canonical_json(
        {
            "hq_epoch": page.hq_epoch,
            "after": page.after,
            "upto": page.upto,
            "complete": page.complete,
            "applied": page.applied,
            "parked": list(page.parked),
            "rows": [row_out(row) for row in page.rows],
            "everyone": page.everyone,
            "unit": page.unit,
            "told": [member.hex() for member in page.told],
            "snapshot": page.snapshot,
            "check": list(page.check) if page.check is not None else None,
        }
    )


def decode_feed_page(data: bytes) -> FeedPage:
    """Read a page of the feed."""
    given = read_object(data, MAX_PAGE_BYTES)
    rows = given.get("rows")
    most = MAX_FEED_ROWS * (2 if given.get("told") else 1)
    if not isinstance(rows, list) or len(rows) > most:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"rows must be a list of at most {most}")
    return FeedPage(
        hq_epoch=short_text(given, "hq_epoch", 64),
        after=count(given, "after"),
        upto=count(given, "upto"),
        complete=given.get("complete") is True,
        applied=count(given, "applied"),
        rows=tuple(row_in(row) for row in rows),
        parked=_parked_in(given.get("parked")),
        everyone=given.get("everyone") is True,
        unit=None if given.get("unit") is None else short_text(given, "unit", MAX_UNIT),
        told=_told_in(given.get("told")),
        snapshot=None if given.get("snapshot") is None else count(given, "snapshot"),
        check=_check_in(given.get("check")),
    )


def _check_in(check: Any) -> tuple[int, int] | None:
    match check:
        case None:
            return None
        case [int(bucket), int(total)] if 0 <= bucket < BUCKETS and 0 <= total < MODULUS:
            return bucket, total
    raise SyncRefused(SyncErrorCode.MALFORMED, "check must be a bucket and its checksum")


def _told_in(told: Any) -> tuple[bytes, ...]:
    if not isinstance(told, list) or len(told) > 2 * MAX_WANTED:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"told must be a list of at most {2 * MAX_WANTED}")
    try:
        return tuple(account_id(member) for member in told)
    except (ValueError, TypeError) as fault:
        raise SyncRefused(SyncErrorCode.MALFORMED, "told must hold ids") from fault


def _parked_in(parked: Any) -> tuple[int, ...]:
    if not isinstance(parked, list) or len(parked) > MAX_PARKED:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"parked must be a list of at most {MAX_PARKED}")
    if not all(type(sequence) is int and 1 <= sequence <= INT64_MAX for sequence in parked):
        raise SyncRefused(SyncErrorCode.MALFORMED, "parked must hold sequences")
    return tuple(parked)


def row_out(row: FeedRow) -> list[object]:
    """Write a row of the feed."""
    match row:
        case FeedMember():
            return [FeedEntity.MEMBER.value, *member_out(row)]
        case FeedCard():
            return [FeedEntity.CARD.value, row.card_key, row.member.hex() if row.member is not None else None]
        case FeedBalance():
            return [FeedEntity.BALANCE.value, *balance_out(row)]
        case FeedLot():
            return [FeedEntity.LOT.value, *lot_out(row)]
        case FeedProgramme():
            return [FeedEntity.PROGRAMME.value, *programme_out(row)]
        case FeedRelease():
            return [FeedEntity.RELEASE.value, *release_out(row)]
        case FeedForgotten():
            return [FeedEntity.FORGOTTEN.value, row.member.hex(), list(row.cards)]


def row_in(row: Any) -> FeedRow:
    """Read a row of the feed.

    Raises:
        SyncRefused: MALFORMED for anything else.
    """
    try:
        match row:
            case [FeedEntity.MEMBER.value, *rest]:
                return member_in(rest)
            case [FeedEntity.CARD.value, card_key, member]:
                return FeedCard(card_key=int64(card_key), member=None if member is None else account_id(member))
            case [FeedEntity.BALANCE.value, *rest]:
                return balance_in(rest)
            case [FeedEntity.LOT.value, *rest]:
                return lot_in(rest)
            case [FeedEntity.PROGRAMME.value, *rest]:
                return programme_in(rest)
            case [FeedEntity.RELEASE.value, *rest]:
                return release_in(rest)
            case [FeedEntity.FORGOTTEN.value, member, list(cards)]:
                return FeedForgotten(member=account_id(member), cards=tuple(int64(one) for one in cards))
    except (ValueError, TypeError):
        pass
    raise SyncRefused(SyncErrorCode.MALFORMED, "a feed row of another shape")


def _expand(data: bytes) -> bytes:
    if len(data) > MAX_COMPRESSED_BYTES:
        raise SyncRefused(SyncErrorCode.TOO_LARGE, f"at most {MAX_COMPRESSED_BYTES} bytes")
    unpacker = zlib.decompressobj(_ZLIB_OR_GZIP, zdict=DICTIONARY)
    try:
        plain = unpacker.decompress(data, MAX_BATCH_BYTES + 1)
    except zlib.error as fault:
        raise SyncRefused(SyncErrorCode.MALFORMED, "neither zlib nor gzip") from fault
    if len(plain) > MAX_BATCH_BYTES:
        raise SyncRefused(SyncErrorCode.TOO_LARGE, f"at most {MAX_BATCH_BYTES} bytes before compression")
    if not unpacker.eof or unpacker.unused_data:
        raise SyncRefused(SyncErrorCode.MALFORMED, "the batch is cut short or something follows it")
    return plain
