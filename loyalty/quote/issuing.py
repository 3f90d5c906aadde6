"""Stage 6 of a quote: coupons that come with the sale, for a later one."""

from dataclasses import dataclass

from loyalty.programme.model import Programme
from loyalty.quote.dating import dates_of
from loyalty.quote.limits import missed_of, not_at_work
from loyalty.quote.values import Issue, Missed
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Dating
from loyalty.rules.uses import Count, counts

MAX_COUPONS = 50
"""Most coupons with one sale, of all rules: each is an account, and an entry has room for so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What issuers came to."""

    issues: tuple[Issue, ...] = ()
    counts: tuple[Count, ...] = ()
    missed: tuple[Missed, ...] = ()


def issue(programme: Programme, situation: Situation) -> Issued:
    """Run every issuer."""
    issues: list[Issue] = []
    counted: list[Count] = []
    missed: list[Missed] = []
    for rule in programme.issuers:
        unmet = not_at_work(rule.head, situation)
        handout = rule.issue(situation) if unmet is None else None
        if unmet is not None:
            missed.append(missed_of(rule.head, unmet))
        if handout is None or not handout.count:
            continue
        count = min(handout.count, MAX_COUPONS - sum(one.count for one in issues))
        if count <= 0:
            break
        coupon = handout.coupon
        dating = Dating(pending_days=coupon.usable_after_days, lasting=coupon.lasting)
        usable_at, expires_at = dates_of(dating, situation.moment)
        issues.append(
            Issue(
                rule=rule.head.id,
                coupon=coupon.id,
                unit=coupon.unit.id,
                names=coupon.names,
                uses=handout.uses,
                count=count,
                usable_at=usable_at,
                expires_at=expires_at,
                because=handout.because,
            )
        )
        counted.extend(counts(rule.head.uses, rule.head.id, 1, 0, situation))
    return Issued(issues=tuple(issues), counts=tuple(counted), missed=tuple(missed))
