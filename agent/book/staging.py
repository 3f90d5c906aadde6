"""Feed rows on their way into the book: staged as they come, shown as a whole once the feed is complete.

SQLite moves the rows itself, set by set. A first feed may be as large as the merchant, so whatever carries no balance
(new members and cards) is moved in slices, each a short transaction of its own, and sales go on between them. What is
left is one short step: balances, merges, and cards that changed hands. A feed from its beginning holds every balance,
so its table takes the place of the old one, which is emptied in slices afterwards.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from agent.book import releases
from agent.book.statements import Prepared
from loyalty.numbers.limits import INT64_MAX
from sync.protocol.values import FeedBalance, FeedCard, FeedMember, FeedProgramme, FeedRelease, FeedRow

SLICE = 2_000
"""Rows of one short transaction; as many as a page holds."""


def _prepared(sql: str) -> Prepared:
    return Prepared(text(sql))


_KEEP_MEMBER = _prepared(
    "INSERT OR REPLACE INTO stage_member (member, canonical, nickname, tier, language)"
    " VALUES (:member, :canonical, :nickname, :tier, :language)"
)
_KEEP_CARD = _prepared("INSERT OR REPLACE INTO stage_card (card_key, member) VALUES (:card_key, :member)")
_KEEP_BALANCE = _prepared(
    "INSERT OR REPLACE INTO stage_balance (account, unit, amount) VALUES (:account, :unit, :amount)"
)
_EMPTY = _prepared(
    "SELECT NOT EXISTS (SELECT 1 FROM stage_member) AND NOT EXISTS (SELECT 1 FROM stage_card)"
    " AND NOT EXISTS (SELECT 1 FROM stage_balance)"
)
_MANY = _prepared(
    "SELECT EXISTS (SELECT 1 FROM stage_member LIMIT 1 OFFSET :most)"
    " OR EXISTS (SELECT 1 FROM stage_card LIMIT 1 OFFSET :most)"
)

_LAST_MEMBER = _prepared(
    "SELECT max(member) FROM (SELECT member FROM stage_member WHERE member > :after ORDER BY member LIMIT :most)"
)
_MOVE_MEMBERS = _prepared(
    "INSERT INTO member (member, canonical, nickname, tier, language)"
    " SELECT member, canonical, nickname, tier, language FROM stage_member"
    " WHERE member > :after AND member <= :last AND canonical = member"
    " ON CONFLICT (member) DO UPDATE"
    " SET nickname = excluded.nickname, tier = excluded.tier, language = excluded.language"
    " WHERE member.canonical = excluded.canonical"
)
_MOVED_MEMBERS = _prepared(
    "DELETE FROM stage_member WHERE member > :after AND member <= :last AND canonical = member"
    " AND canonical = (SELECT canonical FROM member WHERE member.member = stage_member.member)"
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
        "INSERT INTO member (member, canonical, nickname, tier, language)"
        " SELECT member, canonical, nickname, tier, language FROM stage_member WHERE true"
        " ON CONFLICT (member) DO UPDATE SET canonical = excluded.canonical, nickname = excluded.nickname,"
        " tier = excluded.tier, language = excluded.language"
    ),
    _prepared(
        "UPDATE pending SET account = (SELECT canonical FROM stage_member WHERE member = pending.account)"
        " WHERE account IN (SELECT member FROM stage_member WHERE canonical <> member)"
    ),
    _prepared("DELETE FROM card WHERE card_key IN (SELECT card_key FROM stage_card WHERE member IS NULL)"),
    _prepared(
        "INSERT INTO card (card_key, member) SELECT card_key, member FROM stage_card WHERE member IS NOT NULL"
        " ON CONFLICT (card_key) DO UPDATE SET member = excluded.member"
    ),
    _prepared("DELETE FROM stage_member"),
    _prepared("DELETE FROM stage_card"),
)
_SHOW_BALANCES = (
    _prepared(
        "INSERT INTO posted (account, unit, amount) SELECT account, unit, amount FROM stage_balance WHERE true"
        " ON CONFLICT (account, unit) DO UPDATE SET amount = excluded.amount"
    ),
    _prepared("DELETE FROM stage_balance"),
)
_SWAP_BALANCES = [
    _prepared(sql)
    for sql in (
        "ALTER TABLE replaced_balance RENAME TO empty_balance",
        "ALTER TABLE posted RENAME TO replaced_balance",
        "ALTER TABLE stage_balance RENAME TO posted",
        "ALTER TABLE empty_balance RENAME TO stage_balance",
    )
]
_DROP_BALANCES = _prepared(
    "DELETE FROM replaced_balance WHERE (account, unit) IN (SELECT account, unit FROM replaced_balance LIMIT :most)"
)
_HAS_REPLACED = _prepared("SELECT EXISTS (SELECT 1 FROM replaced_balance)")
_CLEAR = [_prepared(f"DELETE FROM {table}") for table in ("stage_member", "stage_card", "stage_balance")]  # noqa: S608


def keep(connection: Connection, rows: tuple[FeedRow, ...]) -> None:
    """Stage the rows of a page; a later row of the same thing replaces an earlier one."""
    members, cards, balances = list[FeedMember](), list[FeedCard](), list[FeedBalance]()
    for row in rows:
        match row:
            case FeedMember():
                members.append(row)
            case FeedCard():
                cards.append(row)
            case FeedBalance():
                balances.append(row)
    releases.stage(connection, [row for row in rows if isinstance(row, (FeedProgramme, FeedRelease))])
    for statement, staged in ((_KEEP_MEMBER, members), (_KEEP_CARD, cards), (_KEEP_BALANCE, balances)):
        statement.run_many(connection, [{name: getattr(row, name) for name in row.__slots__} for row in staged])


def is_empty(connection: Connection) -> bool:
    """Tell whether nothing is staged."""
    return bool(_EMPTY.scalar(connection)) and not releases.is_staged(connection)


def is_large(connection: Connection) -> bool:
    """Tell whether so much is staged that it is moved in slices before it is shown."""
    return bool(_MANY.scalar(connection, most=SLICE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far the slices are: members behind ``member``, then cards from ``card_key`` on."""

    member: bytes | None = b""
    card_key: int = -INT64_MAX - 1


def move_slice(connection: Connection, place: Place) -> Place | None:
    """Move the next members or cards that may be seen before their balances; gives where to go on, None at the end."""
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
    _MOVED_CARDS.run(connection, first=place.card_key, last=key)
    return Place(member=None, card_key=key + 1) if key < INT64_MAX else None


def show(connection: Connection, *, whole: bool) -> None:
    """Make the rest of what is staged visible.

    A feed from its beginning (``whole``) replaces every balance, since an HQ that was restored may not have some of
    them; members and cards stay, since own enrolments that HQ has not seen stand among them. The old balances are
    put aside, and `drop_replaced` removes them; nothing may have been left there before.
    """
    for statement in (*_SHOW, *(_SWAP_BALANCES if whole else _SHOW_BALANCES)):
        statement.run(connection)
    releases.show(connection, whole=whole)


def has_replaced(connection: Connection) -> bool:
    """Tell whether balances that were replaced are still to be removed."""
    return bool(_HAS_REPLACED.scalar(connection))


def drop_replaced(connection: Connection) -> bool:
    """Remove some of the balances that a whole feed replaced; False when none were left."""
    return _DROP_BALANCES.run(connection, most=SLICE).rowcount > 0


def clear(connection: Connection) -> None:
    """Forget what is staged."""
    for statement in _CLEAR:
        statement.run(connection)
    releases.clear(connection)
