"""Reading and writing the rows of leases. Every change of a lease gets a number, so that its holder can be told in order."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeAlias

from sqlalchemy import Connection, and_, bindparam, func, select, update

from hq.book.dialects import in_chunks, insert_rows, put_rows
from hq.book.schema import in_flight, lease, lease_head, lease_slice
from sync.protocol.leases import Lease, LeaseState, Slice

Pool: TypeAlias = tuple[bytes, str]
"""Account and unit."""
COUNTING = (LeaseState.OPEN.value, LeaseState.RECALLED.value, LeaseState.FROZEN.value)
"""States in which what is left of a lease is nobody else's."""
_SLICES = lease.join(lease_slice, lease_slice.c.lease_id == lease.c.lease_id)
_COLUMNS = (
    *(column for column in lease.c),
    *(lease_slice.c[name] for name in ("place", "lot_id", "usable_at_s", "lot_ends_at_s", "amount", "spent")),
)

_LEASES = select(*_COLUMNS).select_from(_SLICES).order_by(lease.c.change, lease_slice.c.place)
_FLYING = select(func.coalesce(func.sum(in_flight.c.amount), 0)).where(
    in_flight.c.account_id == bindparam("account"), in_flight.c.unit == bindparam("unit")
)
_NEXT_CHANGES = update(lease_head).values(change=lease_head.c.change + bindparam("many")).returning(lease_head.c.change)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A lease as HQ keeps it. The lease has no seal here: `sealed` in `hq.leasing` puts it on."""

    lease: Lease
    change: int
    counted: bool
    granted_at_ms: int

    @property
    def left(self) -> int:
        """What is left of it; a slice that was overspent takes nothing from the others."""
        return sum(max(0, one.left) for one in self.lease.slices)

    @property
    def pool(self) -> Pool:
        """Its pool."""
        return self.lease.account, self.lease.unit


def leases_where(connection: Connection, *conditions: Any, most: int | None = None) -> list[Kept]:
    """Give leases, by change; ``most`` bounds how many."""
    if most is not None:
        chosen = select(lease.c.lease_id).where(*conditions).order_by(lease.c.change).limit(most)
        conditions = (lease.c.lease_id.in_(chosen.scalar_subquery()),)
    rows = connection.execute(_LEASES.where(*conditions)).all()
    return [_kept(list(parts)) for _, parts in groupby(rows, key=lambda row: row.lease_id)]


def leases_named(connection: Connection, lease_ids: Collection[bytes]) -> dict[bytes, Kept]:
    """Give leases by their ids; nothing for one that HQ does not know."""
    return {
        kept.lease.lease_id: kept
        for some in in_chunks(sorted(lease_ids))
        for kept in leases_where(connection, lease.c.lease_id.in_(some))
    }


def counting(connection: Connection, accounts: Collection[bytes]) -> dict[Pool, list[Kept]]:
    """Give the leases of some accounts that take part in Σ, by pool."""
    found: dict[Pool, list[Kept]] = {}
    for some in in_chunks(sorted(accounts)):
        for kept in leases_where(connection, lease.c.account_id.in_(some), lease.c.state.in_(COUNTING)):
            found.setdefault(kept.pool, []).append(kept)
    return found


def by_lot(leases: Iterable[Kept]) -> dict[bytes | None, int]:
    """Give what is left of leases of one pool by lot id, None for no lot."""
    left: dict[bytes | None, int] = {}
    for kept in leases:
        for one in kept.lease.slices:
            left[one.lot_id] = left.get(one.lot_id, 0) + max(0, one.left)
    return left


def leased_of(connection: Connection, pool: Pool) -> int:
    """Give what is left of the leases on one pool."""
    return sum(kept.left for kept in counting(connection, [pool[0]]).get(pool, ()))


def flying(connection: Connection, account: bytes, unit: str) -> int:
    """Give what is in flight in a pool: brought by entries whose till has more to send (SPEC-leases, section 5)."""
    return int(connection.execute(_FLYING, {"account": account, "unit": unit}).scalar_one())


def flying_of(connection: Connection, terminal: bytes, pool: Pool) -> tuple[int, int]:
    """Give what the entries of one till brought to a pool of what is in flight, and what of that paid a debt."""
    own = and_(in_flight.c.terminal_id == terminal, in_flight.c.account_id == pool[0], in_flight.c.unit == pool[1])
    row = connection.execute(select(in_flight.c.amount, in_flight.c.paid).where(own)).one_or_none()
    return (row.amount, row.paid) if row is not None else (0, 0)


def note_paid(connection: Connection, paid: Mapping[tuple[bytes, Pool], int]) -> None:
    """Note what of what is in flight of a till paid a debt of a pool, and was not redeemed since."""
    rows = [
        {
            "terminal_id": terminal,
            "account_id": pool[0],
            "unit": pool[1],
            "amount": flying_of(connection, terminal, pool)[0],
            "paid": amount,
        }
        for (terminal, pool), amount in sorted(paid.items())
    ]
    put_rows(connection, in_flight, rows, change=("paid",))


def next_changes(connection: Connection, many: int) -> int:
    """Give the first of so many new numbers of changes."""
    last: int = connection.execute(_NEXT_CHANGES, {"many": many}).scalar_one()
    return last - many + 1


def last_change(connection: Connection) -> int:
    """Give the number of the last change of any lease."""
    return int(connection.execute(select(lease_head.c.change)).scalar_one())


def add_lease(connection: Connection, new: Lease, *, counted: bool, now_ms: int) -> Kept:
    """Write a lease that was granted."""
    change = next_changes(connection, 1)
    row = {
        "lease_id": new.lease_id,
        "terminal_id": new.terminal,
        "epoch": new.epoch,
        "request_id": new.request_id,
        "account_id": new.account,
        "unit": new.unit,
        "counted": int(counted),
        "state": new.state.value,
        "change": change,
        "granted_at_ms": now_ms,
        "expires_at_s": new.expires_at,
    }
    insert_rows(connection, lease, [row])
    insert_rows(connection, lease_slice, list(_slice_rows(new)))
    return Kept(lease=new, change=change, counted=counted, granted_at_ms=now_ms)


def set_state(connection: Connection, lease_ids: Sequence[bytes], state: LeaseState, now_ms: int) -> None:
    """Move leases to a state, in the order given."""
    if not lease_ids:
        return
    first = next_changes(connection, len(lease_ids))
    ended = None if state.counts else now_ms
    for number, lease_id in enumerate(lease_ids, start=first):
        values = {"state": state.value, "change": number, "ended_at_ms": ended}
        connection.execute(update(lease).where(lease.c.lease_id == lease_id).values(**values))


def set_spent(connection: Connection, lease_id: bytes, place: int, spent: int) -> None:
    """Say how much of a slice is spent."""
    own = and_(lease_slice.c.lease_id == lease_id, lease_slice.c.place == place)
    connection.execute(update(lease_slice).where(own).values(spent=spent))


def _slice_rows(new: Lease) -> Iterator[dict[str, Any]]:
    for place, one in enumerate(new.slices):
        yield {
            "lease_id": new.lease_id,
            "place": place,
            "lot_id": one.lot_id,
            "usable_at_s": one.usable_at,
            "lot_ends_at_s": one.expires_at,
            "amount": one.amount,
            "spent": one.spent,
        }


def _kept(rows: Sequence[Any]) -> Kept:
    first = rows[0]
    slices = tuple(
        Slice(
            lot_id=row.lot_id,
            usable_at=row.usable_at_s,
            expires_at=row.lot_ends_at_s,
            amount=row.amount,
            spent=row.spent,
        )
        for row in rows
    )
    return Kept(
        lease=Lease(
            lease_id=first.lease_id,
            request_id=first.request_id,
            terminal=first.terminal_id,
            epoch=first.epoch,
            account=first.account_id,
            unit=first.unit,
            slices=slices,
            expires_at=first.expires_at_s,
            state=LeaseState(first.state),
        ),
        change=first.change,
        counted=bool(first.counted),
        granted_at_ms=first.granted_at_ms,
    )
