"""What could be redeemed on a basket, and what is missing where it could not."""

from dataclasses import dataclass

from loyalty.programme.model import Programme
from loyalty.quote.limits import in_the_way, missed_of
from loyalty.quote.rewarding import request_of
from loyalty.quote.values import Missed
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Offer, Reward, Trigger
from loyalty.rules.when import Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The offers, and those of them that the member cannot have yet, as things missed."""

    offers: tuple[Offer, ...]
    missed: tuple[Missed, ...]


def offers(programme: Programme, situation: Situation) -> Offered:
    """Ask every reward that a member may choose, on the bill as it was before any reward."""
    found: list[Offer] = []
    missed: list[Missed] = []
    for reward in programme.rewards:
        if reward.terms.trigger is not Trigger.CHOICE:
            continue
        unmet = in_the_way(reward.head, situation)
        offer = _out_of_reach(reward, unmet) if unmet is not None else _offer(reward, situation)
        found.append(offer)
        if offer.near < _REACHED and offer.because:
            unmet = Unmet(message=offer.because[0], near=offer.near)
            missed.append(missed_of(reward.head, unmet))
    return Offered(offers=tuple(found), missed=tuple(missed))


_REACHED = 1000


def _offer(reward: Reward, situation: Situation) -> Offer:
    return reward.offer(request_of(reward, situation), situation)


def _out_of_reach(reward: Reward, unmet: Unmet) -> Offer:
    return Offer(
        reward=reward.head.id,
        unit=reward.terms.unit,
        least_units=reward.terms.cost,
        most_units=0,
        most_discount_minor=0,
        offline=reward.head.offline,
        because=(unmet.message,),
        near=unmet.near,
    )
