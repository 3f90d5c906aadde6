"""The till's leases: what HQ granted, what is spent of it, and what is on its way back.

A lease that ended stays as `GONE`, so that no late word of HQ ever brings it to life again.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum

from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlalchemy import func as sql

from agent.book import holds
from agent.book.schema import lease, lease_slice, pending, sync_state
from agent.book.statements import Prepared
from loyalty.holding.slices import HeldSlice
from loyalty.holding.standing import LotBalance
from loyalty.journal.entry import LeaseDraw, Lot
from loyalty.numbers.limits import require
from sync.protocol.leases import Lease, LeaseAnswer, LeaseState, Slice


class OwnState(StrEnum):
    """Where a lease stands at the till."""

    OPEN = "open"
    RECALLED = "recalled"
    """HQ wants it back: nothing more is given under it."""
    GONE = "gone"
    """Spent, given back, or not the till's any more."""


_INSERT = Prepared(insert(lease))
_INSERT_SLICE = Prepared(insert(lease_slice))
_STATE = Prepared(select(lease.c.state).where(lease.c.lease_id == bindparam("lease")))
_SET = Prepared(update(lease).where(lease.c.lease_id == bindparam("lease")).values(state=bindparam("new_state")))
_REPOINT = Prepared(
    update(lease)
    .where(lease.c.lease_id == bindparam("lease"))
    .values(account=bindparam("new_account"), seal=bindparam("new_seal"))
)
_USABLE = Prepared(
    select(
        lease.c.lease_id,
        lease.c.unit,
        lease_slice.c.lot_id,
        lease_slice.c.usable_at,
        lease_slice.c.expires_at,
        (lease_slice.c.amount - lease_slice.c.spent),
    )
    .select_from(lease.join(lease_slice, lease_slice.c.lease_id == lease.c.lease_id))
    .where(
        lease.c.account == bindparam("account"),
        lease.c.state == OwnState.OPEN.value,
        lease.c.expires_at > bindparam("now"),
        lease_slice.c.amount > lease_slice.c.spent,
    )
    .order_by(lease.c.expires_at, lease.c.lease_id, lease_slice.c.place)
)
_DRAW = Prepared(
    text(
        "UPDATE lease_slice SET spent = spent + :amount WHERE lease_id = :lease AND lot_id IS :lot"
        " AND spent + :amount <= amount"
    )
)
_IS_SPENT = Prepared(text("SELECT NOT EXISTS (SELECT 1 FROM lease_slice WHERE lease_id = :lease AND spent < amount)"))
_SHARE = Prepared(
    text(
        "SELECT ifnull(sum(s.amount), 0), ifnull(sum(s.amount - s.spent), 0) FROM lease AS l JOIN lease_slice AS s"
        " ON s.lease_id = l.lease_id WHERE l.account = :account AND l.unit = :of AND l.state = 'open'"
        " AND l.expires_at > :now"
    )
)
_RECENT = Prepared(
    text(
        "SELECT v.member FROM visitor AS v JOIN member AS m ON m.member = v.member AND m.canonical IS NULL"
        " ORDER BY v.visited_on DESC, v.member LIMIT :most"
    )
)
_VISITED = Prepared(
    text(
        "INSERT INTO visitor (member, visited_on) VALUES (:member, :day) ON CONFLICT (member)"
        " DO UPDATE SET visited_on = excluded.visited_on WHERE visitor.visited_on < excluded.visited_on"
    )
)
_ENDING = Prepared(
    text(
        "SELECT lease_id FROM lease WHERE (state = 'recalled' OR (state = 'open' AND expires_at <= :now))"
        " AND NOT EXISTS (SELECT 1 FROM held WHERE held.lease_id = lease.lease_id)"
        " ORDER BY lease_id LIMIT :most"
    )
)
_VOID = Prepared(update(lease).where(lease.c.state != OwnState.GONE.value).values(state=bindparam("new_state")))
_ALL_SENT = Prepared(
    text("UPDATE sync_state SET sent_through = max(sent_through, ifnull((SELECT max(sequence) FROM journal), 0))")
)
_ALL = Prepared(select(lease).where(lease.c.state != OwnState.GONE.value).order_by(lease.c.lease_id))
_SLICES = Prepared(
    select(
        lease_slice.c.lot_id,
        lease_slice.c.usable_at,
        lease_slice.c.expires_at,
        lease_slice.c.amount,
        lease_slice.c.spent,
    )
    .where(lease_slice.c.lease_id == bindparam("lease"))
    .order_by(lease_slice.c.place)
)
_COUNT = Prepared(select(sql.count()).select_from(lease).where(lease.c.state != OwnState.GONE.value))
_OWN = Prepared(
    select(
        pending.c.unit,
        pending.c.lot_id,
        sql.sum(pending.c.amount + pending.c.leased),
        sql.max(pending.c.usable_at),
        sql.max(pending.c.expires_at),
    )
    .where(
        pending.c.account == bindparam("account"),
        pending.c.sequence > select(sync_state.c.sent_through).where(sync_state.c.id == 1).scalar_subquery(),
    )
    .group_by(pending.c.unit, pending.c.lot_id)
)
_KNOWN = Prepared(select(sync_state.c.lease_epoch, sync_state.c.leases_known).where(sync_state.c.id == 1))
_SET_KNOWN = Prepared(
    update(sync_state).where(sync_state.c.id == 1).values(lease_epoch=bindparam("of"), leases_known=bindparam("upto"))
)
_FINAL = frozenset({LeaseState.SPENT, LeaseState.CLOSED, LeaseState.FROZEN, LeaseState.WRITTEN_OFF})


def usable(connection: Connection, accounts: Iterable[bytes], now_s: int) -> list[HeldSlice]:
    """Give what is left of the slices of open leases on some accounts, in the order in which they are spent."""
    return [
        HeldSlice(lease=lease_id, account=account, unit=unit, lot=_lot(lot_id, usable_at, expires_at), left=left)
        for account in accounts
        for lease_id, unit, lot_id, usable_at, expires_at, left in _USABLE.rows(connection, account=account, now=now_s)
    ]


def own_units(connection: Connection, account: bytes) -> tuple[list[LotBalance], dict[str, int]]:
    """Give what entries brought to an account that were never sent: by lot, and by unit with what stands in no lot.

    What such entries took under leases is no part of it.
    """
    lots: list[LotBalance] = []
    balances: dict[str, int] = {}
    for unit, lot_id, amount, usable_at, expires_at in _OWN.rows(connection, account=account):
        balances[unit] = balances.get(unit, 0) + amount
        lot = _lot(lot_id, usable_at, expires_at)
        if lot is not None:
            lots.append(LotBalance(unit=unit, lot=lot, amount=amount))
    return lots, balances


def draw(connection: Connection, draws: Iterable[LeaseDraw]) -> None:
    """Spend what a sale draws, in its commit.

    Raises:
        ValueError: a lease does not have it (I2; a bug): nothing of the sale is written.
    """
    for one in draws:
        changed = _DRAW.run(connection, lease=one.lease, lot=one.lot_id, amount=one.amount).rowcount
        require(changed == 1, "I2: more would be spent than was leased")
        if _IS_SPENT.scalar(connection, lease=one.lease):
            _SET.run(connection, lease=one.lease, new_state=OwnState.GONE.value)


def known(connection: Connection) -> tuple[str | None, int]:
    """Give under which of HQ's epochs, and up to which change, the till has heard of its leases."""
    row = _KNOWN.one(connection)
    assert row is not None
    return row[0], row[1]


def take_in(connection: Connection, answer: LeaseAnswer, *, terminal: bytes, epoch: int) -> None:
    """Note what HQ says of the till's leases; what the till heard before, or gave back, stays as it is."""
    of, upto = known(connection)
    seen = upto if of == answer.hq_epoch else 0
    for change in answer.changes:
        one = change.lease
        if change.number <= seen or one.terminal != terminal or one.epoch != epoch:
            continue
        state = _STATE.scalar(connection, lease=one.lease_id)
        if state is None and one.state not in _FINAL:
            _add(connection, one)
        elif state is not None and state != OwnState.GONE:
            _move(connection, one)
    if of != answer.hq_epoch or answer.upto > upto:
        _SET_KNOWN.run(connection, of=answer.hq_epoch, upto=max(answer.upto, seen))


def ending(connection: Connection, now_s: int, most: int) -> list[bytes]:
    """Give leases that are to be given back: recalled, or at their end; one that a hold needs waits for it."""
    return [row[0] for row in _ENDING.rows(connection, now=now_s, most=most)]


def gone(connection: Connection, lease_ids: Collection[bytes]) -> None:
    """Note leases as given back, in the commit of the entry that closes them."""
    for lease_id in lease_ids:
        _SET.run(connection, lease=lease_id, new_state=OwnState.GONE.value)


def void_leases(connection: Connection) -> None:
    """Give every right up: the disk was restored or cloned, and what is on it may have been given already elsewhere.

    What is set aside for sales goes too: the other disk may have paid with it.

    What the journal holds counts as sent from now on, since another disk may have sent it.
    """
    _VOID.run(connection, new_state=OwnState.GONE.value)
    holds.drop_all(connection)
    _ALL_SENT.run(connection)


def share(connection: Connection, account: bytes, unit: str, now_s: int) -> tuple[int, int]:
    """Give (granted, left) of the open leases of a pool."""
    row = _SHARE.one(connection, account=account, of=unit, now=now_s)
    return (row[0], row[1]) if row is not None else (0, 0)


def recent_accounts(connection: Connection, most: int) -> list[bytes]:
    """Give members who bought at this till, the latest first."""
    return [row[0] for row in _RECENT.rows(connection, most=most)]


def visited(connection: Connection, member: bytes, day: str) -> None:
    """Note that a member bought here on a business date."""
    _VISITED.run(connection, member=member, day=day)


def count(connection: Connection) -> int:
    """Count the leases that the till holds."""
    return int(_COUNT.scalar(connection))


def every(connection: Connection, terminal: bytes) -> tuple[Lease, ...]:
    """Give every lease that the till holds, as HQ granted it and with what is spent of it."""
    return tuple(
        Lease(
            lease_id=row[0],
            request_id=row[1],
            terminal=terminal,
            epoch=row[2],
            account=row[3],
            unit=row[4],
            expires_at=row[5],
            slices=tuple(
                Slice(lot_id=lot_id, usable_at=usable_at, expires_at=expires_at, amount=amount, spent=spent)
                for lot_id, usable_at, expires_at, amount, spent in _SLICES.rows(connection, lease=row[0])
            ),
            seal=row[7],
        )
        for row in _ALL.rows(connection)
    )


def _add(connection: Connection, one: Lease) -> None:
    state = OwnState.RECALLED if one.state is LeaseState.RECALLED else OwnState.OPEN
    _INSERT.run(
        connection,
        lease_id=one.lease_id,
        request_id=one.request_id,
        epoch=one.epoch,
        account=one.account,
        unit=one.unit,
        expires_at=one.expires_at,
        state=state.value,
        seal=one.seal,
    )
    rows = [
        {
            "lease_id": one.lease_id,
            "place": place,
            "lot_id": part.lot_id,
            "usable_at": part.usable_at,
            "expires_at": part.expires_at,
            "amount": part.amount,
            "spent": part.spent,
        }
        for place, part in enumerate(one.slices)
    ]
    _INSERT_SLICE.run_many(connection, rows)


def _move(connection: Connection, one: Lease) -> None:
    _REPOINT.run(connection, lease=one.lease_id, new_account=one.account, new_seal=one.seal)  # the member was merged
    if one.state in _FINAL:
        _SET.run(connection, lease=one.lease_id, new_state=OwnState.GONE.value)
    elif one.state is LeaseState.RECALLED:
        _SET.run(connection, lease=one.lease_id, new_state=OwnState.RECALLED.value)


def _lot(lot_id: bytes | None, usable_at: int | None, expires_at: int | None) -> Lot | None:
    return None if lot_id is None else Lot(lot_id=lot_id, usable_at=usable_at, expires_at=expires_at)
