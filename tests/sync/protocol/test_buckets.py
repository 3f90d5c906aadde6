"""Pages of a bucket: what is written is read, and nothing else is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sync.protocol.buckets import BucketPage, decode_bucket_page, encode_bucket_page
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.sums import BUCKETS, bounds_of
from sync.protocol.values import MAX_FEED_ROWS, FeedBalance, FeedLot

FIRST, LAST = bounds_of(16)
PAGE = BucketPage(
    hq_epoch="e1",
    position=9,
    first=FIRST,
    last=b"B" * 16,
    rows=(
        FeedBalance(account=b"A" * 16, unit="points", amount=-7),
        FeedLot(account=b"B" * 16, unit="stock", lot_id=b"L" * 16, amount=7, usable_at=1, expires_at=2, common=True),
    ),
    everyone=True,
    unit="points",
)


@pytest.mark.parametrize("page", [PAGE, replace(PAGE, rows=(), everyone=False, unit=None, last=LAST)])
def test_what_is_written_is_read(page: BucketPage) -> None:
    assert decode_bucket_page(encode_bucket_page(page)) == page


@pytest.mark.parametrize("bucket", range(BUCKETS))
def test_pages_follow_one_another_to_the_end_of_the_bucket(bucket: int) -> None:
    first, last = bounds_of(bucket)
    middle = first[:1] + b"\x80" + b"\xff" * 14
    assert replace(PAGE, first=first, last=middle).next == first[:1] + b"\x81" + bytes(14)
    assert replace(PAGE, first=first, last=last).next is None


ROW = ["balance", "41" * 16, "points", 1]


@pytest.mark.parametrize(
    "changes",
    [
        {"first": LAST.hex()},
        {"last": bounds_of(17)[1].hex()},
        {"first": "41"},
        {"last": None},
        {"position": -1},
        {"position": True},
        {"hq_epoch": ""},
        {"unit": 5},
        {"rows": None},
        {"rows": [ROW] * (2 * MAX_FEED_ROWS + 1)},
        {"rows": [["balance", "43" * 16, "points", 1]]},
        {"rows": [["balance", "3f" * 16, "points", 1]]},
        {"rows": [["card", 5, "41" * 16]]},
        {"rows": [["member", "41" * 16, "41" * 16, None, None, None]]},
        {"rows": [["balance", "41" * 16, "points"]]},
    ],
)
def test_what_is_no_page_of_one_bucket_is_refused(changes: dict[str, Any]) -> None:
    given = {**json.loads(encode_bucket_page(PAGE)), **changes}
    with pytest.raises(SyncRefused) as caught:
        decode_bucket_page(json.dumps(given).encode())
    assert caught.value.code is SyncErrorCode.MALFORMED
