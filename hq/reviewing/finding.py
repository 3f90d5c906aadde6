"""Reading parked entries and exceptions out of the book, and finding the one that a person means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select, true

from hq.access.finding import find_tills
from hq.attention.parking import HQ_ITSELF, ExceptionReason, ItemState, ParkReason, Place
from hq.book.schema import exception, parked, terminal
from hq.reviewing.values import PAGE_ROWS, Item, ItemPage, Pile, Wanted
from loyalty.refusals import Refusal, RefusalCode

HQ_NAME = "hq"
"""What people write for HQ itself where a till's name would stand."""
_PLACE = re.compile(r"(?P<till>.+?)/(?P<epoch>[0-9]{1,18})/(?P<sequence>[0-9]{1,18})(?:/(?P<reason>[a-z_]{1,32}))?")
_ENTRY = re.compile(r"[0-9a-f]{8,32}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class _Source:
    table: Table
    reasons: type[ExceptionReason] | type[ParkReason]
    at: str
    own: tuple[str, ...]


_SOURCES = {
    Pile.EXCEPTIONS: _Source(exception, ExceptionReason, "raised_at_ms", ("note",)),
    Pile.PARKED: _Source(parked, ParkReason, "parked_at_ms", ("waits_for",)),
}


def page_of(connection: Connection, pile: Pile, wanted: Wanted, *, page_rows: int = PAGE_ROWS) -> ItemPage | Refusal:
    """Give a page of a pile, the newest first."""
    which = _which(connection, pile, wanted)
    if isinstance(which, Refusal):
        return which
    source = _SOURCES[pile]
    count = connection.execute(select(func.count()).select_from(source.table).where(which)).scalar_one()
    pages = max(1, -(-count // page_rows))
    page = min(max(1, wanted.page), pages)
    table = source.table
    newest = (table.c[source.at].desc(), table.c.terminal_id, table.c.epoch.desc(), table.c.sequence.desc())
    query = _items(pile).where(which).order_by(*newest).limit(page_rows).offset((page - 1) * page_rows)
    return ItemPage(
        rows=tuple(_item(pile, row) for row in connection.execute(query)), page=page, pages=pages, count=count
    )


def find_item(connection: Connection, pile: Pile, said: str) -> Item | Refusal:
    """Give the one item that a person means: by its place, ``TILL/EPOCH/SEQUENCE[/REASON]``, or by its entry's id."""
    which = _meant(connection, pile, said.strip())
    if isinstance(which, Refusal):
        return which
    table = _SOURCES[pile].table
    ordered = _items(pile).where(which).order_by(table.c.terminal_id, table.c.epoch, table.c.sequence, table.c.reason)
    found = [_item(pile, row) for row in connection.execute(ordered.limit(_MOST_NAMED + 1))]
    if len(found) == 1:
        return found[0]
    if not found:
        return _refused("which", "there is no such one; see the list")
    return _refused("which", f"that may be any of: {', '.join(reference(pile, one) for one in found[:_MOST_NAMED])}")


def items_after(
    connection: Connection, wanted: Wanted, *, after: Place | None, upto_ms: int, most: int
) -> Sequence[Item] | Refusal:
    """Give open parked entries in the order of their journals, those after a place and parked up to an instant."""
    which = _which(connection, Pile.PARKED, wanted)
    if isinstance(which, Refusal):
        return which
    place = (parked.c.terminal_id, parked.c.epoch, parked.c.sequence)
    query = _items(Pile.PARKED).where(which, parked.c.parked_at_ms <= upto_ms)
    if after is not None:
        query = query.where(_past(after))
    return [_item(Pile.PARKED, row) for row in connection.execute(query.order_by(*place).limit(most))]


def reference(pile: Pile, item: Item) -> str:
    """Write how a person names an item."""
    owner, epoch, sequence = item.place
    till = HQ_NAME if owner == HQ_ITSELF else owner.hex()[:12]
    place = f"{till}/{epoch}/{sequence}"
    return f"{place}/{item.reason.value}" if pile is Pile.EXCEPTIONS else place


def instant(at_ms: int | None) -> datetime | None:
    """Read milliseconds since 1970; None for none, and for what no calendar has."""
    if at_ms is None:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=at_ms)
    except OverflowError:
        return None


def _which(connection: Connection, pile: Pile, wanted: Wanted) -> ColumnElement[bool] | Refusal:
    source = _SOURCES[pile]
    parts: list[ColumnElement[bool]] = [true()]
    if wanted.reason:
        known = [one.value for one in source.reasons]
        if wanted.reason not in known:
            return _refused("reason", f"there is no such reason; there are: {', '.join(sorted(known))}")
        parts.append(source.table.c.reason == wanted.reason)
    if wanted.state is not None:
        parts.append(source.table.c.state == wanted.state.value)
    if wanted.till:
        tills = _tills(connection, wanted.till)
        if isinstance(tills, Refusal):
            return tills
        parts.append(source.table.c.terminal_id.in_(tills))
    return and_(*parts)


def _meant(connection: Connection, pile: Pile, said: str) -> ColumnElement[bool] | Refusal:
    table = _SOURCES[pile].table
    if _ENTRY.fullmatch(said.lower()):
        low, high = said.lower().ljust(32, "0"), said.lower().ljust(32, "f")
        return table.c.entry_id.between(bytes.fromhex(low), bytes.fromhex(high))
    place = _PLACE.fullmatch(said)
    if place is None or (place["reason"] and pile is Pile.PARKED):
        form = "TILL/EPOCH/SEQUENCE/REASON" if pile is Pile.EXCEPTIONS else "TILL/EPOCH/SEQUENCE"
        return _refused("which", f"expected {form} as in the list, or at least 8 digits of an entry's id")
    tills = _tills(connection, place["till"])
    if isinstance(tills, Refusal):
        return tills
    exact = and_(
        table.c.terminal_id.in_(tills), table.c.epoch == int(place["epoch"]), table.c.sequence == int(place["sequence"])
    )
    return and_(exact, table.c.reason == place["reason"]) if place["reason"] else exact


def _tills(connection: Connection, said: str) -> list[bytes] | Refusal:
    found = find_tills(connection, said, everyone=True)
    ids = [] if isinstance(found, Refusal) else [row.terminal_id for row in found]
    if said.strip().lower() == HQ_NAME:
        return [*ids, HQ_ITSELF]
    return ids or found if isinstance(found, Refusal) else ids


def _past(place: Place) -> ColumnElement[bool]:
    owner, epoch, sequence = place
    same_till = parked.c.terminal_id == owner
    return or_(
        parked.c.terminal_id > owner,
        and_(same_till, parked.c.epoch > epoch),
        and_(same_till, parked.c.epoch == epoch, parked.c.sequence > sequence),
    )


def _items(pile: Pile) -> Any:
    table = _SOURCES[pile].table
    about = table.outerjoin(terminal, terminal.c.terminal_id == table.c.terminal_id)
    return select(table, terminal.c.name, terminal.c.store).select_from(about)


def _item(pile: Pile, row: Any) -> Item:
    source = _SOURCES[pile]
    raised = instant(getattr(row, source.at))
    assert raised is not None
    return Item(
        place=(row.terminal_id, row.epoch, row.sequence),
        entry_id=row.entry_id,
        reason=source.reasons(row.reason),
        state=ItemState(row.state),
        at=raised,
        till=row.name,
        store=row.store,
        settled_at=instant(row.settled_at_ms),
        settled_by=row.settled_by,
        settled_note=row.settled_note,
        **{name: getattr(row, name) for name in source.own},
    )


def _refused(field: str, detail: str) -> Refusal:
    return Refusal(code=RefusalCode.BAD_REQUEST, field=field, detail=detail)
