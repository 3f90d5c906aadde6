"""How far HQ is: the journal side (`BookJournal`) and the feed side (`BookFeed`) of the sync loops' ports."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from agent.book import journal
from agent.book.book import Book
from agent.book.schema import card, feed_stage, member, pending, posted, sync_state
from agent.book.statements import Prepared
from agent.ports import Clock
from loyalty.journal.chain import first_head
from sync.ports import JournalHead
from sync.protocol.values import (
    Acknowledged,
    FeedBalance,
    FeedCard,
    FeedEntity,
    FeedMember,
    FeedPage,
    FeedRow,
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


def state(connection: Connection) -> SyncState:
    """Read how far HQ is."""
    ((_, hq_epoch, acked, durable, sent_through, feed_epoch, feed_cursor, as_of),) = _STATE.rows(connection)
    return SyncState(
        hq_epoch=hq_epoch,
        acked=acked,
        durable=durable,
        sent_through=sent_through,
        feed_epoch=feed_epoch,
        feed_cursor=feed_cursor,
        as_of=as_of,
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
        """Keep a page; a complete one makes everything staged visible in the same commit."""
        with self._book.write() as writing:
            connection = writing.connection
            _STAGE.run_many(connection, [_staged(row) for row in page.rows])
            if page.after == 0:
                _STAGE.run_many(connection, [_WHOLE])
            values = {"feed_epoch": page.hq_epoch, "feed_cursor": page.upto}
            connection.execute(update(sync_state).values(values))
            if page.complete:
                _show(connection, page.applied, page.parked)
                connection.execute(update(sync_state).values(as_of=self._clock().isoformat()))

    def restart(self, hq_epoch: str) -> None:
        """Forget the cursor and what is staged."""
        with self._book.write() as writing:
            writing.connection.execute(delete(feed_stage))
            writing.connection.execute(update(sync_state).values(feed_epoch=hq_epoch or None, feed_cursor=0))


_stage = insert(feed_stage)
_STAGE = Prepared(_stage.on_conflict_do_update(index_elements=["entity", "key"], set_={"value": _stage.excluded.value}))
_STAGED = Prepared(
    select(feed_stage.c.value).where(feed_stage.c.entity == bindparam("entity")).order_by(feed_stage.c.key)
)
_member = insert(member)
_SHOW_MEMBER = Prepared(
    _member.on_conflict_do_update(
        index_elements=["member"],
        set_={name: _member.excluded[name] for name in ("canonical", "nickname", "tier", "language")},
    )
)
_card = insert(card)
_SHOW_CARD = Prepared(_card.on_conflict_do_update(index_elements=["card_key"], set_={"member": _card.excluded.member}))
_DROP_CARD = Prepared(delete(card).where(card.c.card_key == bindparam("gone")))
_WHOLE = {"entity": "whole", "key": "", "value": ""}
"""Staged with the first page of all: what comes then is all that HQ has."""
_posted = insert(posted)
_SHOW_BALANCE = Prepared(
    _posted.on_conflict_do_update(index_elements=["account", "unit"], set_={"amount": _posted.excluded.amount})
)
_PARKED = func.json_each(bindparam("parked")).table_valued("value")
_DROP_PENDING = Prepared(
    delete(pending).where(
        pending.c.sequence <= bindparam("applied"), pending.c.sequence.not_in(select(_PARKED.c.value))
    )
)
_MOVE_PENDING = Prepared(
    update(pending).where(pending.c.account == bindparam("merged")).values(account=bindparam("into"))
)


def _staged(row: FeedRow) -> dict[str, str]:
    match row:
        case FeedMember():
            value: list[object] = [row.canonical.hex(), row.nickname, row.tier, row.language]
            return _stage_row(FeedEntity.MEMBER, row.member.hex(), [row.member.hex(), *value])
        case FeedCard():
            owner = row.member.hex() if row.member is not None else None
            return _stage_row(FeedEntity.CARD, str(row.card_key), [row.card_key, owner])
        case FeedBalance():
            key = f"{row.account.hex()} {row.unit}"
            return _stage_row(FeedEntity.BALANCE, key, [row.account.hex(), row.unit, row.amount])


def _stage_row(entity: FeedEntity, key: str, value: list[object]) -> dict[str, str]:
    return {"entity": entity.value, "key": key, "value": json.dumps(value, ensure_ascii=False)}


def _show(connection: Connection, applied: int, parked: Sequence[int]) -> None:
    """Make what is staged visible: members, then cards, then balances; pending entries that HQ shows now go.

    What HQ parked is in no balance of HQ's, so it stays pending until HQ posts it.

    A feed from its beginning replaces every balance, since an HQ that was restored may not have some of them; members
    and cards stay, since own enrolments that HQ has not seen stand among them.
    """
    if _STAGED.rows(connection, entity=_WHOLE["entity"]):
        connection.execute(delete(posted))
    for entity, show in (
        (FeedEntity.MEMBER, _show_members),
        (FeedEntity.CARD, _show_cards),
        (FeedEntity.BALANCE, _show_balances),
    ):
        rows = [json.loads(value) for (value,) in _STAGED.run(connection, entity=entity.value)]
        show(connection, rows)
    _DROP_PENDING.run(connection, applied=applied, parked=json.dumps(parked))
    connection.execute(delete(feed_stage))


def _show_members(connection: Connection, rows: list[list[str]]) -> None:
    for member_id, canonical, nickname, tier, language in rows:
        own, into = bytes.fromhex(member_id), bytes.fromhex(canonical)
        _SHOW_MEMBER.run(connection, member=own, canonical=into, nickname=nickname, tier=tier, language=language)
        if own != into:
            _MOVE_PENDING.run(connection, merged=own, into=into)


def _show_cards(connection: Connection, rows: list[list[object]]) -> None:
    gone = [{"gone": key} for key, owner in rows if owner is None]
    here = [{"card_key": key, "member": bytes.fromhex(str(owner))} for key, owner in rows if owner is not None]
    _DROP_CARD.run_many(connection, gone)
    _SHOW_CARD.run_many(connection, here)


def _show_balances(connection: Connection, rows: list[list[object]]) -> None:
    shown = [{"account": bytes.fromhex(str(account)), "unit": unit, "amount": amount} for account, unit, amount in rows]
    _SHOW_BALANCE.run_many(connection, shown)
