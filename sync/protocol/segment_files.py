"""The bytes of a segment file: gzip over one JSON object. They are proven before they are expanded, and bounded while they are.

Source: docs/SPEC-sync.md, section 3, "Segment files".
"""

import gzip
import zlib
from collections.abc import Sequence
from hashlib import sha256

from loyalty.journal.codec import canonical_json
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.fields import count, read_object, short_text
from sync.protocol.segments import MAX_SEGMENT_PLAIN, MAX_SEGMENT_ROWS, SegmentRef
from sync.protocol.values import FeedRow
from sync.protocol.wire import row_in, row_out

_LEVEL = 6
_GZIP = 16 + zlib.MAX_WBITS
FRAME_BYTES = 200
"""Enough for everything of a file but its rows, before compression."""


def row_bytes(row: FeedRow) -> bytes:
    """Write one row; a file has them with a comma between two."""
    return canonical_json(row_out(row))


def encode_segment(hq_epoch: str, after: int, upto: int, rows: Sequence[bytes]) -> tuple[SegmentRef, bytes]:
    """Make a file of rows that `row_bytes` wrote, in the order of their positions; the same rows always give the same bytes."""
    frame = canonical_json({"after": after, "hq_epoch": hq_epoch, "rows": [], "upto": upto})
    head, tail = frame.split(b"[]")
    data = gzip.compress(b"".join((head, b"[", b",".join(rows), b"]", tail)), _LEVEL, mtime=0)
    return SegmentRef(after=after, upto=upto, size=len(data), sha256=sha256(data).digest()), data


def decode_segment(data: bytes, ref: SegmentRef, hq_epoch: str) -> tuple[FeedRow, ...]:
    """Read the rows of a file that a page of this HQ epoch named.

    Raises:
        SyncRefused: MALFORMED when the file is not the one that was named, TOO_LARGE beyond the bounds.
    """
    if len(data) != ref.size or sha256(data).digest() != ref.sha256:
        raise SyncRefused(SyncErrorCode.MALFORMED, "a segment came damaged")
    given = read_object(_expand(data), MAX_SEGMENT_PLAIN)
    said = (short_text(given, "hq_epoch", 64), count(given, "after"), count(given, "upto"))
    if said != (hq_epoch, ref.after, ref.upto):
        raise SyncRefused(SyncErrorCode.MALFORMED, "a segment of another place")
    rows = given.get("rows")
    if not isinstance(rows, list) or len(rows) > MAX_SEGMENT_ROWS:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"rows must be a list of at most {MAX_SEGMENT_ROWS}")
    return tuple(row_in(row) for row in rows)


def _expand(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        plain = unpacker.decompress(data, MAX_SEGMENT_PLAIN + 1)
    except zlib.error as fault:
        raise SyncRefused(SyncErrorCode.MALFORMED, "a segment that is not gzip") from fault
    if len(plain) > MAX_SEGMENT_PLAIN:
        raise SyncRefused(
            SyncErrorCode.TOO_LARGE, f"a segment has at most {MAX_SEGMENT_PLAIN} bytes before compression"
        )
    if not unpacker.eof or unpacker.unused_data:
        raise SyncRefused(SyncErrorCode.MALFORMED, "a segment is cut short or something follows it")
    return plain
