"""What each thing of the log is now, from its own table."""

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from hq.accounts.lots import lots_at
from hq.book.dialects import in_chunks
from hq.book.schema import account, balance, card, erased_card, erased_member, member
from hq.feed.log import ACCOUNT_BYTES, LOT_BYTES, Entity
from hq.feed.programmes import programme_rows, release_rows
from sync.protocol.values import FeedBalance, FeedCard, FeedForgotten, FeedLot, FeedMember, FeedRow

MEMBER = "member"
"""The kind of a member's account."""
_Found = dict[bytes, FeedRow]
_COMMON = select(account.c.account_id).where(
    account.c.kind != MEMBER, account.c.account_id.in_(bindparam("some", expanding=True))
)


def values_of(connection: Connection, log: Sequence[Any]) -> tuple[FeedRow, ...]:
    """Give the rows that a run of the log is about, in its order."""
    return tuple(row for _, row in placed_values(connection, log))


def placed_values(connection: Connection, log: Sequence[Any]) -> list[tuple[int, FeedRow]]:
    """Give the rows that a run of the log is about, each with its position."""
    found: dict[Entity, _Found] = {}
    for entity, look_up in _LOOK_UPS.items():
        keys = [row.key for row in log if row.entity == entity]
        found[entity] = look_up(connection, keys) if keys else {}
    values = ((row.position, found[Entity(row.entity)].get(row.key)) for row in log)
    return [(position, value) for position, value in values if value is not None]


def member_rows(connection: Connection, keys: Collection[bytes]) -> dict[bytes, FeedRow]:
    """Give members by their ids."""
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
            home=row.home,
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
    common = common_of(connection, accounts)
    return {
        pairs[row.account_id, row.unit]: FeedBalance(
            account=row.account_id, unit=row.unit, amount=row.amount, common=row.account_id in common
        )
        for row in rows
        if (row.account_id, row.unit) in pairs
    }


def common_of(connection: Connection, accounts: Collection[bytes]) -> set[bytes]:
    """Give those accounts that are no member's, so that every till holds them."""
    return {found for some in in_chunks(accounts) for found in connection.execute(_COMMON, {"some": some}).scalars()}


def _lots(connection: Connection, keys: list[bytes]) -> _Found:
    """Look lots up; one that is not there any more is told with nothing left."""
    triples = {_lot_key(key): key for key in keys}
    common = common_of(connection, {triple[0] for triple in triples})
    found: _Found = {
        key: FeedLot(account=account_id, unit=unit, lot_id=lot_id, amount=0, common=account_id in common)
        for (account_id, unit, lot_id), key in triples.items()
    }
    for row in lots_at(connection, triples):
        found[triples[row.account_id, row.unit, row.lot_id]] = lot_row(row, common=row.account_id in common)
    return found


def lot_row(row: Any, *, common: bool) -> FeedLot:
    """Give a row of the table of lots as a row of the feed."""
    return FeedLot(
        account=row.account_id,
        unit=row.unit,
        lot_id=row.lot_id,
        amount=row.amount,
        usable_at=row.usable_at_s,
        expires_at=row.expires_at_s,
        common=common,
    )


def forgotten_rows(connection: Connection, keys: Collection[bytes] | None = None) -> dict[bytes, FeedRow]:
    """Give members who are forgotten, by their ids; all of them without any."""
    query = select(erased_member).order_by(erased_member.c.member_id)
    rows = connection.execute(query if keys is None else query.where(erased_member.c.member_id.in_(keys))).all()
    cards: dict[bytes, list[int]] = {}
    wanted = select(erased_card).where(erased_card.c.erasure_id.in_({row.erasure_id for row in rows}))
    for one in connection.execute(wanted.order_by(erased_card.c.card_key)):
        cards.setdefault(one.erasure_id, []).append(one.card_key)
    return {
        row.member_id: FeedForgotten(member=row.member_id, cards=tuple(cards.get(row.erasure_id, ()))) for row in rows
    }


def _lot_key(key: bytes) -> tuple[bytes, str, bytes]:
    unit = key[ACCOUNT_BYTES + LOT_BYTES :]
    return key[:ACCOUNT_BYTES], unit.decode(), key[ACCOUNT_BYTES : ACCOUNT_BYTES + LOT_BYTES]


_LOOK_UPS: dict[Entity, Callable[[Connection, list[bytes]], _Found]] = {
    Entity.MEMBER: member_rows,
    Entity.CARD: _cards,
    Entity.BALANCE: _balances,
    Entity.LOT: _lots,
    Entity.FORGOTTEN: forgotten_rows,
    Entity.PROGRAMME: programme_rows,
    Entity.RELEASE: release_rows,
}
