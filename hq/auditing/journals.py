"""Walking through all stored journals, entry by entry in their order, a few hundred at a time."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

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


class Stored(NamedTuple):
    """One stored entry; a tuple, since there are millions.

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
        rows: Sequence[Any] = connection.execute(query).all()
        if rows:
            yield [
                Stored(
                    place=(terminal, epoch, sequence),
                    hash=hash_after,
                    core=core,
                    detail=detail,
                    facts=read_core(core),
                    held_back=is_held_back(state, settled_by),
                    unread=state is not None and entry_id is None,
                )
                for terminal, epoch, sequence, hash_after, core, detail, state, settled_by, entry_id in rows
            ]
        if len(rows) < AT_ONCE:
            return
        query = _ENTRIES.where(_of_place > tuple(rows[-1][:3]))


def is_held_back(state: str | None, settled_by: str | None) -> bool:
    """Tell whether an entry with such a row among the parked ones (None: with none) was never posted."""
    return state is not None and (state == ItemState.OPEN.value or settled_by is not None)
