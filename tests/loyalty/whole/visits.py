"""What a till may meet, by chance: baskets, members, moments, and everything that can be asked of a quote."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from loyalty.holding.accounts import coupon_account, gift_card_account
from loyalty.holding.lots import lot_of
from loyalty.holding.rights import Rights
from loyalty.holding.standing import Holdings, Standing
from loyalty.holding.units import VISITS, Holder, owner_unit
from loyalty.moment import Moment
from loyalty.parts.coupons import mint_code
from loyalty.programme.model import Programme
from loyalty.quote import Quote, quote
from loyalty.refusals import Refusal
from loyalty.sale.ask import Ask, Load, RedeemRequest, ShownCoupon, ShownGiftCard
from loyalty.sale.basket import Basket, BasketLine, make_basket
from tests.loyalty.whole.pen import ACTIONS, CATEGORIES, CODES, ITEMS, SEGMENTS, STORES, TAGS

MEMBER, FRIEND = b"\x07" * 16, b"\x08" * 16
ZONES = (UTC, ZoneInfo("Asia/Almaty"), ZoneInfo("America/New_York"))
QUANTITIES = (1000, 1000, 1000, 2000, 3000, 7000, 1250, 333, 1)
OPENING = datetime(2026, 1, 31, 7, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Visit:
    """One question: everything but the programme."""

    basket: Basket
    standing: Standing | None
    moment: Moment
    ask: Ask
    pools: dict[str, Holdings] = field(default_factory=dict)

    def quoted(self, programme: Programme) -> Quote | Refusal:
        return quote(programme, self.basket, self.standing, self.moment, self.ask, self.pools)


def a_basket(programme: Programme, rng: Random, most_lines: int = 6) -> Basket:
    """A basket: prices of zero, weighed goods, deposits, floors, tax rates, tags, gift lines, credit."""
    lines = [a_line(number, programme, rng) for number in range(1, rng.randint(1, most_lines) + 1)]
    credit = rng.choice((0, 0, 0, 0, rng.randint(1, 5000)))
    made = make_basket(programme.currency, lines, credit)
    assert isinstance(made, Basket), made
    return made


def a_line(number: int, programme: Programme, rng: Random) -> BasketLine:
    amount = rng.choice((rng.randint(0, 20), rng.randint(0, 3000), rng.randint(0, 3000), 0))
    ppm = rng.choice((None, None, 0, 120_000, 200_000, 10_000_000))
    reward = rng.choice([one.head.id for one in programme.rewards]) if programme.rewards else None
    return BasketLine(
        line=number,
        item=rng.choice(ITEMS),
        category=rng.choice((None, *CATEGORIES)),
        quantity_milli=rng.choice(QUANTITIES),
        amount_minor=amount,
        tax_minor=rng.choice((0, rng.randint(0, amount))) if ppm is None else 0,
        discount_minor=rng.choice((0, 0, rng.randint(0, 500))),
        tax_ppm=ppm,
        floor_minor=rng.choice((0, 0, rng.randint(0, amount))),
        deposit_minor=rng.choice((0, 0, 0, rng.randint(0, amount))),
        tags=tuple(tag for tag in TAGS if rng.randrange(4) == 0),
        gift=reward if rng.randrange(12) == 0 else None,
    )


def a_moment(rng: Random) -> Moment:
    at = (OPENING + timedelta(minutes=rng.randint(0, 60 * 24 * 40))).astimezone(rng.choice(ZONES))
    day = at.date() - timedelta(days=rng.choice((0, 0, 0, 1)))
    return Moment(at=at, business_date=day, store=rng.choice(STORES), till="aa")


def holdings(unit: str, steps: int, rng: Random, at: datetime) -> Holdings:
    """So many steps, some of them in lots that are open, pending or over; or a debt."""
    held = Holdings()
    now = int(at.timestamp())
    for _ in range(rng.randint(0, 3)):
        begins = rng.choice((None, now - 1000, now, now + 1, now + 100_000))
        ends = rng.choice((None, now - 10, now, now + 1, now + 90_000, now + 9_000_000))
        held = held.changed([(unit, rng.randint(1, max(1, steps)), lot_of(begins, ends))])
    loose = rng.choice((steps, steps, 0, -rng.randint(0, 100)))
    return held.changed([(unit, loose, None)])


def a_standing(programme: Programme, rng: Random, at: datetime) -> Standing:
    """A member: balances with lots, debts, visits, progress, used limits, a tier, a birthday, a referrer."""
    changes: list[tuple[str, int, object]] = []
    for unit in programme.units:
        if unit.holder is Holder.MEMBER and rng.randrange(5):
            held = holdings(unit.id, rng.choice((5, 50, 500, 5000)), rng, at)
            changes += [(one.unit, one.amount, one.lot) for one in held.lots]
            loose = held.balance(unit.id) - sum(one.amount for one in held.lots)
            changes.append((unit.id, loose, None))
    changes.append((VISITS, rng.randint(0, 4), None))
    for head in programme.heads:
        if rng.randrange(8) == 0:
            changes.append((f"used.{head.id}", rng.randint(0, 3), None))
            changes.append((f"got.{head.id}", rng.randint(-5, 60), None))
    if programme.ladder.by is not None and rng.randrange(2):
        ends = int((at + timedelta(days=rng.randint(-2, 200))).timestamp())
        changes.append(("tier.progress", rng.randint(1, 60), lot_of(None, ends)))
    tiers = [tier.id for tier in programme.ladder.tiers]
    today = at.date()
    base = Standing(
        member=MEMBER,
        tier=rng.choice((None, "gone", *tiers)),
        segments=tuple(one for one in SEGMENTS if rng.randrange(2)),
        birthday=rng.choice((None, (2, 29), (2, 10), (12, 31), (1, 1))),
        joined_on=rng.choice((None, today, today - timedelta(days=rng.randint(0, 400)), today + timedelta(days=1))),
        last_visit_on=rng.choice((None, today, today - timedelta(days=rng.randint(0, 400)))),
        referrer=rng.choice((None, None, FRIEND, MEMBER)),
    )
    return base.changed(changes)  # type: ignore[arg-type]


def a_pool(name: str, programme: Programme, rng: Random) -> Holdings:
    """What a programme's pool holds."""
    unit = name.partition("/")[0]
    budgets = {budget.unit: budget.most_minor for budget in programme.budgets}
    if unit.startswith("stock."):
        return Holdings(balances=((unit, rng.choice((0, 1000, 3000))),))
    if unit.startswith("seats."):
        return Holdings(balances=((unit, -rng.randint(0, 5)),))
    if unit in budgets:
        return Holdings(balances=((unit, rng.choice((0, rng.randint(0, budgets[unit]), budgets[unit]))),))
    return Holdings(balances=((unit, rng.randint(0, 3)),))


def a_request(programme: Programme, rng: Random) -> RedeemRequest:
    reward = rng.choice(programme.rewards)
    cost = max(1, reward.terms.cost)
    units = rng.choice((None, None, None, cost * rng.randint(1, 9), rng.randint(0, 500)))
    times = rng.choice((1, 1, 1, 1, rng.randint(0, 5)))
    items = [name for name, _ in getattr(reward, "items", ())]
    choice = rng.choice((*items, None, None, None, rng.choice(ITEMS)))
    return RedeemRequest(reward=reward.head.id, units=units, times=times, choice=choice)


def a_coupon(programme: Programme, rng: Random, at: datetime) -> ShownCoupon:
    if not programme.coupons or rng.randrange(8) == 0:
        code = rng.choice(("C00000000", "nothing"))
        return ShownCoupon(code=code, account=coupon_account(code), holdings=Holdings())
    coupon = rng.choice(programme.coupons)
    code = mint_code(coupon, bytes([rng.randrange(4)]) * 16, 0)
    held = holdings(coupon.unit.id, rng.randint(1, 3), rng, at)
    if coupon.personal:
        held = held.changed([(owner_unit(rng.choice((MEMBER, FRIEND))), 1, None)])
    return ShownCoupon(code=code, account=coupon_account(code), holdings=held)


def a_card(programme: Programme, rng: Random, at: datetime) -> ShownGiftCard | None:
    tenders = [one for one in programme.rewards if one.terms.unit is not None]
    if not tenders:
        return None
    reward = rng.choice(tenders)
    assert reward.terms.unit is not None
    held = holdings(reward.terms.unit.id, rng.choice((100, 5000)), rng, at)
    account = gift_card_account(str(rng.randrange(3)))
    return ShownGiftCard(
        account=account, holdings=held, reward=reward.head.id, units=rng.choice((None, rng.randint(1, 500)))
    )


def an_ask(programme: Programme, basket: Basket, rng: Random, at: datetime, *, member: bool) -> Ask:
    """What was chosen, typed, shown and done."""

    def few() -> int:
        return rng.choice((0, 0, 1, 2))

    redeem: dict[str, RedeemRequest] = {}
    if member and programme.rewards:
        redeem = {one.reward: one for one in (a_request(programme, rng) for _ in range(rng.choice((0, 0, 0, 1, 1, 2))))}
    cards = {card.account: card for _ in range(few()) if (card := a_card(programme, rng, at)) is not None}
    coupons = {one.account: one for one in (a_coupon(programme, rng, at) for _ in range(few()))}
    ids = [one.head.id for one in programme.rewards]
    return Ask(
        redeem=tuple(redeem.values()),
        codes=tuple(sorted({rng.choice((*CODES, "summer", "қыс", "nope")) for _ in range(few())})),
        coupons=tuple(coupons.values()),
        gift_cards=tuple(cards.values()),
        declined=tuple(one for one in ids if rng.randrange(10) == 0),
        loads=tuple(
            Load(line=line.line, account=gift_card_account(f"new{line.line}"))
            for line in basket.lines
            if line.category == "cards" and rng.randrange(3)
        ),
        actions=tuple(one for one in ACTIONS if rng.randrange(3) == 0),
        rights=Rights() if rng.randrange(5) == 0 else None,
    )


def a_visit(programme: Programme, rng: Random) -> Visit:
    """A whole question."""
    moment = a_moment(rng)
    basket = a_basket(programme, rng)
    member = rng.randrange(4) > 0
    standing = a_standing(programme, rng, moment.at) if member else None
    names = programme.pools(moment, MEMBER if member else None, standing.referrer if standing else None)
    pools = {name: a_pool(name, programme, rng) for name in names if rng.randrange(4)}
    ask = an_ask(programme, basket, rng, moment.at, member=member)
    return Visit(basket=basket, standing=standing, moment=moment, ask=ask, pools=pools)
