"""Reading the latest-value log in pages, one snapshot a page."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, and_, select

from hq.accounts.lots import lots_at
from hq.attention.parking import ItemState, ParkReason
from hq.book.book import Book
from hq.book.schema import balance, card, feed, journal_head, member, parked
from hq.feed.log import ACCOUNT_BYTES, LOT_BYTES, Entity, head_position
from hq.feed.programmes import programme_rows, release_rows, within_bytes
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.values import (
    MAX_FEED_ROWS,
    MAX_PARKED,
    FeedBalance,
    FeedCard,
    FeedLot,
    FeedMember,
    FeedPage,
    FeedRow,
)

_Found = dict[bytes, FeedRow]


class FeedReader:
    """Gives a till what changed after its cursor."""

    def __init__(
        self, book: Book, *, hq_epoch: str, tell: Callable[[int], object], page_rows: int = MAX_FEED_ROWS
    ) -> None:
        """Make a reader; ``tell`` witnesses a position before a till hears of it."""
        self._book = book
        self._tell = tell
        self._hq_epoch = hq_epoch
        self._page_rows = page_rows

    def page(self, *, terminal: bytes, epoch: int, after: int) -> FeedPage:
        """Give the page after position ``after`` for one till.

        Raises:
            SyncRefused: CURSOR_AHEAD when HQ has no such position: it was restored, or the cursor is not HQ's.
        """
        with self._book.read() as connection:
            head = head_position(connection)
            if after > head:
                raise SyncRefused(SyncErrorCode.CURSOR_AHEAD, f"the feed ends at {head}")
            log = within_bytes(connection, _log_after(connection, after, self._page_rows))
            complete = not log or log[-1].position == head
            page = FeedPage(
                hq_epoch=self._hq_epoch,
                after=after,
                upto=head if complete else log[-1].position,
                complete=complete,
                applied=_applied(connection, terminal, epoch) if complete else 0,
                rows=_values(connection, log),
                parked=_parked(connection, terminal, epoch) if complete else (),
            )
        self._tell(page.upto)
        return page


def _log_after(connection: Connection, after: int, most: int) -> Sequence[Any]:
    query = select(feed.c.entity, feed.c.key, feed.c.position).where(feed.c.position > after)
    return connection.execute(query.order_by(feed.c.position).limit(most)).all()


def _applied(connection: Connection, terminal: bytes, epoch: int) -> int:
    own = and_(journal_head.c.terminal_id == terminal, journal_head.c.epoch == epoch)
    return connection.execute(select(journal_head.c.sequence).where(own)).scalar_one_or_none() or 0


def _parked(connection: Connection, terminal: bytes, epoch: int) -> tuple[int, ...]:
    """Give what HQ holds of a till's journal without having posted it; a return without a sale posts nothing ever."""
    own = and_(
        parked.c.terminal_id == terminal,
        parked.c.epoch == epoch,
        parked.c.state == ItemState.OPEN.value,
        parked.c.reason != ParkReason.UNKNOWN_ORIGINAL.value,
    )
    query = select(parked.c.sequence).where(own).order_by(parked.c.sequence).limit(MAX_PARKED)
    return tuple(connection.execute(query).scalars())


def _values(connection: Connection, log: Sequence[Any]) -> tuple[FeedRow, ...]:
    found: dict[Entity, _Found] = {}
    for entity, look_up in _LOOK_UPS.items():
        keys = [row.key for row in log if row.entity == entity]
        found[entity] = look_up(connection, keys) if keys else {}
    values = (found[Entity(row.entity)].get(row.key) for row in log)
    return tuple(value for value in values if value is not None)


def _members(connection: Connection, keys: list[bytes]) -> _Found:
    rows = connection.execute(select(member).where(member.c.member_id.in_(keys)))
    return {
        row.member_id: FeedMember(
            member=row.member_id,
            canonical=row.canonical_id,
            nickname=row.nickname,
            tier=row.tier,
            language=row.language,
            birthday=row.birthday,
            joined_on=row.joined_on,
            last_visit_on=row.last_visit_on,
            segments=tuple(json.loads(row.segments)) if row.segments else (),
            tier_until=row.tier_until_s,
            referrer=row.referrer,
        )
        for row in rows
    }


def _cards(connection: Connection, keys: list[bytes]) -> _Found:
    by_number = {int.from_bytes(key, "big", signed=True): key for key in keys}
    rows = connection.execute(select(card.c.card_key, card.c.member_id).where(card.c.card_key.in_(by_number)))
    return {by_number[row.card_key]: FeedCard(card_key=row.card_key, member=row.member_id) for row in rows}


def _balances(connection: Connection, keys: list[bytes]) -> _Found:
    pairs = {(key[:ACCOUNT_BYTES], key[ACCOUNT_BYTES:].decode()): key for key in keys}
    accounts = {account for account, _ in pairs}
    rows = connection.execute(select(balance).where(balance.c.account_id.in_(accounts)))
    return {
        pairs[row.account_id, row.unit]: FeedBalance(account=row.account_id, unit=row.unit, amount=row.amount)
        for row in rows
        if (row.account_id, row.unit) in pairs
    }


def _lots(connection: Connection, keys: list[bytes]) -> _Found:
    """Look lots up; one that is not there any more is told with nothing left."""
    triples = {_lot_key(key): key for key in keys}
    found: _Found = {key: FeedLot(account=a, unit=unit, lot_id=b, amount=0) for (a, unit, b), key in triples.items()}
    for row in lots_at(connection, triples):
        found[triples[row.account_id, row.unit, row.lot_id]] = FeedLot(
            account=row.account_id,
            unit=row.unit,
            lot_id=row.lot_id,
            amount=row.amount,
            usable_at=row.usable_at_s,
            expires_at=row.expires_at_s,
        )
    return found


def _lot_key(key: bytes) -> tuple[bytes, str, bytes]:
    unit = key[ACCOUNT_BYTES + LOT_BYTES :]
    return key[:ACCOUNT_BYTES], unit.decode(), key[ACCOUNT_BYTES : ACCOUNT_BYTES + LOT_BYTES]


_LOOK_UPS: dict[Entity, Callable[[Connection, list[bytes]], _Found]] = {
    Entity.MEMBER: _members,
    Entity.CARD: _cards,
    Entity.BALANCE: _balances,
    Entity.LOT: _lots,
    Entity.PROGRAMME: programme_rows,
    Entity.RELEASE: release_rows,
}
