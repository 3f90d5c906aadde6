"""Stage 6 of a quote: coupons that come with the sale, for a later one.

Rules run in order of priority and id. Of the rules of a group one issues; after an exclusive one none does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from loyalty.programme.model import Programme
from loyalty.quote.dating import dates_of_coupon
from loyalty.quote.limits import BEATEN, in_the_way, in_turn, missed_of
from loyalty.quote.values import Issue, Missed
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Handout, Issuer, Pick
from loyalty.rules.uses import Count, counts

MAX_COUPONS = 50
"""Most coupons with one sale, of all rules: each is an account, and an entry has room for so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What issuers came to."""

    issues: tuple[Issue, ...] = ()
    counts: tuple[Count, ...] = ()
    missed: tuple[Missed, ...] = ()


@dataclass(slots=True)
class _Run:
    """The issuers of one quote, one after the other."""

    situation: Situation
    issues: list[Issue] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)

    def one_of(self, rivals: Sequence[Issuer]) -> Issuer | None:
        """Let one of several rules issue, and say why the others do not."""
        found: list[tuple[Issuer, Handout]] = []
        for rule in rivals:
            unmet = in_the_way(rule.head, self.situation)
            handout = rule.issue(self.situation) if unmet is None else None
            if unmet is not None:
                self.missed.append(missed_of(rule.head, unmet))
            if handout is not None:
                found.append((rule, handout))
        if not found:
            return None
        kept, handout = _picked(found)
        self.missed.extend(missed_of(rule.head, BEATEN) for rule, _ in found if rule is not kept)
        return kept if self._hand_out(kept, handout) else None

    def _hand_out(self, rule: Issuer, handout: Handout) -> bool:
        """Issue as many as there is room for; False where there is none."""
        count = min(handout.count, MAX_COUPONS - sum(one.count for one in self.issues))
        if count <= 0:
            return False
        coupon = handout.coupon
        usable_at, expires_at = dates_of_coupon(coupon, self.situation.moment)
        self.issues.append(
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
        self.counts.extend(counts(rule.head.uses, rule.head.id, 1, 0, self.situation))
        return True


def issue(programme: Programme, situation: Situation) -> Issued:
    """Run every issuer."""
    run = _Run(situation=situation)
    for rivals in in_turn(programme.issuers):
        kept = run.one_of(rivals)
        if kept is not None and kept.head.exclusive:
            break
    return Issued(issues=tuple(run.issues), counts=tuple(run.counts), missed=tuple(run.missed))


def _picked(found: Sequence[tuple[Issuer, Handout]]) -> tuple[Issuer, Handout]:
    """Choose among rivals in their order: the most uses in all, the first one or the last, as they say."""
    pick = found[0][0].head.pick
    if pick is Pick.BEST:
        return max(found, key=lambda one: _uses(one[1]))
    return found[0] if pick is Pick.FIRST else found[-1]


def _uses(handout: Handout) -> Fraction:
    return Fraction(handout.count * handout.uses, 10**handout.coupon.scale)
