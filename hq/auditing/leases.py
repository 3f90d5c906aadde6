"""What leases say against what their holders' entries drew and gave back (I2, I3).

What was drawn waits in a file of its own until the leases are read: it may be more than fits in memory. Source: docs/SPEC-leases.md,
sections 2 and 6.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Self

from sqlalchemy import Connection, and_, select

from hq.attention.parking import ExceptionReason
from hq.auditing.journals import Stored
from hq.auditing.values import Check, Tally, place_name
from hq.book.schema import exception
from hq.feed.streaming import stream
from sync.protocol.leases import LeaseState

_AT_ONCE = 5_000
_ALIVE = (LeaseState.OPEN.value, LeaseState.RECALLED.value)
_TABLES = """
CREATE TABLE drawn (lease BLOB, lot BLOB, holder BLOB, epoch INTEGER, sequence INTEGER, amount INTEGER);
CREATE TABLE closed (lease BLOB, holder BLOB);
CREATE TABLE slice (lease BLOB, lot BLOB, holder BLOB, state TEXT, amount INTEGER, spent INTEGER);
"""
_INDEXES = """
CREATE INDEX of_drawn ON drawn (lease, lot);
CREATE INDEX of_closed ON closed (lease);
CREATE INDEX of_slice ON slice (lease, lot);
"""
_SLICES = """
SELECT lease.lease_id, lease_slice.lot_id, lease.terminal_id, lease.state, lease_slice.amount, lease_slice.spent
FROM lease JOIN lease_slice ON lease_slice.lease_id = lease.lease_id
"""
_DRAWN_OTHERWISE = """
SELECT lease, lot, held, spent, drawn FROM (
    SELECT lease, lot, sum(amount) AS held, sum(spent) AS spent, (
        SELECT coalesce(sum(amount), 0) FROM drawn
        WHERE drawn.lease = slice.lease AND drawn.lot IS slice.lot AND drawn.holder = slice.holder
    ) AS drawn
    FROM slice GROUP BY lease, lot
) WHERE spent <> drawn ORDER BY lease, lot
"""
_OVERDRAWN = "SELECT lease, lot, amount, spent FROM slice WHERE state IN (?, ?) AND spent > amount ORDER BY lease, lot"
_NOBODYS = """
SELECT DISTINCT lease, holder, epoch, sequence FROM drawn WHERE NOT EXISTS (
    SELECT 1 FROM slice WHERE slice.lease = drawn.lease AND slice.lot IS drawn.lot AND slice.holder = drawn.holder
) ORDER BY holder, epoch, sequence, lease
"""
_STATES = """
SELECT lease, state, max(amount - spent), EXISTS (
    SELECT 1 FROM closed WHERE closed.lease = slice.lease AND closed.holder = slice.holder
) FROM slice GROUP BY lease ORDER BY lease
"""


class Leases:
    """Keeps what entries drew and gave back, and compares leases with it. A context manager."""

    def __init__(self) -> None:
        self.draws, self.closes = Tally(Check.DRAWS), Tally(Check.CLOSES)
        self._file = sqlite3.connect("")  # a file without a name, that goes with the connection
        self._file.executescript(_TABLES)

    def expect(self, entries: Iterable[Stored]) -> None:
        """Note what posted entries draw and close."""
        drawn: list[tuple[Any, ...]] = []
        closed: list[tuple[Any, ...]] = []
        for one in entries:
            assert one.facts is not None
            drawn += ((lease, lot, *one.place, amount) for lease, lot, amount in one.facts.draws)
            closed += ((lease, one.place[0]) for lease in one.facts.closes)
        self._file.executemany("INSERT INTO drawn VALUES (?, ?, ?, ?, ?, ?)", drawn)
        self._file.executemany("INSERT INTO closed VALUES (?, ?)", closed)

    def finish(self, connection: Connection) -> None:
        """Read the leases, and compare."""
        for some in _in_runs(stream(connection, _SLICES)):
            self._file.executemany("INSERT INTO slice VALUES (?, ?, ?, ?, ?, ?)", some)
        self._file.executescript(_INDEXES)
        self._look_at_draws()
        self._look_at_lost_draws(connection)
        self._look_at_states()

    def _look_at_draws(self) -> None:
        (self.draws.looked_at,) = self._file.execute("SELECT count(*) FROM slice").fetchone()
        for lease, lot, _, spent, drawn in self._file.execute(_DRAWN_OTHERWISE):
            self.draws.fault(f"{_name(lease, lot)}: {spent} is spent, and entries draw {drawn}")
        for lease, lot, amount, spent in self._file.execute(_OVERDRAWN, _ALIVE):
            self.draws.fault(f"{_name(lease, lot)}: {spent} is spent of {amount}, and it is not frozen")

    def _look_at_lost_draws(self, connection: Connection) -> None:
        """Look for draws that no lease counts, and of which no person was told."""
        for lease, holder, epoch, sequence in self._file.execute(_NOBODYS):
            if not _was_told(connection, holder, epoch, sequence):
                place = place_name(holder, epoch, sequence)
                self.draws.fault(f"lease {lease.hex()}: entry {place} draws on it, and no such lease counts that")

    def _look_at_states(self) -> None:
        for lease, state, left, given_back in self._file.execute(_STATES):
            self.closes.looked_at += 1
            if state == LeaseState.CLOSED.value and not given_back:
                self.closes.fault(f"lease {lease.hex()} is closed, and its holder never wrote so")
            elif state in _ALIVE and given_back:
                self.closes.fault(f"lease {lease.hex()} is {state}, and its holder gave it back")
            elif state == LeaseState.SPENT.value and left > 0:
                self.closes.fault(f"lease {lease.hex()} counts as spent, and {left} of a slice is left")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _in_runs(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while some := list(islice(rows, _AT_ONCE)):
        yield some


def _was_told(connection: Connection, holder: bytes, epoch: int, sequence: int) -> bool:
    reasons = (ExceptionReason.LEASE_UNKNOWN.value, ExceptionReason.LEASE_FOREIGN.value)
    own = and_(exception.c.terminal_id == holder, exception.c.epoch == epoch, exception.c.sequence == sequence)
    return (
        connection.execute(select(exception.c.reason).where(own, exception.c.reason.in_(reasons))).first() is not None
    )


def _name(lease: bytes, lot: bytes | None) -> str:
    return f"lease {lease.hex()}, {'in no lot' if lot is None else f'lot {lot.hex()}'}"
