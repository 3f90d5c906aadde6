"""Reading the latest-value log in pages, one snapshot a page."""

from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, select

from hq.attention.parking import ItemState, ParkReason
from hq.book.book import Book
from hq.book.schema import feed, journal_head, parked
from hq.config import EVERYONE_UP_TO
from hq.feed.buckets import tell_accounts
from hq.feed.chain import Segments
from hq.feed.log import Entity, head_position
from hq.feed.programmes import within_bytes
from hq.feed.reach import Reach, base_unit
from hq.feed.snapshot import Snapshots
from hq.feed.sums import sum_of
from hq.feed.telling import tell_members
from hq.feed.tombstones import horizon
from hq.feed.values import values_of
from sync.protocol.buckets import BucketPage
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.snapshots import Manifest
from sync.protocol.sums import BUCKETS
from sync.protocol.values import MAX_FEED_ROWS, MAX_PARKED, FeedPage

_LOG_AFTER = (
    select(feed.c.entity, feed.c.key, feed.c.position)
    .where(feed.c.position > bindparam("after"))
    .order_by(feed.c.position)
    .limit(bindparam("most"))
)


class FeedReader:
    """Gives a till what changed after its cursor."""

    def __init__(
        self,
        book: Book,
        *,
        hq_epoch: str,
        tell: Callable[[int], object],
        page_rows: int = MAX_FEED_ROWS,
        everyone_up_to: int = EVERYONE_UP_TO,
        snapshots: Snapshots | None = None,
        segments: Segments | None = None,
    ) -> None:
        """Make a reader; ``tell`` witnesses a position before a till hears of it."""
        self._snapshots = snapshots
        self._segments = segments
        self._checks: Counter[bytes] = Counter()
        self._book = book
        self._tell = tell
        self._hq_epoch = hq_epoch
        self._page_rows = page_rows
        self._reach = Reach(everyone_up_to)

    def page(
        self,
        *,
        terminal: bytes,
        epoch: int,
        after: int,
        wanted: Sequence[bytes] = (),
        since: int | None = None,
        segments: bool = False,
    ) -> FeedPage:
        """Give the page after position ``after`` for one till; a complete one tells all of the members ``wanted`` too.

        Args:
            terminal: Whose journal ``applied`` counts.
            epoch: The epoch of that journal.
            after: The till's cursor.
            wanted: Members to tell everything of, at most `MAX_WANTED`.
            since: Up to where the till misses no tombstone; None for one that does not say, which is believed.
            segments: Name segment files instead of rows where they reach further.

        Raises:
            SyncRefused: CURSOR_AHEAD when HQ has no such position: it was restored, or the cursor is not HQ's;
                CURSOR_TOO_OLD when tombstones that the till has not seen are forgotten.
        """
        with self._book.read() as connection:
            head = head_position(connection)
            if after > head:
                raise SyncRefused(SyncErrorCode.CURSOR_AHEAD, f"the feed ends at {head}")
            forgotten = horizon(connection)
            if since is not None and 0 < max(after, since) < forgotten and after:
                raise SyncRefused(SyncErrorCode.CURSOR_TOO_OLD, f"tombstones up to {forgotten} are forgotten")
            everyone, unit = self._reach.everyone(connection), base_unit(connection)
            files = self._segments.behind(connection, after) if segments and self._segments is not None else ()
            if files:
                self._tell(files[-1].upto)
                return FeedPage(
                    hq_epoch=self._hq_epoch,
                    after=after,
                    upto=after,
                    complete=False,
                    applied=0,
                    rows=(),
                    everyone=everyone,
                    unit=unit,
                    snapshot=self._snapshot_at(forgotten),
                    horizon=forgotten,
                    segments=files,
                )
            log = within_bytes(connection, _log_after(connection, after, self._page_rows))
            complete = not log or log[-1].position == head
            told, extra = tell_members(connection, wanted, _members_of(log)) if complete and wanted else ((), ())
            page = FeedPage(
                hq_epoch=self._hq_epoch,
                after=after,
                upto=head if complete else log[-1].position,
                complete=complete,
                applied=_applied(connection, terminal, epoch) if complete else 0,
                rows=(*values_of(connection, log), *extra),
                parked=_parked(connection, terminal, epoch) if complete else (),
                everyone=everyone,
                unit=unit,
                told=told,
                snapshot=self._snapshot_at(forgotten),
                horizon=forgotten,
                check=self._check(connection, terminal, everyone=everyone, unit=unit) if complete else None,
            )
        self._tell(page.upto)
        return page

    def bucket(self, first: bytes) -> BucketPage:
        """Give what HQ holds of the accounts from ``first`` on, as far as a page reaches within their bucket.

        Raises:
            SyncRefused: TOO_LARGE where an account has more rows than a page holds.
        """
        with self._book.read() as connection:
            position = head_position(connection)
            everyone, unit = self._reach.everyone(connection), base_unit(connection)
            last, rows = tell_accounts(connection, first, everyone=everyone, unit=unit, most=self._page_rows)
        self._tell(position)
        return BucketPage(
            hq_epoch=self._hq_epoch,
            position=position,
            first=first,
            last=last,
            rows=rows,
            everyone=everyone,
            unit=unit,
        )

    def snapshot(self) -> Manifest:
        """Describe the newest snapshot.

        Raises:
            SyncRefused: NO_SNAPSHOT where there is none.
        """
        found = self._snapshots.newest() if self._snapshots is not None else None
        if found is None:
            raise SyncRefused(SyncErrorCode.NO_SNAPSHOT, "HQ has no such snapshot")
        self._tell(found.position)
        return found

    def frames(self, name: str) -> Path:
        """Give the file with the frames of a snapshot; refuses as `snapshot` does."""
        found = self._snapshots.frames(name) if self._snapshots is not None else None
        if found is None:
            raise SyncRefused(SyncErrorCode.NO_SNAPSHOT, "HQ has no such snapshot")
        return found

    def segment(self, name: str) -> Path:
        """Give a segment file.

        Raises:
            SyncRefused: NO_SEGMENT where it is not there (any more).
        """
        found = self._segments.file(name) if self._segments is not None else None
        if found is None:
            raise SyncRefused(SyncErrorCode.NO_SEGMENT, "HQ has no such segment")
        return found

    def _check(
        self, connection: Connection, terminal: bytes, *, everyone: bool, unit: str | None
    ) -> tuple[int, int] | None:
        """Give each till one bucket after another, all within a round, and each round in an order of its own.

        So a till comes round to all, whether it looks at every page or at every fourth one.
        """
        if not everyone and unit is None:
            return None
        turn = self._checks[terminal]
        self._checks[terminal] += 1
        mixed = blake2b(terminal + (turn // BUCKETS).to_bytes(8), digest_size=8).digest()
        bucket = ((mixed[0] | 1) * turn + mixed[1]) % BUCKETS
        return bucket, sum_of(connection, bucket, None if everyone else unit)

    def _snapshot_at(self, forgotten: int) -> int | None:
        """Give the position of the newest snapshot; one from before the horizon may hold what was withdrawn since."""
        found = self._snapshots.newest() if self._snapshots is not None else None
        return found.position if found is not None and found.position >= forgotten else None


def _members_of(log: Sequence[Any]) -> set[bytes]:
    return {row.key for row in log if row.entity == Entity.MEMBER}


def _log_after(connection: Connection, after: int, most: int) -> Sequence[Any]:
    return connection.execute(_LOG_AFTER, {"after": after, "most": most}).all()


_APPLIED = select(journal_head.c.sequence).where(
    journal_head.c.terminal_id == bindparam("till"), journal_head.c.epoch == bindparam("epoch")
)
_PARKED = (
    select(parked.c.sequence)
    .where(
        parked.c.terminal_id == bindparam("till"),
        parked.c.epoch == bindparam("epoch"),
        parked.c.state == ItemState.OPEN.value,
        parked.c.reason != ParkReason.UNKNOWN_ORIGINAL.value,
    )
    .order_by(parked.c.sequence)
    .limit(bindparam("most"))
)


def _applied(connection: Connection, terminal: bytes, epoch: int) -> int:
    return connection.execute(_APPLIED, {"till": terminal, "epoch": epoch}).scalar_one_or_none() or 0


def _parked(connection: Connection, terminal: bytes, epoch: int) -> tuple[int, ...]:
    """Give what HQ holds of a till's journal without having posted it; a return without a sale posts nothing ever."""
    own = {"till": terminal, "epoch": epoch, "most": MAX_PARKED}
    return tuple(connection.execute(_PARKED, own).scalars())
