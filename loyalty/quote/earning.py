"""Stages 3 to 5 of a quote: what rules earn, multiplied, rounded once, capped, carried over and dated.

Rules run in order of priority and id, so neither the order of a file nor that of lines changes a result. Of the rules of
a group one counts; after an exclusive one that gives something, none does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from loyalty.explain import Message, Money, message
from loyalty.holding.standing import Holdings, Standing
from loyalty.holding.units import TIER_PROGRESS, Holder, Unit
from loyalty.moment import Moment
from loyalty.numbers.limits import MAX_BALANCE
from loyalty.parts.tiers import Progress
from loyalty.programme.model import Programme
from loyalty.quote.dating import dates_of, said_of_dates
from loyalty.quote.granting import card_grants
from loyalty.quote.limits import BEATEN, capped, counted, in_the_way, in_turn, missed_of
from loyalty.quote.multiplying import Multiplied, Working
from loyalty.quote.rounding import dropped, rounded
from loyalty.quote.values import Award, Grant, Missed
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Dating, Earning, EarnRule, Multiplier, Pick
from loyalty.rules.uses import Count, counts

_PROGRESS = Unit(id=TIER_PROGRESS, scale=0)

_A_PIECE = 1000
"""Thousandths, in which bases that are no money count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What the earning stages came to.

    Attributes:
        awards: By rule id.
        grants: What comes to accounts other than the member's.
        counts: Of uses, caps and budgets.
        missed: Rules whose conditions did not hold.
    """

    awards: tuple[Award, ...] = ()
    grants: tuple[Grant, ...] = ()
    counts: tuple[Count, ...] = ()
    missed: tuple[Missed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    rule: EarnRule
    award: Award
    counts: tuple[Count, ...]
    multipliers: tuple[Multiplier, ...]


@dataclass(slots=True)
class _Run:
    """The rules of one quote, one after the other."""

    situation: Situation
    working: Working
    results: list[_Result] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)

    def one_of(self, rivals: Sequence[EarnRule]) -> _Result | None:
        """Let one of several rules count, and say why the others do not."""
        found: list[_Result] = []
        for rule in rivals:
            unmet = in_the_way(rule.head, self.situation)
            if unmet is None:
                found.append(_result(rule, self))
            else:
                self.missed.append(missed_of(rule.head, unmet))
        if not found:
            return None
        kept = _picked(found)
        if len(found) > 1:
            beaten = [one.rule.head for one in found if one is not kept and one.award.amount]
            self.missed.extend(missed_of(head, BEATEN) for head in beaten)
        self.results.append(kept)
        if kept.counts:
            self._draw(kept.counts)
        return kept

    def _draw(self, drawn: Iterable[Count]) -> None:
        """Take from the pools what was counted, so that rules that share a budget stay within it."""
        pools, rights = dict(self.situation.pools), self.situation.rights
        taken = [count for count in drawn if count.pool is not None]
        for count in taken:
            assert count.pool is not None
            pools[count.pool] = pools.get(count.pool, Holdings()).changed([(count.unit, count.amount, None)])
        if taken and rights is not None:
            rights = rights.counted((count.pool or "", count.unit, count.amount) for count in taken)
        if taken:
            self.situation = self.situation.drawn(pools, rights)


def earn(programme: Programme, situation: Situation) -> Earned:
    """Run every earn rule on what rewards left of the bill."""
    found = [one for one in programme.multipliers if in_the_way(one.head, situation) is None]
    working = Working(found, programme.policies.multipliers, situation)
    run = _Run(situation=situation, working=working)
    for rivals in in_turn(programme.earn_rules):
        kept = run.one_of(rivals)
        if kept is not None and kept.rule.head.exclusive and kept.award.amount:
            break
    awards = sorted((one.award for one in run.results), key=lambda award: award.rule)
    return Earned(
        awards=tuple(award for award in awards if award.unit.holder is Holder.MEMBER),
        grants=tuple(grant for award in awards for grant in card_grants(award, situation)),
        counts=(*(count for one in run.results for count in one.counts), *_uses_of(run.results, situation)),
        missed=tuple(run.missed),
    )


def progress_award(programme: Programme, situation: Situation, awards: Sequence[Award]) -> Award | None:
    """Give what the sale counts towards the next tier, as an award of a hidden unit whose lots end with the window."""
    ladder = programme.ladder
    if ladder.by in {None, Progress.BALANCE} or situation.standing is None:
        return None
    bases = tuple((line, amount) for line, amount in sorted(situation.bill.left.items()) if amount > 0)
    amount = 1 if situation.basket.lines else 0
    if ladder.by is Progress.SPEND:
        amount = situation.bill.total_minor
    elif ladder.by is Progress.EARNED:
        amount = sum(award.amount for award in awards if award.unit.id == ladder.unit)
    if not amount:
        return None
    usable_at, expires_at = dates_of(Dating(lasting=ladder.lasting), situation.moment)
    return Award(
        rule=TIER_PROGRESS,
        unit=_PROGRESS,
        amount=amount,
        bases=bases,
        remainder=None,
        usable_at=usable_at,
        expires_at=expires_at,
        because=(),
    )


def tier_after(programme: Programme, situation: Situation, awards: Sequence[Award]) -> str | None:
    """Give the tier that the member has with ``awards``, progress included; None without a member."""
    ladder, standing = programme.ladder, situation.standing
    if standing is None:
        return None
    coming = sum(award.amount for award in awards if award.unit.id == ladder.counted)
    return ladder.of(standing, situation.at, coming)


def fits(awards: Sequence[Award], standing: Standing | None, grants: Iterable[Grant] = ()) -> bool:
    """Tell whether every balance with the awards stays within what an account may have."""
    amounts = [award.amount for award in awards] + [grant.amount for grant in grants]
    if any(amount > MAX_BALANCE for amount in amounts):
        return False
    balances = dict(standing.balances) if standing is not None else {}
    for award in awards:
        balances[award.unit.id] = balances.get(award.unit.id, 0) + award.amount
    return all(abs(amount) <= MAX_BALANCE for amount in balances.values())


def _picked(found: Sequence[_Result]) -> _Result:
    kept = found[0]
    for one in found[1:]:
        pick = one.rule.head.pick
        if pick is Pick.LAST or (pick is Pick.BEST and one.award.amount > kept.award.amount):
            kept = one
    return kept


def _result(rule: EarnRule, run: _Run) -> _Result:
    situation = run.situation
    earning = rule.earn(situation)
    by = run.working.multiplied(earning)
    if rule.caps.least_per_line is not None:
        earning = dropped(earning, by.factors, rule.caps.least_per_line)
        by = run.working.multiplied(earning)
    came_to = rounded(earning, by.factors, by.sums, rule.caps, situation.standing)
    amount, said = capped(rule, came_to.amount, situation)
    usable_at, expires_at, dated = situation.once(("dates", rule.dating), lambda: _dates(rule.dating, situation.moment))
    carried = came_to.carried
    left_over = (message("explain.remainder_used"),) if carried is not None and carried.before else ()
    award = Award(
        rule=earning.rule,
        unit=earning.unit,
        amount=amount,
        bases=earning.bases,
        remainder=carried,
        usable_at=usable_at,
        expires_at=expires_at,
        because=(rule.explain(earning, amount, came_to.exact), *earning.because, *by.because, *left_over, *said),
        more=(*(_parts(earning, by) if amount else ()), *came_to.because, *(dated if amount else ())),
    )
    return _Result(rule=rule, award=award, counts=counted(rule, amount, situation), multipliers=by.used)


def _parts(earning: Earning, by: Multiplied) -> Iterator[Message]:
    """Say of each multiplier that is not for all of the base what it is for."""
    for one, part in zip(by.used, by.parts, strict=True):
        if part == earning.base:
            continue
        if earning.currency is not None:
            base = Money(amount_minor=part, currency=earning.currency)
            yield message("explain.multiplied_part", multiplier=one.rate, base=base)
        else:
            yield message("explain.multiplied_items", multiplier=one.rate, items=part // _A_PIECE)


def _dates(dating: Dating, moment: Moment) -> tuple[int | None, int | None, tuple[Message, ...]]:
    usable_at, expires_at = dates_of(dating, moment)
    return usable_at, expires_at, said_of_dates(usable_at, expires_at, moment)


def _uses_of(results: Sequence[_Result], situation: Situation) -> Iterator[Count]:
    """Count each multiplier once that multiplied what somebody got."""
    used = {one.head.id: one for result in results if result.award.amount for one in result.multipliers}
    for _, one in sorted(used.items()):
        yield from counts(one.head.uses, one.head.id, 1, 0, situation)
