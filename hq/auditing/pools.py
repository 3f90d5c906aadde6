"""I1 of every pool that an account holds: ``U + debt - sum of (a - s) >= 0``.

Of U, a lot that is over counts until HQ has taken it: until then nobody else was given it. What is in flight takes part in grants
alone. Source: docs/SPEC-leases.md, section 2.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from sqlalchemy import Connection, func, select

from hq.accounts.holdings import holdings_of
from hq.auditing.values import Tally
from hq.book.dialects import in_chunks
from hq.book.schema import shortfall
from hq.feed.streaming import stream
from hq.ingest.drawing import is_held_pool
from hq.leases.tables import COUNTING, Pool, counting
from loyalty.holding.standing import Holdings

Aliases: TypeAlias = Mapping[bytes, Sequence[bytes]]
_AT_ONCE = 1_000
_POOLS = """
SELECT account_id, unit FROM lease WHERE counted = 0 AND state IN (?, ?, ?)
UNION SELECT account_id, unit FROM balance WHERE amount < 0
UNION SELECT account_id, unit FROM shortfall
"""


def look_at_pools(connection: Connection, became: Mapping[bytes, bytes], tally: Tally, at: datetime) -> None:
    """Look at each pool that is leased, or was ever short.

    Args:
        connection: On the book.
        became: Whom each account that was merged became.
        tally: Counts.
        at: Aware instant; lots that may be spent only later are not there yet.
    """
    aliases: dict[bytes, list[bytes]] = {}
    for gone, stays in became.items():
        aliases.setdefault(stays, []).append(gone)
    pools = ((own, unit) for own, unit in stream(connection, _POOLS, *COUNTING) if is_held_pool(unit))
    for some in _in_runs(pools):
        _look(connection, some, aliases, tally, at)


def _look(connection: Connection, pools: Sequence[Pool], aliases: Aliases, tally: Tally, at: datetime) -> None:
    accounts = sorted({own for own, _ in pools})
    held, leases = holdings_of(connection, accounts), counting(connection, accounts)
    debts = _debts(connection, accounts, aliases)
    for pool in pools:
        tally.looked_at += 1
        own, unit = pool
        there = _there(held[own], unit, at)
        leased = sum(kept.left for kept in leases.get(pool, ()) if not kept.counted)
        debt = debts.get(pool, 0)
        if there + debt < leased:
            said = f"{there} there, a debt of {debt} and {leased} leased"
            tally.fault(f"account {own.hex()}, {unit}: {said}")


def _there(held: Holdings, unit: str, at: datetime) -> int:
    """Give what there is, but for lots that may not be spent yet."""
    seconds = int(at.timestamp())
    pending = sum(
        max(0, one.amount)
        for one in held.lots
        if one.unit == unit and one.lot.usable_at is not None and one.lot.usable_at > seconds
    )
    return held.balance(unit) - pending


def _debts(connection: Connection, accounts: Sequence[bytes], aliases: Aliases) -> dict[Pool, int]:
    """Give what was ever short of accounts, also before others became them."""
    owners = {name: own for own in accounts for name in (own, *aliases.get(own, ()))}
    debts: dict[Pool, int] = {}
    for some in in_chunks(sorted(owners)):
        query = select(shortfall.c.account_id, shortfall.c.unit, func.sum(shortfall.c.amount))
        own = shortfall.c.account_id.in_(some)
        for name, unit, amount in connection.execute(
            query.where(own).group_by(shortfall.c.account_id, shortfall.c.unit)
        ):
            debts[owners[name], unit] = debts.get((owners[name], unit), 0) + int(amount)
    return debts


def _in_runs(pools: Iterator[Pool]) -> Iterator[list[Pool]]:
    while some := list(islice(pools, _AT_ONCE)):
        yield some
