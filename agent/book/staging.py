"""Feed rows on their way into the book: staged as they come, shown as a whole once the feed is complete.

SQLite moves the rows itself, set by set. A first feed may be as large as the merchant, so whatever carries no balance
(new members and cards) is moved in slices, each a short transaction of its own, and sales go on between them. What is
left is one short step: balances, merges, and cards that changed hands. A feed from its beginning holds every balance,
so its table takes the place of the old one, which is emptied in slices afterwards.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from agent.book import base_stage, forgetting, refetch, releases
from agent.book.base_stage import Others
from agent.book.statements import Prepared
from loyalty.numbers.limits import INT64_MAX
from sync.protocol.values import (
    FeedBalance,
    FeedCard,
    FeedForgotten,
    FeedLot,
    FeedMember,
    FeedProgramme,
    FeedRelease,
    FeedRow,
)

_Row = dict[str, Any]
SLICE = 2_000
"""Rows of one short transaction; as many as a page holds."""


def _prepared(sql: str) -> Prepared:
    return Prepared(text(sql))


_SAID = ("nickname", "tier", "language", "birthday", "joined_on", "segments", "tier_until", "referrer", "home")
"""What a member's row of the feed replaces. The last visit is the later one: own sales may not have reached HQ."""
_COLUMNS = ", ".join(("member", "canonical", *_SAID, "last_visit_on"))
_SET = ", ".join(f"{name} = excluded.{name}" for name in _SAID)
_SET += ", last_visit_on = nullif(max(ifnull(member.last_visit_on, 0), ifnull(excluded.last_visit_on, 0)), 0)"
_LOT_COLUMNS = "account, unit, lot_id, amount, usable_at, expires_at"

_KEEP_MEMBER = _prepared(
    f"INSERT OR REPLACE INTO stage_member ({_COLUMNS})"  # noqa: S608
    f" VALUES ({', '.join(':' + name for name in _COLUMNS.split(', '))})"
)
_KEEP_CARD = _prepared("INSERT OR REPLACE INTO stage_card (card_key, member) VALUES (:card_key, :member)")
_KEEP_BALANCE = _prepared(
    "INSERT OR REPLACE INTO stage_balance (account, unit, amount) VALUES (:account, :unit, :amount)"
)
_KEEP_LOT = _prepared(
    f"INSERT OR REPLACE INTO stage_lot ({_LOT_COLUMNS})"  # noqa: S608
    " VALUES (:account, :unit, :lot_id, :amount, :usable_at, :expires_at)"
)
_UNKEEP_LOT = _prepared("DELETE FROM stage_lot WHERE account = :account AND unit = :unit AND lot_id = :lot_id")
_EMPTY = _prepared(
    "SELECT NOT EXISTS (SELECT 1 FROM stage_member) AND NOT EXISTS (SELECT 1 FROM stage_card)"
    " AND NOT EXISTS (SELECT 1 FROM stage_balance) AND NOT EXISTS (SELECT 1 FROM stage_lot)"
)
_MANY = _prepared(
    "SELECT EXISTS (SELECT 1 FROM stage_member LIMIT 1 OFFSET :most)"
    " OR EXISTS (SELECT 1 FROM stage_card LIMIT 1 OFFSET :most)"
)

_LAST_MEMBER = _prepared(
    "SELECT max(member) FROM (SELECT member FROM stage_member WHERE member > :after ORDER BY member LIMIT :most)"
)
_MOVE_MEMBERS = _prepared(
    f"INSERT INTO member ({_COLUMNS})"  # noqa: S608
    f" SELECT {_COLUMNS} FROM stage_member"
    " WHERE member > :after AND member <= :last AND canonical IS NULL"
    f" ON CONFLICT (member) DO UPDATE SET {_SET} WHERE member.canonical IS NULL"
)
_MOVED_MEMBERS = _prepared(
    "DELETE FROM stage_member WHERE member > :after AND member <= :last AND canonical IS NULL"
    " AND EXISTS (SELECT 1 FROM member WHERE member.member = stage_member.member AND member.canonical IS NULL)"
)
_LAST_CARD = _prepared(
    "SELECT max(card_key) FROM (SELECT card_key FROM stage_card WHERE card_key >= :first ORDER BY card_key LIMIT :most)"
)
_MOVE_CARDS = _prepared(
    "INSERT INTO card (card_key, member) SELECT card_key, member FROM stage_card"
    " WHERE card_key BETWEEN :first AND :last AND member IS NOT NULL ON CONFLICT (card_key) DO NOTHING"
)
_MOVED_CARDS = _prepared(
    "DELETE FROM stage_card WHERE card_key BETWEEN :first AND :last"
    " AND member = (SELECT member FROM card WHERE card.card_key = stage_card.card_key)"
)

_SHOW = (
    _prepared(
        f"INSERT INTO member ({_COLUMNS})"  # noqa: S608
        f" SELECT {_COLUMNS} FROM stage_member WHERE true"
        f" ON CONFLICT (member) DO UPDATE SET canonical = excluded.canonical, {_SET}"
    ),
    *(
        _prepared(
            f"UPDATE {table} SET account = (SELECT canonical FROM stage_member WHERE member = {table}.account)"  # noqa: S608
            " WHERE account IN (SELECT member FROM stage_member WHERE canonical IS NOT NULL)"
        )
        for table in base_stage.OF_ACCOUNTS
    ),
    _prepared("DELETE FROM card WHERE card_key IN (SELECT card_key FROM stage_card WHERE member IS NULL)"),
    _prepared(
        "INSERT INTO card (card_key, member) SELECT card_key, member FROM stage_card WHERE member IS NOT NULL"
        " ON CONFLICT (card_key) DO UPDATE SET member = excluded.member"
    ),
    _prepared("DELETE FROM stage_member"),
    _prepared("DELETE FROM stage_card"),
)
_PURGE = _prepared(
    "DELETE FROM card WHERE card_key NOT IN (SELECT card_key FROM stage_card)"
    " AND member NOT IN (SELECT member FROM member WHERE home IS NULL)"
)
_SHOW_BALANCES = (
    _prepared(
        "INSERT INTO posted (account, unit, amount) SELECT account, unit, amount FROM stage_balance WHERE true"
        " ON CONFLICT (account, unit) DO UPDATE SET amount = excluded.amount"
    ),
    _prepared("DELETE FROM stage_balance"),
    _prepared(
        "DELETE FROM posted_lot WHERE (account, unit, lot_id) IN"
        " (SELECT account, unit, lot_id FROM stage_lot WHERE amount = 0)"
    ),
    _prepared(
        f"INSERT INTO posted_lot ({_LOT_COLUMNS}) SELECT {_LOT_COLUMNS} FROM stage_lot WHERE amount <> 0"  # noqa: S608
        " ON CONFLICT (account, unit, lot_id) DO UPDATE SET amount = excluded.amount,"
        " usable_at = excluded.usable_at, expires_at = excluded.expires_at"
    ),
    _prepared("DELETE FROM stage_lot"),
)
_SWAP_BALANCES = [
    _prepared(f"ALTER TABLE {name} RENAME TO {new}")
    for shown, of in (("posted", "balance"), ("posted_lot", "lot"))
    for name, new in (
        (f"replaced_{of}", f"empty_{of}"),
        (shown, f"replaced_{of}"),
        (f"stage_{of}", shown),
        (f"empty_{of}", f"stage_{of}"),
    )
]
_DROP_REPLACED = [
    _prepared(f"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} LIMIT :most)")  # noqa: S608
    for table, key in (("replaced_balance", "account, unit"), ("replaced_lot", "account, unit, lot_id"))
]
_HAS_REPLACED = _prepared("SELECT EXISTS (SELECT 1 FROM replaced_balance) OR EXISTS (SELECT 1 FROM replaced_lot)")
_STAGES = ("stage_member", "stage_card", "stage_balance", "stage_lot")
_CLEAR = [_prepared(f"DELETE FROM {table}") for table in _STAGES]  # noqa: S608


def keep(connection: Connection, rows: tuple[FeedRow, ...], *, whole: bool, others: Others | None = None) -> None:
    """Stage the rows of a page; a later row of the same thing replaces an earlier one.

    Of a feed from its beginning (``whole``) a lot that is gone is simply not staged. ``others`` says what the till keeps
    of members who are not its own, and nothing where every member is.
    """
    if others is not None:
        rows = base_stage.keep(connection, rows, others)
    members, cards, balances, lots = list[_Row](), list[_Row](), list[_Row](), list[_Row]()
    for row in rows:
        match row:
            case FeedMember():
                members.append(_of_member(row))
            case FeedCard():
                cards.append(_columns(row))
            case FeedBalance():
                balances.append(_columns(row))
            case FeedLot():
                lots.append(_columns(row))
    forgetting.keep(connection, [row for row in rows if isinstance(row, FeedForgotten)])
    releases.stage(connection, [row for row in rows if isinstance(row, (FeedProgramme, FeedRelease))])
    _KEEP_MEMBER.run_many(connection, members)
    _KEEP_CARD.run_many(connection, cards)
    _KEEP_BALANCE.run_many(connection, balances)
    _KEEP_LOT.run_many(connection, lots)
    if whole:
        _UNKEEP_LOT.run_many(connection, [row for row in lots if row["amount"] == 0])


def _of_member(row: FeedMember) -> _Row:
    return {
        **_columns(row),
        "canonical": row.canonical if row.canonical != row.member else None,
        "segments": json.dumps(row.segments) if row.segments else None,
        "home": row.home or "",
        "joined_on": _day_number(row.joined_on),
        "last_visit_on": _day_number(row.last_visit_on),
    }


def _day_number(said: str | None) -> int | None:
    return date.fromisoformat(said).toordinal() if said is not None else None


def _columns(row: FeedMember | FeedCard | FeedBalance | FeedLot) -> _Row:
    return {name: getattr(row, name) for name in row.__slots__}


def is_empty(connection: Connection) -> bool:
    """Tell whether nothing is staged."""
    return bool(_EMPTY.scalar(connection)) and base_stage.is_empty(connection) and not releases.is_staged(connection)


def is_large(connection: Connection) -> bool:
    """Tell whether so much is staged that it is moved in slices before it is shown."""
    return bool(_MANY.scalar(connection, most=SLICE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far the slices are: members behind ``member``, then cards from ``card_key`` on."""

    member: bytes | None = b""
    card_key: int = -INT64_MAX - 1


def move_slice(connection: Connection, place: Place, *, keep_cards: bool = False) -> Place | None:
    """Move the next members or cards that may be seen before their balances; gives where to go on, None at the end.

    ``keep_cards`` leaves them staged too, for a `show` that removes all others.
    """
    if place.member is not None:
        last = _LAST_MEMBER.scalar(connection, after=place.member, most=SLICE)
        if last is not None:
            _MOVE_MEMBERS.run(connection, after=place.member, last=last)
            _MOVED_MEMBERS.run(connection, after=place.member, last=last)
        return Place(member=last)
    key = _LAST_CARD.scalar(connection, first=place.card_key, most=SLICE)
    if key is None:
        return None
    _MOVE_CARDS.run(connection, first=place.card_key, last=key)
    if not keep_cards:
        _MOVED_CARDS.run(connection, first=place.card_key, last=key)
    return Place(member=None, card_key=key + 1) if key < INT64_MAX else None


def show(connection: Connection, *, whole: bool, today: date, purge: bool = False) -> None:
    """Make the rest of what is staged visible.

    A feed from its beginning (``whole``) replaces every balance, since an HQ that was restored may not have some of
    them; members and cards stay, since own enrolments that HQ has not seen stand among them. The old balances are
    put aside, and `drop_replaced` removes them; nothing may have been left there before. ``purge`` removes cards that did not
    come, but for those of own members of whom HQ has not said a word.
    """
    if purge:
        _PURGE.run(connection)
    for statement in _SHOW:
        statement.run(connection)
    base_stage.show(connection, whole=whole, today=today)
    for statement in _SWAP_BALANCES if whole else _SHOW_BALANCES:
        statement.run(connection)
    releases.show(connection, whole=whole)


def has_replaced(connection: Connection) -> bool:
    """Tell whether balances and lots that were replaced are still to be removed."""
    return bool(_HAS_REPLACED.scalar(connection))


def drop_replaced(connection: Connection) -> bool:
    """Remove some of the balances and lots that a whole feed replaced; False when none were left."""
    return any(statement.run(connection, most=SLICE).rowcount > 0 for statement in _DROP_REPLACED)


def clear(connection: Connection) -> None:
    """Forget what is staged, and the bucket that is being fetched alone."""
    for statement in _CLEAR:
        statement.run(connection)
    refetch.drop(connection)
    base_stage.restart(connection)
    releases.clear(connection)
