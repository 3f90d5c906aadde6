"""What could be redeemed on a basket, and what is missing where it could not."""

from dataclasses import dataclass, replace

from loyalty.programme.model import Programme
from loyalty.quote.candidates import request_of
from loyalty.quote.drawing import below_least
from loyalty.quote.limits import in_the_way, missed_of
from loyalty.quote.values import Missed
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Offer, Offline, Reward, Trigger
from loyalty.rules.uses import left
from loyalty.rules.when import REACHED, Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The offers, and those of them that the member cannot have yet, as things missed."""

    offers: tuple[Offer, ...]
    missed: tuple[Missed, ...]


def offers(programme: Programme, situation: Situation) -> Offered:
    """Ask every reward that a member may choose, on the bill as it was before any reward.

    So is one that is at work by itself and has something to choose from.
    """
    found: list[Offer] = []
    missed: list[Missed] = []
    for reward in programme.rewards:
        offer = _offered(reward, situation)
        if offer is None:
            continue
        found.append(offer)
        if offer.near < REACHED and offer.because:
            unmet = Unmet(message=offer.because[0], near=offer.near)
            missed.append(missed_of(reward.head, unmet))
    return Offered(offers=tuple(found), missed=tuple(missed))


def _offered(reward: Reward, situation: Situation) -> Offer | None:
    if reward.terms.trigger is Trigger.AUTO and getattr(reward, "items", None):
        offer = _offer(reward, situation) if in_the_way(reward.head, situation) is None else None
        return offer if offer is not None and len(offer.choices) > 1 else None
    if reward.terms.trigger is not Trigger.CHOICE:
        return None
    offer = _as_if(reward, situation)
    return offer if _is_here(reward, offer, situation) else replace(offer, here=False)


def _as_if(reward: Reward, situation: Situation) -> Offer:
    """Say what there would be with every right in the world."""
    freely = situation if situation.rights is None else replace(situation, rights=None)
    unmet = in_the_way(reward.head, freely)
    return _out_of_reach(reward, unmet) if unmet is not None else _offer(reward, freely)


def _is_here(reward: Reward, offer: Offer, situation: Situation) -> bool:
    """Tell whether the till may give it without asking; what nobody can have yet waits for nothing else."""
    rights, offline = situation.rights, reward.head.offline
    if rights is None or offer.near < REACHED:
        return True
    if offline is Offline.DENY and not rights.confirmed:
        return False
    if _offer(reward, situation.within_rights()).near >= REACHED:
        return True
    return offline is Offline.ALLOW and (rights.floor_minor is None or rights.floor_minor > 0)


def _offer(reward: Reward, situation: Situation) -> Offer:
    request = request_of(reward, situation)
    unmet = below_least(reward.terms, request.spendable)
    if unmet is not None:
        return _out_of_reach(reward, unmet)
    often = left(reward.head.uses, reward.head.id, situation)
    return reward.offer(replace(request, most_times=often if isinstance(often, int) else None), situation)


def _out_of_reach(reward: Reward, unmet: Unmet) -> Offer:
    return Offer(
        reward=reward.head.id,
        unit=reward.terms.unit,
        least_units=reward.terms.cost,
        most_units=0,
        most_discount_minor=0,
        because=(unmet.message,),
        near=unmet.near,
    )
