"""After HQ was restored: nothing is granted until every till has said what it holds.

Source: docs/SPEC-leases.md, section 4, "Recovery".
"""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, and_, bindparam, func, select

from hq.attention.parking import ExceptionReason
from hq.book.dialects import put_rows
from hq.book.schema import exception, rights_told, terminal
from hq.leases.tables import add_lease, leases_named
from hq.pairing.terminals import TILL_ROLE, Terminal
from sync.protocol.leases import Lease, LeaseState, is_sealed

_RESTORED = select(func.count()).select_from(exception).where(exception.c.reason == ExceptionReason.HQ_RESTORED.value)
_TOLD = and_(rights_told.c.terminal_id == terminal.c.terminal_id, rights_told.c.hq_epoch == bindparam("hq_epoch"))
_SILENT = (
    select(func.count())
    .select_from(terminal.outerjoin(rights_told, _TOLD))
    .where(terminal.c.role == TILL_ROLE, terminal.c.revoked_at_ms.is_(None), rights_told.c.terminal_id.is_(None))
)


def is_recovering(connection: Connection, hq_epoch: str) -> bool:
    """Tell whether HQ was restored and some till that may hold leases has not said so since."""
    if not connection.execute(_RESTORED).scalar_one():
        return False
    return connection.execute(_SILENT, {"hq_epoch": hq_epoch}).scalar_one() > 0


def take_in(
    connection: Connection, till: Terminal, held: Iterable[Lease], *, hq_epoch: str, seal_key: bytes, now_ms: int
) -> int:
    """Take in again what a till holds and HQ forgot; what HQ did not grant is left out. Gives how many.

    Draws that HQ has not seen come with the journal: a lease is taken in as it was granted.
    """
    given = [
        one for one in held if one.terminal == till.terminal_id and one.epoch == till.epoch and is_sealed(seal_key, one)
    ]
    known = leases_named(connection, {one.lease_id for one in given})
    forgotten = [one for one in given if one.lease_id not in known]
    for one in forgotten:
        add_lease(connection, _as_granted(one), counted=_is_counted(one), now_ms=now_ms)
    put_rows(connection, rights_told, [{"terminal_id": till.terminal_id, "hq_epoch": hq_epoch}], change=("hq_epoch",))
    return len(forgotten)


def _as_granted(one: Lease) -> Lease:
    return replace(one, state=LeaseState.OPEN, slices=tuple(replace(part, spent=0) for part in one.slices))


def _is_counted(one: Lease) -> bool:
    return one.unit.startswith(("budget.", "uses.", "seats."))
