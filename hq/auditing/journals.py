"""Walking through all stored journals, entry by entry in their order, a few hundred at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select, tuple_

from hq.attention.parking import ItemState, Place
from hq.auditing.cores import CoreFacts, read_core
from hq.auditing.values import place_name
from hq.book.schema import journal, parked

AT_ONCE = 500
_PLACE = ("terminal_id", "epoch", "sequence")
_SAME = and_(*(parked.c[name] == journal.c[name] for name in _PLACE))
_of_place = tuple_(*(journal.c[name] for name in _PLACE))
_ENTRIES = (
    select(
        *(journal.c[name] for name in (*_PLACE, "hash", "core", "detail")),
        parked.c.state,
        parked.c.settled_by,
        parked.c.entry_id,
    )
    .select_from(journal.outerjoin(parked, _SAME))
    .order_by(*_of_place.clauses)
    .limit(AT_ONCE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One stored entry.

    Attributes:
        facts: What its core says, or None where it is not readable.
        held_back: It is parked still, or a person settled it without posting.
        unread: HQ could not read it when it came, and has not noted its id.
    """

    place: Place
    hash: bytes
    core: bytes
    detail: bytes
    facts: CoreFacts | None
    held_back: bool
    unread: bool

    @property
    def said(self) -> str:
        """Where it stands, in words."""
        return f"entry {place_name(*self.place)}"


def stored_entries(connection: Connection) -> Iterator[Sequence[Stored]]:
    """Give every stored entry, in pages, by terminal, epoch and sequence."""
    query = _ENTRIES
    while True:
        rows = connection.execute(query).all()
        if rows:
            yield [_stored(row) for row in rows]
        if len(rows) < AT_ONCE:
            return
        query = _ENTRIES.where(_of_place > tuple(rows[-1][:3]))


def _stored(row: Any) -> Stored:
    return Stored(
        place=(row.terminal_id, row.epoch, row.sequence),
        hash=row.hash,
        core=row.core,
        detail=row.detail,
        facts=read_core(row.core),
        held_back=is_held_back(row.state, row.settled_by),
        unread=row.state is not None and row.entry_id is None,
    )


def is_held_back(state: str | None, settled_by: str | None) -> bool:
    """Tell whether an entry with such a row among the parked ones (None: with none) was never posted."""
    return state is not None and (state == ItemState.OPEN.value or settled_by is not None)
