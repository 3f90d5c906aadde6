"""One bucket of accounts told by itself, for a till whose checksum of it differs from HQ's.

Source: docs/SPEC-sync.md, section 3, "Checksums".
"""

from dataclasses import dataclass
from typing import Any

from loyalty.journal.codec import canonical_json
from loyalty.journal.entry import ACCOUNT_ID_BYTES
from loyalty.numbers.limits import MAX_UNIT
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.fields import count, hex_bytes, read_object, short_text
from sync.protocol.sums import bounds_of, bucket_of
from sync.protocol.values import MAX_FEED_ROWS, MAX_PAGE_BYTES, FeedBalance, FeedLot
from sync.protocol.wire import row_in, row_out

BucketRow = FeedBalance | FeedLot


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketPage:
    """What HQ holds of the accounts from one id to another, which are of one bucket.

    Attributes:
        position: Of the feed, as of which this is so.
        first, last: Ids, both included. ``last`` is the last id of the bucket once nothing is left behind it.
        rows: Every balance and lot that is not zero, whole accounts, at most `MAX_FEED_ROWS` of each; where not ``everyone``,
            of members' accounts only the balances of ``unit``.
    """

    hq_epoch: str
    position: int
    first: bytes
    last: bytes
    rows: tuple[BucketRow, ...]
    everyone: bool
    unit: str | None

    @property
    def next(self) -> bytes | None:
        """Give the id to ask with next, or None where the bucket is whole."""
        if self.last == bounds_of(bucket_of(self.first))[1]:
            return None
        return (int.from_bytes(self.last) + 1).to_bytes(ACCOUNT_ID_BYTES)


def encode_bucket_page(page: BucketPage) -> bytes:
    """Write a page of a bucket."""
    return canonical_json(
        {
            "hq_epoch": page.hq_epoch,
            "position": page.position,
            "first": page.first.hex(),
            "last": page.last.hex(),
            "rows": [row_out(row) for row in page.rows],
            "everyone": page.everyone,
            "unit": page.unit,
        }
    )


def decode_bucket_page(data: bytes) -> BucketPage:
    """Read a page of a bucket.

    Raises:
        SyncRefused: MALFORMED for anything else, also for rows of accounts that it is not about; TOO_LARGE beyond the bounds.
    """
    given = read_object(data, MAX_PAGE_BYTES)
    first, last = (hex_bytes(given, name, ACCOUNT_ID_BYTES) for name in ("first", "last"))
    if not first <= last <= bounds_of(bucket_of(first))[1]:
        raise SyncRefused(SyncErrorCode.MALFORMED, "first and last must be ids of one bucket in their order")
    rows = given.get("rows")
    if not isinstance(rows, list) or len(rows) > 2 * MAX_FEED_ROWS:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"rows must be a list of at most {2 * MAX_FEED_ROWS}")
    return BucketPage(
        hq_epoch=short_text(given, "hq_epoch", 64),
        position=count(given, "position"),
        first=first,
        last=last,
        rows=tuple(_row_in(row, first, last) for row in rows),
        everyone=given.get("everyone") is True,
        unit=None if given.get("unit") is None else short_text(given, "unit", MAX_UNIT),
    )


def _row_in(said: Any, first: bytes, last: bytes) -> BucketRow:
    row = row_in(said)
    if not isinstance(row, BucketRow) or not first <= row.account <= last:
        raise SyncRefused(SyncErrorCode.MALFORMED, "a row of something else than the accounts of the page")
    return row
