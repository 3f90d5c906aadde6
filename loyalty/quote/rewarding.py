"""Stages 1 and 2 of a quote: rewards at work on the bill, one after the other, and tenders on what they left.

The order is that of settlement (discounts, then tenders), priority, kind, how few lines it is for, and id, so neither the
order of a file nor that of asking changes a result. What the member chose and cannot have refuses the quote; a code,
coupon or card that cannot be used is declined, and the sale goes on without it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loyalty.explain import message
from loyalty.holding.lots import LotUse, plan_use
from loyalty.holding.rights import Rights
from loyalty.holding.standing import Holdings
from loyalty.journal.entry import Lot
from loyalty.numbers.rates import Rounding, divide
from loyalty.parts.events import seats_pool
from loyalty.programme.model import Programme
from loyalty.quote.candidates import Candidate, candidates, order, unknown
from loyalty.quote.drawing import Drawn, Refused, draw
from loyalty.quote.limits import BEATEN, missed_of
from loyalty.quote.values import Award, Declined, Missed
from loyalty.refusals import Refusal, RefusalCode, first
from loyalty.rules.redemption import Redemption, Settle
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Draw, Pick
from loyalty.rules.uses import Count, counts
from loyalty.rules.when import Unmet
from loyalty.sale.basket import BasketLine

_ALL_BUT_A_CARD = 999
"""Thousandths of the way that is done where only a card is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewarded:
    """What the reward stages came to.

    Attributes:
        situation: With what is left of bill, standing and pools.
    """

    situation: Situation
    redemptions: tuple[Redemption, ...] = ()
    counts: tuple[Count, ...] = ()
    declined: tuple[Declined, ...] = ()
    missed: tuple[Missed, ...] = ()


def work(programme: Programme, situation: Situation) -> Rewarded | Refusal:
    """Put every reward to work that applies by itself, was chosen, or was opened by a code, coupon or card."""
    found = candidates(programme, situation)
    if isinstance(found, Refusal):
        return found
    done = Rewarded(situation=situation, declined=tuple(unknown(programme, situation, found)))
    waiting = sorted(found, key=lambda one: order(one, situation))
    closed = False
    while waiting:
        rivals = _rivals(waiting)
        group = rivals[0].reward.head.group
        waiting = waiting[1:] if group is None else [one for one in waiting if one.reward.head.group != group]
        if rivals[0].reward.terms.settle is Settle.TENDER:
            done = _ended(done)
        best, others = _best(rivals, done, closed=closed)
        for candidate, refused in others:
            if candidate.refuses:
                return replace(refused.refusal, field=refused.refusal.field or candidate.asked)
            done = _set_aside(done, candidate, refused)
        if best is not None:
            done = _apply(done, best)
            closed = closed or best.candidate.reward.head.exclusive
    return _ended(done)


def _beyond_gifts(done: Rewarded) -> Iterator[tuple[int, BasketLine, int]]:
    """Give (place, line, thousandths) of what is in the basket as a reward's gift and that no reward at work hands out."""
    left: dict[tuple[str, str], int] = {}
    for one in done.redemptions:
        for gift in one.gifts:
            left[one.reward, gift.item] = left.get((one.reward, gift.item), 0) + gift.quantity_milli
    for place, line in enumerate(done.situation.basket.lines, start=1):
        if line.gift is not None:
            handed = (line.gift, line.item)
            left[handed] = left.get(handed, 0) - line.quantity_milli
            if left[handed] < 0:
                yield place, line, min(line.quantity_milli, -left[handed])
                left[handed] = 0


def _not_handed_out(place: int) -> Declined:
    field, detail = f"lines[{place}].gift", "more than the reward hands out; it is charged"
    return Declined(asked=field, refusal=Refusal(code=RefusalCode.REWARD_NOT_NOW, field=field, detail=detail))


def overspent(done: Rewarded, awards: Sequence[Award]) -> Refusal | None:
    """Refuse to spend more of what this sale earns than it earns in the end, on the base that spending left."""
    for unit in {one.unit.id for one in done.redemptions if one.unit is not None}:
        uses = [use for one in done.redemptions if one.unit is not None and one.unit.id == unit for use in one.uses]
        own = sum(use.amount for use in uses if use.own)
        if own and own > sum(award.amount for award in awards if award.unit.id == unit):
            return Refusal(
                code=RefusalCode.INSUFFICIENT_UNITS, field="redeem.units", detail="more than this sale earns in the end"
            )
    return None


def _ended(done: Rewarded) -> Rewarded:
    """Close the bill before the first tender: what is paid is what is left after every discount, the host's too.

    What is said to be a gift and is none costs what the host asks for it.
    """
    bill = done.situation.bill
    if bill.ended:
        return done
    beyond = list(_beyond_gifts(done))
    charged = {
        line.line: divide(line.amount_minor * milli, line.quantity_milli, Rounding.HALF_UP) for _, line, milli in beyond
    }
    return replace(
        done,
        situation=replace(done.situation, bill=bill.closed().charged(charged)),
        declined=(*done.declined, *(_not_handed_out(place) for place, _, _ in beyond)),
    )


def _rivals(waiting: Sequence[Candidate]) -> list[Candidate]:
    group = waiting[0].reward.head.group
    return [waiting[0]] if group is None else [one for one in waiting if one.reward.head.group == group]


def _best(
    rivals: Sequence[Candidate], done: Rewarded, *, closed: bool
) -> tuple[Drawn | None, list[tuple[Candidate, Refused]]]:
    """Give the rival that is best for the member, and why each of the others is not at work."""
    drawn: list[Drawn] = []
    others: list[tuple[Candidate, Refused]] = []
    for candidate in rivals:
        result = _weighed(draw(candidate, done.situation), _excluded(candidate, done, closed=closed))
        if isinstance(result, Refused):
            others.append((candidate, result))
        else:
            drawn.append(result)
    if not drawn:
        return None, others
    best = _picked(drawn)
    excluded = Refused(
        refusal=Refusal(code=RefusalCode.REWARD_EXCLUDED, detail="another one of its group is better for the member"),
        unmet=BEATEN,
    )
    others.extend((one.candidate, excluded) for one in drawn if one is not best)
    return best, others


def _weighed(result: Drawn | Refused, excluded: Refused | None) -> Drawn | Refused:
    """Of what stands in the way give what is answered first."""
    if excluded is None:
        return result
    if isinstance(result, Drawn):
        return excluded
    return result if first([result.refusal, excluded.refusal]) is result.refusal else excluded


def _picked(drawn: Sequence[Drawn]) -> Drawn:
    """Choose among rivals in their order: what is worth most, the first one or the last, as they say."""
    pick = drawn[0].candidate.reward.head.pick
    if pick is Pick.BEST:
        return max(drawn, key=lambda one: (one.draw.worth_minor, one.draw.cut.amount_minor))
    return drawn[0] if pick is Pick.FIRST else drawn[-1]


def _excluded(candidate: Candidate, done: Rewarded, *, closed: bool) -> Refused | None:
    if not done.situation.ask.may_spend and _takes_of_member(candidate, done.situation):
        return Refused(
            refusal=Refusal(code=RefusalCode.UID_NEEDS_CARD, detail="name the member by another card as well"),
            unmet=Unmet(message=message("explain.missing_card"), near=_ALL_BUT_A_CARD),
        )
    if candidate.reward.terms.settle is Settle.TENDER:
        return None
    alone = candidate.reward.head.exclusive and bool(done.redemptions)
    if not (closed or alone):
        return None
    return Refused(
        refusal=Refusal(code=RefusalCode.REWARD_EXCLUDED, detail="it does not go together with what is at work"),
        unmet=Unmet(message=message("explain.missing_exclusive")),
    )


def _takes_of_member(candidate: Candidate, situation: Situation) -> bool:
    """Tell whether a reward takes what the member has: units, or one of the times that a member may have it."""
    standing, payer = situation.standing, candidate.request.payer
    if standing is None or payer is not None:
        return standing is not None and payer == standing.member
    uses = candidate.reward.head.uses
    return uses.per_member is not None or uses.per_day is not None


def _set_aside(done: Rewarded, candidate: Candidate, refused: Refused) -> Rewarded:
    head, unmet = candidate.reward.head, refused.unmet
    if candidate.asked:
        because = (unmet.message,) if unmet is not None else ()
        refusal = replace(refused.refusal, field=refused.refusal.field or candidate.asked)
        said = Declined(asked=candidate.asked, refusal=refusal, because=because)
        return replace(done, declined=(*done.declined, said))
    return replace(done, missed=(*done.missed, missed_of(head, unmet))) if unmet is not None else done


def _apply(done: Rewarded, drawn: Drawn) -> Rewarded:
    candidate, draw, situation = drawn.candidate, drawn.draw, done.situation
    reward, terms = candidate.reward, candidate.reward.terms
    counted = counts(reward.head.uses, reward.head.id, draw.times, draw.worth_minor, situation) + _stocks(draw)
    redemption = Redemption(
        reward=reward.head.id,
        unit=terms.unit if draw.units else None,
        units=draw.units,
        uses=_uses(candidate, draw.units, situation if drawn.beyond else situation.within_rights()),
        payer=candidate.request.payer if draw.units else None,
        code=candidate.request.code,
        settle=terms.settle,
        by_line=draw.cut.by_line,
        free=draw.cut.free,
        counted=draw.cut.counted,
        gifts=draw.gifts,
        seats=draw.seats,
        times=draw.times,
        worth_minor=draw.worth_minor,
        beyond=drawn.beyond,
        because=draw.because,
    )
    return replace(
        done,
        situation=_after(situation, redemption, draw, counted),
        redemptions=(*done.redemptions, redemption),
        counts=done.counts + counted,
    )


def _stocks(draw: Draw) -> tuple[Count, ...]:
    gifts = tuple(
        Count(pool=gift.pool, unit=gift.pool.partition("/")[0], amount=-gift.quantity_milli)
        for gift in draw.gifts
        if gift.pool is not None
    )
    return gifts + tuple(
        Count(pool=seats_pool(event), unit=seats_pool(event), amount=-many) for event, many in draw.seats
    )


def _uses(candidate: Candidate, units: int, situation: Situation) -> tuple[LotUse, ...]:
    """Choose the lots; what this sale earns itself is in none yet."""
    unit, account = candidate.reward.terms.unit, candidate.request.payer
    if unit is None or account is None or not units:
        return ()
    payer = situation.payer(account)
    held = min(units, max(0, payer.usable(unit.id, situation.at)))
    uses = plan_use(payer, unit.id, held, situation.at) if held else ()
    assert uses is not None
    return uses if held == units else (*uses, LotUse(lot=None, amount=units - held, own=True))


def _after(situation: Situation, redemption: Redemption, draw: Draw, counted: Sequence[Count]) -> Situation:
    tender = redemption.settle is Settle.TENDER
    paid = dict(situation.paid_minor)
    if tender:
        for line, amount in draw.cut.by_line:
            paid[line] = paid.get(line, 0) + amount
    pools = dict(situation.pools)
    for count in counted:
        if count.pool is not None:
            pools[count.pool] = pools.get(count.pool, Holdings()).changed([(count.unit, count.amount, None)])
    return replace(
        situation,
        bill=situation.bill if tender else situation.bill.cut(draw.cut),
        paid_minor=paid,
        pools=pools,
        redemptions=(*situation.redemptions, redemption),
        rights=_rights_after(situation.rights, redemption, counted),
        **_accounts_after(situation, redemption, counted),
    )


def _rights_after(rights: Rights | None, redemption: Redemption, counted: Sequence[Count]) -> Rights | None:
    """Take from the rights what was given; what was beyond them lowers the floor limits too."""
    if rights is None:
        return None
    unit = redemption.unit
    spent = [(unit.id, -use.amount, use.lot) for use in redemption.uses] if unit is not None else []
    after = rights.spent(redemption.payer, spent)
    after = after.counted((count.pool, count.unit, count.amount) for count in counted if count.pool is not None)
    return after.beyond(redemption.worth_minor) if redemption.beyond else after


def _accounts_after(situation: Situation, redemption: Redemption, counted: Sequence[Count]) -> dict[str, Any]:
    """Give the member's standing and the accounts that were shown after what was spent and counted."""
    unit, standing = redemption.unit, situation.standing
    spent = [(unit.id, -use.amount, use.lot) for use in redemption.uses] if unit is not None else []
    own: list[tuple[str, int, Lot | None]] = [
        (count.unit, count.amount, None) for count in counted if count.pool is None
    ]
    if standing is not None and redemption.payer == standing.member:
        own.extend(spent)
    accounts = dict(situation.accounts)
    if redemption.payer is not None and redemption.payer in accounts:
        accounts[redemption.payer] = accounts[redemption.payer].changed(spent)
    return {"standing": standing.changed(own) if standing is not None and own else standing, "accounts": accounts}
