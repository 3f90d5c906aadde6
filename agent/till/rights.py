"""What this till may give without asking: its leases, its own units that nobody else has heard of, and the floor limits.

Source: docs/SPEC-leases.md, sections 5 and 7.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from agent.book import holds, leases
from agent.book.holds import Held
from agent.till.seen import Own
from loyalty.holding.accounts import pool_account
from loyalty.holding.rights import Rights, is_shared
from loyalty.holding.slices import HeldSlice, Take, at_most, rights_view
from loyalty.holding.standing import NOTHING, Holdings, LotBalance
from loyalty.journal.entry import Posting
from loyalty.moment import Moment
from loyalty.parts.budgets import BudgetScope
from loyalty.parts.events import seats_pool
from loyalty.parts.floors import Floors
from loyalty.programme.model import Programme
from loyalty.quote import Quote
from loyalty.rules.uses import uses_pool

_CLOCK_SLACK = timedelta(minutes=1)
"""So far a till's clock may be put back and HQ's last word still counts as just heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The rights of a till for one sale, and what they are made of."""

    rights: Rights
    slices: tuple[HeldSlice, ...]
    own: Own


def find_rights(
    connection: Connection,
    programme: Programme,
    moment: Moment,
    accounts: Mapping[bytes, Holdings],
    pools: Mapping[str, Holdings],
    *,
    as_of: datetime | None,
    now: datetime,
) -> Found:
    """Find the rights for one sale.

    Args:
        connection: To the book.
        programme: The version that quotes.
        moment: Of the sale.
        accounts: What is known of the accounts that may pay.
        pools: What is known of the programme's pools, by name.
        as_of: HQ's last word, or None.
        now: By which leases end.
    """
    now_s = int(now.timestamp())
    named = {pool_account(programme.id, name): name for name in pools}
    everything = [*accounts, *named]
    held = holds.held_of(connection, everything, now_s)
    slices = _less_held(leases.usable(connection, everything, now_s), held)
    own, views = {}, {}
    for account, holdings in accounts.items():
        lots, balances = leases.own_units(connection, account)
        lots, balances = _own_left(lots, balances, [one for one in held if one.account == account])
        own.update(_own_by_lot(account, lots, balances))
        views[account] = _capped([one for one in slices if one.account == account], lots, balances, holdings, moment)
    left = {(named[one.account], one.unit): 0 for one in slices if one.account in named}
    for one in slices:
        if one.account in named:
            left[named[one.account], one.unit] += one.left
    rights = Rights(
        accounts=views,
        pools=_pools_within(programme, moment, pools, left),
        floor_minor=_floor_left(connection, programme.floors, moment, accounts, as_of=as_of, now=now),
    )
    return Found(rights=rights, slices=tuple(slices), own=own)


def takes_of(programme: Programme, quoted: Quote, *, beyond: bool = False) -> tuple[Take, ...]:
    """Give what a quote takes within the rights of the till, or all of it; what the sale itself earns takes from nobody."""
    spent = [
        Take(
            account=one.payer,
            unit=one.unit.id,
            lot_id=use.lot.lot_id if use.lot is not None else None,
            amount=use.amount,
        )
        for one in quoted.redemptions
        if one.payer is not None and one.unit is not None and (beyond or not one.beyond)
        for use in one.uses
        if not use.own
    ]
    counted = [
        Take(account=pool_account(programme.id, one.pool), unit=one.unit, lot_id=None, amount=abs(one.amount))
        for one in quoted.counts
        if one.pool is not None and one.amount
    ]
    return (*spent, *counted)


def end_uncovered_holds(connection: Connection, postings: Iterable[Posting], now: datetime) -> None:
    """End the holds whose own units were just taken away: their sales would give what is not there any more.

    Args:
        connection: To the book, in the commit that posts.
        postings: Of a void or a return, posted.
        now: By which holds end.
    """
    taken: dict[bytes, set[tuple[str, bytes | None]]] = {}
    for one in postings:
        if one.amount < 0 and is_shared(one.unit):
            lot_id = one.lot.lot_id if one.lot is not None else None
            taken.setdefault(one.account, set()).add((one.unit, lot_id))
    for account in sorted(taken):
        own = partial(_own_now, connection, account)
        holds.end_uncovered(connection, account, taken[account], own, int(now.timestamp()))


def _own_now(connection: Connection, account: bytes) -> dict[tuple[str, bytes | None], int]:
    lots, balances = leases.own_units(connection, account)
    return {**{(one.unit, one.lot.lot_id): one.amount for one in lots}, **_loose(lots, balances)}


def _loose(lots: Iterable[LotBalance], balances: Mapping[str, int]) -> dict[tuple[str, bytes | None], int]:
    """Give what stands in no lot."""
    kept = list(lots)
    return {
        (unit, None): amount - sum(one.amount for one in kept if one.unit == unit) for unit, amount in balances.items()
    }


def _less_held(slices: Iterable[HeldSlice], held: Iterable[Held]) -> list[HeldSlice]:
    taken: dict[tuple[bytes, bytes | None], int] = {}
    for one in held:
        if one.lease is not None:
            key = one.lease, one.lot_id
            taken[key] = taken.get(key, 0) + one.amount
    left = []
    for part in slices:
        used = taken.get((part.lease, part.lot.lot_id if part.lot is not None else None), 0)
        if part.left > used:
            left.append(
                HeldSlice(lease=part.lease, account=part.account, unit=part.unit, lot=part.lot, left=part.left - used)
            )
    return left


def _own_left(
    lots: list[LotBalance], balances: dict[str, int], held: list[Held]
) -> tuple[list[LotBalance], dict[str, int]]:
    """Take off what is set aside of own units; what people do not see is nobody's right."""
    kept = {unit: amount for unit, amount in balances.items() if is_shared(unit)}
    by_lot = {(one.unit, one.lot.lot_id): one.amount for one in lots if is_shared(one.unit)}
    for one in held:
        if one.lease is None:
            kept[one.unit] = kept.get(one.unit, 0) - one.amount
            if one.lot_id is not None and (one.unit, one.lot_id) in by_lot:
                by_lot[one.unit, one.lot_id] -= one.amount
    left = [
        LotBalance(unit=one.unit, lot=one.lot, amount=by_lot[one.unit, one.lot.lot_id])
        for one in lots
        if by_lot.get((one.unit, one.lot.lot_id), 0) > 0
    ]
    return left, kept


def _own_by_lot(
    account: bytes, lots: list[LotBalance], balances: dict[str, int]
) -> dict[tuple[bytes, str, bytes | None], int]:
    found: dict[tuple[bytes, str, bytes | None], int] = {
        (account, one.unit, one.lot.lot_id): one.amount for one in lots if balances.get(one.unit, 0) > 0
    }
    found |= {(account, unit, None): loose for (unit, _), loose in _loose(lots, balances).items() if loose > 0}
    return found


def _capped(
    slices: list[HeldSlice], lots: list[LotBalance], balances: dict[str, int], holdings: Holdings, moment: Moment
) -> Holdings:
    """Give no more than what the account has by all that the till knows: who owes gets nothing on credit."""
    view = rights_view(slices, lots, balances)
    for unit, _ in view.balances:
        view = at_most(view, unit, holdings.usable(unit, moment.at), moment.at)
    return view


def _pools_within(
    programme: Programme, moment: Moment, pools: Mapping[str, Holdings], left: Mapping[tuple[str, str], int]
) -> dict[str, Holdings]:
    """Give each shared pool as it looks with no more room than there are rights."""
    seen: dict[str, Holdings] = {}
    for name, unit, balance in (*_used(programme, pools, left), *_had(programme, moment, pools, left)):
        seen[name] = _with(seen.get(name, pools.get(name, NOTHING)), unit, balance)
    return seen


def _used(
    programme: Programme, pools: Mapping[str, Holdings], left: Mapping[tuple[str, str], int]
) -> Iterator[tuple[str, str, int]]:
    """Give (pool, unit, balance) of the pools that count up what was used: uses of everybody, and budgets.

    A budget that each till has for itself is left as it is: nobody else draws from it.
    """
    for head in programme.heads:
        if head.uses.in_all is not None:
            name = uses_pool(head.id)
            used = pools.get(name, NOTHING).balance(name)
            yield name, name, max(used, head.uses.in_all - left.get((name, name), 0))
    for budget in programme.budgets:
        own = [name for name in pools if name == budget.unit or name.startswith(f"{budget.unit}/")]
        for name in own if budget.scope is not BudgetScope.TILL else ():
            spent = pools[name].balance(budget.unit)
            yield name, budget.unit, max(spent, budget.most_minor - left.get((name, budget.unit), 0))


def _had(
    programme: Programme, moment: Moment, pools: Mapping[str, Holdings], left: Mapping[tuple[str, str], int]
) -> Iterator[tuple[str, str, int]]:
    """Give (pool, unit, balance) of stock, and of seats, whose balance says what is taken, below zero."""
    for event in programme.events:
        name = seats_pool(event.id)
        taken = pools.get(name, NOTHING).balance(name)
        yield name, name, min(taken, left.get((name, name), 0) - event.seats)
    for name in sorted({name for reward in programme.rewards for name in reward.stocks(moment)}):
        unit = name.partition("/")[0]
        yield name, unit, min(pools.get(name, NOTHING).balance(unit), left.get((name, unit), 0))


def _with(held: Holdings, unit: str, balance: int) -> Holdings:
    return held.changed([(unit, balance - held.balance(unit), None)])


def _floor_left(
    connection: Connection,
    floors: Floors | None,
    moment: Moment,
    accounts: Mapping[bytes, Holdings],
    *,
    as_of: datetime | None,
    now: datetime,
) -> int | None:
    """Give what may be given beyond rights in this sale; None where the programme sets no limit.

    The host says which business date it is: whatever it says, a till gives no more since HQ's last word than its limit of a
    day for each day that has passed. A clock that went back behind HQ's last word says nothing of its age.
    """
    if floors is None:
        return None
    age = now - as_of if as_of is not None else None
    if age is None or not -_CLOCK_SLACK <= age <= timedelta(hours=floors.max_age_hours):
        return 0
    day, now_s, days = moment.business_date.isoformat(), int(now.timestamp()), max(0, age.days) + 1
    bounds = [floors.per_sale_minor, floors.per_till_day_minor - holds.beyond_on(connection, day, now_s)]
    bounds.append(days * floors.per_till_day_minor - holds.beyond_unheard(connection, now_s))
    bounds += [floors.per_member_minor - holds.beyond_for(connection, account, now_s) for account in accounts]
    return max(0, min(bounds))
