"""What members did in windows of time, added up from the journals: sales, and what came back of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, select, tuple_

from hq.book.book import Book
from hq.book.dialects import in_chunks
from hq.book.schema import account, entry, journal
from loyalty.due.segmenting import came_back
from loyalty.holding.periods import Period
from loyalty.journal.codec import decode_core, decode_detail
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import EntryCore, EntryKind
from loyalty.journal.shapes import MalformedEntry

_ENTRIES_AT_ONCE = 2_000
_KINDS = (EntryKind.SALE, EntryKind.VOID, EntryKind.RETURN)
_SAID = tuple(f'"kind":"{kind.value}"'.encode() for kind in _KINDS)
_Place = tuple[bytes, int, int]


@dataclass(slots=True)
class Sums:
    """The sums of one member and window."""

    spend_minor: int = 0
    visits: int = 0
    by_category: dict[str, int] = field(default_factory=dict)

    def add(self, amounts: Mapping[str | None, int], visits: int) -> None:
        """Add the amounts of a sale by category, or take them off again."""
        self.visits += visits
        for category, amount in amounts.items():
            self.spend_minor += amount
            if category is not None:
                self.by_category[category] = self.by_category.get(category, 0) + amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of all members, so that no run needs memory for all of them: those whose id leaves ``number``."""

    number: int = 0
    of: int = 1

    def has(self, member: bytes) -> bool:
        """Tell whether a member is in it."""
        return int.from_bytes(member[:4], "big") % self.of == self.number


def add_up(
    book: Book, windows: Collection[Period | None], today: date, part: Part
) -> dict[bytes, dict[Period | None, Sums]]:
    """Add up each member of ``part`` over each window that ends today; a window of None has no beginning.

    What was sold as an exercise, or comes back of a sale that HQ does not know, does not count. A sale counts on its
    business date; what comes back of it counts off on that date too.
    """
    begins = {window: window.before(today) if window is not None else date.min for window in windows}
    found: dict[bytes, dict[Period | None, Sums]] = {}
    after: _Place = (b"", 0, 0)
    while True:
        with book.read() as connection:
            rows = _rows(connection, after)
            if not rows:
                return found
            for who, day, amounts, visits in _acts(connection, rows):
                if part.has(who):
                    _add(found.setdefault(who, {}), begins, today, day, amounts, visits)
        after = (rows[-1].terminal_id, rows[-1].epoch, rows[-1].sequence)


def _add(
    sums: dict[Period | None, Sums],
    begins: Mapping[Period | None, date],
    today: date,
    day: date,
    amounts: Mapping[str | None, int],
    visits: int,
) -> None:
    for window, first in begins.items():
        if first < day <= today or (window is None and day <= today):
            sums.setdefault(window, Sums()).add(amounts, visits)


def _rows(connection: Connection, after: _Place) -> Sequence[Any]:
    place = tuple_(journal.c.terminal_id, journal.c.epoch, journal.c.sequence)
    query = select(journal).where(place > after)
    ordered = query.order_by(journal.c.terminal_id, journal.c.epoch, journal.c.sequence)
    return connection.execute(ordered.limit(_ENTRIES_AT_ONCE)).all()


def _acts(connection: Connection, rows: Sequence[Any]) -> Iterator[tuple[bytes, date, dict[str | None, int], int]]:
    """Give (member, day, money by category, visits) of each sale and of what undoes one; each entry id once."""
    read = [found for row in rows if (found := _read(row)) is not None]
    places = _first_places(connection, [core.entry_id for _, core, _ in read])
    kept = [(core, detail) for row, core, detail in read if places.get(core.entry_id) == _place(row)]
    originals = _originals(connection, [core for core, _ in kept if core.kind != EntryKind.SALE])
    owners = _owners(connection, {detail.member for _, detail in kept if detail.member is not None})
    for core, detail in kept:
        owner = owners.get(detail.member) if detail.member is not None else None
        sale = detail if core.kind == EntryKind.SALE else originals.get(_original(core))
        if owner is None or sale is None or detail.training:
            continue
        day = date.fromisoformat(sale.business_date)
        if core.kind == EntryKind.SALE:
            yield owner, day, _amounts(sale), 1
        else:
            yield owner, day, _undone(sale, detail), -1 if core.kind == EntryKind.VOID else 0


def _read(row: Any) -> tuple[Any, EntryCore, EntryDetail] | None:
    if not any(said in row.core for said in _SAID):  # most of what is no sale is passed over unread
        return None
    try:
        core = decode_core(row.core)
        return (row, core, decode_detail(row.detail)) if core.kind in _KINDS else None
    except MalformedEntry:
        return None


def _place(row: Any) -> _Place:
    return row.terminal_id, row.epoch, row.sequence


def _first_places(connection: Connection, entry_ids: Sequence[bytes]) -> dict[bytes, _Place]:
    return {
        row.entry_id: _place(row)
        for some in in_chunks(entry_ids)
        for row in connection.execute(select(entry).where(entry.c.entry_id.in_(some)))
    }


def _original(core: EntryCore) -> bytes:
    return core.references[0].entry_id if core.references else b""


def _originals(connection: Connection, undoing: Sequence[EntryCore]) -> dict[bytes, EntryDetail]:
    wanted = {_original(core) for core in undoing} - {b""}
    same = and_(
        journal.c.terminal_id == entry.c.terminal_id,
        journal.c.epoch == entry.c.epoch,
        journal.c.sequence == entry.c.sequence,
    )
    query = select(entry.c.entry_id, journal.c.detail).select_from(entry.join(journal, same))
    found: dict[bytes, EntryDetail] = {}
    for some in in_chunks(wanted):
        for row in connection.execute(query.where(entry.c.entry_id.in_(some), entry.c.kind == EntryKind.SALE.value)):
            try:
                found[row.entry_id] = decode_detail(row.detail)
            except MalformedEntry:
                continue
    return found


def _owners(connection: Connection, members: Collection[bytes]) -> dict[bytes, bytes]:
    return {
        row.account_id: row.canonical_id
        for some in in_chunks(members)
        for row in connection.execute(select(account).where(account.c.account_id.in_(some)))
    }


def _amounts(sale: EntryDetail) -> dict[str | None, int]:
    amounts: dict[str | None, int] = {}
    for line in sale.lines:
        amounts[line.category] = amounts.get(line.category, 0) + line.paid_minor
    return amounts


def _undone(sale: EntryDetail, undoing: EntryDetail) -> dict[str | None, int]:
    amounts = came_back(sale.lines, [(back.line, back.quantity_milli) for back in undoing.returned])
    return {category: -amount for category, amount in amounts.items()}
