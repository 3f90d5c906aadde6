"""Everything about one item: the entry that it is about, in words, and what it changed."""

import json
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection, and_, select

from hq.attention.parking import HQ_ITSELF, Place
from hq.book.dialects import in_chunks
from hq.book.schema import account, entry, journal, ledger, programme
from hq.ingest.arrivals import Arrived
from hq.ingest.journals import stored_at
from hq.reviewing.finding import instant
from hq.reviewing.masking import masked_detail
from hq.reviewing.values import Item, Shown
from loyalty.holding.units import is_hidden
from loyalty.journal.codec import decode_core
from loyalty.journal.entry import EntryCore, Lot
from loyalty.journal.shapes import MalformedEntry
from loyalty.numbers.scaled import format_scaled


def shown(connection: Connection, item: Item) -> Shown:
    """Read what there is."""
    if item.place[0] == HQ_ITSELF or not _stands(connection, item.place):
        return Shown(item=item)
    one = stored_at(connection, item.place)
    found = Shown(
        item=item,
        received_at=instant(one.received_ms),
        effective_at=instant(one.effective_ms()),
        detail=masked_detail(one.sent.detail),
    )
    if one.core is None:
        return replace(found, fault=_fault(one))
    kinds = _kinds(connection, one.core)
    scales = _scales(connection, one.core.programme)
    return replace(
        found,
        kind=one.core.kind,
        claimed_at=instant(one.claimed_ms),
        programme=one.core.programme,
        postings=tuple(
            f"{_amount(posting.amount, posting.unit, scales)} {posting.unit}{_lot(posting.lot)}"
            f" {_to(posting.amount)} {posting.account.hex()} ({kinds.get(posting.account, 'unknown to HQ')})"
            for posting in one.core.postings
        ),
        ledger=tuple(_ledger(connection, one.core, scales)),
        detail_proven=one.detail_proven,
        first_at=_first_at(connection, one.core.entry_id),
    )


def _stands(connection: Connection, place: Place) -> bool:
    own = and_(*(journal.c[name] == value for name, value in zip(_PLACE, place, strict=True)))
    return connection.execute(select(journal.c.sequence).where(own)).one_or_none() is not None


_PLACE = ("terminal_id", "epoch", "sequence")


def _fault(one: Arrived) -> str:
    try:
        decode_core(one.sent.core)
    except MalformedEntry as fault:
        return f"{fault} ({len(one.sent.core)} bytes)"
    return f"it holds a text that no book can store ({len(one.sent.core)} bytes)"


def _first_at(connection: Connection, entry_id: bytes) -> Place | None:
    row = connection.execute(select(*(entry.c[name] for name in _PLACE)).where(entry.c.entry_id == entry_id))
    found = row.one_or_none()
    return (found.terminal_id, found.epoch, found.sequence) if found is not None else None


def _kinds(connection: Connection, core: EntryCore) -> dict[bytes, str]:
    query = select(account.c.account_id, account.c.kind)
    return {
        row.account_id: row.kind
        for some in in_chunks({posting.account for posting in core.postings})
        for row in connection.execute(query.where(account.c.account_id.in_(some)))
    }


def _scales(connection: Connection, version: str | None) -> dict[str, int]:
    """Give the decimals of the units of the version that computed an entry, as far as HQ knows it."""
    if version is None:
        return {}
    units = connection.execute(select(programme.c.units).where(programme.c.version == version)).scalar_one_or_none()
    return {unit: scale for unit, (scale, *_) in json.loads(units).items()} if units is not None else {}


def _ledger(connection: Connection, core: EntryCore, scales: Mapping[str, int]) -> list[str]:
    """Give the lines that the entry wrote: under the accounts that it names, and those that these had become."""
    named = {posting.account for posting in core.postings}
    query = select(account.c.canonical_id)
    owners = named | {
        found
        for some in in_chunks(named)
        for found in connection.execute(query.where(account.c.account_id.in_(some))).scalars()
    }
    lines = select(ledger).where(ledger.c.entry_id == core.entry_id)
    rows = [row for some in in_chunks(owners) for row in connection.execute(lines.where(ledger.c.account_id.in_(some)))]
    return [
        f"{_amount(row.amount, row.unit, scales)} {row.unit} {_to(row.amount)} {row.account_id.hex()}"
        for row in sorted(rows, key=lambda row: row.line)
    ]


def _amount(amount: int, unit: str, scales: Mapping[str, int]) -> str:
    """Write an amount with its decimals where they are known; hidden units have none."""
    scale = 0 if is_hidden(unit) else scales.get(unit, 0)
    return f"{'+' if amount > 0 else ''}{format_scaled(amount, scale)}"


def _to(amount: int) -> str:
    return "to" if amount >= 0 else "from"


def _lot(lot: Lot | None) -> str:
    if lot is None:
        return ""
    usable, expires = (instant(at * 1000) if at is not None else None for at in (lot.usable_at, lot.expires_at))
    since = f" usable from {usable:%Y-%m-%d %H:%M}" if usable else ""
    until = f" good until {expires:%Y-%m-%d %H:%M}" if expires else ""
    return f"{since}{until} UTC" if since or until else ""
