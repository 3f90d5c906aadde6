"""What a page says of a segment file: its bounds, its size and its checksum, from which its name follows.

Source: docs/SPEC-sync.md, section 3, "Segment files".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.fields import count, hex_bytes

MAX_LISTED = 100
"""Most segment files that a page names."""
MAX_SEGMENT_ROWS = 50_000
MAX_SEGMENT_PLAIN = 8 * 1024 * 1024
"""Most bytes of a segment file before compression."""
MAX_SEGMENT_BYTES = MAX_SEGMENT_PLAIN + 64 * 1024
"""No segment file within its bounds is larger, even one that gzip cannot shrink."""
_SUM_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRef:
    """One segment file: the rows behind position ``after``, up to ``upto``.

    Attributes:
        size: Bytes of the file, 1 to `MAX_SEGMENT_BYTES`.
        sha256: Of the file.
    """

    after: int
    upto: int
    size: int
    sha256: bytes

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"{self.after}-{self.upto}-{self.sha256[:_SUM_BYTES].hex()}.seg"


def refs_out(refs: Sequence[SegmentRef]) -> list[object]:
    """Write a list of segment files."""
    return [[ref.after, ref.upto, ref.size, ref.sha256.hex()] for ref in refs]


def refs_in(said: Any) -> tuple[SegmentRef, ...]:
    """Read a list of segment files, each of which begins where the one before ends.

    Raises:
        SyncRefused: MALFORMED for anything else.
    """
    if not isinstance(said, list) or len(said) > MAX_LISTED:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"segments must be a list of at most {MAX_LISTED}")
    refs = tuple(_ref_in(one) for one in said)
    if any(one.upto != after.after for one, after in pairwise(refs)):
        raise SyncRefused(SyncErrorCode.MALFORMED, "segments must follow each other")
    return refs


def _ref_in(said: Any) -> SegmentRef:
    if not isinstance(said, list) or len(said) != 4:
        raise SyncRefused(SyncErrorCode.MALFORMED, "a segment has four parts")
    named = dict(zip(("after", "upto", "size", "sha256"), said, strict=True))
    after = count(named, "after")
    return SegmentRef(
        after=after,
        upto=count(named, "upto", least=after + 1),
        size=count(named, "size", least=1, most=MAX_SEGMENT_BYTES),
        sha256=hex_bytes(named, "sha256", 32),
    )
