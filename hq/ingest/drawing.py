"""What posted entries say of leases: draws and closes, and by how much a pool was taken too low.

Everything posts; here it is counted, in the transaction that posts. Source: docs/SPEC-leases.md, sections 2 and 6.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, func, select

from hq.accounts.holdings import holdings_of
from hq.attention.parking import ExceptionReason, raise_exception
from hq.book.schema import account as account_table
from hq.book.schema import ledger
from hq.ingest.accounts import Owner
from hq.ingest.arrivals import Arrived
from hq.leases.shortfalls import LOSSES, Short, ShortfallReason, note_shortfalls, short_before
from hq.leases.tables import Kept, Pool, by_lot, counting, flying_of, leases_named, note_paid, set_spent, set_state
from loyalty.holding.rights import is_shared
from loyalty.holding.slices import usable_now
from loyalty.holding.standing import NOTHING, Holdings, is_open
from loyalty.journal.entry import EntryKind, LeaseDraw, Lot, Posting
from sync.protocol.leases import LeaseState

_ALIVE = frozenset({LeaseState.OPEN, LeaseState.RECALLED})
_STOCK = "stock."
_BY_HQ = frozenset({EntryKind.ADJUST, EntryKind.EXPIRE, EntryKind.ISSUE, EntryKind.TIER})


@dataclass(frozen=True, slots=True, kw_only=True)
class LateUse:
    """A lot that HQ took as over, and that was redeemed before its end: so much is to be given back.

    Attributes:
        entry_id: The redemption.
        amount: Smallest steps, > 0, at most what expiry took.
    """

    entry_id: bytes
    account: bytes
    unit: str
    lot: Lot
    amount: int


class Drawing:
    """The leases and pools that a batch touches: read before it is written, counted in the order of its entries."""

    def __init__(
        self, connection: Connection, entries: Sequence[Arrived], owners: Mapping[bytes, Owner], now_ms: int
    ) -> None:
        """Read what the entries take from, and the leases that they name."""
        self._connection = connection
        self._owners = owners
        self._now_ms = now_ms
        taken = {account for one in entries for account, _, _ in self._takes(one)}
        taken |= short_before(connection, {account for one in entries for account in self._gets(one)} - taken)
        named = {draw.lease for one in entries if one.core for draw in one.core.leases}
        named |= {lease for one in entries if one.core for lease in one.core.closes}
        self._held: dict[bytes, Holdings] = dict(holdings_of(connection, sorted(taken))) if taken else {}
        found = [kept for pool in counting(connection, taken).values() for kept in pool] if taken else []
        self._leases = {kept.lease.lease_id: kept for kept in found}
        self._leases |= leases_named(connection, named - self._leases.keys()) if named else {}
        self._changed: set[bytes] = set()
        self._states: dict[bytes, LeaseState] = {}
        self._short: list[Short] = []
        self._late: list[LateUse] = []
        self._paid: dict[tuple[bytes, Pool], int] = {}

    def count(self, one: Arrived) -> None:
        """Count one posted entry."""
        core = one.core
        assert core is not None
        if not core.leases and not core.closes and not self._held:
            return
        at = datetime.fromtimestamp(min(one.effective_ms(), self._now_ms) // 1000, UTC)
        pools = sorted({(account, unit) for account, unit, _ in self._takes(one)})
        before = {pool: self._free(pool, at) for pool in pools}
        for draw in core.leases:
            self._draw(one, draw)
        self._post(one, at)
        found: list[Short] = []
        for pool in pools:
            short = min(0, before[pool]) - self._free(pool, at)
            if short > 0:
                found += self._shorts(one, pool, short)
        self._short += found
        self._tell_losses(one, [short for short in found if short.reason in LOSSES])
        for lease_id in core.closes:
            self._close(one, lease_id)

    def write(self) -> tuple[LateUse, ...]:
        """Write what was counted; gives the redemptions of lots that expiry had taken too early."""
        for lease_id in sorted(self._changed):
            for place, part in enumerate(self._leases[lease_id].lease.slices):
                set_spent(self._connection, lease_id, place, part.spent)
        for lease_id in sorted(self._changed):
            kept = self._leases[lease_id]
            if lease_id not in self._states and kept.lease.state in _ALIVE and not kept.left:
                self._states[lease_id] = LeaseState.SPENT
        for state in LeaseState:
            moved = [lease_id for lease_id, to in sorted(self._states.items()) if to is state]
            set_state(self._connection, moved, state, self._now_ms)
        note_shortfalls(self._connection, self._short, self._now_ms)
        note_paid(self._connection, self._paid)
        return tuple(self._late)

    def _takes(self, one: Arrived) -> Iterator[tuple[bytes, str, Posting]]:
        """Give what an entry takes from pools that accounts hold: account after merges, unit, posting."""
        for posting in one.core.postings if one.core else ():
            owner = self._owners.get(posting.account)
            if posting.amount < 0 and owner is not None and is_held_pool(posting.unit):
                yield owner.account, posting.unit, posting

    def _gets(self, one: Arrived) -> Iterator[bytes]:
        """Give the accounts, after merges, that an entry brings something to."""
        for posting in one.core.postings if one.core else ():
            owner = self._owners.get(posting.account)
            if posting.amount > 0 and owner is not None and is_held_pool(posting.unit):
                yield owner.account

    def _free(self, pool: Pool, at: datetime) -> int:
        """Give ``U - sum of (a - s)`` of a pool."""
        account, unit = pool
        leases = [kept for kept in self._leases.values() if kept.pool == pool and kept.lease.state.counts]
        leased = by_lot(leases)
        return usable_now(self._held.get(account, NOTHING), unit, at, leased) - sum(leased.values())

    def _post(self, one: Arrived, at: datetime) -> None:
        assert one.core is not None
        for posting in one.core.postings:
            owner = self._owners.get(posting.account)
            if owner is None or owner.account not in self._held:
                continue
            pool = owner.account, posting.unit
            owed = -self._free(pool, at) if posting.amount > 0 and is_held_pool(posting.unit) else 0
            held = self._held[owner.account].changed([(posting.unit, posting.amount, posting.lot)])
            self._held[owner.account] = held
            if owed > 0 and one.core.kind not in _BY_HQ:
                self._paid[one.terminal, pool] = self._paid_by(one.terminal, pool) + min(owed, posting.amount)
            if posting.amount < 0 and posting.lot is not None and one.core.kind != EntryKind.EXPIRE:
                self._note_late(one, owner.account, posting, at)

    def _note_late(self, one: Arrived, account: bytes, posting: Posting, at: datetime) -> None:
        """Note a lot that was open when it was redeemed, and that expiry has taken meanwhile."""
        assert one.core is not None
        lot = posting.lot
        assert lot is not None
        left = next(
            (
                held.amount
                for held in self._held[account].lots
                if held.unit == posting.unit and held.lot.lot_id == lot.lot_id
            ),
            0,
        )
        if left >= 0 or lot.expires_at is None or lot.expires_at * 1000 > self._now_ms or not is_open(lot, at):
            return
        given_back = min(-posting.amount, -left, _expired(self._connection, account, posting.unit, lot))
        if given_back > 0:
            late = LateUse(entry_id=one.core.entry_id, account=account, unit=posting.unit, lot=lot, amount=given_back)
            self._late.append(late)

    def _draw(self, one: Arrived, draw: LeaseDraw) -> None:
        kept = self._own(one, draw.lease)
        place = _place_of(kept, draw.lot_id) if kept is not None else None
        if kept is None or place is None:
            if kept is not None:
                self._note(one, ExceptionReason.LEASE_UNKNOWN, draw.lease)
            return
        slices = list(kept.lease.slices)
        slices[place] = replace(slices[place], spent=slices[place].spent + draw.amount)
        self._leases[draw.lease] = replace(kept, lease=replace(kept.lease, slices=tuple(slices)))
        self._changed.add(draw.lease)
        if kept.lease.state in _ALIVE and slices[place].left < 0:
            self._note(one, ExceptionReason.LEASE_OVERDRAWN, draw.lease)

    def _close(self, one: Arrived, lease_id: bytes) -> None:
        kept = self._own(one, lease_id)
        if kept is not None and kept.lease.state in _ALIVE:
            closed = replace(kept, lease=replace(kept.lease, state=LeaseState.CLOSED))
            self._leases[lease_id] = closed
            self._states[lease_id] = LeaseState.CLOSED

    def _own(self, one: Arrived, lease_id: bytes) -> Kept | None:
        """Give a lease of the till that wrote the entry; another one's is not touched, and a person hears of it."""
        kept = self._leases.get(lease_id)
        if kept is None:
            self._note(one, ExceptionReason.LEASE_UNKNOWN, lease_id)
        elif kept.lease.terminal != one.terminal:
            self._note(one, ExceptionReason.LEASE_FOREIGN, lease_id)
        else:
            return kept
        return None

    def _note(self, one: Arrived, reason: ExceptionReason, lease_id: bytes) -> None:
        self._raise(one, reason, f"lease {lease_id.hex()}")

    def _raise(self, one: Arrived, reason: ExceptionReason, note: str) -> None:
        entry_id = one.core.entry_id if one.core is not None else None
        raise_exception(self._connection, reason, place=one.place, at_ms=self._now_ms, entry_id=entry_id, note=note)

    def _shorts(self, one: Arrived, pool: Pool, short: int) -> list[Short]:
        """Say why an entry took a pool so much too low."""
        assert one.core is not None
        reason, entry_id = self._reason(one, pool), one.core.entry_id
        own = self._of_old_debt(one, pool, short) if reason is ShortfallReason.UNLEASED else 0
        parts = ((ShortfallReason.CLAWBACK, own), (reason, short - own))
        return [Short(entry_id, pool, amount, why) for why, amount in parts if amount]

    def _tell_losses(self, one: Arrived, lost: Sequence[Short]) -> None:
        """Let a person hear of what the merchant lost by an entry."""
        if lost:
            said = (f"{short.reason.value}: {short.amount} of {short.pool[1]}, {short.pool[0].hex()}" for short in lost)
            self._raise(one, ExceptionReason.OVERSPENT, "; ".join(said))

    def _of_old_debt(self, one: Arrived, pool: Pool, short: int) -> int:
        """Give how much of it had paid a debt, and takes that back.

        A till may give what its own entries brought before HQ has heard of them, though they paid a debt as they came.
        """
        paid = self._paid_by(one.terminal, pool)
        own = min(short, paid)
        if own:
            self._paid[one.terminal, pool] = paid - own
        return own

    def _paid_by(self, terminal: bytes, pool: Pool) -> int:
        known = self._paid.get((terminal, pool))
        return flying_of(self._connection, terminal, pool)[1] if known is None else known

    def _reason(self, one: Arrived, pool: Pool) -> ShortfallReason:
        assert one.core is not None
        if one.core.kind in {EntryKind.VOID, EntryKind.RETURN}:
            return ShortfallReason.CLAWBACK
        if one.core.kind not in {EntryKind.SALE, EntryKind.ACTION}:
            return ShortfallReason.CORRECTION
        drawn = [self._leases[draw.lease] for draw in one.core.leases if draw.lease in self._leases]
        dead = [kept for kept in drawn if kept.pool == pool and kept.lease.state not in _ALIVE]
        if any(kept.lease.state is LeaseState.WRITTEN_OFF for kept in dead):
            return ShortfallReason.LATE
        over = any(part.left < 0 for kept in drawn if kept.pool == pool for part in kept.lease.slices)
        return ShortfallReason.FORK if dead or over else ShortfallReason.UNLEASED


def is_held_pool(unit: str) -> bool:
    """Tell whether what there is of ``unit`` stands in the account, and several tills may give of it."""
    return is_shared(unit) or unit.startswith(_STOCK)


def _place_of(kept: Kept, lot_id: bytes | None) -> int | None:
    return next((place for place, one in enumerate(kept.lease.slices) if one.lot_id == lot_id), None)


def _expired(connection: Connection, account: bytes, unit: str, lot: Lot) -> int:
    """Give what expiry took of a lot and has not given back, also before the account was merged."""
    merged = and_(account_table.c.canonical_id == account, account_table.c.canonical_id != account_table.c.account_id)
    named = [account, *connection.execute(select(account_table.c.account_id).where(merged)).scalars()]
    own = select(func.coalesce(func.sum(ledger.c.amount), 0)).where(
        ledger.c.account_id.in_(named),
        ledger.c.unit == unit,
        ledger.c.lot_id == lot.lot_id,
        ledger.c.kind == EntryKind.EXPIRE.value,
    )
    return max(0, -int(connection.execute(own).scalar_one()))
