"""The tills as people administer them: how each stands, shutting one out, letting it in again."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from hq.access.finding import find_till, find_tills
from hq.access.values import MAX_BY, MAX_NOTE, Changed, TillStanding, standing_of
from hq.attention.parking import ExceptionReason, ItemState, ParkReason, raise_again
from hq.book.book import Book
from hq.book.schema import exception, journal_head, parked, programme, terminal, till_facts
from hq.ingest.lost import till_lost
from hq.pairing.terminals import TILL_ROLE
from hq.ports import Clock, epoch_ms
from loyalty.numbers.limits import is_storable
from loyalty.refusals import Refusal, RefusalCode

MAX_TILLS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tills:
    """Looks at tills and changes who may talk to HQ."""

    book: Book
    clock: Clock

    def rows(self, said: str = "") -> tuple[TillStanding, ...] | Refusal:
        """List tills by store and name, at most `MAX_TILLS`; only those with a name or id where ``said`` is given."""
        with self.book.read() as connection:
            if not said:
                return _standings(connection, terminal.c.role == TILL_ROLE)
            found = find_tills(connection, said)
            if isinstance(found, Refusal):
                return found
            return _standings(connection, terminal.c.terminal_id.in_([row.terminal_id for row in found]))

    def revoke(self, said: str, *, note: str = "", by: str = "", lost: bool = False) -> Changed | Refusal:
        """Shut a till out: its token and its key are refused from now on. What it sent stays posted.

        It is a record among the exceptions. A till that is shut out already stays as it is; that it is lost may be said
        later.

        Args:
            said: Its name, or the beginning of its id.
            note: Why; may be empty.
            by: Who.
            lost: What it has not sent will never come.

        Raises:
            BookBusy: the book could not be written just now; nothing was.
        """
        refused = _note_fault(note)
        if refused is not None:
            return refused
        with self.book.write() as connection:
            row = find_till(connection, said)
            if isinstance(row, Refusal):
                return row
            now_ms = epoch_ms(self.clock())
            news: dict[str, int | None] = {} if row.revoked_at_ms is not None else {"revoked_at_ms": now_ms}
            if lost and row.lost_at_ms is None:
                news["lost_at_ms"] = now_ms
                till_lost(connection, row.terminal_id)
            if news:
                _change(connection, row, news)
                _record(connection, row, now_ms, _words(note, by, lost=lost))
            return self._changed(connection, row, known=not news)

    def restore_access(self, said: str, *, note: str = "", by: str = "") -> Changed | Refusal:
        """Let a till in again with the token and key that it has; the record of shutting it out is settled.

        Raises:
            BookBusy: the book could not be written just now; nothing was.
        """
        refused = _note_fault(note)
        if refused is not None:
            return refused
        with self.book.write() as connection:
            row = find_till(connection, said)
            if isinstance(row, Refusal):
                return row
            known = row.revoked_at_ms is None
            if not known:
                _change(connection, row, {"revoked_at_ms": None, "lost_at_ms": None})
                _settle_records(connection, row, self.clock(), note or "let in again", by[:MAX_BY])
            return self._changed(connection, row, known=known)

    def _changed(self, connection: Connection, row: Any, *, known: bool) -> Changed:
        (standing,) = _standings(connection, terminal.c.terminal_id == row.terminal_id)
        return Changed(till=standing, known=known)


def _change(connection: Connection, row: Any, values: dict[str, int | None]) -> None:
    connection.execute(update(terminal).where(terminal.c.terminal_id == row.terminal_id).values(**values))


def _record(connection: Connection, row: Any, now_ms: int, note: str) -> None:
    """Put it among the exceptions; what is said of a till that is shut out already is added to what was said then."""
    own = and_(journal_head.c.terminal_id == row.terminal_id, journal_head.c.epoch == row.epoch)
    sequence = connection.execute(select(journal_head.c.sequence).where(own)).scalar_one_or_none() or 0
    said = connection.execute(select(exception.c.note).where(_open_records(row))).scalars().all()
    place = (row.terminal_id, row.epoch, sequence)
    words = "; ".join(part for part in (*said, note) if part)
    raise_again(connection, ExceptionReason.TILL_REVOKED, place=place, at_ms=now_ms, note=words)


def _open_records(row: Any) -> ColumnElement[bool]:
    return and_(
        exception.c.terminal_id == row.terminal_id,
        exception.c.reason == ExceptionReason.TILL_REVOKED.value,
        exception.c.state == ItemState.OPEN.value,
    )


def _settle_records(connection: Connection, row: Any, at: datetime, note: str, by: str) -> None:
    values = {"state": ItemState.SETTLED.value, "settled_at_ms": epoch_ms(at), "settled_by": by, "settled_note": note}
    connection.execute(update(exception).where(_open_records(row)).values(**values))


def _words(note: str, by: str, *, lost: bool) -> str:
    """Write the record's note: who, why, and that nothing more will come."""
    parts = [note, f"by {by[:MAX_BY]}" if by else "", "what it has not sent will never come" if lost else ""]
    return "; ".join(part for part in parts if part)


def _note_fault(note: str) -> Refusal | None:
    if len(note) <= MAX_NOTE and is_storable(note, MAX_NOTE):
        return None
    return Refusal(code=RefusalCode.BAD_REQUEST, field="note", detail=f"at most {MAX_NOTE} characters")


def _standings(connection: Connection, which: ColumnElement[bool]) -> tuple[TillStanding, ...]:
    own = and_(journal_head.c.terminal_id == terminal.c.terminal_id, journal_head.c.epoch == terminal.c.epoch)
    tables = terminal.outerjoin(journal_head, own).outerjoin(
        till_facts, till_facts.c.terminal_id == terminal.c.terminal_id
    )
    tables = tables.outerjoin(programme, programme.c.version == till_facts.c.programme)
    columns = (terminal, journal_head.c.sequence, journal_head.c.hash, till_facts.c.programme, programme.c.label)
    query = select(*columns).select_from(tables).where(which).limit(MAX_TILLS)
    rows = connection.execute(query.order_by(terminal.c.store, terminal.c.name, terminal.c.terminal_id)).all()
    waiting = _open(connection, parked)
    unposted = _open(connection, parked, parked.c.reason != ParkReason.UNKNOWN_ORIGINAL.value)
    raised = _open(connection, exception)
    return tuple(
        replace(
            standing_of(row),
            parked=waiting.get(row.terminal_id, 0),
            unposted=unposted.get(row.terminal_id, 0),
            exceptions=raised.get(row.terminal_id, 0),
        )
        for row in rows
    )


def _open(connection: Connection, table: Any, *more: ColumnElement[bool]) -> dict[bytes, int]:
    query = select(table.c.terminal_id, func.count().label("waiting"))
    query = query.where(table.c.state == ItemState.OPEN.value, *more).group_by(table.c.terminal_id)
    return {row.terminal_id: row.waiting for row in connection.execute(query)}
