"""What becomes of a till's leases when its disk was restored or cloned, or when the till is gone for good."""

from sqlalchemy import Connection, delete

from hq.book.schema import in_flight, lease
from hq.leases.tables import leases_where, set_state
from sync.protocol.leases import LeaseState

_ALIVE = (LeaseState.OPEN.value, LeaseState.RECALLED.value)


def freeze_leases(connection: Connection, terminal: bytes, epoch: int, now_ms: int) -> int:
    """Freeze what a till holds of an epoch that ended: nobody spends it, and nothing of it is free. Gives how many."""
    own = (lease.c.terminal_id == terminal, lease.c.epoch == epoch, lease.c.state.in_(_ALIVE))
    held = [kept.lease.lease_id for kept in leases_where(connection, *own)]
    set_state(connection, held, LeaseState.FROZEN, now_ms)
    return len(held)


def nothing_more_comes(connection: Connection, terminal: bytes) -> None:
    """Note that a till has sent all that it ever will, or all that it said it would: nothing of it is in flight."""
    connection.execute(delete(in_flight).where(in_flight.c.terminal_id == terminal))
