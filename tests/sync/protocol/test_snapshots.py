"""The description of a snapshot: its bytes, its bounds, and when a till takes it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.snapshots import (
    FRAME_BYTES,
    MANY,
    MAX_FRAMES,
    MAX_MANIFEST_BYTES,
    Frame,
    Manifest,
    decode_manifest,
    encode_manifest,
    is_better,
    signed_bytes,
)
from sync.protocol.values import FeedPage

hashes = st.binary(min_size=32, max_size=32)
frames = st.builds(Frame, packed=st.integers(1, 2 * FRAME_BYTES), plain=st.integers(1, FRAME_BYTES), sha256=hashes)
manifests = st.builds(
    Manifest,
    hq_epoch=st.just("e1"),
    position=st.integers(0, 2**62),
    unit=st.none() | st.just("points"),
    sha256=hashes,
    frames=st.lists(frames, min_size=1, max_size=5).map(tuple),
    signature=st.binary(min_size=64, max_size=64),
)
ONE = Manifest(
    hq_epoch="e1",
    position=7,
    unit=None,
    sha256=bytes(32),
    frames=(Frame(packed=5, plain=9, sha256=bytes(32)), Frame(packed=3, plain=4, sha256=bytes(32))),
    signature=bytes(64),
)


@given(manifests)
def test_a_description_comes_back_as_it_went(manifest: Manifest) -> None:
    assert decode_manifest(encode_manifest(manifest)) == manifest


def test_what_is_signed_is_everything_but_the_signature() -> None:
    said = json.loads(encode_manifest(ONE))
    del said["signature"]
    assert signed_bytes(ONE) == b"loyaltill snapshot 1\0" + json.dumps(said, separators=(",", ":")).encode()
    assert (ONE.plain, ONE.packed_before(0), ONE.packed_before(1), ONE.name) == (13, 0, 5, "00" * 16)


def test_the_largest_description_is_within_its_bound() -> None:
    full = [[2 * FRAME_BYTES, FRAME_BYTES, "ff" * 32]] * MAX_FRAMES
    assert (
        len(json.dumps({**json.loads(encode_manifest(ONE)), "frames": full}, separators=(",", ":")))
        < MAX_MANIFEST_BYTES
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"frames": []},
        {"frames": [[1, 1, "00" * 32]] * (MAX_FRAMES + 1)},
        {"frames": [[0, 1, "00" * 32]]},
        {"frames": [[1, FRAME_BYTES + 1, "00" * 32]]},
        {"frames": [[1, 1, "00"]]},
        {"frames": [[1, 1]]},
        {"frames": 5},
        {"position": -1},
        {"unit": ""},
        {"sha256": "00"},
        {"signature": None},
    ],
)
def test_a_description_of_another_shape_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(SyncRefused) as caught:
        decode_manifest(json.dumps({**json.loads(encode_manifest(ONE)), **changed}).encode())
    assert caught.value.code is SyncErrorCode.MALFORMED


@pytest.mark.parametrize(
    ("after", "snapshot", "complete", "everyone", "better"),
    [
        (0, 5, False, False, True),
        (0, 5, True, False, False),
        (0, 5, False, True, False),
        (0, None, False, False, False),
        (1, MANY + 1, False, False, False),
        (1, MANY + 2, False, False, True),
    ],
)
def test_a_till_takes_a_snapshot_at_the_beginning_or_far_behind_it(
    after: int, snapshot: int | None, complete: bool, everyone: bool, better: bool
) -> None:
    page = FeedPage(
        hq_epoch="e",
        after=after,
        upto=after + 1,
        complete=complete,
        applied=0,
        rows=(),
        everyone=everyone,
        snapshot=snapshot,
    )
    assert is_better(after, page) is better
