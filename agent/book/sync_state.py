"""How far HQ is: the journal side (`BookJournal`) and the feed side (`BookFeed`) of the sync loops' ports."""

import json
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, select, text, update

from agent.book import base, base_stage, epochs, holds, journal, refetch, releases, staging, sums
from agent.book.book import Book
from agent.book.schema import posted, sync_state
from agent.book.statements import Prepared
from agent.ports import Clock
from loyalty.journal.chain import first_head
from loyalty.numbers.limits import require
from sync.ports import JournalHead
from sync.protocol.buckets import BucketPage
from sync.protocol.epochs import Common, OwnEpoch
from sync.protocol.values import (
    Acknowledged,
    FeedPage,
    SentEntry,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncState:
    """How far HQ is, as last noted; sequences are the till's own positions.

    Attributes:
        rolled_back: The book was found to be an old copy, and HQ has not opened a new epoch since.
        feed_since: No tombstone up to this position of the feed is missing.
        feed_purge: The next whole feed removes cards that do not come with it.
    """

    hq_epoch: str | None
    acked: int
    durable: int
    sent_through: int
    feed_epoch: str | None
    feed_cursor: int
    as_of: str | None
    feed_whole: bool
    rolled_back: bool
    feed_since: int
    feed_purge: bool


_LOG = logging.getLogger(__name__)
_COLUMNS = SyncState.__slots__
_STATE = Prepared(select(*(sync_state.c[name] for name in _COLUMNS)).where(sync_state.c.id == 1))


def state(connection: Connection) -> SyncState:
    """Read how far HQ is."""
    row = _STATE.one(connection)
    require(row is not None, "the book's own state is there")
    assert row is not None
    said = dict(zip(_COLUMNS, row, strict=True))
    return SyncState(**{**said, **{name: bool(said[name]) for name in ("feed_whole", "rolled_back", "feed_purge")}})


class Identity(Protocol):
    """Who the journal's terminal is: `TillKeys`, or a key of a test's."""

    @property
    def public_key(self) -> bytes:
        """The raw Ed25519 public key, 32 bytes."""

    def sign(self, data: bytes) -> bytes:
        """Sign with the key; 64 bytes."""


class BookJournal:
    """The book's journal as the upload loop sees it."""

    def __init__(self, book: Book, identity: Identity) -> None:
        self._book = book
        self._identity = identity

    def head(self) -> JournalHead:
        """Give where the journal stands now."""
        head = self._book.head
        return JournalHead(terminal=head.terminal, epoch=head.epoch, sequence=head.wire, hash=head.hash)

    def hash_at(self, sequence: int) -> bytes | None:
        """Give the hash after ``sequence`` entries of this epoch, or None where there is no such entry."""
        return self.hash_in(self._book.head.epoch, sequence)

    def epochs(self) -> Sequence[OwnEpoch]:
        """Give the journal as it is chained now, by epochs."""
        with self._book.read() as connection:
            return epochs.own_epochs(connection, self._book.head.sequence)

    def hash_in(self, epoch: int, sequence: int) -> bytes | None:
        """Give the hash after ``sequence`` entries of an epoch, or None where it is not known."""
        if sequence == 0:
            return first_head(self._identity.public_key, epoch)
        with self._book.read() as connection:
            own = epochs.own_epochs(connection, self._book.head.sequence)
            base = next((one.base for one in own if one.epoch == epoch and 0 < sequence <= one.last), None)
            return epochs.hash_at(connection, base + sequence) if base is not None else None

    def rolled_back(self) -> bool:
        """Tell whether the book was found to be an old copy, and no epoch has begun since."""
        with self._book.read() as connection:
            return state(connection).rolled_back

    def open_epoch(self, epoch: int, common: Common) -> None:
        """Go on in an epoch that HQ opened."""
        with self._book.write() as writing:
            sealed = epochs.reopen(writing, self._identity.public_key, epoch, common.base)
        if sealed:
            _LOG.error("%d entries had changed on this disk; they are sealed as evidence, and HQ is told", sealed)

    def entries(self, first: int, most: int, most_bytes: int) -> Sequence[SentEntry]:
        """Give a run of entries to send."""
        before = self.hash_at(first - 1)
        if before is None:
            return ()
        with self._book.read() as connection:
            return journal.run(connection, before, self._book.head.base + first, most, most_bytes)

    def hq_epoch_seen(self) -> str | None:
        """Give the HQ epoch of the last contact."""
        with self._book.read() as connection:
            return state(connection).hq_epoch

    def about_to_send(self, last: int) -> int:
        """Make durable that every entry of now may have left the till; gives the last one's sequence."""
        with self._book.write() as writing:
            require(writing.head.wire >= last, "only what stands in the journal can be sent")
            writing.connection.execute(update(sync_state).values(sent_through=writing.head.sequence))
            holds.end_own(writing.connection)
            return writing.head.wire

    def sign(self, data: bytes) -> bytes:
        """Sign with the terminal's key."""
        return self._identity.sign(data)

    def held(self, answer: Acknowledged, hq_epoch: str) -> None:
        """Note what HQ's hello says that it holds; costs nothing when it is what is noted already."""
        with self._book.read() as connection:
            noted = state(connection)
        if (noted.acked, noted.durable, noted.hq_epoch) != (*self._positions(noted, answer), hq_epoch):
            self.acknowledged(answer, hq_epoch)

    def acknowledged(self, answer: Acknowledged, hq_epoch: str) -> None:
        """Note what HQ holds."""
        with self._book.write() as writing:
            acked, durable = self._positions(state(writing.connection), answer)
            writing.connection.execute(update(sync_state).values(acked=acked, durable=durable, hq_epoch=hq_epoch))

    def _positions(self, noted: SyncState, answer: Acknowledged) -> tuple[int, int]:
        """Give both marks as the till's own positions; what was durable before this epoch stays so."""
        head = self._book.head
        acked = min(head.base + answer.acked, head.sequence)
        durable = head.base + answer.durable if answer.durable else min(noted.durable, head.base)
        return acked, min(durable, acked)


class BookFeed:
    """Where the feed goes in the book: staged page by page, shown as a whole."""

    def __init__(self, book: Book, clock: Clock, store: str = "") -> None:
        """Make one for a till in ``store``; without one no member is kept for being at home there."""
        self._book = book
        self._clock = clock
        self._store = store

    def epoch(self) -> int:
        """Give the epoch of the till's own journal."""
        return self._book.head.epoch

    def cursor(self) -> tuple[str | None, int]:
        """Give the HQ epoch and position up to which the feed is staged; the beginning where the book's file is gone."""
        with self._book.read() as connection:
            held = state(connection)
            lost = not held.feed_whole and base.lost_file(connection)
        return held.feed_epoch, 0 if lost else held.feed_cursor

    def since(self) -> int:
        """Give the position up to which no tombstone is missing."""
        with self._book.read() as connection:
            return state(connection).feed_since

    def stage(self, page: FeedPage) -> None:
        """Keep a page; a complete one makes everything staged visible.

        A sale waits for one short transaction at most: what is staged is moved in slices, apart from what must be seen
        at once. After a crash between them the next complete page goes on with the rest.
        """
        if self._is_nothing_new(page):
            return
        if page.after and not self._is_as_chosen(page):
            self.restart(page.hq_epoch)
            return
        self._drop_replaced()
        with self._book.write() as writing:
            connection = writing.connection
            held = state(connection)
            before, whole = held.as_of, page.after == 0 or held.feed_whole
            values = {"feed_epoch": page.hq_epoch, "feed_cursor": page.upto}
            if page.after == 0:
                values |= _begin(connection, held, page)
            base_stage.choose(connection, _choice(page))
            staging.keep(connection, page.rows, whole=whole, others=self._others(page, page.told))
            connection.execute(update(sync_state).values(values))
            if not page.complete:
                return
            at_once = not staging.is_large(connection)
            if at_once:
                self._show(connection, page)
        if not at_once:
            self._move()
            with self._book.write() as writing:
                self._show(writing.connection, page)
        self._drop_replaced()
        self._sweep(page)
        self._compare(page, before)

    def want(self, members: Iterable[bytes]) -> None:
        """Note members who were scanned here and of whom the till holds little."""
        if members:
            with self._book.write() as writing:
                base_stage.want(writing.connection, members, scanned=True)

    def wanted(self) -> Sequence[bytes]:
        """Give the members of whom the till wants everything next."""
        with self._book.read() as connection:
            return base_stage.wanted(connection)

    def restart(self, hq_epoch: str) -> None:
        """Forget the cursor and what is staged."""
        with self._book.write() as writing:
            staging.clear(writing.connection)
            values = {"feed_epoch": hq_epoch or None, "feed_cursor": 0, "feed_whole": False}
            writing.connection.execute(update(sync_state).values(values))

    def bucket_first(self) -> bytes | None:
        """Give the account from which on a bucket is to be fetched, or None where none is."""
        with self._book.read() as connection:
            return refetch.first(connection)

    def stage_bucket(self, page: BucketPage) -> None:
        """Keep what a page of a bucket says otherwise than what is shown, and want all of own members whom it does not tell in full.

        A page that does not fit to what is shown is left, and the bucket with it: it will be seen to differ again.
        """
        with self._book.write() as writing:
            connection = writing.connection
            if not _fits(connection, page):
                refetch.drop(connection)
                return
            own = set[bytes]() if page.everyone else refetch.own_of(connection, page)
            rows = refetch.differing(connection, page, own)
            staging.keep(connection, rows, whole=False, others=self._others(page))
            base_stage.want(connection, own, scanned=False)
            refetch.reached(connection, page.next)

    def give_bucket_up(self) -> None:
        """Fetch everything instead of the bucket that is under way, since HQ does not tell it."""
        with self._book.write() as writing:
            refetch.reached(writing.connection, None)
            epoch, (bucket, _) = state(writing.connection).feed_epoch, base_stage.mismatch(writing.connection)
        self._fetch_all(epoch, bucket)

    def _is_nothing_new(self, page: FeedPage) -> bool:
        """Tell whether a page says only what the book says already; even then ``as_of`` is renewed every minute."""
        if page.rows or page.told or not page.complete:
            return False
        with self._book.read() as connection:
            held = state(connection)
            since = self._clock() - datetime.fromisoformat(held.as_of) if held.as_of is not None else None
            return (
                since is not None
                and timedelta(0) <= since < _AS_OF_KEPT
                and (held.feed_epoch, held.feed_cursor) == (page.hq_epoch, page.upto)
                and staging.is_empty(connection)
                and base_stage.chosen(connection) == _choice(page)
                and not _HAS_SHOWN.scalar(connection, **self._shown(page))
                and not (page.after == 0 and (_HAS_POSTED.scalar(connection) or releases.has_any(connection)))
            )

    def _move(self) -> None:
        place: staging.Place | None = staging.Place()
        while place is not None:
            with self._book.write() as writing:
                purge = state(writing.connection).feed_purge
                place = staging.move_slice(writing.connection, place, keep_cards=purge)
            time.sleep(_PAUSE_S)

    def _show(self, connection: Connection, page: FeedPage) -> None:
        """Make what is left visible; pending entries that HQ shows now go in the same transaction."""
        held = state(connection)
        whole = held.feed_whole
        staging.show(connection, whole=whole, today=self._clock().date(), purge=whole and held.feed_purge)
        shown = self._shown(page)
        _DROP_PENDING.run(connection, **shown)
        if whole:
            journal.pend_again(connection, **shown)
        values = {"as_of": self._clock().isoformat(), "feed_whole": False, "feed_since": page.upto, "feed_purge": False}
        connection.execute(update(sync_state).values(values))

    def _is_as_chosen(self, page: FeedPage) -> bool:
        """Tell whether what is held was kept by the same choice, or was everything: then other members may be let go."""
        with self._book.read() as connection:
            return base_stage.chosen(connection) in (None, _choice(page))

    def _others(self, page: FeedPage | BucketPage, told: tuple[bytes, ...] = ()) -> base_stage.Others | None:
        return None if page.everyone else base_stage.Others(unit=page.unit, store=self._store, told=told)

    def _compare(self, page: FeedPage, before: str | None) -> None:
        """Compare a bucket of balances with HQ's, at most once a minute; where they differ, fetch it anew, else everything.

        A bucket comes alone once, until it agrees on a later day: what differs by a fault of a program would differ again.
        """
        now = self._clock()
        if page.check is None or (before is not None and before[:_TO_THE_MINUTE] == now.isoformat()[:_TO_THE_MINUTE]):
            return
        bucket, hqs = page.check
        today = now.date().isoformat()
        with self._book.read() as connection:
            agrees = sums.sum_of(connection, bucket) == hqs
            known, day = base_stage.mismatch(connection)
            tried, busy = refetch.was_fetched(connection, bucket), refetch.first(connection) is not None
        if agrees:
            if known == bucket or tried:
                with self._book.write() as writing:
                    base_stage.note_mismatch(writing.connection, None if known == bucket else known, day)
                    refetch.agrees(writing.connection, bucket, today)
        elif not (tried or busy) and page.upto > 0:
            _LOG.warning("balances of bucket %d differ from HQ's; that bucket is fetched anew", bucket)
            with self._book.write() as writing:
                base_stage.note_mismatch(writing.connection, bucket, day)
                refetch.begin(writing.connection, bucket, today)
        elif not busy:
            self._fetch_all(page.hq_epoch, bucket)

    def _fetch_all(self, hq_epoch: str | None, bucket: int | None) -> None:
        """Begin anew for a bucket that differs, once a day at most."""
        today = self._clock().date().isoformat()
        with self._book.read() as connection:
            if base_stage.mismatch(connection)[1] == today:
                return
        _LOG.warning("balances of bucket %s differ from HQ's; everything is fetched anew", bucket)
        self.restart(hq_epoch or "")
        with self._book.write() as writing:
            base_stage.note_mismatch(writing.connection, bucket, today)

    def _sweep(self, page: FeedPage) -> None:
        """Give members up who belong to another store and stayed away, once a day."""
        today = self._clock().date()
        with self._book.read() as connection:
            if page.everyone or not self._store or base_stage.swept_on(connection) == today.isoformat():
                return
        with self._book.write() as writing:
            base_stage.note_far(writing.connection, store=self._store, today=today)
        left = True
        while left:
            with self._book.write() as writing:
                since = today - KEPT
                left = base_stage.sweep(writing.connection, store=self._store, since=since, most=staging.SLICE) > 0
                if not left:
                    base_stage.swept(writing.connection, today)
            time.sleep(_PAUSE_S)

    def _shown(self, page: FeedPage) -> dict[str, Any]:
        """Give the positions that a complete page contains; all before this epoch, HQ had taken in when it opened it."""
        base = self._book.head.base
        return {"applied": base + page.applied, "parked": json.dumps([base + one for one in page.parked])}

    def _drop_replaced(self) -> None:
        with self._book.read() as connection:
            left = staging.has_replaced(connection)
        while left:
            with self._book.write() as writing:
                left = staging.drop_replaced(writing.connection)
            time.sleep(_PAUSE_S)


KEPT = timedelta(days=90)
"""How long a till holds everything of a member of another store who is not seen here."""
_AS_OF_KEPT = timedelta(minutes=1)
_TO_THE_MINUTE = len("2026-03-02T12:00")
_PAUSE_S = 0.002
"""Between two slices, so that a sale that waits for the book gets it."""
_SHOWN = "sequence <= :applied AND sequence NOT IN (SELECT value FROM json_each(:parked))"
"""Own entries that HQ's balances contain; those that HQ holds but has parked are in no balance."""
_DROP_PENDING = Prepared(text(f"DELETE FROM pending WHERE {_SHOWN}"))  # noqa: S608
_HAS_SHOWN = Prepared(text(f"SELECT EXISTS (SELECT 1 FROM pending WHERE {_SHOWN})"))  # noqa: S608
_HAS_POSTED = Prepared(select(posted.c.account).limit(1))


def _begin(connection: Connection, held: SyncState, page: FeedPage) -> dict[str, Any]:
    """Give what is noted when a feed begins; what was staged behind a later position, or before HQ forgot more tombstones, goes."""
    if not held.feed_whole or held.feed_since != page.horizon:
        staging.clear(connection)
    missed = held.as_of is not None and held.feed_since < page.horizon
    return {"feed_whole": True, "feed_since": page.horizon, "feed_purge": held.feed_purge or missed}


def _fits(connection: Connection, page: BucketPage) -> bool:
    """Tell whether a page of a bucket is the next one, and from after what is shown by the same choice."""
    held = state(connection)
    return (
        refetch.first(connection) == page.first
        and held.feed_epoch == page.hq_epoch
        and 0 < held.feed_cursor <= page.position
        and base_stage.chosen(connection) == _choice(page)
    )


def _choice(page: FeedPage | BucketPage) -> str | None:
    return base_stage.choice(everyone=page.everyone, unit=page.unit)
