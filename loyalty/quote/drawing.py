"""Whether one reward can be had as the bill is, and what it gives: conditions, uses, balance, budget and units."""

from dataclasses import dataclass, replace

from loyalty.explain import message
from loyalty.holding.units import is_owner_unit, owner_unit
from loyalty.quote.candidates import Candidate
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Draw, Offline, Request, Reward, Terms
from loyalty.rules.uses import budget_left, left
from loyalty.rules.when import REACHED, Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A candidate that can be had, and what it gives.

    Attributes:
        beyond: It is beyond the rights of the till that asks.
    """

    candidate: Candidate
    draw: Draw
    beyond: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a candidate cannot be had, and in words what is missing, where something is."""

    refusal: Refusal
    unmet: Unmet | None = None


def draw(candidate: Candidate, situation: Situation) -> Drawn | Refused:
    """Ask a reward what it gives, and check what it needs: conditions, uses, a balance, stock, budget, units, rights.

    A till gives what it can within its rights. What may be given beyond them is, as far as the floor limits go; for the rest
    a lease is missing.
    """
    rights, offline = situation.rights, candidate.reward.head.offline
    if rights is None:
        return _draw(candidate, situation)
    if offline is Offline.DENY and not rights.confirmed:
        return _unleased(candidate)
    within = _draw(candidate, situation.within_rights())
    if isinstance(within, Drawn) and (offline is not Offline.ALLOW or _fixed(candidate)):
        return within
    freely = _draw(candidate, situation)
    if isinstance(freely, Refused):
        return freely
    too_much = rights.floor_minor is not None and freely.draw.worth_minor > rights.floor_minor
    if isinstance(within, Drawn) and (too_much or within.draw.worth_minor >= freely.draw.worth_minor):
        return within
    if offline is not Offline.ALLOW or too_much:
        return _unleased(candidate)
    return replace(freely, beyond=True)


def _fixed(candidate: Candidate) -> bool:
    """Tell whether it was said how much is wanted, so that more rights would give no more."""
    request = candidate.request
    return request.payer is None or request.units is not None or request.times is not None


def _unleased(candidate: Candidate) -> Refused:
    refusal = Refusal(code=RefusalCode.LEASE_REQUIRED, field=candidate.asked, detail="only with a lease from HQ")
    return Refused(refusal=refusal, unmet=Unmet(message=message("explain.missing_lease")))


def _draw(candidate: Candidate, situation: Situation) -> Drawn | Refused:
    reward = candidate.reward
    unmet = reward.head.when.missing(situation) or _nobody(reward, situation)
    if unmet is not None:
        return Refused(refusal=Refusal(code=RefusalCode.REWARD_NOT_NOW), unmet=unmet)
    often = left(reward.head.uses, reward.head.id, situation)
    if isinstance(often, Unmet):
        return Refused(refusal=Refusal(code=RefusalCode.REWARD_USED_UP), unmet=often)
    request = _bounded(candidate, situation, often)
    candidate = candidate if request is candidate.request else replace(candidate, request=request)
    unusable = _not_theirs(candidate, situation) or _too_low(candidate)
    if unusable is not None:
        return unusable
    drawn = _with_what_is_left(reward, situation).draw(candidate.request, situation)
    if isinstance(drawn, Unmet):
        return Refused(refusal=Refusal(code=drawn.code), unmet=drawn)
    if isinstance(drawn, Refusal):
        return Refused(refusal=_in_field(drawn, candidate))
    return _paid(candidate, drawn, situation)


def _with_what_is_left(reward: Reward, situation: Situation) -> Reward:
    """Give the reward with what is left of the most that it takes off in a sale: two coupons share it."""
    most = reward.terms.most_minor
    taken = situation.taken_minor(reward.head.id) if most is not None else 0
    if most is None or not taken:
        return reward
    terms = replace(reward.terms, most_minor=max(0, most - taken))
    lessened: Reward = replace(reward, terms=terms)  # type: ignore[type-var]  # every kind is a dataclass
    return lessened


def _paid(candidate: Candidate, draw: Draw, situation: Situation) -> Drawn | Refused:
    money = budget_left(candidate.reward.head.uses, situation)
    if money is not None and draw.worth_minor > money:
        return Refused(
            refusal=Refusal(code=RefusalCode.BUDGET_SPENT), unmet=Unmet(message=message("explain.missing_used_up"))
        )
    if candidate.reward.terms.unit is not None and draw.units > candidate.request.spendable:
        return Refused(refusal=_short(candidate, situation))
    return Drawn(candidate=candidate, draw=draw)


def _bounded(candidate: Candidate, situation: Situation, often: int | None) -> Request:
    """Bring what is asked up to date: earlier rewards may have spent from the same account."""
    request, unit = candidate.request, candidate.reward.terms.unit
    if unit is not None and request.payer is not None:
        spendable = situation.may_spend(request.payer, unit.id)
        return replace(request, most_times=often, spendable=spendable)
    return request if request.most_times == often else replace(request, most_times=often)


def _nobody(reward: Reward, situation: Situation) -> Unmet | None:
    """Say that what each member may have so many times is not for a sale without a member."""
    uses = reward.head.uses
    if situation.standing is None and (uses.per_member is not None or uses.per_day is not None):
        return Unmet(message=message("explain.missing_member"))
    return None


def _not_theirs(candidate: Candidate, situation: Situation) -> Refused | None:
    """Refuse a coupon that was issued to another member."""
    request = candidate.request
    if request.code is None or request.payer is None:
        return None
    owners = [unit for unit, amount in situation.payer(request.payer).balances if amount and is_owner_unit(unit)]
    member = situation.standing.member if situation.standing is not None else None
    if not owners or (member is not None and owner_unit(member) in owners):
        return None
    return Refused(refusal=Refusal(code=RefusalCode.COUPON_PERSONAL, field=candidate.asked))


def _too_low(candidate: Candidate) -> Refused | None:
    unmet = below_least(candidate.reward.terms, candidate.request.spendable)
    if unmet is None:
        return None
    field = f"{candidate.asked}.units" if candidate.asked else ""
    return Refused(refusal=Refusal(code=RefusalCode.REDEEM_BELOW_MINIMUM, field=field), unmet=unmet)


def below_least(terms: Terms, spendable: int) -> Unmet | None:
    """Say what is missing to the balance that a reward asks for."""
    if not terms.least_balance or terms.unit is None or spendable >= terms.least_balance:
        return None
    missing = terms.unit.amount(terms.least_balance - max(0, spendable))
    near = max(0, spendable) * REACHED // terms.least_balance
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
