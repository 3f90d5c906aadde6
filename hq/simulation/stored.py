"""The past that HQ holds: the sales and returns of all tills, as their entries tell them."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, and_, select

from hq.book.schema import entry, journal, member
from hq.programmes.tables import releases, source_of, till_rows, usual_zone
from hq.simulation.past import Past, PastReturn, PastSale
from loyalty.journal.codec import decode_core, decode_detail
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import EntryKind
from loyalty.journal.shapes import MalformedEntry
from loyalty.programme.schedule import in_force
from loyalty.quote.recording import basket_lines

_KINDS = (EntryKind.SALE.value, EntryKind.RETURN.value, EntryKind.VOID.value)
_PAGE = 1_000


def stored_past(connection: Connection, currency: str, stores: Collection[str] = ()) -> Iterator[Past]:
    """Give sales and returns in the order in which they took effect.

    Left out are exercises, sales in another currency, what cannot be read any more, and other stores than ``stores``
    (empty for all).
    """
    others = select(member.c.member_id, member.c.canonical_id).where(member.c.member_id != member.c.canonical_id)
    merged = {row.member_id: row.canonical_id for row in connection.execute(others)}
    after: tuple[int, bytes] = (-(2**63), b"")
    while rows := _page(connection, after):
        for row in rows:
            past = _read(row, merged, currency, stores)
            if past is not None:
                yield past
        after = (rows[-1].effective_at_ms, rows[-1].entry_id)


def _page(connection: Connection, after: tuple[int, bytes]) -> list[Any]:
    same = and_(
        journal.c.terminal_id == entry.c.terminal_id,
        journal.c.epoch == entry.c.epoch,
        journal.c.sequence == entry.c.sequence,
    )
    instant, entry_id = after
    later = (entry.c.effective_at_ms > instant) | ((entry.c.effective_at_ms == instant) & (entry.c.entry_id > entry_id))
    query = (
        select(entry.c.entry_id, entry.c.kind, entry.c.effective_at_ms, journal.c.core, journal.c.detail)
        .select_from(entry.join(journal, same))
        .where(entry.c.kind.in_(_KINDS), later)
        .order_by(entry.c.effective_at_ms, entry.c.entry_id)
        .limit(_PAGE)
    )
    return list(connection.execute(query))


def _read(row: Any, merged: dict[bytes, bytes], currency: str, stores: Collection[str]) -> Past | None:
    try:
        core, detail = decode_core(row.core), decode_detail(row.detail)
        at, day = datetime.fromisoformat(detail.local_time), date.fromisoformat(detail.business_date)
    except (MalformedEntry, ValueError):
        return None
    if detail.training or detail.currency != currency or (stores and detail.store not in stores):
        return None
    if row.kind == EntryKind.SALE:
        return _sale(row.entry_id, detail, merged, at, day)
    if not core.references:
        return None
    return PastReturn(
        sale=core.references[0].entry_id.hex(),
        at=at,
        business_date=day,
        lines=tuple((line.line, line.quantity_milli) for line in detail.returned),
    )


def _sale(entry_id: bytes, detail: EntryDetail, merged: dict[bytes, bytes], at: datetime, day: date) -> PastSale | None:
    if not detail.lines:
        return None
    whose = merged.get(detail.member, detail.member) if detail.member is not None else None
    return PastSale(
        key=entry_id.hex(),
        at=at,
        business_date=day,
        store=detail.store,
        member=whose.hex() if whose is not None else None,
        lines=basket_lines(detail.lines),
        credit_minor=detail.credit_minor,
    )


def source_in_force(connection: Connection, at: datetime, stores: Collection[str] = ()) -> str | None:
    """Give the programme that is in force at ``at`` (aware): in the first of ``stores``, or in stores at large.

    None where HQ has released none.
    """
    live = [held.release for held in releases(connection) if held.is_live]
    store = min(stores, default="")
    release = in_force(live, store, UTC, at)
    return source_of(connection, release.version) if release is not None else None


def zone_of_stores(connection: Connection) -> tzinfo:
    """Give the zone of most tills, in which months end; UTC where none has said."""
    return usual_zone(till_rows(connection)) or UTC
