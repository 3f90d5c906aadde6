"""Forgetting members: HQ says whom, and the till erases the details of its own entries about them, slice by slice.

Only what HQ holds is erased. The entry stays in its place with its core; to everybody here it is as if retention had removed it.

Source: docs/SPEC-sync.md, section 4.
"""

import json
from collections.abc import Collection, Iterable

from sqlalchemy import Connection, text

from agent.book.book import Book
from agent.book.statements import Prepared
from loyalty.cards import card_key
from loyalty.journal.naming import cards_in
from sync.protocol.values import FeedForgotten

SLICE = 500
_MEMBER = b'"member":"'


def _prepared(sql: str) -> Prepared:
    return Prepared(text(sql))


_KEEP = _prepared("INSERT OR IGNORE INTO forgetting (member, cards) VALUES (:member, :cards)")
_NEXT = _prepared(
    "SELECT f.member, f.cards, f.looked, f.upto, s.acked FROM forgetting AS f JOIN sync_state AS s ON s.id = 1"
    " WHERE f.upto IS NULL OR (f.looked < f.upto AND f.looked < s.acked) ORDER BY f.member LIMIT 1"
)
_BEGIN = (
    _prepared("UPDATE forgetting SET upto = :upto WHERE member = :member"),
    _prepared("UPDATE member SET last_visit_on = NULL, seen_on = NULL WHERE member = :member"),
    _prepared("DELETE FROM visitor WHERE member = :member"),
    _prepared("DELETE FROM wanted WHERE member = :member"),
    _prepared("DELETE FROM idempotency WHERE instr(answer, :named) > 0"),
)
_RUN = _prepared(
    "SELECT sequence, entry_id, detail FROM journal WHERE sequence > :looked AND sequence <= :last"
    " ORDER BY sequence LIMIT :most"
)
_ERASE = (
    _prepared("DELETE FROM idempotency WHERE key = (SELECT answer_key FROM journal WHERE sequence = :at)"),
    _prepared("UPDATE journal SET detail = x'', business_key = NULL, answer_key = NULL WHERE sequence = :at"),
)
_LOOKED = _prepared("UPDATE forgetting SET looked = :looked WHERE member = :member")
_LEAVE_NOTHING = _prepared("PRAGMA secure_delete = ON")


def keep(connection: Connection, rows: Iterable[FeedForgotten]) -> None:
    """Note whom HQ forgot; who is noted already is not looked for again."""
    _KEEP.run_many(connection, [{"member": one.member, "cards": json.dumps(one.cards)} for one in rows])


def forget(book: Book, identifier_key: bytes, most: int = SLICE) -> bool:
    """Erase the details of one slice of the till's own entries; False where nothing is to be done now."""
    with book.read() as connection:
        if _NEXT.one(connection) is None:
            return False
    with book.write() as writing:
        connection = writing.connection
        row = _NEXT.one(connection)
        if row is None:
            return False
        member, cards, looked, upto, acked = row
        _LEAVE_NOTHING.rows(connection)
        if upto is None:
            upto = writing.head.sequence
            for statement in _BEGIN:
                statement.run(connection, member=member, upto=upto, named=bytes(member).hex().encode())
        last = min(upto, acked)
        rows = _RUN.rows(connection, looked=looked, last=last, most=most)
        for sequence, entry_id, detail in rows:
            if entry_id == member or _is_about(detail, member, json.loads(cards), identifier_key):
                for statement in _ERASE:
                    statement.run(connection, at=sequence)
        _LOOKED.run(connection, member=member, looked=rows[-1][0] if len(rows) == most else max(last, looked))
    return True


def _is_about(detail: bytes, member: bytes, cards: Collection[int], identifier_key: bytes) -> bool:
    """Tell whether a detail names the member, or one of the cards and no member at all."""
    if _MEMBER in detail:
        return _MEMBER + member.hex().encode() + b'"' in detail
    return any(card_key(number, identifier_key) in cards for number in cards_in(detail))
