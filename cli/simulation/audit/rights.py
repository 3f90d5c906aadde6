"""Rights to give: that nothing was given beyond them, by the auditor's own sums over leases, draws and balances.

Every reward of the simulated programme that takes from what several tills share is under rights (``offline = "cap"``). So a pool
goes below what is there or promised only by what is involuntary (a return, a correction), or where a disk was put back; then by no
more than the rights that stood on its image.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from cli.simulation.audit.headquarters import HqPicture
from cli.simulation.audit.violation import demand

I1, I2, I3, LOSS = "I1", "I2", "I3", "loss"
_COUNTS = ("open", "recalled", "frozen")
_LOSSES = ("late", "fork", "unleased")
Pool: TypeAlias = tuple[str, str]
_Slice: TypeAlias = tuple[str, str | None]


@dataclass(slots=True)
class Bound:
    """How much may be lost by unit: the rights that stood on the images that were put back.

    Attributes:
        hq_was_restored: What HQ gave since the backup is gone, and leases of it may live on at tills: I1 is not asked then.
    """

    hq_was_restored: bool = False
    by_unit: Counter[str] = field(default_factory=Counter)

    def add(self, connection: sqlite3.Connection) -> None:
        """Count the rights on a disk that was put back: what is left of its leases, and what it never sent."""
        for unit, left in connection.execute(
            "SELECT unit, amount - spent FROM lease_slice JOIN lease USING (lease_id) WHERE state <> 'gone'"
        ):
            self.by_unit[unit] += left
        for unit, amount in connection.execute(
            "SELECT unit, amount FROM pending WHERE amount > 0 AND sequence > (SELECT sent_through FROM sync_state)"
        ):
            self.by_unit[unit] += amount


def overspent(picture: HqPicture) -> int:
    """Give by how much accounts are below zero, in smallest steps of all their units together."""
    return -sum(amount for amount in picture.balances.values() if amount < 0)


def check_hq(connection: sqlite3.Connection, picture: HqPicture, bound: Bound) -> None:
    """Check what HQ granted and counted.

    Raises:
        Violation: I1, I3 or the bound of losses does not hold, or a draw was not counted once.
    """
    shortfalls = connection.execute("SELECT account_id, unit, amount, reason FROM shortfall").fetchall()
    if not bound.hq_was_restored:
        _check_pools(connection, picture, [(account.hex(), unit, amount) for account, unit, amount, _ in shortfalls])
    lost: Counter[str] = Counter()
    for _, unit, amount, reason in shortfalls:
        if reason in _LOSSES:
            lost[unit] += amount
    beyond = lost - bound.by_unit
    demand(not beyond, LOSS, f"{beyond.total()} smallest steps are lost beyond the bound of {bound.by_unit.total()}")
    _check_draws(connection, picture)


def check_till(connection: sqlite3.Connection, cores: list[bytes]) -> None:
    """Check what a till gave under its leases.

    Raises:
        Violation: I2 does not hold, or what is noted as spent is not what its journal draws.
    """
    drawn = _draws(cores)
    for lease, lot, amount, spent in connection.execute("SELECT lease_id, lot_id, amount, spent FROM lease_slice"):
        own = drawn[lease.hex(), lot.hex() if lot is not None else None]
        demand(own == spent <= amount, I2, f"{own} were drawn, {spent} are noted, and {amount} were granted")


def _check_pools(connection: sqlite3.Connection, picture: HqPicture, shortfalls: list[tuple[str, str, int]]) -> None:
    leased: Counter[Pool] = Counter()
    for account, unit, state, amount, spent in connection.execute(
        "SELECT account_id, unit, state, amount, spent FROM lease_slice JOIN lease USING (lease_id) WHERE counted = 0"
    ):
        if state in _COUNTS:
            leased[account.hex(), unit] += max(0, amount - spent)
    debt: Counter[Pool] = Counter()
    for account, unit, amount in shortfalls:
        debt[account, unit] += amount
    pools = {*leased, *debt}
    short = [pool for pool in pools if picture.balances.get(pool, 0) + debt[pool] < leased[pool]]
    demand(not short, I1, f"{len(short)} pools have less than what is leased of them, and nobody was told")


def _check_draws(connection: sqlite3.Connection, picture: HqPicture) -> None:
    """Compare what HQ counts as spent, and what it closed, with the draws and closes of the entries that it posted."""
    drawn = _draws(picture.posted.values())
    closes = {lease for core in picture.posted.values() for lease in json.loads(core).get("closes", ())}
    for lease, state, lot, amount, spent in connection.execute(
        "SELECT lease_id, state, lot_id, amount, spent FROM lease_slice JOIN lease USING (lease_id)"
    ):
        own = drawn[lease.hex(), lot.hex() if lot is not None else None]
        demand(own == spent, I2, f"HQ counts {spent} of a lease as spent, and entries draw {own}")
        if state == "closed":
            demand(lease.hex() in closes, I3, "a lease is closed and its holder never wrote so")
        demand(state != "spent" or spent >= amount, I3, "a lease counts as spent and is not")


def _draws(cores: Iterable[bytes]) -> Counter[_Slice]:
    drawn: Counter[_Slice] = Counter()
    for core in cores:
        for lease, lot, amount in json.loads(core).get("leases", ()):
            drawn[lease, lot] += amount
    return drawn
