"""What a request asks of a quote, with all that this till knows of it: coupons, gift cards, pools, and its own rights."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from agent.book import holds, members, sync_state
from agent.till.requests import QuoteRequest
from agent.till.rights import find_rights
from agent.till.seen import Seen
from loyalty.holding.accounts import coupon_account, gift_card_account, pool_account
from loyalty.holding.lots import lot_named
from loyalty.holding.rights import Rights
from loyalty.holding.standing import NOTHING, Holdings, Standing
from loyalty.holding.units import is_owner_unit, owner_of, owner_unit
from loyalty.journal.entry import Lot
from loyalty.moment import Moment
from loyalty.programme.model import Programme
from loyalty.quote import Quote
from loyalty.sale.ask import Ask, Load, ShownCoupon, ShownGiftCard
from loyalty.sale.basket import Basket

_H = TypeVar("_H", bound=Holdings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked, and from what it is answered."""

    ask: Ask
    seen: Seen

    @property
    def pools(self) -> Mapping[str, Holdings]:
        """What the programme's pools hold that it may draw from, by name."""
        return self.seen.pools


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A quote, and what it was computed from."""

    programme: Programme
    basket: Basket
    moment: Moment
    asked: Asked
    quoted: Quote


def look(
    connection: Connection,
    programme: Programme,
    request: QuoteRequest,
    standing: Standing | None,
    moment: Moment,
    now: datetime,
) -> Seen:
    """Look up what a request names; what this till never heard of holds nothing, and what is set aside is not there."""
    who = (standing.member, standing.referrer) if standing is not None else (None, None)
    names = programme.pools(moment, *who)
    shown = [coupon_account(code) for code in request.coupons]
    shown += [gift_card_account(card.number) for card in request.gift_cards]
    if not names and not shown and not programme.needs_rights:
        return Seen(standing=_less(standing, connection, now))
    pools = {name: pool_account(programme.id, name) for name in names}
    held = members.holdings_of(connection, {*pools.values(), *shown})
    taken = holds.held_of(connection, [*held, *([standing.member] if standing is not None else [])], _seconds(now))
    seen = Seen(
        standing=_without(standing, standing.member, taken) if standing is not None else None,
        accounts={account: _owned(connection, _without(held[account], account, taken)) for account in shown},
        pools={name: _without(held[account], account, taken) for name, account in pools.items()},
    )
    return with_rights(connection, programme, seen, moment, now)


def asked_of(request: QuoteRequest, seen: Seen) -> Asked:
    """Put together what is asked and what was seen."""
    coupons = [(code, coupon_account(code)) for code in request.coupons]
    cards = [(card, gift_card_account(card.number)) for card in request.gift_cards]
    ask = Ask(
        redeem=request.redeem,
        codes=request.codes,
        coupons=tuple(
            ShownCoupon(code=code, account=account, holdings=seen.accounts.get(account, NOTHING))
            for code, account in coupons
        ),
        gift_cards=tuple(
            ShownGiftCard(
                account=account,
                holdings=seen.accounts.get(account, NOTHING),
                reward=card.reward,
                units=card.units,
            )
            for card, account in cards
        ),
        declined=request.declined,
        actions=request.actions,
        loads=tuple(Load(line=one.line, account=gift_card_account(one.number)) for one in request.sold_cards),
        rights=seen.rights,
        may_spend=not request.by_uid,
    )
    return Asked(ask=ask, seen=seen)


def with_rights(connection: Connection, programme: Programme, seen: Seen, moment: Moment, now: datetime) -> Seen:
    """Add the till's rights. To a till that never heard of HQ everything that it knows is its own."""
    if not programme.needs_rights:
        return seen
    state, standing = sync_state.state(connection), seen.standing
    paying: dict[bytes, Holdings] = dict(seen.accounts) | ({standing.member: standing} if standing is not None else {})
    if state.hq_epoch is None:
        return replace(seen, rights=Rights(accounts=paying, pools=seen.pools))
    as_of = datetime.fromisoformat(state.as_of) if state.as_of is not None else None
    found = find_rights(connection, programme, moment, paying, seen.pools, as_of=as_of, now=now)
    return replace(seen, rights=found.rights, slices=found.slices, own=found.own)


def _owned(connection: Connection, holdings: _H) -> _H:
    """Say of a personal coupon whose it is by now, where its owner was merged into another member."""
    changes: list[tuple[str, int, Lot | None]] = []
    for unit, amount in holdings.balances:
        if amount and is_owner_unit(unit):
            now = owner_unit(members.canonical(connection, owner_of(unit)))
            changes += [(unit, -amount, None), (now, amount, None)] if now != unit else []
    return holdings.changed(changes) if changes else holdings


def _less(standing: Standing | None, connection: Connection, now: datetime) -> Standing | None:
    if standing is None:
        return None
    return _without(standing, standing.member, holds.held_of(connection, [standing.member], _seconds(now)))


def _without(holdings: _H, account: bytes, taken: list[holds.Held]) -> _H:
    changes = [
        (one.unit, _sign(one.unit) * one.amount, lot_named(one.lot_id) if one.lot_id is not None else None)
        for one in taken
        if one.account == account
    ]
    return holdings.changed(changes) if changes else holdings


def _sign(unit: str) -> int:
    """Give which way a pool goes when something is taken: budgets and uses count what was taken, all else what there is."""
    return 1 if unit.startswith(("budget.", "uses.")) else -1


def _seconds(now: datetime) -> int:
    return int(now.timestamp())
