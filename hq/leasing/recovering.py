"""After HQ was restored: what tills hold is taken in again as they say it.

Source: docs/SPEC-leases.md, section 4, "Recovery".
"""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from hq.book.dialects import put_rows
from hq.book.schema import rights_told
from hq.ingest.accounts import owners_of
from hq.leases.tables import add_lease, leases_named
from hq.pairing.terminals import Terminal
from sync.protocol.leases import Lease, LeaseState, is_sealed


def take_in(
    connection: Connection, till: Terminal, held: Iterable[Lease], *, hq_epoch: str, seal_key: bytes, now_ms: int
) -> int:
    """Take in again what a till holds and HQ forgot; what HQ did not grant is left out. Gives how many.

    Draws that HQ has not seen come with the journal: a lease is taken in as it was granted.
    """
    given = {
        one.lease_id: one
        for one in held
        if one.terminal == till.terminal_id and one.epoch == till.epoch and is_sealed(seal_key, one)
    }
    known = leases_named(connection, given.keys())
    forgotten = [one for lease_id, one in given.items() if lease_id not in known]
    owners = owners_of(connection, {one.account for one in forgotten})
    for one in forgotten:
        owner = owners.get(one.account)
        granted = replace(_as_granted(one), account=owner.account if owner is not None else one.account)
        add_lease(connection, granted, counted=_is_counted(one), now_ms=now_ms)
    put_rows(connection, rights_told, [{"terminal_id": till.terminal_id, "hq_epoch": hq_epoch}], change=("hq_epoch",))
    return len(forgotten)


def _as_granted(one: Lease) -> Lease:
    return replace(one, state=LeaseState.OPEN, slices=tuple(replace(part, spent=0) for part in one.slices))


def _is_counted(one: Lease) -> bool:
    return one.unit.startswith(("budget.", "uses.", "seats."))
