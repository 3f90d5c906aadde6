"""Steps that show a basket: quotes, sales, and the sale of an earlier quote."""

from dataclasses import replace

from loyalty.cases.baskets import Goods, make_goods
from loyalty.cases.figures import is_figure
from loyalty.cases.keeping import nothing
from loyalty.cases.steps import ActionStep, CommitStep, QuoteStep
from loyalty.cases.values import PayWithCard, Redeem
from loyalty.cases.world import CaseFault, Done, World
from loyalty.holding.accounts import gift_card_account
from loyalty.holding.standing import NOTHING
from loyalty.holding.units import is_hidden
from loyalty.quote import Quote, quote
from loyalty.quote import act as quote_action
from loyalty.quote.posting import Posted, post
from loyalty.refusals import Refusal
from loyalty.sale.ask import Ask, Load, RedeemRequest, ShownCoupon, ShownGiftCard
from loyalty.sale.basket import Basket

MOST = "max"


def show(world: World, step: QuoteStep, label: str) -> Done:
    """Quote a basket; accounts are told as the sale would leave them, and nothing is kept."""
    done = _quoted(world, step, label)
    if done.quote is None:
        return done
    ledger, persons, sales = world.ledger.copy(), dict(world.persons), list(world.sales)
    done = _sold(world, done, label)
    after = replace(done, entry_id=None, posted=None)
    world.ledger, world.persons, world.sales = ledger, persons, sales
    return after


def sell(world: World, step: QuoteStep, label: str) -> Done:
    """Quote a basket and sell it as it was quoted; a refusal keeps nothing."""
    done = _quoted(world, step, label)
    return done if done.quote is None else _sold(world, done, label)


def commit(world: World, step: CommitStep, label: str) -> Done:
    """Sell what an earlier quote answered, by the programme of then."""
    earlier = world.done[step.of]
    if earlier.quote is None or earlier.entry_id is not None:
        raise CaseFault(label, f'step "{step.of}" is no quote that was answered')
    return _sold(world, replace(earlier, step=step), label)


def act(world: World, step: ActionStep, label: str) -> Done:
    """Let a member do something that is no sale."""
    member = world.known(step.member, label)
    answer = quote_action(
        world.programme,
        world.standing(member),
        world.moment(step.store),
        step.action,
        world.pools(member, step.store),
    )
    if isinstance(answer, Refusal):
        return nothing(world, step, member, answer)
    goods = Goods(basket=Basket(currency=world.programme.currency, lines=()), taxes={}, fixed_minor={})
    done = replace(nothing(world, step, member), goods=goods, quote=answer)
    return _sold(world, replace(done, changes=_changes(answer, member, world)), label)


def _quoted(world: World, step: QuoteStep, label: str) -> Done:
    member = world.known(step.member, label) if step.member is not None else None
    goods = make_goods(step.lines, step.host_discount, world.programme.currency)
    if isinstance(goods, Refusal):
        return nothing(world, step, member, goods)
    ask = _ask(world, step, label)
    answer = quote(
        world.programme,
        goods.basket,
        world.standing(member) if member is not None else None,
        world.moment(step.store),
        ask,
        world.pools(member, step.store),
    )
    if isinstance(answer, Refusal):
        return replace(nothing(world, step, member, answer), goods=goods)
    return replace(
        nothing(world, step, member),
        goods=goods,
        quote=answer,
        asked=_places(step),
        changes=_changes(answer, member, world),
    )


def _ask(world: World, step: QuoteStep, label: str) -> Ask:
    return Ask(
        redeem=tuple(_request(world, one, label) for one in step.redeem),
        codes=step.codes,
        coupons=tuple(_coupon(world, code) for code in step.coupons),
        gift_cards=tuple(_card(world, one) for one in step.gift_cards),
        declined=step.declined,
        actions=step.actions,
        loads=tuple(Load(line=one.line, account=gift_card_account(one.gift_card)) for one in step.loads),
    )


def _request(world: World, one: Redeem, label: str) -> RedeemRequest:
    reward = world.programme.reward(one.reward)
    unit = reward.terms.unit if reward is not None else None
    units = None
    if one.units is not None and one.units != MOST:
        if unit is None:
            raise CaseFault(label, f'"{one.reward}" costs no units')
        if not is_figure(one.units):
            raise CaseFault(label, 'redeem.units: expected a figure, or "max"')
        units = world.steps(unit.id, one.units)
    return RedeemRequest(reward=one.reward, units=units, times=one.times, choice=one.choice)


def _coupon(world: World, code: str) -> ShownCoupon:
    if code not in world.coupons:
        return ShownCoupon(code=code, account=world.name(f"coupon {code}"), holdings=NOTHING)
    account, _ = world.coupons[code]
    return ShownCoupon(code=world.printed[code], account=account, holdings=world.ledger.holdings(account))


def _card(world: World, one: PayWithCard) -> ShownGiftCard:
    account = gift_card_account(one.number)
    reward = world.programme.reward(one.reward)
    unit = reward.terms.unit if reward is not None else None
    units = world.steps(unit.id, one.units) if one.units is not None and unit is not None else None
    return ShownGiftCard(account=account, holdings=world.ledger.holdings(account), reward=one.reward, units=units)


def _places(step: QuoteStep) -> dict[str, str]:
    """Give what was shown by the name that a quote has for it."""
    shown = {"codes": step.codes, "coupons": step.coupons, "gift_cards": [card.number for card in step.gift_cards]}
    return {f"{field}[{place}]": one for field, all_ in shown.items() for place, one in enumerate(all_, start=1)}


def _changes(answer: Quote, member: str | None, world: World) -> tuple[tuple[str, int], ...]:
    """Give why the member's visible units change: one change for each rule and reward."""
    if member is None:
        return ()
    account = world.account(member)
    earned = [(award.unit.id, award.amount) for award in answer.awards if not is_hidden(award.unit.id)]
    spent = [(one.unit.id, -one.units) for one in answer.redemptions if one.unit is not None and one.payer == account]
    return tuple((unit, amount) for unit, amount in (*earned, *spent) if amount)


def _sold(world: World, done: Done, label: str) -> Done:
    """Post a quote's effects."""
    assert done.quote is not None
    entry_id = world.name(f"entry {label}")
    account = world.account(done.member) if done.member is not None else None
    posted = post(done.programme, done.quote, entry_id, account)
    world.post(label, posted.postings, account)
    if done.member is not None:
        visited = {"last_visit_on": world.clock.date()} if done.quote.lines else {}
        world.change_person(done.member, tier=done.quote.tier, **visited)
    sold = replace(
        done,
        ledger=world.ledger.copy(),
        persons=dict(world.persons),
        entry_id=entry_id,
        posted=posted,
        issued=_named(world, done, posted),
    )
    world.sales.append((label, world.clock.date(), sold))
    return sold


def _named(world: World, done: Done, posted: Posted) -> tuple[str, ...]:
    """Give the issued coupons the names that the step has for them."""
    names = done.step.new_codes if isinstance(done.step, QuoteStep) else ()
    for name, coupon in zip(names, posted.coupons, strict=False):
        world.add_coupon(name, coupon.coupon, coupon.code)
    return tuple(coupon.coupon for coupon in posted.coupons)
