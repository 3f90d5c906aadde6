"""The quote: what a basket earns and what could be redeemed on it, under one version of a programme.

Pure and exact: the same programme, basket, standing and moment give the same quote on every machine, whatever
the order of rules in a file or of lines in a basket.
"""

from collections.abc import Mapping
from dataclasses import replace

from loyalty.explain import message
from loyalty.holding.standing import Holdings, Standing
from loyalty.holding.units import VISITS, Holder
from loyalty.moment import Moment
from loyalty.numbers.limits import MAX_BALANCE
from loyalty.programme.model import Programme
from loyalty.quote.earning import Earned, earn, fits, progress_award, tier_after
from loyalty.quote.issuing import issue
from loyalty.quote.offering import offers
from loyalty.quote.referring import refer
from loyalty.quote.rewarding import Rewarded, overspent, work
from loyalty.quote.totals import line_totals
from loyalty.quote.values import Missed, Quote
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Offer
from loyalty.rules.uses import Count
from loyalty.sale.ask import MAX_ASKED, NOTHING_ASKED, Ask, RedeemRequest
from loyalty.sale.basket import Basket
from loyalty.sale.bill import Bill

_NEAREST = 5
"""Most missed rules that a quote names."""


def quote(
    programme: Programme,
    basket: Basket,
    standing: Standing | None,
    moment: Moment,
    ask: Ask = NOTHING_ASKED,
    pools: Mapping[str, Holdings] | None = None,
) -> Quote | Refusal:
    """Answer for one basket.

    Args:
        programme: The version to use.
        basket: What is sold.
        standing: The member's, or None without a member.
        moment: When and where.
        ask: What the member chose, showed and did.
        pools: What is known of the programme's pools (`pools_of`), by name.

    Returns:
        A quote, or the refusal with the highest precedence.
    """
    refusal = _refuse(programme, basket, standing, ask)
    if refusal is not None:
        return refusal
    if not programme.valid_on(moment.business_date):
        return _dormant(programme, basket, standing, moment, ask)
    situation = _situation(programme, basket, standing, moment, ask, pools or {})
    rewarded = work(programme, situation)
    if isinstance(rewarded, Refusal):
        return rewarded
    return _quote(programme, situation, rewarded)


def offers_on(
    programme: Programme,
    basket: Basket,
    standing: Standing,
    moment: Moment,
    ask: Ask = NOTHING_ASKED,
    pools: Mapping[str, Holdings] | None = None,
) -> tuple[Offer, ...]:
    """Give what a member could redeem on a basket, by reward id: the same as the quote says, without the rest of it.

    Nothing where the quote would be refused, or where the programme does not award on the business date.
    """
    refused = _refuse(programme, basket, standing, ask) is not None or not programme.valid_on(moment.business_date)
    if refused:
        return ()
    return offers(programme, _situation(programme, basket, standing, moment, ask, pools or {})).offers


def _refuse(programme: Programme, basket: Basket, standing: Standing | None, ask: Ask) -> Refusal | None:
    if basket.currency != programme.currency:
        detail = f"the programme counts in {programme.currency.code} with {programme.currency.scale} decimals"
        return Refusal(code=RefusalCode.CURRENCY_MISMATCH, field="currency", detail=detail)
    if standing is None and any(_takes_member(programme, one) for one in ask.redeem):
        return Refusal(code=RefusalCode.MEMBER_UNKNOWN, field="redeem", detail="only a member can redeem")
    for field in ("redeem", "codes", "coupons", "gift_cards", "declined", "loads", "actions"):
        if len(getattr(ask, field)) > MAX_ASKED:
            return Refusal(code=RefusalCode.BAD_REQUEST, field=field, detail=f"at most {MAX_ASKED} at once")
    return None


def _takes_member(programme: Programme, asked: RedeemRequest) -> bool:
    """Tell whether a reward is paid by a member; what costs nothing, or a coupon, may be chosen without one."""
    reward = programme.reward(asked.reward)
    return reward is None or (reward.terms.unit is not None and reward.terms.coupon is None)


def _dormant(
    programme: Programme, basket: Basket, standing: Standing | None, moment: Moment, ask: Ask
) -> Quote | Refusal:
    """Answer on a date on which the programme does nothing: a sale goes on, and only redeeming is refused."""
    if ask.redeem or ask.gift_cards:
        return Refusal(code=RefusalCode.PROGRAMME_NOT_VALID, field="business_date")
    asked = {line.line: line.amount_minor for line in basket.lines if line.gift is not None}
    bill = Bill.of(basket, programme.policies).closed().charged(asked)  # nothing is handed out today
    return Quote(
        programme=programme.version,
        awards=(),
        redemptions=(),
        offers=(),
        lines=line_totals(bill),
        total_minor=bill.total_minor,
        tier=programme.ladder.of(standing, moment.at) if standing is not None else None,
        because=(message("explain.programme_not_valid"),),
    )


def _situation(
    programme: Programme,
    basket: Basket,
    standing: Standing | None,
    moment: Moment,
    ask: Ask,
    pools: Mapping[str, Holdings],
) -> Situation:
    shown = {coupon.account: coupon.holdings for coupon in ask.coupons}
    shown |= {card.account: card.holdings for card in ask.gift_cards}
    situation = Situation(
        basket=basket,
        standing=_with_tier(programme, standing, moment),
        moment=moment,
        bill=Bill.of(basket, programme.policies),
        ask=ask,
        pools=pools,
        accounts=shown,
        stored=_stored(programme, basket),
        rights=ask.rights,
    )
    now = [unit.id for unit in programme.units if unit.spendable_now]
    if not now and not (programme.ladder.counts_current_sale and standing is not None):
        return situation
    first = earn(programme, situation)
    spendable = {unit: sum(award.amount for award in first.awards if award.unit.id == unit) for unit in now}
    return replace(situation, earned=spendable, standing=_counted_in(programme, situation, first))


def _stored(programme: Programme, basket: Basket) -> frozenset[int]:
    """Give the lines that sell stored value: neither earning nor cheaper, unless a rule or reward names their goods."""
    selling = [rule.head.goods for rule in programme.earn_rules if rule.unit.holder is Holder.CARD]
    return frozenset(line.line for goods in selling if goods.narrows for line in goods.select(basket.lines))


def _with_tier(programme: Programme, standing: Standing | None, moment: Moment) -> Standing | None:
    """Give the standing with the tier that its progress reaches, where HQ has not said so yet."""
    if standing is None or programme.ladder.by is None:
        return standing
    return replace(standing, tier=programme.ladder.of(standing, moment.at))


def _counted_in(programme: Programme, situation: Situation, first: Earned) -> Standing | None:
    """Give the standing with the tier that this very sale reaches, where the programme counts it at once."""
    standing = situation.standing
    if standing is None or not programme.ladder.counts_current_sale:
        return standing
    progress = progress_award(programme, situation, first.awards)
    awards = first.awards if progress is None else (*first.awards, progress)
    return replace(standing, tier=tier_after(programme, situation, awards))


def _quote(programme: Programme, before: Situation, rewarded: Rewarded) -> Quote | Refusal:
    after = replace(rewarded.situation, bill=rewarded.situation.bill.closed())
    earned = _earned(programme, after)
    progress = progress_award(programme, after, earned.awards)
    referred = refer(programme, after)
    awards = (*earned.awards, *referred.awards, *(() if progress is None else (progress,)))
    grants = (*earned.grants, *referred.grants)
    if not fits(awards, after.standing, grants):
        detail = f"the awards, and the balance with them, must stay within {MAX_BALANCE}"
        return Refusal(code=RefusalCode.AMOUNT_TOO_LARGE, field="lines", detail=detail)
    refusal = overspent(rewarded, awards)
    if refusal is not None:
        return refusal
    counted = (*rewarded.counts, *earned.counts, *referred.counts)
    issued = issue(programme, after)
    offered = offers(programme, before)
    missed = (*rewarded.missed, *earned.missed, *referred.missed, *issued.missed)
    return Quote(
        programme=programme.version,
        awards=awards,
        redemptions=rewarded.redemptions,
        offers=offered.offers,
        grants=grants,
        issues=issued.issues,
        counts=_summed((*counted, *issued.counts, *_visit(programme, after))),
        lines=line_totals(after.bill),
        total_minor=after.bill.total_minor,
        paid_minor=sum(after.paid_minor.values()),
        tier=tier_after(programme, after, awards),
        declined=rewarded.declined,
        missed=_nearest((*missed, *offered.missed)),
    )


def _earned(programme: Programme, situation: Situation) -> Earned:
    spent = any(one.units for one in situation.redemptions)
    return earn(programme, situation) if programme.policies.earn_when_redeeming or not spent else Earned()


def _visit(programme: Programme, situation: Situation) -> tuple[Count, ...]:
    if situation.standing is None or not programme.counts_visits:
        return ()
    return (Count(pool=None, unit=VISITS, amount=1, stays=programme.policies.cancelled_visits_count),)


def _summed(counts: tuple[Count, ...]) -> tuple[Count, ...]:
    sums: dict[tuple[str, str, bool], int] = {}
    for count in counts:
        key = (count.pool or "", count.unit, count.stays)
        sums[key] = sums.get(key, 0) + count.amount
    return tuple(
        Count(pool=pool or None, unit=unit, amount=amount, stays=stays)
        for (pool, unit, stays), amount in sorted(sums.items())
        if amount
    )


def _nearest(missed: tuple[Missed, ...]) -> tuple[Missed, ...]:
    return tuple(sorted(missed, key=lambda one: (-one.near, one.id))[:_NEAREST])
