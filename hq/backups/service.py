"""Recording what a verified backup holds: from then on that much is durable, and tills hear of it at their next hello."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select

from hq.backups.copying import Covered
from hq.book.book import Book
from hq.book.dialects import put_rows
from hq.book.schema import backed_up, journal, journal_head
from hq.ports import Clock, epoch_ms

MARGIN_MS = 60_000
"""An entry that HQ received may be committed so much later; a backup of that instant need not hold it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """Notes what is backed up."""

    book: Book
    clock: Clock

    def record(self, covered: Sequence[Covered]) -> int:
        """Note what a backup holds; a mark never goes back. Gives how many journals moved on."""
        with self.book.write() as connection:
            held = _marks(connection)
            heads = _heads(connection)
            rows = [
                {"terminal_id": one.terminal, "epoch": one.epoch, "sequence": one.sequence}
                for one in covered
                if held.get((one.terminal, one.epoch), 0) < one.sequence <= heads.get((one.terminal, one.epoch), -1)
            ]
            put_rows(connection, backed_up, rows, change=("sequence",))
        return len(rows)

    def record_external(self, at: datetime) -> int | None:
        """Note a person's word that a verified backup of ``at`` (aware) exists; None for an instant yet to come."""
        if at > self.clock():
            return None
        until_ms = epoch_ms(at) - MARGIN_MS
        with self.book.read() as connection:
            covered = list(_received_by(connection, until_ms))
        return self.record(covered)


def _received_by(connection: Connection, until_ms: int) -> Iterator[Covered]:
    for terminal, epoch in _heads(connection):
        own = and_(journal.c.terminal_id == terminal, journal.c.epoch == epoch, journal.c.received_at_ms <= until_ms)
        query = select(journal.c.sequence).where(own).order_by(journal.c.sequence.desc()).limit(1)
        sequence = connection.execute(query).scalar_one_or_none()
        if sequence is not None:
            yield Covered(terminal=terminal, epoch=epoch, sequence=sequence)


def _heads(connection: Connection) -> dict[tuple[bytes, int], int]:
    columns = journal_head.c
    rows = connection.execute(select(columns.terminal_id, columns.epoch, columns.sequence))
    return {(row.terminal_id, row.epoch): row.sequence for row in rows}


def _marks(connection: Connection) -> dict[tuple[bytes, int], int]:
    rows = connection.execute(select(backed_up))
    return {(row.terminal_id, row.epoch): row.sequence for row in rows}
