"""Which rewards a quote has to try: those that apply by themselves, were chosen, or were opened by what was shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from loyalty.holding.units import coupon_unit
from loyalty.parts.coupons import kinds_of
from loyalty.programme.model import Programme
from loyalty.quote.values import Declined
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.redemption import Settle
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Request, Reward, Trigger
from loyalty.sale.ask import RedeemRequest, ShownCoupon, ShownGiftCard


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


def candidates(programme: Programme, situation: Situation) -> list[Candidate] | Refusal:
    """Find every reward that somebody or something sets to work, in no order; a refusal where one cannot be meant."""
    found: list[Candidate] = []
    for place, asked in enumerate(situation.ask.redeem, start=1):
        chosen = _chosen(programme, situation, asked, f"redeem[{place}]" if place > 1 else "redeem")
        if isinstance(chosen, Refusal):
            return chosen
        if _again(chosen.reward, asked, situation.ask.redeem[: place - 1]):
            detail = "it is chosen already; units or times say how much of it"
            return Refusal(code=RefusalCode.REWARD_USED_UP, field=f"redeem[{place}]", detail=detail)
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


def _again(reward: Reward, asked: RedeemRequest, before: Sequence[RedeemRequest]) -> bool:
    """Whether a reward was chosen before. What a member buys may be chosen again, as another item of it."""
    choices = [one.choice for one in before if one.reward == asked.reward]
    bought = reward.terms.cost > 0 and reward.terms.coupon is None
    return bool(choices) and not (bought and None not in (*choices, asked.choice) and asked.choice not in choices)


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


def unknown(programme: Programme, situation: Situation, found: Sequence[Candidate]) -> Iterator[Declined]:
    """Decline what was shown and opens nothing."""
    opened = {one.asked for one in found}
    used = {one.request.payer for one in found if one.request.code is not None}
    words = {head.when.code.casefold() for head in programme.heads if head.when.code is not None}
    words |= {reward.terms.code.casefold() for reward in programme.rewards if reward.terms.code is not None}
    for place, word in enumerate(situation.ask.codes, start=1):
        if word.casefold() not in words:
            yield _declined(f"codes[{place}]", RefusalCode.CODE_UNKNOWN)
    shown_first = {place for place, _ in _once(situation.ask.coupons)}
    for place, shown in enumerate(situation.ask.coupons, start=1):
        if f"coupons[{place}]" in opened or (place in shown_first and shown.account in used):
            continue
        if place not in shown_first:
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


def order(candidate: Candidate, situation: Situation) -> tuple[bool, int, int, int, str, str, int]:
    """Give where a candidate comes: discounts before tenders, then by priority, kind, how few lines it is for, and id.

    What is for fewer lines goes first, so that what others share with it is not spent on them.
    """
    reward = candidate.reward
    tender = reward.terms.settle is Settle.TENDER
    field = candidate.asked.partition("[")[0]
    lines = len(situation.select(reward.head.goods))
    return tender, reward.head.priority, reward.order, lines, reward.head.id, field, candidate.place
