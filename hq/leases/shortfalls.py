"""Units that were given and that an account did not have: why, and how many so far."""

from enum import StrEnum

from sqlalchemy import Connection, func, select

from hq.book.schema import shortfall


class ShortfallReason(StrEnum):
    """Why a pool was taken below what was there or promised."""

    CLAWBACK = "clawback"
    CORRECTION = "correction"
    LATE = "late"
    FORK = "fork"
    UNLEASED = "unleased"


LOSSES = (ShortfallReason.LATE, ShortfallReason.FORK, ShortfallReason.UNLEASED)
"""What the merchant loses by; the others are the member's own."""


def losses(connection: Connection) -> list[tuple[str, str, int]]:
    """Give (unit, reason, smallest steps) of what the merchant lost, by unit and reason."""
    query = select(shortfall.c.unit, shortfall.c.reason, func.sum(shortfall.c.amount))
    rows = connection.execute(
        query.where(shortfall.c.reason.in_(LOSSES)).group_by(shortfall.c.unit, shortfall.c.reason)
    )
    return sorted((unit, reason, int(amount)) for unit, reason, amount in rows)
