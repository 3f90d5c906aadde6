"""Segment files: the same rows give the same bytes, and nothing is expanded that is not what a page named."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from loyalty.journal.codec import canonical_json
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.segment_files import decode_segment, encode_segment, row_bytes
from sync.protocol.segments import MAX_LISTED, MAX_SEGMENT_PLAIN, SegmentRef, refs_in, refs_out
from sync.protocol.values import FeedBalance, FeedCard, FeedRow

ROWS: tuple[FeedRow, ...] = (
    FeedCard(card_key=-5, member=None),
    FeedBalance(account=b"A" * 16, unit="points", amount=7),
)


def made(rows: tuple[FeedRow, ...] = ROWS) -> tuple[SegmentRef, bytes]:
    return encode_segment("e1", 3, 9, [row_bytes(row) for row in rows])


def named(data: bytes) -> SegmentRef:
    """What a page would say of any bytes at all."""
    return SegmentRef(after=3, upto=9, size=len(data), sha256=sha256(data).digest())


@pytest.mark.parametrize("rows", [(), ROWS])
def test_what_is_written_is_read_and_the_same_rows_give_the_same_bytes(rows: tuple[FeedRow, ...]) -> None:
    ref, data = made(rows)
    assert decode_segment(data, ref, "e1") == rows
    assert made(rows) == (ref, data)
    assert ref == named(data)
    assert ref.name == f"3-9-{sha256(data).hexdigest()[:16]}.seg"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: bytes([data[0] ^ 1]) + data[1:],
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda _: b"",
    ],
)
def test_a_damaged_file_is_refused_before_it_is_expanded(
    damage: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, data = made()
    monkeypatch.setattr("zlib.decompressobj", lambda *_: pytest.fail("expanded"))
    with pytest.raises(SyncRefused) as caught:
        decode_segment(damage(data), ref, "e1")
    assert caught.value.code is SyncErrorCode.MALFORMED


def _object(**changes: object) -> bytes:
    return gzip.compress(canonical_json({"after": 3, "hq_epoch": "e1", "rows": [], "upto": 9, **changes}), mtime=0)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (gzip.compress(bytes(MAX_SEGMENT_PLAIN + 1)), SyncErrorCode.TOO_LARGE),
        (gzip.compress(b" " * 64 * 1_000 * 1_000, 1), SyncErrorCode.TOO_LARGE),
        (gzip.compress(b"{}", mtime=0)[:-4], SyncErrorCode.MALFORMED),
        (_object() + _object(), SyncErrorCode.MALFORMED),
        (b"not gzip", SyncErrorCode.MALFORMED),
        (gzip.compress(b"[" * 100_000), SyncErrorCode.MALFORMED),
        (_object(rows=[["card", "x", None]]), SyncErrorCode.MALFORMED),
        (_object(rows=[[]] * 50_001), SyncErrorCode.MALFORMED),
        (_object(after=2), SyncErrorCode.MALFORMED),
        (_object(upto=10), SyncErrorCode.MALFORMED),
        (_object(hq_epoch="e2"), SyncErrorCode.MALFORMED),
    ],
)
def test_bombs_and_files_of_another_place_or_epoch_are_refused(data: bytes, code: SyncErrorCode) -> None:
    with pytest.raises(SyncRefused) as caught:
        decode_segment(data, named(data), "e1")
    assert caught.value.code is code


def test_a_list_of_files_is_read_as_it_was_written() -> None:
    first = named(b"one")
    refs = (first, replace(first, after=9, upto=12))
    assert refs_in(refs_out(refs)) == refs


@pytest.mark.parametrize(
    "said",
    [
        None,
        [[3, 9, 7]],
        [[3, 3, 7, "00" * 32]],
        [[3, 9, 0, "00" * 32]],
        [[3, 9, 2**40, "00" * 32]],
        [[3, 9, 7, "00" * 31]],
        [[3, 9, 7, "00" * 32], [10, 12, 7, "00" * 32]],
        [[number, number + 1, 7, "00" * 32] for number in range(MAX_LISTED + 1)],
    ],
)
def test_a_list_that_is_none_is_refused(said: object) -> None:
    with pytest.raises(SyncRefused):
        refs_in(said)
