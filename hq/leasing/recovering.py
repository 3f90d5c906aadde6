"""After HQ was restored: what tills hold is taken in again as they say it.

Source: docs/SPEC-leases.md, section 4, "Recovery".
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, and_, select

from hq.attention.parking import ExceptionReason
from hq.book.dialects import put_rows
from hq.book.schema import exception, journal, rights_told
from hq.ingest.accounts import owners_of
from hq.leases.tables import add_lease, leases_named
from hq.pairing.terminals import Terminal
from loyalty.journal.codec import decode_core
from sync.protocol.leases import Lease, LeaseState, Slice, is_sealed


def take_in(connection: Connection, till: Terminal, held: Iterable[Lease], *, seal_key: bytes, now_ms: int) -> int:
    """Take in again what a till holds and HQ forgot; what HQ did not grant is left out. Gives how many.

    A lease is taken in as it was granted, less what entries drew that HQ posted while it did not know the lease. Its units may
    not be there yet: they come with the journals of those who earned them.
    """
    given = {
        one.lease_id: one
        for one in held
        if one.terminal == till.terminal_id and one.epoch == till.epoch and is_sealed(seal_key, one)
    }
    known = leases_named(connection, given.keys())
    forgotten = [one for lease_id, one in given.items() if lease_id not in known]
    owners = owners_of(connection, {one.account for one in forgotten})
    heard = _heard(connection, till.terminal_id) if forgotten else Heard()
    for one in forgotten:
        owner = owners.get(one.account)
        granted = replace(heard.of(one), account=owner.account if owner is not None else one.account)
        add_lease(connection, granted, counted=_is_counted(one), now_ms=now_ms)
    return len(forgotten)


def note_heard(connection: Connection, till: Terminal, hq_epoch: str) -> None:
    """Note that a till has said what it holds, and that HQ has its journal: what it spent before is posted."""
    put_rows(connection, rights_told, [{"terminal_id": till.terminal_id, "hq_epoch": hq_epoch}], change=("hq_epoch",))


@dataclass(slots=True)
class Heard:
    """What posted entries said of leases that HQ did not know then."""

    drawn: Counter[tuple[bytes, bytes | None]] = field(default_factory=Counter)
    closed: set[bytes] = field(default_factory=set)

    def of(self, one: Lease) -> Lease:
        """Give a lease as it stands by them."""
        slices = tuple(self._less(one.lease_id, part) for part in one.slices)
        left = any(part.left > 0 for part in slices)
        state = LeaseState.OPEN if left else LeaseState.SPENT
        return replace(one, slices=slices, state=LeaseState.CLOSED if one.lease_id in self.closed else state)

    def _less(self, lease_id: bytes, part: Slice) -> Slice:
        return replace(part, spent=self.drawn[lease_id, part.lot_id])


def _heard(connection: Connection, terminal: bytes) -> Heard:
    """Read the entries of a till that named a lease which HQ did not know: each was noted for a person."""
    heard = Heard()
    place = and_(*(journal.c[name] == exception.c[name] for name in ("terminal_id", "epoch", "sequence")))
    noted = and_(exception.c.terminal_id == terminal, exception.c.reason == ExceptionReason.LEASE_UNKNOWN.value)
    for data in connection.execute(select(journal.c.core).join(exception, place).where(noted)).scalars():
        core = decode_core(data)  # it can be read: it was posted
        for draw in core.leases:
            heard.drawn[draw.lease, draw.lot_id] += draw.amount
        heard.closed.update(core.closes)
    return heard


def _is_counted(one: Lease) -> bool:
    return one.unit.startswith(("budget.", "uses.", "seats."))
