"""What is set aside for sales that are not paid yet, and from what it was computed.

Source: docs/SPEC-leases.md, section 8.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import Connection, bindparam, delete, insert, select

from agent.book.schema import floor_use, held, held_floor, hold, pending
from agent.book.statements import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """So much of a lot of an account (None: of no lot), under a lease or not.

    Attributes:
        own: How much of it are units that the till never sent.
    """

    account: bytes
    unit: str
    lot_id: bytes | None
    lease: bytes | None
    amount: int
    own: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One hold.

    Attributes:
        hold_id: 16 bytes.
        request_digest: Of the basket and what was asked.
        expires_at: Epoch seconds.
        view: What it was computed from, in JSON (`agent.till.seen`).
        beyond: What the sale gives beyond the till's rights, in minor units, by the account that pays.
    """

    hold_id: bytes
    request_digest: bytes
    expires_at: int
    view: str
    beyond: Mapping[bytes, int] = field(default_factory=dict)


_INSERT = Prepared(insert(hold))
_INSERT_HELD = Prepared(insert(held))
_FIND = Prepared(
    select(hold.c.request_digest, hold.c.expires_at, hold.c.view).where(hold.c.hold_id == bindparam("hold"))
)
_HELD = Prepared(
    select(held.c.account, held.c.unit, held.c.lot_id, held.c.lease_id, held.c.amount)
    .select_from(held.join(hold, hold.c.hold_id == held.c.hold_id))
    .where(held.c.account == bindparam("account"), hold.c.expires_at > bindparam("now"))
)
_HELD_OWN = Prepared(
    select(held.c.hold_id, held.c.unit, held.c.lot_id, held.c.own)
    .select_from(held.join(hold, hold.c.hold_id == held.c.hold_id))
    .where(held.c.account == bindparam("account"), held.c.own > 0, hold.c.expires_at > bindparam("now"))
    .order_by(hold.c.expires_at, held.c.hold_id, held.c.place)
)
_ANY_OWN = Prepared(select(held.c.hold_id).where(held.c.own > 0))
_ANY = Prepared(select(hold.c.hold_id).limit(1))
_ENDED = Prepared(select(hold.c.hold_id).where(hold.c.expires_at <= bindparam("now")).limit(100))
_DROP_HELD = Prepared(delete(held).where(held.c.hold_id == bindparam("hold")))
_DROP = Prepared(delete(hold).where(hold.c.hold_id == bindparam("hold")))
_DROP_EVERY_HELD, _DROP_EVERY_FLOOR, _DROP_EVERY = (Prepared(delete(one)) for one in (held, held_floor, hold))
_INSERT_FLOOR = Prepared(insert(floor_use))
_FLOOR_DAY = Prepared(select(floor_use.c.worth_minor).where(floor_use.c.business_date == bindparam("day")))
_INSERT_HELD_FLOOR = Prepared(insert(held_floor))
_DROP_HELD_FLOOR = Prepared(delete(held_floor).where(held_floor.c.hold_id == bindparam("hold")))
_HELD_FLOOR = Prepared(
    select(held_floor.c.worth_minor)
    .select_from(held_floor.join(hold, hold.c.hold_id == held_floor.c.hold_id))
    .where(hold.c.expires_at > bindparam("now"))
)
_HELD_FLOOR_ACCOUNT = Prepared(
    select(held_floor.c.worth_minor)
    .select_from(held_floor.join(hold, hold.c.hold_id == held_floor.c.hold_id))
    .where(held_floor.c.account == bindparam("account"), hold.c.expires_at > bindparam("now"))
)
_FLOOR_UNHEARD = select(floor_use.c.worth_minor).where(floor_use.c.sequence.in_(select(pending.c.sequence)))
_FLOOR_ALL = Prepared(_FLOOR_UNHEARD)
_FLOOR_ACCOUNT = Prepared(_FLOOR_UNHEARD.where(floor_use.c.account == bindparam("account")))


def keep(connection: Connection, one: Hold, parts: Iterable[Held]) -> None:
    """Set something aside."""
    _INSERT.run(
        connection,
        hold_id=one.hold_id,
        request_digest=one.request_digest,
        expires_at=one.expires_at,
        view=one.view,
    )
    rows = [
        {
            "hold_id": one.hold_id,
            "place": place,
            "account": part.account,
            "unit": part.unit,
            "lot_id": part.lot_id,
            "lease_id": part.lease,
            "amount": part.amount,
            "own": part.own,
        }
        for place, part in enumerate(parts)
    ]
    _INSERT_HELD.run_many(connection, rows)
    for account, worth_minor in one.beyond.items():
        _INSERT_HELD_FLOOR.run(connection, hold_id=one.hold_id, account=account, worth_minor=worth_minor)


def find(connection: Connection, hold_id: bytes) -> Hold | None:
    """Find a hold, whether it has ended or not."""
    row = _FIND.one(connection, hold=hold_id)
    if row is None:
        return None
    return Hold(hold_id=hold_id, request_digest=row[0], expires_at=row[1], view=row[2])


def held_of(connection: Connection, accounts: Iterable[bytes], now_s: int) -> list[Held]:
    """Give what is set aside of some accounts; asks nothing of the accounts where there is no hold at all."""
    if _ANY.one(connection) is None:
        return []
    return [
        Held(account=row[0], unit=row[1], lot_id=row[2], lease=row[3], amount=row[4])
        for account in accounts
        for row in _HELD.rows(connection, account=account, now=now_s)
    ]


def drop(connection: Connection, hold_id: bytes) -> bool:
    """Give a hold back; False where there is none."""
    _DROP_HELD.run(connection, hold=hold_id)
    _DROP_HELD_FLOOR.run(connection, hold=hold_id)
    return _DROP.run(connection, hold=hold_id).rowcount > 0


def drop_all(connection: Connection) -> None:
    """Give every hold back."""
    for one in (_DROP_EVERY_HELD, _DROP_EVERY_FLOOR, _DROP_EVERY):
        one.run(connection)


def end_uncovered(
    connection: Connection,
    account: bytes,
    taken: Collection[tuple[str, bytes | None]],
    own: Callable[[], Mapping[tuple[str, bytes | None], int]],
    now_s: int,
) -> None:
    """End the holds that set aside more of the till's own units than it still has: who came last goes first.

    Args:
        connection: To the book, in the commit that took units away.
        account: Whose units.
        taken: Of which units and lots.
        own: Gives what entries brought that were never sent, by unit and lot; asked only where there is such a hold.
        now_s: By which holds end, in epoch seconds.
    """
    if _ANY.one(connection) is None:
        return
    parts = _HELD_OWN.rows(connection, account=account, now=now_s)
    left = dict(own()) if parts else {}
    for hold_id, of_hold in groupby(parts, key=lambda row: row[0]):
        needed = [((unit, lot_id), amount) for _, unit, lot_id, amount in of_hold if (unit, lot_id) in taken]
        if all(left.get(key, 0) >= amount for key, amount in needed):
            left.update({key: left[key] - amount for key, amount in needed})
        else:
            drop(connection, hold_id)


def end_own(connection: Connection) -> None:
    """End the holds on units that only this till knew of: they are about to leave it, and HQ may lend them to others."""
    for (hold_id,) in set(_ANY_OWN.rows(connection)):
        drop(connection, hold_id)


def ended(connection: Connection, now_s: int) -> list[bytes]:
    """Give some holds that are over."""
    return [row[0] for row in _ENDED.rows(connection, now=now_s)]


def note_beyond(connection: Connection, sequence: int, account: bytes, business_date: str, worth_minor: int) -> None:
    """Note what an entry gave beyond the till's rights."""
    _INSERT_FLOOR.run(
        connection, sequence=sequence, account=account, business_date=business_date, worth_minor=worth_minor
    )


def beyond_on(connection: Connection, business_date: str, now_s: int) -> int:
    """Give what the till gave beyond its rights on a business date, or has set aside for any, in minor units."""
    given = _FLOOR_DAY.rows(connection, day=business_date)
    return sum(row[0] for row in (*given, *_HELD_FLOOR.rows(connection, now=now_s)))


def beyond_unheard(connection: Connection, now_s: int) -> int:
    """Give what the till gave beyond its rights that HQ's word does not contain yet, or has set aside, in minor units."""
    given = _FLOOR_ALL.rows(connection)
    return sum(row[0] for row in (*given, *_HELD_FLOOR.rows(connection, now=now_s)))


def beyond_for(connection: Connection, account: bytes, now_s: int) -> int:
    """Give what the till gave one account beyond its rights that HQ's word does not contain yet, or has set aside."""
    given = _FLOOR_ACCOUNT.rows(connection, account=account)
    return sum(row[0] for row in (*given, *_HELD_FLOOR_ACCOUNT.rows(connection, account=account, now=now_s)))
