"""What a member gets for doing something without buying: joining, rating a purchase, coming to an event."""

from collections.abc import Mapping
from dataclasses import replace

from loyalty.explain import message
from loyalty.holding.rights import Rights
from loyalty.holding.standing import Holdings, Standing
from loyalty.moment import Moment
from loyalty.numbers.limits import MAX_BALANCE
from loyalty.programme.model import Programme
from loyalty.quote.earning import earn, fits, progress_award, tier_after
from loyalty.quote.issuing import issue
from loyalty.quote.values import Quote
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.situation import Situation
from loyalty.sale.ask import Ask
from loyalty.sale.basket import Basket
from loyalty.sale.bill import Bill


def act(
    programme: Programme,
    standing: Standing,
    moment: Moment,
    action: str,
    pools: Mapping[str, Holdings] | None = None,
    rights: Rights | None = None,
) -> Quote | Refusal:
    """Answer for one action: the rules that ask for it, with their conditions, uses and caps, and no goods at all.

    Args:
        programme: The version to use.
        standing: The member's.
        moment: When and where.
        action: ``sign_up``, ``feedback``, ``check_in`` or one of the programme's own.
        pools: What is known of the programme's pools, by name.
        rights: As in `loyalty.sale.ask.Ask`.

    Returns:
        A quote without lines, for an entry of kind ``action``: awards, coupons, counts, and why there are none. Or a
        refusal, where a balance would pass what an account may hold.
    """
    standing = replace(standing, tier=programme.ladder.of(standing, moment.at))
    if not programme.valid_on(moment.business_date):
        return _nothing(programme, standing, "explain.programme_not_valid")
    asking = [head.id for head in programme.heads if head.when.action == action]
    if not asking:
        return _nothing(programme, standing, "explain.action_earns_nothing")
    nothing = Basket(currency=programme.currency, lines=())
    situation = Situation(
        basket=nothing,
        standing=standing,
        moment=moment,
        bill=Bill.of(nothing, programme.policies),
        ask=Ask(actions=(action,), rights=rights),
        rights=rights,
        pools=pools or {},
    )
    earned, issued = earn(programme, situation), issue(programme, situation)
    awards = tuple(award for award in earned.awards if award.amount)
    progress = progress_award(programme, situation, awards)
    if progress is not None:
        awards = (*awards, progress)
    if not fits(awards, standing):
        detail = f"the awards, and the balance with them, must stay within {MAX_BALANCE}"
        return Refusal(code=RefusalCode.AMOUNT_TOO_LARGE, field="action", detail=detail)
    return Quote(
        programme=programme.version,
        awards=awards,
        redemptions=(),
        offers=(),
        issues=issued.issues,
        counts=(*earned.counts, *issued.counts),
        tier=tier_after(programme, situation, awards),
        missed=tuple(one for one in (*earned.missed, *issued.missed) if one.id in asking),
    )


def _nothing(programme: Programme, standing: Standing, because: str) -> Quote:
    said = (message(because),)
    return Quote(programme=programme.version, awards=(), redemptions=(), offers=(), tier=standing.tier, because=said)
