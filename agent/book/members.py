"""Members, cards and balances as this till knows them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeAlias

from sqlalchemy import BindParameter, Connection, bindparam, exists, insert, null, or_, select, union_all, update
from sqlalchemy import func as sql
from sqlalchemy import literal_column as literal

from agent.book import base
from agent.book.base_file import BaseMember
from agent.book.schema import card, member, pending, posted, posted_lot, sync_state, terminal
from agent.book.statements import Prepared
from loyalty.holding.standing import Holdings, LotBalance, Standing
from loyalty.journal.entry import Lot

_Held: TypeAlias = tuple[tuple[tuple[str, int], ...], tuple[LotBalance, ...]]
_BALANCE, _LOT, _OWN = 0, 1, 2
"""Whence a row of `_HELD` is: HQ's balances, HQ's lots, own pending postings."""

_FIND = Prepared(
    select(sql.coalesce(member.c.canonical, card.c.member))
    .select_from(card.outerjoin(member, member.c.member == card.c.member))
    .where(card.c.card_key == bindparam("card_key"))
)
_CANONICAL = Prepared(
    select(sql.coalesce(member.c.canonical, member.c.member)).where(member.c.member == bindparam("member"))
)
_MEMBER = Prepared(
    select(
        member.c.nickname,
        member.c.tier,
        member.c.language,
        member.c.birthday,
        member.c.joined_on,
        member.c.last_visit_on,
        member.c.segments,
        member.c.tier_until,
        member.c.referrer,
    ).where(member.c.member == bindparam("member"))
)
_account: BindParameter[bytes] = bindparam("account")
_HELD = Prepared(  # HQ's word on a lot first: its instants count
    union_all(
        select(literal(str(_BALANCE)), posted.c.unit, posted.c.amount, null(), null(), null()).where(
            posted.c.account == _account
        ),
        select(
            literal(str(_LOT)),
            posted_lot.c.unit,
            posted_lot.c.amount,
            posted_lot.c.lot_id,
            posted_lot.c.usable_at,
            posted_lot.c.expires_at,
        ).where(posted_lot.c.account == _account),
        select(
            literal(str(_OWN)),
            pending.c.unit,
            sql.sum(pending.c.amount),
            pending.c.lot_id,
            sql.max(pending.c.usable_at),
            sql.max(pending.c.expires_at),
        )
        .where(pending.c.account == _account)
        .group_by(pending.c.unit, pending.c.lot_id),
    )
)
_SEEN = Prepared(
    select(or_(exists().where(posted.c.account == _account), exists().where(pending.c.account == _account)))
)
_VISITED = Prepared(
    update(member).where(member.c.member == bindparam("own")).values(last_visit_on=bindparam("last_visit"))
)
_AS_OF = Prepared(select(sync_state.c.as_of).where(sync_state.c.id == 1))
_INSERT_MEMBER = Prepared(insert(member))
_INSERT_CARD = Prepared(insert(card))
_COUNT = Prepared(select(sql.count()).select_from(member).where(member.c.canonical.is_(None)))
_sums = [
    select(sql.coalesce(sql.sum(table.c.amount), 0)).where(table.c.unit == bindparam("unit")).scalar_subquery()
    for table in (posted, pending)
]
_PENDING = Prepared(select(sql.count()).select_from(pending))
_OUTSTANDING = Prepared(select(_sums[0] + _sums[1]))

_every = union_all(
    select(posted.c.account, posted.c.unit, posted.c.amount),
    select(pending.c.account, pending.c.unit, pending.c.amount),
).subquery()
_ALL_BALANCES = Prepared(
    select(_every.c.account, _every.c.unit, sql.sum(_every.c.amount))
    .group_by(_every.c.account, _every.c.unit)
    .order_by(_every.c.account, _every.c.unit)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """A member who enrols at this till."""

    member: bytes
    card_key: int
    nickname: str | None
    language: str | None
    joined_on: date | None = None
    birthday: str | None = None
    referrer: bytes | None = None


def by_card(connection: Connection, card_key: int) -> bytes | None:
    """Give the member of a card, after merges, or None for an unknown card."""
    found: bytes | None = _FIND.scalar(connection, card_key=card_key)
    return found if found is not None else base.by_card(connection, card_key)


def is_own(connection: Connection, member_id: bytes) -> bool:
    """Tell whether the till holds everything of a member."""
    return _CANONICAL.scalar(connection, member=member_id) is not None


def canonical(connection: Connection, account: bytes) -> bytes:
    """Give the account that another became by a merge, or the same one."""
    found = _CANONICAL.scalar(connection, member=account)
    if found is not None:
        return bytes(found)
    other = base.find(connection, account)
    return other.canonical if other is not None else account


def standing(connection: Connection, member_id: bytes) -> Standing | None:
    """Give a member's standing, own unsent entries included, or None for an unknown member.

    Of a member who is not the till's own it knows one balance and the tier.
    """
    row = _MEMBER.one(connection, member=member_id)
    if row is None:
        return _base_standing(connection, member_id)
    nickname, tier, language, birthday, joined_on, last_visit_on, segments, tier_until, referrer = row
    balances, lots = _held(connection, member_id)
    as_of = _AS_OF.scalar(connection)
    return Standing(
        member=member_id,
        balances=balances,
        lots=lots,
        tier=tier,
        tier_until=datetime.fromtimestamp(tier_until, UTC) if tier_until is not None else None,
        nickname=nickname,
        language=language,
        segments=tuple(json.loads(segments)) if segments is not None else (),
        birthday=_birthday(birthday),
        joined_on=date.fromordinal(joined_on) if joined_on is not None else None,
        last_visit_on=date.fromordinal(last_visit_on) if last_visit_on is not None else None,
        referrer=referrer,
        as_of=datetime.fromisoformat(as_of) if as_of is not None else None,
    )


def _base_standing(connection: Connection, member_id: bytes) -> Standing | None:
    reach = base.reach_of(connection)
    found = base.other(connection, member_id, reach)
    if found is None:
        return None
    balances, lots = _with_base(_held(connection, member_id), reach, found)
    as_of = _AS_OF.scalar(connection)
    return Standing(
        member=member_id,
        balances=balances,
        lots=lots,
        tier=found.tier,
        as_of=datetime.fromisoformat(as_of) if as_of is not None else None,
    )


def holdings(connection: Connection, account: bytes) -> Holdings:
    """Give what any account has, own unsent entries included; nothing for one that this till never saw.

    A merged member's account has nothing: ask for the `canonical` one.
    """
    return holdings_of(connection, [account])[account]


def holdings_of(connection: Connection, accounts: Iterable[bytes]) -> dict[bytes, Holdings]:
    """Give what each of some accounts has, as `holdings` does."""
    reach = base.reach_of(connection)
    found = {}
    for account in accounts:
        other = base.find(connection, account, reach)
        balances, lots = _with_base(_held(connection, account), reach, other)
        found[account] = Holdings(balances=balances, lots=lots)
    return found


def _with_base(held: _Held, reach: base.Reach, found: BaseMember | None) -> _Held:
    if found is None or reach.unit is None:
        return held
    balances, lots = held
    sums = dict(balances)
    sums[reach.unit] = sums.get(reach.unit, 0) + found.amount
    return tuple(sorted(sums.items())), lots


def unseen(connection: Connection, accounts: Iterable[bytes]) -> set[bytes]:
    """Give those accounts of which neither HQ nor an own unsent entry ever told: an entry that posts to them opens them."""
    return {account for account in accounts if not _SEEN.scalar(connection, account=account)}


def visited(connection: Connection, standing: Standing, day: date) -> None:
    """Note a sale to a member on a business date; writes only where it is the latest that is known."""
    if standing.last_visit_on is None or standing.last_visit_on < day:
        _VISITED.run(connection, own=standing.member, last_visit=day.toordinal())


def _birthday(said: str | None) -> tuple[int, int] | None:
    return (int(said[:2]), int(said[3:])) if said is not None else None


def _held(connection: Connection, account: bytes) -> _Held:
    """Add HQ's balances and lots and the own pending postings up; a lot that sums to nothing is left out."""
    balances: dict[str, int] = {}
    amounts: dict[tuple[str, bytes], int] = {}
    instants: dict[tuple[str, bytes], tuple[int | None, int | None]] = {}
    for of, unit, amount, lot_id, usable_at, expires_at in _HELD.run(connection, account=account):
        if of != _LOT:
            balances[unit] = balances.get(unit, 0) + amount
        if lot_id is not None:
            key = unit, lot_id
            amounts[key] = amounts.get(key, 0) + amount
            instants.setdefault(key, (usable_at, expires_at))
    return tuple(sorted(balances.items())), tuple(
        LotBalance(
            unit=unit,
            lot=Lot(lot_id=lot_id, usable_at=instants[unit, lot_id][0], expires_at=instants[unit, lot_id][1]),
            amount=amounts[unit, lot_id],
        )
        for unit, lot_id in sorted(amounts)
        if amounts[unit, lot_id]
    )


def joined(new: NewMember) -> Standing:
    """Give the standing of somebody who has just enrolled."""
    return Standing(
        member=new.member,
        nickname=new.nickname,
        language=new.language,
        birthday=_birthday(new.birthday),
        joined_on=new.joined_on,
        referrer=new.referrer,
    )


def enrol(connection: Connection, new: NewMember) -> None:
    """Make a member known; the card must be unknown."""
    _INSERT_MEMBER.run(
        connection,
        member=new.member,
        canonical=None,
        nickname=new.nickname,
        tier=None,
        language=new.language,
        birthday=new.birthday,
        joined_on=new.joined_on.toordinal() if new.joined_on is not None else None,
        last_visit_on=None,
        segments=None,
        tier_until=None,
        referrer=new.referrer,
        home=None,
        seen_on=None,
    )
    _INSERT_CARD.run(connection, card_key=new.card_key, member=new.member)


def count(connection: Connection) -> int:
    """Give the number of members, merged ones counted once."""
    return int(_COUNT.scalar(connection)) + base.totals(connection).members


def outstanding(connection: Connection, unit: str) -> int:
    """Give the sum of all balances of ``unit``, own unsent entries included."""
    others = base.totals(connection).amount if base.reach_of(connection).unit == unit else 0
    return int(_OUTSTANDING.scalar(connection, unit=unit)) + others


def pending_count(connection: Connection) -> int:
    """Count the own postings that HQ's balances do not show yet."""
    return int(_PENDING.scalar(connection))


def all_balances(connection: Connection) -> Iterator[tuple[bytes, str, int]]:
    """Stream (account, unit, smallest steps) of every balance, own unsent entries included, in that order.

    Those are all of HQ's where the till holds everything of everyone; else other members' are left out.
    """
    for account, unit, amount in _ALL_BALANCES.stream(connection):
        yield bytes(account), unit, int(amount)


def replace_cards(connection: Connection, cards: dict[int, bytes], identifier_key_id: bytes) -> None:
    """Replace the hashes of all cards, after the identifier key changed."""
    connection.execute(card.delete())
    rows = [{"card_key": key, "member": member_id} for key, member_id in cards.items()]
    _INSERT_CARD.run_many(connection, rows)
    connection.execute(update(terminal).values(identifier_key_id=identifier_key_id))
