"""How far HQ is: the journal side (`BookJournal`) and the feed side (`BookFeed`) of the sync loops' ports."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, text, update

from agent.book import journal, releases, staging
from agent.book.book import Book
from agent.book.schema import posted, sync_state
from agent.book.statements import Prepared
from agent.ports import Clock
from loyalty.journal.chain import first_head
from sync.ports import JournalHead
from sync.protocol.values import (
    Acknowledged,
    FeedPage,
    SentEntry,
)

_STATE = Prepared(select(sync_state).where(sync_state.c.id == 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncState:
    """How far HQ is, as last noted."""

    hq_epoch: str | None
    acked: int
    durable: int
    sent_through: int
    feed_epoch: str | None
    feed_cursor: int
    as_of: str | None
    feed_whole: bool


def state(connection: Connection) -> SyncState:
    """Read how far HQ is."""
    ((_, hq_epoch, acked, durable, sent_through, feed_epoch, feed_cursor, as_of, whole),) = _STATE.rows(connection)
    return SyncState(
        hq_epoch=hq_epoch,
        acked=acked,
        durable=durable,
        sent_through=sent_through,
        feed_epoch=feed_epoch,
        feed_cursor=feed_cursor,
        as_of=as_of,
        feed_whole=bool(whole),
    )


class BookJournal:
    """The book's journal as the upload loop sees it."""

    def __init__(self, book: Book, public_key: bytes) -> None:
        self._book = book
        self._public_key = public_key

    def head(self) -> JournalHead:
        """Give where the journal stands now."""
        head = self._book.head
        return JournalHead(terminal=head.terminal, epoch=head.epoch, sequence=head.sequence, hash=head.hash)

    def hash_at(self, sequence: int) -> bytes | None:
        """Give the hash after ``sequence`` entries, or None where there is no such entry."""
        if sequence == 0:
            return first_head(self._public_key, self._book.head.epoch)
        with self._book.read() as connection:
            return journal.hash_at(connection, sequence)

    def entries(self, first: int, most: int, most_bytes: int) -> Sequence[SentEntry]:
        """Give a run of entries to send."""
        with self._book.read() as connection:
            return journal.run(connection, first, most, most_bytes)

    def hq_epoch_seen(self) -> str | None:
        """Give the HQ epoch of the last contact."""
        with self._book.read() as connection:
            return state(connection).hq_epoch

    def about_to_send(self, last: int) -> None:
        """Make durable that entries up to ``last`` may have left the till."""
        with self._book.write() as writing:
            sent = func.max(sync_state.c.sent_through, last)
            writing.connection.execute(update(sync_state).values(sent_through=sent))

    def held(self, sequence: int, hq_epoch: str) -> None:
        """Note what HQ's hello says that it holds; costs nothing when it is what is noted already."""
        with self._book.read() as connection:
            noted = state(connection)
        if (noted.acked, noted.hq_epoch) == (sequence, hq_epoch):
            return
        with self._book.write() as writing:
            durable = func.min(sync_state.c.durable, sequence)
            writing.connection.execute(update(sync_state).values(acked=sequence, durable=durable, hq_epoch=hq_epoch))

    def acknowledged(self, answer: Acknowledged, hq_epoch: str) -> None:
        """Note what HQ holds."""
        with self._book.write() as writing:
            writing.connection.execute(
                update(sync_state).values(acked=answer.acked, durable=answer.durable, hq_epoch=hq_epoch)
            )


class BookFeed:
    """Where the feed goes in the book: staged page by page, shown as a whole."""

    def __init__(self, book: Book, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    def cursor(self) -> tuple[str | None, int]:
        """Give the HQ epoch and position up to which the feed is staged."""
        with self._book.read() as connection:
            held = state(connection)
        return held.feed_epoch, held.feed_cursor

    def stage(self, page: FeedPage) -> None:
        """Keep a page; a complete one makes everything staged visible.

        A sale waits for one short transaction at most: what is staged is moved in slices, apart from what must be seen
        at once. After a crash between them the next complete page goes on with the rest.
        """
        if self._is_nothing_new(page):
            return
        self._drop_replaced()
        with self._book.write() as writing:
            connection = writing.connection
            staging.keep(connection, page.rows, whole=page.after == 0 or state(connection).feed_whole)
            values = {"feed_epoch": page.hq_epoch, "feed_cursor": page.upto}
            if page.after == 0:
                values["feed_whole"] = True
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

    def restart(self, hq_epoch: str) -> None:
        """Forget the cursor and what is staged."""
        with self._book.write() as writing:
            staging.clear(writing.connection)
            values = {"feed_epoch": hq_epoch or None, "feed_cursor": 0, "feed_whole": False}
            writing.connection.execute(update(sync_state).values(values))

    def _is_nothing_new(self, page: FeedPage) -> bool:
        """Tell whether a page says only what the book says already; even then ``as_of`` is renewed every minute."""
        if page.rows or not page.complete:
            return False
        with self._book.read() as connection:
            held = state(connection)
            since = self._clock() - datetime.fromisoformat(held.as_of) if held.as_of is not None else None
            return (
                since is not None
                and timedelta(0) <= since < _AS_OF_KEPT
                and (held.feed_epoch, held.feed_cursor) == (page.hq_epoch, page.upto)
                and staging.is_empty(connection)
                and not _HAS_SHOWN.scalar(connection, **_shown(page))
                and not (page.after == 0 and (_HAS_POSTED.scalar(connection) or releases.has_any(connection)))
            )

    def _move(self) -> None:
        place: staging.Place | None = staging.Place()
        while place is not None:
            with self._book.write() as writing:
                place = staging.move_slice(writing.connection, place)
            time.sleep(_PAUSE_S)

    def _show(self, connection: Connection, page: FeedPage) -> None:
        """Make what is left visible; pending entries that HQ shows now go in the same transaction."""
        whole = state(connection).feed_whole
        staging.show(connection, whole=whole)
        _DROP_PENDING.run(connection, **_shown(page))
        if whole:
            journal.pend_again(connection, page.applied, page.parked)
        connection.execute(update(sync_state).values(as_of=self._clock().isoformat(), feed_whole=False))

    def _drop_replaced(self) -> None:
        with self._book.read() as connection:
            left = staging.has_replaced(connection)
        while left:
            with self._book.write() as writing:
                left = staging.drop_replaced(writing.connection)
            time.sleep(_PAUSE_S)


_AS_OF_KEPT = timedelta(minutes=1)
_PAUSE_S = 0.002
"""Between two slices, so that a sale that waits for the book gets it."""
_SHOWN = "sequence <= :applied AND sequence NOT IN (SELECT value FROM json_each(:parked))"
"""Own entries that HQ's balances contain; those that HQ holds but has parked are in no balance."""
_DROP_PENDING = Prepared(text(f"DELETE FROM pending WHERE {_SHOWN}"))  # noqa: S608
_HAS_SHOWN = Prepared(text(f"SELECT EXISTS (SELECT 1 FROM pending WHERE {_SHOWN})"))  # noqa: S608
_HAS_POSTED = Prepared(select(posted.c.account).limit(1))


def _shown(page: FeedPage) -> dict[str, object]:
    return {"applied": page.applied, "parked": json.dumps(page.parked)}
