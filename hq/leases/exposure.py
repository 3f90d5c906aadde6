"""What was lost so far, and what is at stake now, by unit: written off, frozen, held by one till at most."""

from typing import Any

from sqlalchemy import Connection, func, select

from hq.book.schema import lease, lease_slice, terminal
from hq.leases.shortfalls import losses
from hq.leases.tables import COUNTING
from hq.pairing.terminals import TILL_ROLE
from sync.protocol.leases import LeaseState


def exposure_rows(connection: Connection) -> dict[str, Any]:
    """Give the figures in smallest steps of each unit.

    Returns:
        ``tills`` (how many may sell), ``lost`` (unit, reason, amount) of the merchant's losses, ``written_off`` (unit, amount) of what was
        left of leases that were written off and may still come, ``one_disk`` (unit, amount): the most that one till holds.
    """
    left = lease_slice.c.amount - lease_slice.c.spent
    joined = lease.join(lease_slice, lease_slice.c.lease_id == lease.c.lease_id)
    off = (
        select(lease.c.unit, func.sum(left))
        .select_from(joined)
        .where(lease.c.state == LeaseState.WRITTEN_OFF.value, left > 0)
        .group_by(lease.c.unit)
    )
    held = (
        select(lease.c.unit, lease.c.terminal_id, func.sum(left))
        .select_from(joined)
        .where(lease.c.state.in_(COUNTING), left > 0)
        .group_by(lease.c.unit, lease.c.terminal_id)
    )
    most: dict[str, int] = {}
    for unit, _, amount in connection.execute(held):
        most[unit] = max(most.get(unit, 0), int(amount))
    tills = (
        select(func.count())
        .select_from(terminal)
        .where(terminal.c.role == TILL_ROLE, terminal.c.revoked_at_ms.is_(None))
    )
    return {
        "tills": connection.execute(tills).scalar_one(),
        "lost": [list(one) for one in losses(connection)],
        "written_off": sorted([unit, int(amount)] for unit, amount in connection.execute(off)),
        "one_disk": sorted([unit, amount] for unit, amount in most.items()),
    }
