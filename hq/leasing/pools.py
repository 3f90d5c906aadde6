"""Which pool a want means, and how much of it there is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from hq.accounts.holdings import holdings_of
from hq.ingest.accounts import owners_of
from hq.jobs.scenes import Scene
from hq.leases.tables import Kept, Pool, by_lot, counting, flying
from loyalty.holding.accounts import pool_account
from loyalty.holding.slices import usable_now
from loyalty.holding.standing import NOTHING, Holdings
from loyalty.parts.events import seats_pool
from loyalty.programme.model import Programme
from loyalty.rules.uses import uses_pool
from sync.protocol.leases import Want


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A pool as it stands: everything that I1 asks.

    Attributes:
        pool: Account and unit.
        counted: It counts what was used, and ``limit`` says how much may be.
        there: U, smallest steps that may still be given, leased or not.
        flying: F, what is in flight.
        leases: Those that take part in the sum.
        holdings: What the account has.
    """

    pool: Pool
    counted: bool
    there: int
    flying: int
    leases: tuple[Kept, ...]
    holdings: Holdings

    @property
    def leased(self) -> int:
        """What is left of the leases."""
        return sum(kept.left for kept in self.leases)

    @property
    def free(self) -> int:
        """What may be granted: ``U - F - sum of (a - s)``."""
        return self.there - self.flying - self.leased


def find_pool(connection: Connection, want: Want, scene: Scene, at: datetime) -> Found | None:
    """Look a pool up; None for an account that HQ does not have, or a pool that the programme in force does not know.

    Args:
        connection: In the transaction that will grant.
        want: What is wanted.
        scene: The till's store, and the programme in force there.
        at: Aware instant.
    """
    if want.account is not None:
        owner = owners_of(connection, [want.account]).get(want.account)
        return held_pool(connection, (owner.account, want.unit), at) if owner is not None else None
    programme = scene.programme
    if programme is None or want.pool is None:
        return None
    account = pool_account(programme.id, want.pool)
    limit = counted_pools(programme, want.pool).get((want.pool, want.unit))
    if limit is not None:
        return _counted(connection, (account, want.unit), *limit)
    stocked = any(want.pool in reward.stocks(scene.moment) for reward in programme.rewards)
    return held_pool(connection, (account, want.unit), at) if stocked else None


def held_pool(connection: Connection, pool: Pool, at: datetime) -> Found:
    """Give a pool that an account holds; the account must be no alias."""
    account, unit = pool
    holdings = holdings_of(connection, [account]).get(account, NOTHING)
    leases = tuple(counting(connection, [account]).get(pool, ()))
    return Found(
        pool=pool,
        counted=False,
        there=usable_now(holdings, unit, at, by_lot(leases)),
        flying=flying(connection, account, unit),
        leases=leases,
        holdings=holdings,
    )


def counted_pools(programme: Programme, named: str) -> dict[tuple[str, str], tuple[int, int]]:
    """Give (limit, sign) of the pools that count what was used, by (pool, unit); sign is -1 where it counts down.

    A budget's pool is known by the beginning of its name, since a month, a store or a member may follow.
    """
    limits: dict[tuple[str, str], tuple[int, int]] = {}
    for head in programme.heads:
        if head.uses.in_all is not None:
            limits[uses_pool(head.id), uses_pool(head.id)] = head.uses.in_all, 1
    for event in programme.events:
        limits[seats_pool(event.id), seats_pool(event.id)] = event.seats, -1
    for budget in programme.budgets:
        if named == budget.unit or named.startswith(f"{budget.unit}/"):
            limits[named, budget.unit] = budget.most_minor, 1
    return limits


def _counted(connection: Connection, pool: Pool, limit: int, sign: int) -> Found:
    account, unit = pool
    holdings = holdings_of(connection, [account]).get(account, NOTHING)
    return Found(
        pool=pool,
        counted=True,
        there=limit - sign * holdings.balance(unit),
        flying=0,
        leases=tuple(counting(connection, [account]).get(pool, ())),
        holdings=holdings,
    )
