"""Units that were given and that an account did not have: why, and how many so far."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, and_, func, select

from hq.book.dialects import insert_missing
from hq.book.schema import shortfall
from hq.leases.tables import Pool


class ShortfallReason(StrEnum):
    """Why a pool was taken below what was there or promised."""

    CLAWBACK = "clawback"
    CORRECTION = "correction"
    LATE = "late"
    FORK = "fork"
    UNLEASED = "unleased"


LOSSES = (ShortfallReason.LATE, ShortfallReason.FORK, ShortfallReason.UNLEASED)
"""What the merchant loses by; the others are the member's own."""
INVOLUNTARY = (ShortfallReason.CLAWBACK, ShortfallReason.CORRECTION)
"""What a member owes by what was taken back."""


@dataclass(frozen=True, slots=True)
class Short:
    """One shortfall.

    Attributes:
        caused_by: The entry, 16 bytes.
        pool: Account and unit.
        amount: Smallest steps, > 0.
    """

    caused_by: bytes
    pool: Pool
    amount: int
    reason: ShortfallReason


def note_shortfalls(connection: Connection, found: Iterable[Short], now_ms: int) -> None:
    """Write shortfalls; one that is known stays."""
    rows = [
        {
            "entry_id": one.caused_by,
            "account_id": one.pool[0],
            "unit": one.pool[1],
            "amount": one.amount,
            "reason": one.reason.value,
            "at_ms": now_ms,
        }
        for one in found
    ]
    insert_missing(connection, shortfall, rows)


def owed_before(connection: Connection, pool: Pool) -> int:
    """Give what was ever taken from a pool by returns and by people beyond what there was, paid since or not."""
    own = and_(shortfall.c.account_id == pool[0], shortfall.c.unit == pool[1], shortfall.c.reason.in_(INVOLUNTARY))
    return int(connection.execute(select(func.coalesce(func.sum(shortfall.c.amount), 0)).where(own)).scalar_one())


def losses(connection: Connection) -> list[tuple[str, str, int]]:
    """Give (unit, reason, smallest steps) of what the merchant lost, by unit and reason."""
    query = select(shortfall.c.unit, shortfall.c.reason, func.sum(shortfall.c.amount))
    rows = connection.execute(
        query.where(shortfall.c.reason.in_(LOSSES)).group_by(shortfall.c.unit, shortfall.c.reason)
    )
    return sorted((unit, reason, int(amount)) for unit, reason, amount in rows)
