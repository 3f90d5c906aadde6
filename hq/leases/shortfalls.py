"""Units that were given and that an account did not have: why, and how many so far."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, func, select

from hq.book.dialects import in_chunks, insert_missing
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


@dataclass(frozen=True, slots=True)
class Short:
    """One shortfall.

    Attributes:
        entry_id: What took the pool too low, 16 bytes.
        pool: Account and unit.
        amount: Smallest steps, > 0.
    """

    entry_id: bytes
    pool: Pool
    amount: int
    reason: ShortfallReason


def note_shortfalls(connection: Connection, found: Iterable[Short], now_ms: int) -> None:
    """Write shortfalls; one that is known stays."""
    rows = [
        {
            "entry_id": one.entry_id,
            "account_id": one.pool[0],
            "unit": one.pool[1],
            "amount": one.amount,
            "reason": one.reason.value,
            "at_ms": now_ms,
        }
        for one in found
    ]
    insert_missing(connection, shortfall, rows)


def short_before(connection: Connection, accounts: Collection[bytes]) -> set[bytes]:
    """Give those of some accounts that were ever taken too low."""
    return {
        found
        for some in in_chunks(accounts)
        for found in connection.execute(
            select(shortfall.c.account_id).distinct().where(shortfall.c.account_id.in_(some))
        ).scalars()
    }


def losses(connection: Connection) -> list[tuple[str, str, int]]:
    """Give (unit, reason, smallest steps) of what the merchant lost, by unit and reason."""
    query = select(shortfall.c.unit, shortfall.c.reason, func.sum(shortfall.c.amount))
    rows = connection.execute(
        query.where(shortfall.c.reason.in_(LOSSES)).group_by(shortfall.c.unit, shortfall.c.reason)
    )
    return sorted((unit, reason, int(amount)) for unit, reason, amount in rows)
