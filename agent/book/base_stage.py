"""Feed rows of members who are not this till's own: of each its balance in one unit, its tier and its cards are staged.

Whose rows are whose is known when they come: a member is the till's own when it stands in ``member``, or when the page says
everything of it because the till asked. Everything else that the feed says of others is let go.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from agent.book.statements import Prepared
from sync.protocol.values import MAX_WANTED, FeedBalance, FeedCard, FeedLot, FeedMember, FeedRow

_Row = dict[str, Any]
OF_ACCOUNTS = ("pending", "held")
"""What the till itself counts of accounts, and what follows a merge."""
_SAYS = "canonical = coalesce(excluded.canonical, canonical), tier = coalesce(excluded.tier, tier)"
_SAYS += ", amount = coalesce(excluded.amount, amount)"


def _prepared(sql: str) -> Prepared:
    return Prepared(text(sql))


_OWN = _prepared("SELECT 1 FROM member WHERE member = :member")
_KEEP = _prepared(
    "INSERT INTO stage_base (member, canonical, tier, amount) VALUES (:member, :canonical, :tier, :amount)"  # noqa: S608
    f" ON CONFLICT (member) DO UPDATE SET {_SAYS}"
)
_KEEP_CARD = _prepared("INSERT OR REPLACE INTO stage_base_card (card_key, member) VALUES (:card_key, :member)")
_IS_OTHERS = _prepared("DELETE FROM stage_card WHERE card_key = :card_key")
_IS_OWN = _prepared("DELETE FROM stage_base_card WHERE card_key = :card_key")
_KEEP_TOLD = _prepared(
    "INSERT OR REPLACE INTO stage_told (member, scanned)"
    " VALUES (:member, ifnull((SELECT scanned FROM wanted WHERE wanted.member = :member), 0))"
)
_WANT = _prepared(
    "INSERT INTO wanted (member, scanned) VALUES (:member, :scanned)"
    " ON CONFLICT (member) DO UPDATE SET scanned = max(scanned, excluded.scanned)"
)
_UNWANT = _prepared("DELETE FROM wanted WHERE member = :member")
_WANTED = _prepared("SELECT member FROM wanted ORDER BY scanned DESC, member LIMIT :most")

_SHOW = (
    _prepared("DELETE FROM card WHERE card_key IN (SELECT card_key FROM stage_base_card)"),
    *(
        _prepared(
            f"UPDATE {table} SET account = (SELECT canonical FROM stage_base WHERE member = {table}.account)"  # noqa: S608
            " WHERE account IN (SELECT member FROM stage_base WHERE canonical <> member)"
        )
        for table in OF_ACCOUNTS
    ),
    _prepared("DELETE FROM posted WHERE account IN (SELECT member FROM stage_told)"),
    _prepared("DELETE FROM posted_lot WHERE account IN (SELECT member FROM stage_told)"),
    _prepared("DELETE FROM wanted WHERE member IN (SELECT member FROM stage_told)"),
)
_ADD = (
    _prepared(
        "INSERT INTO base (member, canonical, tier, amount)"  # noqa: S608
        " SELECT member, canonical, tier, amount FROM stage_base WHERE true"
        f" ON CONFLICT (member) DO UPDATE SET {_SAYS}"
    ),
    _prepared("INSERT OR REPLACE INTO base_card (card_key, member) SELECT card_key, member FROM stage_base_card"),
)
_REPLACE = (
    *(
        _prepared(f"ALTER TABLE {name} RENAME TO {new}")
        for of in ("base", "base_card")
        for name, new in ((of, "other"), (f"stage_{of}", of), ("other", f"stage_{of}"))
    ),
    _prepared("UPDATE reach SET file = stage_file, stage_file = NULL"),
)
_SHOWN = (
    _prepared("DELETE FROM base WHERE member IN (SELECT member FROM stage_told)"),
    _prepared("UPDATE reach SET unit = nullif(stage_unit, ''), everyone = stage_unit IS NULL"),
)
_SEEN = _prepared("UPDATE member SET seen_on = :today WHERE member IN (SELECT member FROM stage_told WHERE scanned)")
_CLEAR = tuple(_prepared(f"DELETE FROM {table}") for table in ("stage_base", "stage_base_card", "stage_told"))  # noqa: S608
_RESTART = _prepared("UPDATE reach SET stage_unit = NULL, stage_file = NULL")
_CHOOSE = _prepared("UPDATE reach SET stage_unit = :unit WHERE stage_unit IS NOT :unit")
_CHOSEN = _prepared("SELECT stage_unit FROM reach")
_EMPTY = _prepared(
    "SELECT NOT EXISTS (SELECT 1 FROM stage_base) AND NOT EXISTS (SELECT 1 FROM stage_base_card)"
    " AND NOT EXISTS (SELECT 1 FROM stage_told) AND (SELECT stage_file IS NULL FROM reach)"
)

_FAR = _prepared("UPDATE member SET seen_on = :today WHERE home <> :store AND seen_on IS NULL")
_NEAR = _prepared("UPDATE member SET seen_on = NULL WHERE member = :member AND seen_on IS NOT NULL")
_AWAY = _prepared(
    "CREATE TEMP TABLE IF NOT EXISTS away (member BLOB PRIMARY KEY) WITHOUT ROWID",
)
_GO = _prepared(
    "INSERT INTO away (member) SELECT member FROM member"
    " WHERE canonical IS NULL AND home <> :store AND seen_on < :since"
    " AND NOT EXISTS (SELECT 1 FROM pending WHERE account = member.member) LIMIT :most"
)
_LET_GO = (
    _prepared("UPDATE reach SET everyone = 0, unit = :unit WHERE everyone"),
    _prepared(
        "INSERT INTO away (member) SELECT member FROM member WHERE canonical IS NULL AND home IS NOT NULL LIMIT :most"
    ),
    _prepared("INSERT OR IGNORE INTO wanted (member, scanned) SELECT member, 0 FROM away"),
)
_GONE = (
    _prepared(
        "INSERT OR REPLACE INTO base (member, canonical, tier, amount) SELECT member, member, ifnull(tier, ''),"
        " ifnull((SELECT amount FROM posted WHERE account = member.member AND unit = (SELECT unit FROM reach)), 0)"
        " FROM member WHERE member IN (SELECT member FROM away)"
    ),
    _prepared(
        "INSERT OR REPLACE INTO base_card (card_key, member) SELECT card_key, member FROM card"
        " WHERE member IN (SELECT member FROM away)"
    ),
    _prepared("DELETE FROM card WHERE member IN (SELECT member FROM away)"),
    _prepared("DELETE FROM posted WHERE account IN (SELECT member FROM away)"),
    _prepared("DELETE FROM posted_lot WHERE account IN (SELECT member FROM away)"),
    _prepared("DELETE FROM member WHERE member IN (SELECT member FROM away)"),
    _prepared("DELETE FROM away"),
)
_MISMATCH = _prepared("SELECT mismatch, mismatched_on FROM reach")
_NOTE_MISMATCH = _prepared("UPDATE reach SET mismatch = :bucket, mismatched_on = :day")
_SWEPT_ON = _prepared("SELECT swept_on FROM reach")
_SWEPT = _prepared("UPDATE reach SET swept_on = :today")


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """What a till keeps of members who are not its own.

    Attributes:
        unit: Whose balance it keeps, or None.
        store: The till's own store, whose members are to become its own.
        told: Members of whom the page says everything, and those whom it only names: HQ does not know them, or they have more
            rows than a page holds.
    """

    unit: str | None
    store: str
    told: tuple[bytes, ...]


def keep(connection: Connection, rows: Iterable[FeedRow], others: Others) -> tuple[FeedRow, ...]:
    """Stage what is of others; gives the rows of a page that are for everyone or of the till's own members."""
    rows = tuple(rows)
    told = set(others.told) & {row.member for row in rows if isinstance(row, FeedMember)}
    own = told | {one for one in _named(rows) if _OWN.one(connection, member=one) is not None}
    rest, members, cards, wanted = list[FeedRow](), list[_Row](), list[_Row](), set[bytes]()
    for row in rows:
        match row:
            case FeedMember():
                home = row.canonical if row.member in own or row.home == others.store else None
                if home is not None and home not in own:
                    wanted.add(home)
                if row.member not in own:
                    members.append(_said(row.member, canonical=row.canonical, tier=row.tier or ""))
                    continue
            case FeedCard() if row.member not in own:
                cards.append({"card_key": row.card_key, "member": row.member})
                continue
            case FeedBalance() if not row.common and row.account not in own:
                if row.unit == others.unit:
                    members.append(_said(row.account, amount=row.amount))
                continue
            case FeedLot() if not row.common and row.account not in own:
                continue
        rest.append(row)
    _KEEP.run_many(connection, members)
    _IS_OWN.run_many(connection, [{"card_key": row.card_key} for row in rest if isinstance(row, FeedCard)])
    _IS_OTHERS.run_many(connection, [{"card_key": row["card_key"]} for row in cards])
    _KEEP_CARD.run_many(connection, cards)
    _KEEP_TOLD.run_many(connection, [{"member": one} for one in sorted(told)])
    _UNWANT.run_many(connection, [{"member": one} for one in others.told if one not in told])
    near = [row.member for row in rest if isinstance(row, FeedMember) and row.home == others.store]
    _NEAR.run_many(connection, [{"member": one} for one in near])
    want(connection, wanted, scanned=False)
    return tuple(rest)


def _named(rows: Iterable[FeedRow]) -> set[bytes]:
    named: set[bytes] = set()
    for row in rows:
        match row:
            case FeedMember():
                named |= {row.member, row.canonical}
            case FeedCard() if row.member is not None:
                named.add(row.member)
            case FeedBalance() | FeedLot() if not row.common:
                named.add(row.account)
    return named


def _said(member: bytes, *, canonical: bytes | None = None, tier: str | None = None, amount: int | None = None) -> _Row:
    return {"member": member, "canonical": canonical, "tier": tier, "amount": amount}


def want(connection: Connection, members: Iterable[bytes], *, scanned: bool) -> None:
    """Note members of whom the till wants everything."""
    _WANT.run_many(connection, [{"member": one, "scanned": int(scanned)} for one in sorted(members)])


def wanted(connection: Connection) -> Sequence[bytes]:
    """Give whom to ask for next, those first who were scanned."""
    return tuple(bytes(row[0]) for row in _WANTED.rows(connection, most=MAX_WANTED))


def show(connection: Connection, *, whole: bool, today: date) -> None:
    """Make what is staged of others visible, before the till's own balances are; of a ``whole`` feed, it alone."""
    for statement in (*_SHOW, *(_REPLACE if whole else _ADD), *_SHOWN):
        statement.run(connection)
    _SEEN.run(connection, today=today.toordinal())
    clear(connection)


def clear(connection: Connection) -> None:
    """Forget the rows that are staged."""
    for statement in _CLEAR:
        statement.run(connection)


def restart(connection: Connection) -> None:
    """Forget what is staged and by which unit it was chosen."""
    clear(connection)
    _RESTART.run(connection)


def is_empty(connection: Connection) -> bool:
    """Tell whether nothing is staged."""
    return bool(_EMPTY.scalar(connection))


def choice(*, everyone: bool, unit: str | None) -> str | None:
    """Name what decides which rows a till keeps: None where it keeps everything, else the unit, or no letters for none."""
    return None if everyone else unit or ""


def chosen(connection: Connection) -> str | None:
    """Give the choice by which rows are kept."""
    said: str | None = _CHOSEN.scalar(connection)
    return said


def choose(connection: Connection, said: str | None) -> None:
    """Note by which choice rows are kept from now on."""
    _CHOOSE.run(connection, unit=said)


def swept_on(connection: Connection) -> str | None:
    """Give the ISO day on which members who stayed away were last given up."""
    said: str | None = _SWEPT_ON.scalar(connection)
    return said


def note_far(connection: Connection, *, store: str, today: date) -> None:
    """Begin to count the days of own members who belong to another store by now."""
    _FAR.run(connection, store=store, today=today.toordinal())


def sweep(connection: Connection, *, store: str, since: date, most: int) -> int:
    """Make others of some own members who belong to another store and were not seen here since a day; gives how many.

    One of whom the till has postings that HQ does not show stays, and one of whom HQ has not said a word.
    """
    _AWAY.run(connection)
    gone = _GO.run(connection, store=store, since=since.toordinal(), most=most).rowcount
    for statement in _GONE:
        statement.run(connection)
    return gone


def let_go(connection: Connection, *, unit: str | None, most: int) -> int:
    """Make others of some own members, whoever they are, to be told anew by HQ; gives how many.

    Of whom HQ has not said a word stays: nothing can have changed.
    """
    everyone, away, want_again = _LET_GO
    everyone.run(connection, unit=unit)
    _AWAY.run(connection)
    gone = away.run(connection, most=most).rowcount
    want_again.run(connection)
    for statement in _GONE:
        statement.run(connection)
    return gone


def mismatch(connection: Connection) -> tuple[int | None, str | None]:
    """Give the bucket that differs from HQ's, and the ISO day on which it was last seen to."""
    ((bucket, day),) = _MISMATCH.rows(connection)
    return bucket, day


def note_mismatch(connection: Connection, bucket: int | None, day: str | None) -> None:
    """Note which bucket differs, or that none does."""
    _NOTE_MISMATCH.run(connection, bucket=bucket, day=day)


def swept(connection: Connection, today: date) -> None:
    """Note that all of them were given up."""
    _SWEPT.run(connection, today=today.isoformat())
