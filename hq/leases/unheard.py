"""After HQ was restored: which tills have not said yet what they hold, so that nothing is granted.

Source: docs/SPEC-leases.md, section 4, "Recovery".
"""

from sqlalchemy import Connection, and_, func, select

from hq.attention.parking import ExceptionReason
from hq.book.schema import exception, rights_told, terminal
from hq.pairing.terminals import TILL_ROLE


def unheard_tills(connection: Connection, hq_epoch: str) -> list[str]:
    """Give the names of tills that may hold leases of before HQ's restore, by name; none where it never was restored."""
    restored = exception.c.reason == ExceptionReason.HQ_RESTORED.value
    if not connection.execute(select(func.count()).select_from(exception).where(restored)).scalar_one():
        return []
    told = and_(rights_told.c.terminal_id == terminal.c.terminal_id, rights_told.c.hq_epoch == hq_epoch)
    silent = (
        select(terminal.c.name)
        .select_from(terminal.outerjoin(rights_told, told))
        .where(terminal.c.role == TILL_ROLE, terminal.c.revoked_at_ms.is_(None), rights_told.c.terminal_id.is_(None))
        .order_by(terminal.c.name, terminal.c.terminal_id)
    )
    return list(connection.execute(silent).scalars())
