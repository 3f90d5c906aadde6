"""What accounts have that no till may give: for everything that HQ takes by itself or by a person's word (I1)."""

from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy import Connection

from hq.leases.tables import by_lot, counting
from loyalty.holding.lots import lot_named
from loyalty.holding.standing import Holdings
from loyalty.journal.entry import Lot

_H = TypeVar("_H", bound=Holdings)


def less_leased(connection: Connection, held: Mapping[bytes, _H]) -> dict[bytes, _H]:
    """Give accounts without what is left of the leases on them; a lot that is wholly leased is not there.

    Args:
        connection: In the transaction that will take from them.
        held: What they have, by account; no alias.
    """
    free = dict(held)
    for (account, unit), leases in counting(connection, list(held)).items():
        if leases[0].counted:
            continue
        changes: list[tuple[str, int, Lot | None]] = [
            (unit, -left, lot_named(lot_id) if lot_id is not None else None)
            for lot_id, left in by_lot(leases).items()
            if left
        ]
        free[account] = free[account].changed(changes)
    return free
