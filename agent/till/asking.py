"""What a request asks of a quote, with all that this till knows of it: coupons, gift cards and the programme's pools."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from agent.book import members
from agent.till.requests import QuoteRequest
from loyalty.holding.accounts import coupon_account, gift_card_account, pool_account
from loyalty.holding.standing import Holdings, Standing
from loyalty.moment import Moment
from loyalty.programme.model import Programme
from loyalty.quote import Quote
from loyalty.sale.ask import Ask, Load, ShownCoupon, ShownGiftCard
from loyalty.sale.basket import Basket


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked, and what the pools hold that it may draw from, by name."""

    ask: Ask
    pools: Mapping[str, Holdings]


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A quote, and what it was computed from."""

    programme: Programme
    basket: Basket
    moment: Moment
    asked: Asked
    quoted: Quote


_PLAIN = Asked(ask=Ask(alone=True), pools={})


def gather(
    connection: Connection, programme: Programme, request: QuoteRequest, standing: Standing | None, moment: Moment
) -> Asked:
    """Look up what a request names; what this till never heard of holds nothing."""
    who = (standing.member, standing.referrer) if standing is not None else (None, None)
    names = programme.pools(moment, *who)
    if not names and not request.asks and not request.sold_cards:
        return _PLAIN
    pools = {name: pool_account(programme.id, name) for name in names}
    coupons = [(code, coupon_account(code)) for code in request.coupons]
    cards = [(card, gift_card_account(card.number)) for card in request.gift_cards]
    accounts = {*pools.values(), *(account for _, account in coupons), *(account for _, account in cards)}
    held = members.holdings_of(connection, accounts)
    ask = Ask(
        redeem=request.redeem,
        codes=request.codes,
        coupons=tuple(ShownCoupon(code=code, account=account, holdings=held[account]) for code, account in coupons),
        gift_cards=tuple(
            ShownGiftCard(account=account, holdings=held[account], reward=card.reward, units=card.units)
            for card, account in cards
        ),
        declined=request.declined,
        actions=request.actions,
        loads=tuple(Load(line=one.line, account=gift_card_account(one.number)) for one in request.sold_cards),
        alone=True,
    )
    return Asked(ask=ask, pools={name: held[account] for name, account in pools.items()})
