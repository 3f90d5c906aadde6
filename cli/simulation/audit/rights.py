"""Rights to give: that nothing was given beyond them, by the auditor's own sums over leases, draws and balances.

Rewards of the simulated programme that take from what several tills share are under rights (``offline = "cap"``), but for one
that is ``allow`` under floor limits. So a pool goes below what is there or promised only by what is involuntary (a return, a
correction), by what was written off, within the limits, or where a disk was put back; then by no more than the rights that stood
on its image.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from cli.simulation.audit.headquarters import HqPicture
from cli.simulation.audit.journals import JournalView, SeenEntry, read_only
from cli.simulation.audit.violation import demand
from loyalty.authoring.exposure import worst_case
from loyalty.programme.model import Programme

I1, I2, I3, LOSS = "I1", "I2", "I3", "loss"
_COUNTS = ("open", "recalled", "frozen")
_LOSSES = _LATE, _FORK, _UNLEASED = "late", "fork", "unleased"
_FREE_REWARD, _FREELY, _WORTH_MINOR = "free", "points", 1_000
"""The reward that is ``allow``, its unit, and what one of it buys."""
Pool: TypeAlias = tuple[str, str]
_Slice: TypeAlias = tuple[str, str | None]


@dataclass(slots=True)
class Bound:
    """How much may be lost by unit: the rights that stood on images that were put back, and what was written off.

    Attributes:
        programme: Whose worst case is the bound for what is given beyond rights.
        by_unit: The rights on images.
        images: How many were put back, by terminal.
        written_off: Of each slice of a lease that was written off its unit, and what was left of it then.
        hq_was_restored: What HQ gave since the backup is gone, and leases of it may live on at tills: I1 is asked again once every
            till has said what it holds.
    """

    programme: Programme
    hq_was_restored: bool = False
    by_unit: Counter[str] = field(default_factory=Counter)
    images: Counter[str] = field(default_factory=Counter)
    written_off: dict[_Slice, tuple[str, int]] = field(default_factory=dict)

    def add(self, terminal: str, connection: sqlite3.Connection) -> None:
        """Count the rights on a disk that was put back: what is left of its leases, and what it never sent."""
        self.images[terminal] += 1
        for unit, left in connection.execute(
            "SELECT unit, amount - spent FROM lease_slice JOIN lease USING (lease_id) WHERE state <> 'gone'"
        ):
            self.by_unit[unit] += left
        for unit, amount in connection.execute(
            "SELECT unit, amount FROM pending WHERE amount > 0 AND sequence > (SELECT sent_through FROM sync_state)"
        ):
            self.by_unit[unit] += amount

    def wrote_off(self, book: Path) -> None:
        """Look for leases that were written off just now: nothing has been posted since."""
        with closing(read_only(book)) as connection:
            for lease, lot, unit, left in connection.execute(
                "SELECT lease_id, lot_id, unit, amount - spent FROM lease_slice JOIN lease USING (lease_id)"
                " WHERE state = 'written_off'"
            ):
                self.written_off.setdefault((lease.hex(), lot.hex() if lot is not None else None), (unit, left))

    def late(self) -> Counter[str]:
        """Give by unit what was written off: so much may come late."""
        left: Counter[str] = Counter()
        for unit, amount in self.written_off.values():
            left[unit] += max(0, amount)
        return left


def overspent(picture: HqPicture) -> int:
    """Give by how much accounts are below zero, in smallest steps of all their units together."""
    return -sum(amount for amount in picture.balances.values() if amount < 0)


def check_hq(connection: sqlite3.Connection, picture: HqPicture, bound: Bound) -> None:
    """Check what HQ granted and counted.

    Raises:
        Violation: I1, I3 or the bound of losses does not hold, or a draw was not counted once.
    """
    shortfalls = connection.execute("SELECT account_id, unit, amount, reason FROM shortfall").fetchall()
    if not bound.hq_was_restored or _is_recovered(connection):
        _check_pools(connection, picture, [(account.hex(), unit, amount) for account, unit, amount, _ in shortfalls])
    lost: dict[str, Counter[str]] = {reason: Counter() for reason in _LOSSES}
    for _, unit, amount, reason in shortfalls:
        if reason in _LOSSES:
            lost[reason][unit] += amount
    late = lost[_LATE] - bound.late()
    unleased = lost[_UNLEASED] - Counter({_FREELY: _given_freely(connection, bound)})
    beyond = late + lost[_FORK] + unleased - bound.by_unit
    demand(not beyond, LOSS, f"{beyond.total()} smallest steps are lost beyond the bound of {bound.by_unit.total()}")
    _check_owed(connection)
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


def check_given(view: JournalView, seen: SeenEntry, same: Callable[[str], str], programme: Programme) -> None:
    """Check what a sale took of members' points: what was drawn under leases, and what only this till knew of, and no more.

    By the reward that may go beyond rights, as much more as one sale may give.

    Args:
        view: The journal on the disk.
        seen: The entry.
        same: Gives the account that an account is by now.
        programme: By which tills count.

    Raises:
        Violation: more was given.
    """
    taken = -sum(one.amount for one in seen.postings if one.unit == _FREELY and one.amount < 0)
    if seen.kind != "sale" or not taken:
        return
    floors = programme.floors
    assert floors is not None
    payers = {same(one.account) for one in seen.postings if one.unit == _FREELY and one.amount < 0}
    own = sum(
        one.amount
        for before in view.entries[seen.left : seen.sequence - 1]
        for one in before.postings
        if one.unit == _FREELY and one.amount > 0 and same(one.account) in payers
    )
    of_others = {
        lease for (lease,) in view.connection.execute("SELECT lease_id FROM lease WHERE unit <> ?", (_FREELY,))
    }
    drawn = sum(
        amount for lease, _, amount in json.loads(seen.core).get("leases", ()) if bytes.fromhex(lease) not in of_others
    )
    (detail,) = view.connection.execute("SELECT detail FROM journal WHERE sequence = ?", (seen.sequence,)).fetchone()
    freely = any(one["reward"] == _FREE_REWARD for one in json.loads(detail).get("redemptions", ()))
    most = floors.per_sale_minor // _WORTH_MINOR if freely else 0
    beyond = taken - drawn - own
    demand(beyond <= most, LOSS, f"a sale gave {beyond} points beyond what its till may give, and {most} is the limit")


_UNLEASED_SALES = """
SELECT journal.terminal_id, journal.detail, shortfall.entry_id, shortfall.amount
FROM shortfall JOIN entry USING (entry_id) JOIN journal USING (terminal_id, epoch, sequence)
WHERE shortfall.reason = 'unleased' AND shortfall.unit = ?
"""


def _given_freely(connection: sqlite3.Connection, bound: Bound) -> int:
    """Give how much was given beyond every right by the reward that may do so: no more than the policy's worst case.

    Raises:
        Violation: a sale or a till's day went beyond its limit, though the till's disk was never put back, or the chain did.
    """
    floors = bound.programme.floors
    assert floors is not None
    sales: Counter[tuple[str, str]] = Counter()
    days: Counter[tuple[str, str]] = Counter()
    for terminal, detail, entry, amount in connection.execute(_UNLEASED_SALES, (_FREELY,)):
        said = json.loads(detail)
        freely = sum(one["units"] for one in said.get("redemptions", ()) if one["reward"] == _FREE_REWARD)
        sales[terminal.hex(), entry.hex()] += min(amount, freely)
        days[terminal.hex(), said["business_date"]] += min(amount, freely)
    _within(sales, floors.per_sale_minor, bound, "in one sale")
    _within(days, floors.per_till_day_minor, bound, "on one day")
    tills = len({terminal for terminal, _ in days}) + bound.images.total()
    most_minor = worst_case(bound.programme, max(1, tills), max(1, len({day for _, day in days}))).chain_minor
    given_minor = sales.total() * _WORTH_MINOR
    demand(
        most_minor is not None and given_minor <= most_minor, LOSS, f"{given_minor} of {most_minor} were given freely"
    )
    return sales.total()


def _within(given: Counter[tuple[str, str]], most_minor: int, bound: Bound, said: str) -> None:
    for (terminal, _), units in sorted(given.items()):
        worth_minor = units * _WORTH_MINOR
        known = bound.images[terminal] or worth_minor <= most_minor
        demand(known, LOSS, f"{worth_minor} was given {said} beyond every right, and {most_minor} is the limit")


_SILENT = """
SELECT count(*) FROM terminal LEFT JOIN rights_told AS told ON told.terminal_id = terminal.terminal_id
    AND CAST(told.hq_epoch AS BLOB) = (SELECT value FROM setting WHERE name = 'hq_epoch')
WHERE terminal.role = 'till' AND terminal.revoked_at_ms IS NULL AND told.terminal_id IS NULL
"""


def _is_recovered(connection: sqlite3.Connection) -> bool:
    silent: int = connection.execute(_SILENT).fetchone()[0]
    return silent == 0


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


_OWED_BY_SALES = """
SELECT shortfall.amount, (
    SELECT coalesce(sum(before.amount), 0) FROM shortfall AS before LEFT JOIN entry USING (entry_id)
    WHERE before.account_id = shortfall.account_id AND before.unit = shortfall.unit
      AND before.reason IN ('clawback', 'correction') AND coalesce(entry.kind, '') NOT IN ('sale', 'action'))
FROM shortfall JOIN entry USING (entry_id) WHERE shortfall.reason = 'clawback' AND entry.kind IN ('sale', 'action')
"""


def _check_owed(connection: sqlite3.Connection) -> None:
    """What a sale took too much is the member's own only as far as something was ever taken back from that member."""
    hidden = [(amount, owed) for amount, owed in connection.execute(_OWED_BY_SALES) if amount > owed]
    demand(not hidden, LOSS, f"{len(hidden)} sales gave what nobody had, and HQ says that it was owed before")


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
