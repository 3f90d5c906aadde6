"""What becomes of the rights to an account that became another by a merge.

Source: docs/SPEC-leases.md, section 3, "Merges".
"""

from sqlalchemy import Connection, delete, select, update

from hq.book.dialects import put_rows
from hq.book.schema import in_flight, lease
from hq.leases.tables import leases_where, set_state
from sync.protocol.leases import LeaseState

_ALIVE = frozenset({LeaseState.OPEN, LeaseState.RECALLED})


def move_leases(connection: Connection, gone: bytes, stays: bytes, now_ms: int) -> int:
    """Point leases of one account to another, and call back what tills still hold of them; gives how many those are.

    Those that ended move too: a draw that comes late counts where its units went. What is in flight moves along.
    """
    every = leases_where(connection, lease.c.account_id == gone)
    connection.execute(update(lease).where(lease.c.account_id == gone).values(account_id=stays))
    alive = [kept.lease.lease_id for kept in every if kept.lease.state in _ALIVE]
    set_state(connection, alive, LeaseState.RECALLED, now_ms)
    _move_in_flight(connection, gone, stays)
    return len(alive)


def _move_in_flight(connection: Connection, gone: bytes, stays: bytes) -> None:
    query = select(in_flight)
    there = {
        (row.terminal_id, row.unit): row for row in connection.execute(query.where(in_flight.c.account_id == stays))
    }
    rows = [
        {
            "terminal_id": row.terminal_id,
            "account_id": stays,
            "unit": row.unit,
            "amount": row.amount + (held.amount if held is not None else 0),
            "paid": row.paid + (held.paid if held is not None else 0),
        }
        for row in connection.execute(query.where(in_flight.c.account_id == gone))
        for held in [there.get((row.terminal_id, row.unit))]
    ]
    put_rows(connection, in_flight, rows, change=("amount", "paid"))
    connection.execute(delete(in_flight).where(in_flight.c.account_id == gone))
