"""Granting: as much as there is, or nothing and why. I1 is checked here, in the transaction that writes.

Source: docs/SPEC-leases.md, sections 2 and 3.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select

from hq.book.schema import lease as lease_table
from hq.book.schema import terminal
from hq.jobs.scenes import Scene
from hq.leases.tables import COUNTING, Kept, add_lease, leases_where, set_state
from hq.leasing.pools import Found, find_pool
from hq.pairing.terminals import TILL_ROLE, Terminal
from hq.ports import Randomness, epoch_ms
from loyalty.holding.slices import Cut, cut_slices
from loyalty.journal.entry import ENTRY_ID_BYTES
from loyalty.numbers.limits import require
from loyalty.parts.floors import LEASE_DAYS
from sync.protocol.leases import MAX_HELD, MAX_SLICES, Lease, LeaseState, Slice, Want, WantRefused, seal_of

URGENT = timedelta(hours=1)
"""How long a lease lasts that a sale waited for: it is spent at once, or given back."""

_HELD = (
    select(func.count())
    .select_from(lease_table)
    .where(lease_table.c.terminal_id == bindparam("holder"), lease_table.c.state.in_(COUNTING))
)
_PAIRED = (
    select(func.count()).select_from(terminal).where(terminal.c.role == TILL_ROLE, terminal.c.revoked_at_ms.is_(None))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grantor:
    """Grants leases.

    Attributes:
        seal_key: With which HQ marks its grants.
        randomness: For ids.
        recalled: Whom it asked for a lease; they may be called once that is committed.
    """

    seal_key: bytes
    randomness: Randomness
    recalled: set[bytes] = field(default_factory=set)

    def grant(
        self, connection: Connection, till: Terminal, want: Want, scene: Scene, at: datetime
    ) -> Kept | WantRefused:
        """Grant one want, once for each request id.

        Args:
            connection: In a writing transaction.
            till: The holder.
            want: What it asks for.
            scene: Its store.
            at: Aware instant.
        """
        own = lease_table.c.terminal_id == till.terminal_id
        before = leases_where(connection, own, lease_table.c.request_id == want.request_id)
        if before:
            return before[0]
        if connection.execute(_HELD, {"holder": till.terminal_id}).scalar_one() >= MAX_HELD:
            return WantRefused.TOO_MANY
        found = find_pool(connection, want, scene, at)
        if found is None:
            return WantRefused.UNKNOWN_POOL
        most = min(want.most, found.free)
        if want.pool is not None and not want.urgent:
            most = max(want.least, min(most, found.free // (2 * max(1, _tills(connection)))))
        slices = _slices(found, most, at) if found.free >= want.least else ()
        if sum(one.amount for one in slices) < want.least:
            return self._recall(connection, till, want, found, at)
        lasts = URGENT if want.urgent else timedelta(days=lease_days(scene))
        new = self._new(till, want, found, slices, at + lasts)
        return add_lease(connection, new, counted=found.counted, now_ms=epoch_ms(at))

    def _new(self, till: Terminal, want: Want, found: Found, slices: tuple[Slice, ...], end: datetime) -> Lease:
        require(found.free - sum(one.amount for one in slices) >= 0, "I1: more would be leased than there is")
        account, unit = found.pool
        return Lease(
            lease_id=self.randomness(ENTRY_ID_BYTES),
            request_id=want.request_id,
            terminal=till.terminal_id,
            epoch=till.epoch,
            account=account,
            unit=unit,
            slices=slices,
            expires_at=int(end.timestamp()),
        )

    def _recall(self, connection: Connection, till: Terminal, want: Want, found: Found, at: datetime) -> WantRefused:
        """Ask others for what they hold, where a sale waits for it and it would help."""
        others = [
            kept
            for kept in found.leases
            if kept.lease.state in {LeaseState.OPEN, LeaseState.RECALLED} and kept.lease.terminal != till.terminal_id
        ]
        if not want.urgent or found.free + sum(kept.left for kept in others) < want.least:
            return WantRefused.NOT_ENOUGH
        asked = [kept.lease for kept in others if kept.lease.state is LeaseState.OPEN]
        set_state(connection, [one.lease_id for one in asked], LeaseState.RECALLED, epoch_ms(at))
        self.recalled.update(one.terminal for one in asked)
        return WantRefused.RECALLING

    def sealed(self, kept: Kept) -> Lease:
        """Give a lease as its holder is told it, with HQ's mark."""
        return replace(kept.lease, seal=seal_of(self.seal_key, kept.lease))


def lease_days(scene: Scene) -> int:
    """Give how long a lease lasts that waits at a till."""
    return scene.programme.lease_days if scene.programme is not None else LEASE_DAYS


def _tills(connection: Connection) -> int:
    """Count the tills that may want their share."""
    return connection.execute(_PAIRED).scalar_one()


def _slices(found: Found, amount: int, at: datetime) -> tuple[Slice, ...]:
    if amount <= 0:
        return ()
    if found.counted:
        return (Slice(lot_id=None, usable_at=None, expires_at=None, amount=amount),)
    leased: dict[bytes | None, int] = {}
    for kept in found.leases:
        for one in kept.lease.slices:
            leased[one.lot_id] = leased.get(one.lot_id, 0) + max(0, one.left)
    cuts = cut_slices(found.holdings, found.pool[1], amount, at, leased)
    return tuple(_slice(cut) for cut in cuts[:MAX_SLICES])


def _slice(cut: Cut) -> Slice:
    return Slice(
        lot_id=cut.lot.lot_id if cut.lot is not None else None,
        usable_at=cut.lot.usable_at if cut.lot is not None else None,
        expires_at=cut.lot.expires_at if cut.lot is not None else None,
        amount=cut.amount,
    )
