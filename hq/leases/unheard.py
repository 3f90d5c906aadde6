"""After HQ was restored: which tills have not said yet what they hold, so that nothing is granted.

Source: docs/SPEC-leases.md, section 4, "Recovery".
"""

from sqlalchemy import Connection, and_, bindparam, select

from hq.attention.parking import HQ_ITSELF, ExceptionReason, last_raised_ms
from hq.book.schema import rights_told, terminal
from hq.pairing.terminals import TILL_ROLE

_TOLD = and_(rights_told.c.terminal_id == terminal.c.terminal_id, rights_told.c.hq_epoch == bindparam("epoch"))
_SILENT = (
    select(terminal.c.name)
    .select_from(terminal.outerjoin(rights_told, _TOLD))
    .where(terminal.c.role == TILL_ROLE, terminal.c.revoked_at_ms.is_(None), rights_told.c.terminal_id.is_(None))
    .order_by(terminal.c.name, terminal.c.terminal_id)
)


def unheard_tills(connection: Connection, hq_epoch: str) -> list[str]:
    """Give the names of tills that may hold leases of before HQ's restore, by name; none where it never was restored."""
    if last_raised_ms(connection, ExceptionReason.HQ_RESTORED, HQ_ITSELF) is None:
        return []
    return list(connection.execute(_SILENT, {"epoch": hq_epoch}).scalars())
