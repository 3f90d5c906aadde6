"""Entry ids: each once, where the entry is stored; and what is parked.

Source: docs/SPEC-journal.md, section 6; docs/SPEC-sync.md, section 2, "Posting and parking".
"""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, func, select

from hq.attention.parking import ItemState, Place
from hq.auditing.cores import read_core
from hq.auditing.journals import Stored
from hq.auditing.values import Check, Tally, place_name
from hq.book.dialects import among, in_chunks
from hq.book.schema import entry, journal, parked

_PLACE = ("terminal_id", "epoch", "sequence")
_KNOWN = select(*(entry.c[name] for name in ("entry_id", *_PLACE)))
_STORED = and_(*(journal.c[name] == entry.c[name] for name in _PLACE))


class Entries:
    """Compares stored entries with the ids that HQ knows."""

    def __init__(self) -> None:
        self.tally = Tally(Check.ENTRIES)
        self._known = 0

    def look(self, connection: Connection, entries: Sequence[Stored]) -> list[Stored]:
        """Look at some entries; gives those that are to be in the ledger."""
        ids = {one.facts.entry_id for one in entries if one.facts is not None}
        known: dict[bytes, Place] = {
            entry_id: (terminal, epoch, sequence)
            for some in in_chunks(ids)
            for entry_id, terminal, epoch, sequence in connection.execute(
                _KNOWN.where(among(connection, entry.c.entry_id, some))
            )
        }
        return [one for one in entries if self._counts(one, known) and not one.held_back]

    def finish(self, connection: Connection) -> None:
        """Look for ids of which no stored entry was found."""
        if connection.execute(select(func.count()).select_from(entry)).scalar_one() == self._known:
            return
        query = _KNOWN.add_columns(journal.c.core)
        with connection.execution_options(yield_per=500).execute(
            query.select_from(entry.outerjoin(journal, _STORED))
        ) as rows:
            for row in rows:
                facts = read_core(row.core) if row.core is not None else None
                if facts is None or facts.entry_id != row.entry_id:
                    place = place_name(row.terminal_id, row.epoch, row.sequence)
                    self.tally.fault(f"entry id {row.entry_id.hex()} is known, and {place} holds no such entry")

    def _counts(self, one: Stored, known: dict[bytes, Place]) -> bool:
        """Tell whether an entry is the one that counts of those with its id."""
        self.tally.looked_at += 1
        place = known.get(one.facts.entry_id) if one.facts is not None else None
        if place == one.place:
            self._known += 1
            return True
        if one.facts is None and not one.unread:
            self.tally.fault(f"{one.said} cannot be read, and is not parked")
        elif place is None and not one.unread:
            self.tally.fault(f"{one.said} is stored, and its id is not known")
        return False


def look_at_parked(connection: Connection, tally: Tally) -> None:
    """Look whether what is parked is stored."""
    same = and_(*(journal.c[name] == parked.c[name] for name in _PLACE))
    tally.looked_at = connection.execute(select(func.count()).select_from(parked)).scalar_one()
    waiting = select(func.count()).select_from(parked).where(parked.c.state == ItemState.OPEN.value)
    tally.note = f"{connection.execute(waiting).scalar_one()} of them wait"
    lost = select(*(parked.c[name] for name in _PLACE)).select_from(parked.outerjoin(journal, same))
    for place in connection.execute(lost.where(journal.c.sequence.is_(None))):
        tally.fault(f"entry {place_name(*place)} is parked, and is not stored")
