"""Whole lives of a shop by chance: sales, returns, voids, actions, expiry and reviews over months, on one ledger.

The books stay right after every entry: no lot below zero, lots within their balance, budgets, uses, seats, stock and
coupons within their bounds, and journal bytes that fold to what the ledger holds.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from loyalty.due.expiry import plan_expiry, plan_idle_expiry
from loyalty.due.tier_review import review
from loyalty.holding.accounts import pool_account
from loyalty.holding.ledger import Ledger
from loyalty.holding.units import is_hidden
from loyalty.journal.codec import decode_core, decode_detail, encode_detail
from loyalty.journal.entry import EntryKind, Posting
from loyalty.programme.model import Programme
from loyalty.quote import Quote, quote
from loyalty.quote.acting import act
from loyalty.quote.posting import post
from loyalty.quote.recording import basket_lines
from tests.loyalty.whole.bounds import of_pool
from tests.loyalty.whole.counter import Shop, sell, stock, take_back, void
from tests.loyalty.whole.pen import ACTIONS
from tests.loyalty.whole.visits import MEMBER


def act_once(shop: Shop) -> None:
    """Let the member do something that is no sale."""
    answer = act(shop.programme, shop.standing(), shop.moment, shop.rng.choice(ACTIONS), shop.pools(MEMBER))
    assert isinstance(answer, Quote), answer
    posted = post(shop.programme, answer, shop.entry_id(), MEMBER)
    core = shop.write(EntryKind.ACTION, posted.postings, shop.detail(), posted.opens)
    shop.coupons += posted.coupons
    for award in answer.awards:
        shop.earned[award.unit.id] += award.amount
    for one in posted.coupons:
        unit = f"coupon.{one.coupon}"
        shop.earned[unit] += sum(it.amount for it in core.postings if (it.account, it.unit) == (one.account, unit))


def pass_time(shop: Shop) -> None:
    """Let days go by and HQ's jobs run: lots end, idle members lose, tiers are reviewed."""
    shop.now += timedelta(hours=shop.rng.choice((1, 24, 24 * 7, 24 * 45)))
    for account, held in list(shop.ledger.accounts()):
        _end(shop, plan_expiry(account, held, shop.now))
        assert plan_expiry(account, shop.held(account), shop.now) == (), "expiry finds nothing a second time"
    for unit in shop.programme.units:
        _end(shop, plan_idle_expiry(MEMBER, shop.held(), unit, shop.last_on, shop.now, UTC))
    for _ in range(4):
        moved = review(shop.programme.ladder, shop.standing(), shop.now, UTC)
        if moved is None:
            break
        shop.tier = moved.tier.after
        until = moved.tier.until
        shop.tier_until = datetime.fromtimestamp(until, UTC) if until is not None else None
        _end(shop, moved.postings)
    else:
        raise AssertionError("a review comes to an end")


def _end(shop: Shop, postings: tuple[Posting, ...]) -> None:
    if postings:
        shop.write(EntryKind.EXPIRE, postings, shop.detail())
        for one in postings:
            shop.ended[one.unit] -= one.amount


def books_are_right(shop: Shop) -> None:
    """Look at every account after an entry."""
    programme = shop.programme
    pools = {pool_account(programme.id, name): name for name in shop.pools(MEMBER) | shop.pools(None)}
    for account, held in shop.ledger.accounts():
        for lot in held.lots:
            assert lot.amount > 0, f"a lot of {lot.unit} is below zero"
        for unit, amount in held.balances:
            kind = unit.partition(".")[0]
            if kind == "coupon":
                assert amount >= 0, "a coupon has uses below zero"
            if kind in {"used", "uses", "stock", "budget", "got"}:
                assert amount >= 0, f"{unit} is below zero: {amount}"
        if (name := pools.get(account)) is not None:
            of_pool(programme, name, held)
    for unit in {*shop.earned, *shop.spent, *shop.ended, *shop.undone}:
        if not is_hidden(unit) or unit.startswith("coupon."):
            whole = shop.earned[unit] - shop.spent[unit] - shop.ended[unit] + shop.undone[unit]
            assert sum(held.balance(unit) for _, held in shop.ledger.accounts()) == whole, f"{unit} is not conserved"


def replayed(shop: Shop) -> None:
    """The journal's bytes fold to what the ledger holds; every sale computed again is what was stored."""
    again = Ledger()
    for written in shop.journal:
        core = decode_core(written)
        again.post(core.entry_id, core.postings)
    assert list(again.accounts()) == list(shop.ledger.accounts())
    for sale in shop.sales:
        basket, standing, moment, ask, pools = sale.question
        lines = basket_lines(decode_detail(encode_detail(sale.detail)).lines)
        assert lines == basket.lines
        answer = quote(shop.programme, replace(basket, lines=lines), standing, moment, ask, pools)
        assert answer == sale.quoted


def live(programme: Programme, rng: Random, steps: int) -> Shop:
    """A random life; the books are looked at after every step."""
    shop = Shop(programme=programme, rng=rng)
    stock(shop)
    for _ in range(steps):
        a_step(shop)
        books_are_right(shop)
    return shop


def a_step(shop: Shop) -> None:
    rng = shop.rng
    back = [sale for sale in shop.sales if not sale.voided and sale.left()]
    way = rng.randrange(10)
    if way < 5 or not back:
        sell(shop)
    elif way < 7:
        sale = rng.choice(back)
        left = sale.left()
        line = rng.choice(sorted(left))
        take_back(shop, sale, [(line, rng.randint(1, left[line]))] if rng.randrange(2) else sorted(left.items()))
    elif way == 7:
        void(shop, rng.choice(back))
    elif way == 8:
        act_once(shop)
    else:
        pass_time(shop)
