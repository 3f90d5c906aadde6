"""What is in flight: brought by entries of a till that has said that more of them are to come.

It may have been spent already by what is still on its way, so nobody else is granted it. Source: docs/SPEC-leases.md, section 5.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from hq.book.dialects import put_rows
from hq.book.schema import in_flight
from hq.ingest.accounts import owners_of
from hq.ingest.arrivals import Arrived
from hq.ingest.drawing import is_held_pool
from hq.leases.frozen import nothing_more_comes
from hq.leases.tables import Pool, flying_of


def note_flight(connection: Connection, terminal: bytes, arrived: Sequence[Arrived], *, level: bool) -> None:
    """Note what a batch brought, or that nothing is missing any more once its till is ``level`` with what it promised."""
    if level:
        nothing_more_comes(connection, terminal)
        return
    brought = [
        (posting.account, posting.unit, posting.amount)
        for one in arrived
        for posting in (one.core.postings if one.core is not None else ())
        if posting.amount > 0 and is_held_pool(posting.unit)
    ]
    owners = owners_of(connection, {account for account, _, _ in brought})
    sums: dict[Pool, int] = {}
    for account, unit, amount in brought:
        if account in owners:
            pool = owners[account].account, unit
            sums[pool] = sums.get(pool, 0) + amount
    rows = [
        {
            "terminal_id": terminal,
            "account_id": account,
            "unit": unit,
            "amount": amount + flying_of(connection, terminal, (account, unit))[0],
        }
        for (account, unit), amount in sorted(sums.items())
    ]
    put_rows(connection, in_flight, rows, change=("amount",))
