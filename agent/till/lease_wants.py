"""Which leases a till asks for before anybody needs them, so that it can give without HQ what must not be overspent.

The cheapest reward of each member who bought here, and a share of what everybody draws from. Source: docs/SPEC-leases.md, section 3.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection

from agent.book import leases, members
from agent.till.context import Context
from loyalty.holding.accounts import pool_account
from loyalty.moment import Moment
from loyalty.numbers.limits import MAX_BALANCE
from loyalty.parts.budgets import BudgetScope
from loyalty.parts.events import seats_pool
from loyalty.programme.model import Programme
from loyalty.rules.rewards.gift import GiftReward
from loyalty.rules.rewards.invitation import Invitation
from loyalty.rules.stages import Trigger
from loyalty.rules.uses import uses_pool
from sync.protocol.leases import MAX_WANTS, Want

_MOST_OF_A_LEASE = 0.75
"""A clock that is further ahead of HQ's than so much of what a lease lasts ends leases almost as they come."""


def standing_wants(context: Context, hq_now: datetime) -> tuple[Want, ...]:
    """Give what the till lacks for a day without HQ; nothing where nothing needs rights, or the till's clock runs far ahead.

    Args:
        context: The till.
        hq_now: HQ's clock, by which a lease gets its end.
    """
    now = context.clock()
    programme = context.shelf.at(now)
    if not programme.placed or now - hq_now >= _longest_lead(programme):
        return ()
    store = context.config.store
    local = now.astimezone(store.zone)
    moment = Moment(at=local, business_date=local.date(), store=store.id, till=context.book.head.terminal.hex())
    with context.book.read() as connection:
        found = [
            *_pools(context, connection, programme, moment),
            *_members(context, connection, programme, moment),
        ]
    return tuple(found[:MAX_WANTS])


def _longest_lead(programme: Programme) -> timedelta:
    return timedelta(days=programme.lease_days) * _MOST_OF_A_LEASE


def _pools(context: Context, connection: Connection, programme: Programme, moment: Moment) -> Iterator[Want]:
    """Ask for a new share of each pool of which less than half of the last share is left."""
    for name, unit, step in sorted(set(_capped_pools(programme, moment))):
        granted, left = leases.share(connection, pool_account(programme.id, name), unit, int(moment.at.timestamp()))
        if left * 2 < granted or not granted:
            yield Want(request_id=context.mint(), account=None, pool=name, unit=unit, least=step, most=MAX_BALANCE)


def _capped_pools(programme: Programme, moment: Moment) -> Iterator[tuple[str, str, int]]:
    """Name (pool, unit, least step) of what rules and rewards draw from under rights; what a member has alone waits for the sale."""
    placed = programme.placed
    for head in programme.heads:
        if head.id not in placed:
            continue
        if head.uses.in_all is not None:
            yield uses_pool(head.id), uses_pool(head.id), 1
        budget = head.uses.budget
        if budget is not None and budget.scope in {BudgetScope.ALL, BudgetScope.STORE}:
            yield budget.pool(moment, None), budget.unit, 1
    for reward in programme.rewards:
        if reward.head.id not in placed:
            continue
        if isinstance(reward, Invitation):
            yield seats_pool(reward.event), seats_pool(reward.event), 1
        if isinstance(reward, GiftReward):
            for name in reward.stocks(moment):
                yield name, name.partition("/")[0], reward.quantity_milli


def _members(context: Context, connection: Connection, programme: Programme, moment: Moment) -> Iterator[Want]:
    """Ask for the cheapest reward of those who bought here and whose units HQ shows by now."""
    cheapest = _cheapest(programme)
    if not cheapest:
        return
    for account in leases.recent_accounts(connection, MAX_WANTS):
        held = members.holdings(connection, account)
        for unit, cost in cheapest.items():
            granted, left = leases.share(connection, account, unit, int(moment.at.timestamp()))
            if left < cost and not (granted and left) and held.usable(unit, moment.at) >= cost:
                yield Want(request_id=context.mint(), account=account, pool=None, unit=unit, least=cost, most=cost)


def _cheapest(programme: Programme) -> dict[str, int]:
    """Give the price of the cheapest reward that members choose and that is given under rights, by unit."""
    found: dict[str, int] = {}
    placed = programme.placed
    for reward in programme.rewards:
        terms = reward.terms
        chosen = reward.head.id in placed and terms.trigger is Trigger.CHOICE and terms.coupon is None
        if chosen and terms.unit is not None and terms.cost:
            least = max(terms.cost, getattr(reward, "least_units", 0))
            found[terms.unit.id] = min(least, found.get(terms.unit.id, least))
    return found
