"""What accounts have that no till may give: for everything that HQ takes by itself or by a person's word (I1).

Source: docs/SPEC-leases.md, section 2.
"""

from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy import Connection

from hq.leases.tables import Pool, by_lot, counting, flying
from hq.leases.unheard import unheard_tills
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


def why_not_taken(connection: Connection, pool: Pool, left: int, hq_epoch: str) -> str:
    """Say why a person may not take what leaves ``left`` smallest steps of a pool that no till holds; empty: may be taken.

    What tills have sent in part may be spent already by what they have yet to send; and an HQ that was restored does not
    know what they hold.
    """
    silent = unheard_tills(connection, hq_epoch)
    if silent:
        return f"HQ was restored, and {len(silent)} tills have not said yet what they hold: `loyaltill hq leases list` names them"
    if left < flying(connection, *pool):
        return (
            "tills that brought some of it have more to send, and may have given it already; ask again in a few minutes"
        )
    return ""
