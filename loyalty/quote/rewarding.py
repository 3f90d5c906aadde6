"""Stages 1 and 2 of a quote: rewards at work on the bill, one after the other, and tenders on what they left.

The order is that of settlement (discounts, then tenders), priority, kind and id, so neither the order of a file nor that
of asking changes a result. What the member chose and cannot have refuses the quote; a code, coupon or card that cannot be
used is declined, and the sale goes on without it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loyalty.ask import RedeemRequest, ShownCoupon, ShownGiftCard
from loyalty.coupons import kinds_of
from loyalty.explain import message
from loyalty.journal.entry import Lot
from loyalty.lots import LotUse, plan_use
from loyalty.programme.model import Programme
from loyalty.quote.limits import missed_of
from loyalty.quote.values import Award, Declined, Missed
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Draw, Offline, Pick, Redemption, Request, Reward, Settle, Terms, Trigger
from loyalty.rules.uses import Count, budget_left, counts, left
from loyalty.rules.when import Unmet
from loyalty.standing import Holdings
from loyalty.units import coupon_unit, is_owner_unit, owner_unit

_WHOLE = 1000


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One reward and what set it to work.

    Attributes:
        asked: The field that asked for it (``redeem[1]``, ``coupons[2]``); empty where nobody did.
        place: Which of several of its field, from 1.
        refuses: It was chosen, so that the quote is refused where it cannot be had.
    """

    reward: Reward
    request: Request
    asked: str = ""
    place: int = 0
    refuses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    candidate: Candidate
    draw: Draw


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refused:
    refusal: Refusal
    unmet: Unmet | None = None


def work(programme: Programme, situation: Situation) -> Rewarded | Refusal:
    """Put every reward to work that applies by itself, was chosen, or was opened by a code, coupon or card."""
    candidates = _candidates(programme, situation)
    if isinstance(candidates, Refusal):
        return candidates
    done = Rewarded(situation=situation, declined=tuple(_unknown(programme, situation, candidates)))
    waiting = sorted(candidates, key=_order)
    closed = False
    while waiting:
        rivals = _rivals(waiting)
        gone = {id(one) for one in rivals}
        waiting = [one for one in waiting if id(one) not in gone]
        if rivals[0].reward.terms.settle is Settle.TENDER:
            done = _ended(done)
        best, others = _best(rivals, done, closed=closed)
        for candidate, refused in others:
            if candidate.refuses:
                return refused.refusal
            done = _set_aside(done, candidate, refused)
        if best is not None:
            done = _apply(done, best)
            closed = closed or best.candidate.reward.head.exclusive
    return done


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
    """Close the bill before the first tender: what is paid is what is left after every discount, the host's too."""
    bill = done.situation.bill
    return done if bill.ended else replace(done, situation=replace(done.situation, bill=bill.closed()))


def _candidates(programme: Programme, situation: Situation) -> list[Candidate] | Refusal:
    found: list[Candidate] = []
    for place, asked in enumerate(situation.ask.redeem, start=1):
        chosen = _chosen(programme, situation, asked, f"redeem[{place}]" if place > 1 else "redeem")
        if isinstance(chosen, Refusal):
            return chosen
        found.append(chosen)
    for place, card in enumerate(situation.ask.gift_cards, start=1):
        reward = programme.reward(card.reward)
        if reward is None or reward.terms.unit is None:
            return Refusal(code=RefusalCode.REWARD_UNKNOWN, field=f"gift_cards[{place}].reward")
        if not _holds(card, reward.terms.unit.id):
            continue
        request = Request(payer=card.account, units=card.units)
        found.append(Candidate(reward=reward, request=request, asked=f"gift_cards[{place}]", place=place))
    by_hand = {asked.reward for asked in situation.ask.redeem}
    for reward in programme.rewards:
        if reward.head.id not in by_hand:
            found.extend(_by_itself(reward, situation))
    return found


def _chosen(programme: Programme, situation: Situation, asked: RedeemRequest, field: str) -> Candidate | Refusal:
    reward = programme.reward(asked.reward)
    if reward is None:
        return Refusal(code=RefusalCode.REWARD_UNKNOWN, field=f"{field}.reward")
    request = request_of(reward, situation, asked)
    if reward.terms.trigger in {Trigger.CODE, Trigger.COUPON}:
        opened = next(_by_itself(reward, situation), None)
        if opened is None:
            detail = "it takes its code or coupon"
            return Refusal(code=RefusalCode.REWARD_NOT_NOW, field=f"{field}.reward", detail=detail)
        shown = opened.request
        request = replace(request, payer=shown.payer, code=shown.code, spendable=shown.spendable)
    return Candidate(reward=reward, request=request, asked=field, refuses=True)


def request_of(reward: Reward, situation: Situation, asked: RedeemRequest | None = None) -> Request:
    """Say what a member asks of a reward: what was chosen, or what it takes to tell what could be."""
    unit = reward.terms.unit
    return Request(
        payer=situation.standing.member if situation.standing is not None and unit is not None else None,
        spendable=situation.spendable(unit.id) if unit is not None else 0,
        units=asked.units if asked is not None else None,
        times=asked.times if asked is not None else None,
        choice=asked.choice if asked is not None else None,
    )


def _by_itself(reward: Reward, situation: Situation) -> Iterator[Candidate]:
    """Find what sets a reward to work that nobody chose: nothing but its conditions, a code, or each coupon shown."""
    terms, ask = reward.terms, situation.ask
    if terms.trigger is Trigger.AUTO and reward.head.id not in ask.declined:
        yield Candidate(reward=reward, request=request_of(reward, situation))
    elif terms.trigger is Trigger.CODE and terms.code is not None:
        for place, word in enumerate(ask.codes, start=1):
            if word.casefold() == terms.code.casefold():
                yield Candidate(
                    reward=reward, request=request_of(reward, situation), asked=f"codes[{place}]", place=place
                )
                return
    elif terms.trigger is Trigger.COUPON and terms.coupon is not None:
        unit = coupon_unit(terms.coupon)
        for place, shown in _once(ask.coupons):
            if _holds(shown, unit):
                request = Request(payer=shown.account, code=shown.code)
                yield Candidate(reward=reward, request=request, asked=f"coupons[{place}]", place=place)


def _once(coupons: Sequence[ShownCoupon]) -> Iterator[tuple[int, ShownCoupon]]:
    """Give each coupon with its place; one that is shown twice is there once."""
    seen: set[bytes] = set()
    for place, shown in enumerate(coupons, start=1):
        if shown.account not in seen:
            seen.add(shown.account)
            yield place, shown


def _holds(shown: ShownCoupon | ShownGiftCard, unit: str) -> bool:
    return any(name == unit for name, _ in shown.holdings.balances)


def _unknown(programme: Programme, situation: Situation, candidates: Sequence[Candidate]) -> Iterator[Declined]:
    """Decline what was shown and opens nothing."""
    opened = {one.asked for one in candidates}
    used = {one.request.payer for one in candidates if one.request.code is not None}
    words = {head.when.code.casefold() for head in programme.heads if head.when.code is not None}
    words |= {reward.terms.code.casefold() for reward in programme.rewards if reward.terms.code is not None}
    for place, word in enumerate(situation.ask.codes, start=1):
        if word.casefold() not in words:
            yield _declined(f"codes[{place}]", RefusalCode.CODE_UNKNOWN)
    first = {place for place, _ in _once(situation.ask.coupons)}
    for place, shown in enumerate(situation.ask.coupons, start=1):
        if f"coupons[{place}]" in opened or (place in first and shown.account in used):
            continue
        if place not in first:
            yield _declined(f"coupons[{place}]", RefusalCode.COUPON_USED_UP, "it was shown already")
            continue
        known = kinds_of(programme.coupons, shown.code)
        detail = "not a code of this programme's coupons" if not known else "no such coupon is known here"
        yield _declined(f"coupons[{place}]", RefusalCode.COUPON_UNKNOWN, detail)
    for place, _ in enumerate(situation.ask.gift_cards, start=1):
        if f"gift_cards[{place}]" not in opened:
            yield _declined(f"gift_cards[{place}]", RefusalCode.GIFT_CARD_UNKNOWN, "no such card is known here")


def _declined(asked: str, code: RefusalCode, detail: str = "") -> Declined:
    return Declined(asked=asked, refusal=Refusal(code=code, field=asked, detail=detail))


def _order(candidate: Candidate) -> tuple[bool, int, int, str, str, int]:
    reward = candidate.reward
    tender = reward.terms.settle is Settle.TENDER
    field = candidate.asked.partition("[")[0]
    return tender, reward.head.priority, reward.order, reward.head.id, field, candidate.place


def _rivals(waiting: Sequence[Candidate]) -> list[Candidate]:
    first = waiting[0]
    group = first.reward.head.group
    return [first] if group is None else [one for one in waiting if one.reward.head.group == group]


def _best(
    rivals: Sequence[Candidate], done: Rewarded, *, closed: bool
) -> tuple[_Drawn | None, list[tuple[Candidate, _Refused]]]:
    """Give the rival that is best for the member, and why each of the others is not at work."""
    drawn: list[_Drawn] = []
    others: list[tuple[Candidate, _Refused]] = []
    for candidate in rivals:
        result = _excluded(candidate, done, closed=closed) or _draw(candidate, done.situation)
        if isinstance(result, _Refused):
            others.append((candidate, result))
        else:
            drawn.append(result)
    if not drawn:
        return None, others
    best = _picked(drawn)
    excluded = _Refused(
        refusal=Refusal(code=RefusalCode.REWARD_EXCLUDED, detail="another one of its group is better for the member"),
        unmet=Unmet(message=message("explain.missing_better_one")),
    )
    others.extend((one.candidate, excluded) for one in drawn if one is not best)
    return best, others


def _picked(drawn: Sequence[_Drawn]) -> _Drawn:
    """Choose among rivals in their order: what is worth most, the first one or the last, as they say."""
    pick = drawn[0].candidate.reward.head.pick
    if pick is Pick.BEST:
        return max(drawn, key=lambda one: (one.draw.worth_minor, one.draw.cut.amount_minor))
    return drawn[0] if pick is Pick.FIRST else drawn[-1]


def _excluded(candidate: Candidate, done: Rewarded, *, closed: bool) -> _Refused | None:
    if candidate.reward.terms.settle is Settle.TENDER:
        return None
    alone = candidate.reward.head.exclusive and bool(done.redemptions)
    if not (closed or alone):
        return None
    return _Refused(
        refusal=Refusal(code=RefusalCode.REWARD_EXCLUDED, detail="it does not go together with what is at work"),
        unmet=Unmet(message=message("explain.missing_exclusive")),
    )


def _draw(candidate: Candidate, situation: Situation) -> _Drawn | _Refused:
    """Ask a reward what it gives, and check what it needs: HQ, conditions, uses, a balance, stock, budget, units."""
    reward = candidate.reward
    if situation.ask.alone and reward.head.offline is not Offline.ALLOW:
        refusal = Refusal(code=RefusalCode.LEASE_REQUIRED, field=candidate.asked, detail="only with a lease from HQ")
        return _Refused(refusal=refusal, unmet=Unmet(message=message("explain.missing_lease")))
    unmet = reward.head.when.missing(situation) or _nobody(reward, situation)
    if unmet is not None:
        return _Refused(refusal=Refusal(code=RefusalCode.REWARD_NOT_NOW), unmet=unmet)
    often = left(reward.head.uses, reward.head.id, situation)
    if isinstance(often, Unmet):
        return _Refused(refusal=Refusal(code=RefusalCode.REWARD_USED_UP), unmet=often)
    candidate = replace(candidate, request=_bounded(candidate, situation, often))
    unusable = _not_theirs(candidate, situation) or _too_low(candidate)
    if unusable is not None:
        return unusable
    draw = reward.draw(candidate.request, situation)
    if isinstance(draw, Unmet):
        return _Refused(refusal=Refusal(code=RefusalCode.REWARD_NOT_NOW), unmet=draw)
    if isinstance(draw, Refusal):
        return _Refused(refusal=_in_field(draw, candidate))
    return _paid(candidate, draw, situation)


def _paid(candidate: Candidate, draw: Draw, situation: Situation) -> _Drawn | _Refused:
    money = budget_left(candidate.reward.head.uses, situation)
    if money is not None and draw.worth_minor > money:
        return _Refused(
            refusal=Refusal(code=RefusalCode.BUDGET_SPENT), unmet=Unmet(message=message("explain.missing_used_up"))
        )
    if candidate.reward.terms.unit is not None and draw.units > candidate.request.spendable:
        return _Refused(refusal=_short(candidate, situation))
    return _Drawn(candidate=candidate, draw=draw)


def _bounded(candidate: Candidate, situation: Situation, often: int | None) -> Request:
    """Bring what is asked up to date: earlier rewards may have spent from the same account."""
    request, unit = replace(candidate.request, most_times=often), candidate.reward.terms.unit
    if unit is not None and request.payer is not None:
        request = replace(request, spendable=situation.may_spend(request.payer, unit.id))
    return request


def _nobody(reward: Reward, situation: Situation) -> Unmet | None:
    """Say that what each member may have so many times is not for a sale without a member."""
    uses = reward.head.uses
    if situation.standing is None and (uses.per_member is not None or uses.per_day is not None):
        return Unmet(message=message("explain.missing_member"))
    return None


def _not_theirs(candidate: Candidate, situation: Situation) -> _Refused | None:
    """Refuse a coupon that was issued to another member."""
    request = candidate.request
    if request.code is None or request.payer is None:
        return None
    owners = [unit for unit, amount in situation.payer(request.payer).balances if amount and is_owner_unit(unit)]
    member = situation.standing.member if situation.standing is not None else None
    if not owners or (member is not None and owner_unit(member) in owners):
        return None
    return _Refused(refusal=Refusal(code=RefusalCode.COUPON_PERSONAL, field=candidate.asked))


def _too_low(candidate: Candidate) -> _Refused | None:
    unmet = below_least(candidate.reward.terms, candidate.request.spendable)
    if unmet is None:
        return None
    field = f"{candidate.asked}.units" if candidate.asked else ""
    return _Refused(refusal=Refusal(code=RefusalCode.REDEEM_BELOW_MINIMUM, field=field), unmet=unmet)


def below_least(terms: Terms, spendable: int) -> Unmet | None:
    """Say what is missing to the balance that a reward asks for."""
    if not terms.least_balance or terms.unit is None or spendable >= terms.least_balance:
        return None
    missing = terms.unit.amount(terms.least_balance - max(0, spendable))
    near = max(0, spendable) * _WHOLE // terms.least_balance
    return Unmet(message=message("explain.missing_units", units=missing), near=near)


def _in_field(refusal: Refusal, candidate: Candidate) -> Refusal:
    """Name the field that asked: a reward knows it as ``redeem``."""
    head, dot, key = refusal.field.partition(".")
    if head != "redeem" or not candidate.asked:
        return refusal
    return replace(refusal, field=f"{candidate.asked}{dot}{key}")


def _short(candidate: Candidate, situation: Situation) -> Refusal:
    """Say why an account cannot pay: a coupon that is used up, not good yet or not any more, or too few units."""
    unit, request, field = candidate.reward.terms.unit, candidate.request, candidate.asked
    if request.code is None or unit is None or request.payer is None:
        return Refusal(code=RefusalCode.INSUFFICIENT_UNITS, field=f"{field}.units", detail="more than may be spent")
    payer = situation.payer(request.payer)
    if payer.balance(unit.id) <= 0:
        return Refusal(code=RefusalCode.COUPON_USED_UP, field=field)
    seconds = int(situation.at.timestamp())
    starts = [one.lot.usable_at for one in payer.lots if one.unit == unit.id and one.lot.usable_at is not None]
    if starts and min(starts) > seconds:
        return Refusal(code=RefusalCode.COUPON_NOT_YET, field=field)
    ends = [one.lot.expires_at for one in payer.lots if one.unit == unit.id and one.lot.expires_at is not None]
    code = RefusalCode.COUPON_EXPIRED if ends and max(ends) <= seconds else RefusalCode.COUPON_USED_UP
    return Refusal(code=code, field=field)


def _set_aside(done: Rewarded, candidate: Candidate, refused: _Refused) -> Rewarded:
    head, unmet = candidate.reward.head, refused.unmet
    if candidate.asked:
        because = (unmet.message,) if unmet is not None else ()
        refusal = replace(refused.refusal, field=refused.refusal.field or candidate.asked)
        said = Declined(asked=candidate.asked, refusal=refusal, because=because)
        return replace(done, declined=(*done.declined, said))
    return replace(done, missed=(*done.missed, missed_of(head, unmet))) if unmet is not None else done


def _apply(done: Rewarded, drawn: _Drawn) -> Rewarded:
    candidate, draw, situation = drawn.candidate, drawn.draw, done.situation
    reward, terms = candidate.reward, candidate.reward.terms
    counted = counts(reward.head.uses, reward.head.id, draw.times, draw.worth_minor, situation) + _stocks(draw)
    redemption = Redemption(
        reward=reward.head.id,
        unit=terms.unit if draw.units else None,
        units=draw.units,
        uses=_uses(candidate, draw.units, situation),
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
        Count(pool=f"seats.{event}", unit=f"seats.{event}", amount=-many) for event, many in draw.seats
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
        **_accounts_after(situation, redemption, counted),
    )


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
