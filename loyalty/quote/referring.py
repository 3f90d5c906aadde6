"""Referral: at the first purchase of a friend that qualifies, both the friend and the member who brought them get units.

It is tied to the friend: the friend's account counts that it happened, so it happens once, whoever sells and however often
an entry arrives. How many friends a member is rewarded for is counted by a pool, since a till may not know that member.
"""

from dataclasses import dataclass

from loyalty.explain import Money, message
from loyalty.holding.standing import Standing
from loyalty.holding.units import used_unit
from loyalty.numbers.currency import Currency
from loyalty.parts.referral import REFERRAL_FRIEND, REFERRAL_REFERRER, Referral, referrals_pool
from loyalty.programme.model import Programme
from loyalty.quote.dating import dates_of, said_of_dates
from loyalty.quote.values import Award, Grant, Missed
from loyalty.rules.earning.shares import shares
from loyalty.rules.goods import EVERYTHING
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Dating
from loyalty.rules.uses import Count, uses_pool
from loyalty.rules.when import REACHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Referred:
    """What a referral came to."""

    awards: tuple[Award, ...] = ()
    grants: tuple[Grant, ...] = ()
    counts: tuple[Count, ...] = ()
    missed: tuple[Missed, ...] = ()


def refer(programme: Programme, situation: Situation) -> Referred:
    """Reward both sides, if this is the purchase for it."""
    referral, standing = programme.referral, situation.standing
    if referral is None or standing is None or not _open(referral, standing, situation):
        return Referred()
    missing = max(1, referral.least_spend_minor) - situation.bill.total_minor
    if missing > 0:
        return Referred(missed=(_missed(referral, missing, programme.currency),))
    dating = Dating(pending_days=referral.unit.pending_days, lasting=referral.unit.lasting)
    usable_at, expires_at = dates_of(dating, situation.moment)
    bases = shares(EVERYTHING, situation)
    done = Count(pool=None, unit=used_unit(REFERRAL_FRIEND), amount=1)
    award = Award(
        rule=REFERRAL_FRIEND,
        unit=referral.unit,
        amount=referral.friend,
        bases=bases,
        remainder=None,
        usable_at=usable_at,
        expires_at=expires_at,
        because=(message("explain.referral_friend", units=referral.unit.amount(referral.friend)),),
        more=said_of_dates(usable_at, expires_at, situation.moment),
    )
    grant = Grant(
        rule=REFERRAL_REFERRER,
        account=standing.referrer,
        unit=referral.unit,
        amount=referral.referrer,
        bases=bases,
        usable_at=usable_at,
        expires_at=expires_at,
        because=(message("explain.referral_referrer", units=referral.unit.amount(referral.referrer)),),
    )
    brought = _brought(referral, standing, situation)
    return Referred(
        awards=(award,) if referral.friend else (),
        grants=(grant,) if referral.referrer and brought is not None else (),
        counts=(done, *(brought or ())),
    )


def _open(referral: Referral, standing: Standing, situation: Situation) -> bool:
    if standing.referrer is None or standing.referrer == standing.member:
        return False
    if standing.balance(used_unit(REFERRAL_FRIEND)) > 0:
        return False
    today = situation.moment.business_date
    since = (today - (standing.joined_on or today)).days
    return referral.within_days is None or since < referral.within_days


def _brought(referral: Referral, standing: Standing, situation: Situation) -> tuple[Count, ...] | None:
    """Count one more friend of the member who brought this one; None where that member has been rewarded for enough."""
    if referral.most_per_member is None or standing.referrer is None:
        return ()
    pool, unit = referrals_pool(standing.referrer), uses_pool(REFERRAL_REFERRER)
    if situation.pool(pool).balance(unit) >= referral.most_per_member:
        return None
    return (Count(pool=pool, unit=unit, amount=1),)


def _missed(referral: Referral, missing: int, currency: Currency) -> Missed:
    least = max(1, referral.least_spend_minor)
    return Missed(
        id=REFERRAL_FRIEND,
        names=None,
        message=message("explain.missing_spend", missing=Money(amount_minor=missing, currency=currency)),
        near=(least - missing) * REACHED // least,
    )
