"""Reclaiming what dark tills hold: by policy once it is long over, or by a person's word. Never by a clock alone.

Source: docs/SPEC-leases.md, section 3, "Reclaim".
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, select

from hq.book.book import Book
from hq.book.schema import lease, lease_slice, terminal
from hq.book.settings import read_settings
from hq.leases.tables import Kept, leases_named, leases_where, set_state
from hq.leases.unheard import unheard_tills
from hq.ports import Clock, epoch_ms
from loyalty.journal.entry import ENTRY_ID_BYTES
from sync.protocol.leases import LeaseState

AT_ONCE = 500
KEPT = timedelta(days=400)
"""So long after their end leases stay that nobody can draw on any more: the books of a year say what became of them."""
_TWO = 2
_HELD = (LeaseState.OPEN.value, LeaseState.RECALLED.value, LeaseState.FROZEN.value)


def _nobody_waits(_holders: Iterable[bytes]) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRow:
    """A lease as people see it.

    Attributes:
        till: Its holder's name, and ``store`` where that stands.
    """

    kept: Kept
    till: str
    store: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingOff:
    """Looks at leases and reclaims them.

    Attributes:
        after_days: How long after its end a lease of a dark till is written off; None for never.
        ring: Called with the holders of whom leases are wanted back, once that is committed.
    """

    book: Book
    clock: Clock
    after_days: int | None
    ring: Callable[[Iterable[bytes]], None] = _nobody_waits

    def due(self, at: datetime) -> tuple[int, int]:
        """Write off what is long over; gives (looked at, written off).

        A lease whose holder was heard of since its end is not dark: it is waited for.
        """
        if self.after_days is None:
            return 0, 0
        over_s = int((at - timedelta(days=self.after_days)).timestamp())
        changed = 0
        while True:
            with self.book.write() as connection:
                found = leases_where(connection, *_over(over_s), most=AT_ONCE)
                self._write_off(connection, found)
            changed += len(found)
            if len(found) < AT_ONCE:
                return changed, changed

    def forget_ended(self, at: datetime) -> int:
        """Remove leases that were given back untouched, and whose end is `KEPT` ago; gives how many.

        On the others entries draw: they stay as long as those.
        """
        over_s, gone = int((at - KEPT).timestamp()), 0
        drawn = exists().where(lease_slice.c.lease_id == lease.c.lease_id, lease_slice.c.spent != 0)
        done = (lease.c.state == LeaseState.CLOSED.value) & ~drawn
        while True:
            with self.book.write() as connection:
                found = leases_where(connection, done, lease.c.expires_at_s <= over_s, most=AT_ONCE)
                ids = [kept.lease.lease_id for kept in found]
                for table in (lease_slice, lease):
                    connection.execute(delete(table).where(table.c.lease_id.in_(ids)))
            gone += len(ids)
            if len(ids) < AT_ONCE:
                return gone

    def by_hand(self, lease_ids: Sequence[bytes]) -> list[Kept]:
        """Write leases off by a person's word; gives those that were."""
        with self.book.write() as connection:
            found = [kept for kept in leases_named(connection, lease_ids).values() if kept.lease.state.value in _HELD]
            self._write_off(connection, found)
        return found

    def recall(self, lease_ids: Sequence[bytes]) -> list[Kept]:
        """Ask holders for leases; gives those that were asked for."""
        with self.book.write() as connection:
            found = [
                kept for kept in leases_named(connection, lease_ids).values() if kept.lease.state is LeaseState.OPEN
            ]
            ids = [kept.lease.lease_id for kept in found]
            set_state(connection, ids, LeaseState.RECALLED, epoch_ms(self.clock()))
        self.ring(kept.lease.terminal for kept in found)
        return found

    def rows(self, *, ended: bool = False, most: int = 1_000) -> list[LeaseRow]:
        """Give leases, by change: those that count, or all."""
        with self.book.read() as connection:
            conditions = () if ended else (lease.c.state.in_(_HELD),)
            names = {
                row.terminal_id: (row.name, row.store)
                for row in connection.execute(select(terminal.c.terminal_id, terminal.c.name, terminal.c.store))
            }
            return [
                LeaseRow(kept=kept, till=names[kept.lease.terminal][0], store=names[kept.lease.terminal][1])
                for kept in leases_where(connection, *conditions, most=most)
            ]

    def beginning(self, digits: str) -> list[bytes]:
        """Give the ids of two leases at most, of those that count, that begin with these hexadecimal digits."""
        first, last = (bytes.fromhex(digits.ljust(2 * ENTRY_ID_BYTES, fill)) for fill in "0f")
        with self.book.read() as connection:
            found = leases_where(connection, lease.c.state.in_(_HELD), lease.c.lease_id.between(first, last), most=_TWO)
        return [kept.lease.lease_id for kept in found]

    def unheard(self) -> list[str]:
        """Give the names of tills for which HQ waits since it was restored: until then it grants nothing."""
        with self.book.read() as connection:
            settings = read_settings(connection)
            return unheard_tills(connection, settings.hq_epoch) if settings is not None else []

    def _write_off(self, connection: Connection, found: Sequence[Kept]) -> None:
        ids = [kept.lease.lease_id for kept in found]
        set_state(connection, ids, LeaseState.WRITTEN_OFF, epoch_ms(self.clock()))


def _over(over_s: int) -> tuple[object, ...]:
    """Ask for leases that ended so long ago; a frozen one has no holder any more who could be heard of."""
    heard = (
        select(terminal.c.last_seen_at_ms)
        .where(terminal.c.terminal_id == lease.c.terminal_id)
        .correlate(lease)
        .scalar_subquery()
    )
    silent = (lease.c.state == LeaseState.FROZEN.value) | heard.is_(None) | (heard <= over_s * 1000)
    return lease.c.state.in_(_HELD), lease.c.expires_at_s <= over_s, silent
