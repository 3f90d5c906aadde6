"""Stages 3 to 5 of a quote: what rules earn, multiplied, capped, rounded once, carried over and dated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from math import lcm

from loyalty.explain import Message, message
from loyalty.moment import Moment
from loyalty.numbers.limits import MAX_BALANCE
from loyalty.numbers.rates import ONE, Rate, Rounding, divide
from loyalty.periods import midnight
from loyalty.programme.model import Programme
from loyalty.programme.policies import Combine
from loyalty.quote.values import Award, CarriedRemainder, Missed
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Caps, Dating, Earning, EarnRule, Head, Multiplier, Offline, Pick
from loyalty.rules.uses import Count, budget_left, counts, day_name, left
from loyalty.rules.when import Unmet
from loyalty.standing import Standing
from loyalty.tiers import Progress
from loyalty.units import TIER_PROGRESS, Unit, got_unit, remainder_unit

_PROGRESS = Unit(id=TIER_PROGRESS, scale=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What the earning stages came to.

    Attributes:
        awards: By rule id.
        counts: Of uses, caps and budgets.
        missed: Rules whose conditions did not hold.
    """

    awards: tuple[Award, ...] = ()
    counts: tuple[Count, ...] = ()
    missed: tuple[Missed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    rule: EarnRule
    award: Award
    counts: tuple[Count, ...]


def earn(programme: Programme, situation: Situation) -> Earned:
    """Run every earn rule on what rewards left of the bill."""
    working = [one for one in programme.multipliers if _holds(one.head, situation)]
    results: list[_Result] = []
    missed: list[Missed] = []
    for rule in programme.earn_rules:
        unmet = in_the_way(rule.head, situation)
        if unmet is not None:
            missed.append(missed_of(rule.head, unmet))
            continue
        results.append(_award(rule, working, programme, situation))
        if rule.head.exclusive and results[-1].award.amount:
            break
    kept = _pick_of_groups(results)
    awards = tuple(sorted((one.award for one in kept), key=lambda award: award.rule))
    counted = tuple(count for one in kept for count in one.counts)
    return Earned(awards=awards, counts=counted, missed=tuple(missed))


def progress_award(programme: Programme, situation: Situation, awards: Sequence[Award]) -> Award | None:
    """Give what the sale counts towards the next tier, as an award of a hidden unit whose lots end with the window."""
    ladder = programme.ladder
    if ladder.by is None or situation.standing is None:
        return None
    bases = tuple((line, amount) for line, amount in sorted(situation.bill.left.items()) if amount > 0)
    amount = 1
    if ladder.by is Progress.SPEND:
        amount = situation.bill.total_minor
    elif ladder.by is Progress.EARNED:
        amount = sum(award.amount for award in awards if award.unit.id == ladder.unit)
    if not amount:
        return None
    dates = dates_of(Dating(lasting=ladder.lasting), situation.moment)
    return Award(
        rule=TIER_PROGRESS,
        unit=_PROGRESS,
        amount=amount,
        bases=bases,
        remainder=None,
        usable_at=dates[0],
        expires_at=dates[1],
        because=(),
    )


def fits(awards: Iterable[Award], standing: Standing | None) -> bool:
    """Tell whether every balance with the awards stays within what an account may have."""
    balances = dict(standing.balances) if standing is not None else {}
    for award in awards:
        balances[award.unit.id] = balances.get(award.unit.id, 0) + award.amount
        if award.remainder is not None and award.remainder.denominator > MAX_BALANCE:
            return False
    return all(abs(amount) <= MAX_BALANCE for amount in balances.values())


def missed_of(head: Head, unmet: Unmet) -> Missed:
    """Say that a rule or reward was not at work."""
    return Missed(id=head.id, names=head.names, message=unmet.message, near=unmet.near)


def _holds(head: Head, situation: Situation) -> bool:
    return in_the_way(head, situation) is None


def in_the_way(head: Head, situation: Situation) -> Unmet | None:
    """Give what keeps a rule from being at work: HQ's absence, its conditions, its uses or its budget."""
    if situation.ask.alone and head.offline is not Offline.ALLOW:
        return Unmet(message=message("explain.missing_lease"))
    unmet = head.when.missing(situation)
    if unmet is not None:
        return unmet
    often = left(head.uses, head.id, situation)
    if isinstance(often, Unmet):
        return often
    if budget_left(head.uses, situation) == 0:
        return Unmet(message=message("explain.missing_used_up"))
    return None


def _award(rule: EarnRule, working: Sequence[Multiplier], programme: Programme, situation: Situation) -> _Result:
    earning = _multiplied(rule.earn(situation), working, programme.policies.multipliers, situation)
    exact, divisor = _exact(earning, rule.caps)
    carried = _carried(earning, divisor, situation.standing)
    if carried is not None:
        exact += carried.before
    rounded = _by_line(earning, rule.caps) if earning.by_line else divide(exact, divisor, earning.rounding)
    amount = max(0, rounded)
    if carried is not None:
        carried = replace(carried, after=exact - amount * divisor)
    capped, said = _capped(rule, amount, situation)
    usable_at, expires_at = dates_of(rule.dating, situation.moment)
    award = Award(
        rule=earning.rule,
        unit=earning.unit,
        amount=capped,
        bases=earning.bases,
        remainder=carried,
        usable_at=usable_at,
        expires_at=expires_at,
        because=(
            rule.explain(earning, capped, exact * earning.rate.denominator // divisor),
            *earning.because,
            *_said_of_remainder(carried),
            *said,
        ),
    )
    return _Result(rule=rule, award=award, counts=_counts(rule, award, situation))


def _multiplied(earning: Earning, working: Sequence[Multiplier], combine: Combine, situation: Situation) -> Earning:
    factors: dict[int, Rate] = {}
    because = list(earning.because)
    for one in _strongest(working, earning):
        goods = one.head.goods
        lines = {line.line for line in goods.select(situation.basket.lines)}
        reached = [line for line, _ in earning.bases if line in lines]
        if not reached:
            continue
        for line in reached:
            factors[line] = _combined(factors.get(line), one.rate, combine)
        because.append(one.explain())
    return replace(earning, factors=factors, because=tuple(because)) if factors else earning


def _strongest(working: Sequence[Multiplier], earning: Earning) -> list[Multiplier]:
    """Give the multipliers that are for an earning; of a group only the one that it is for."""
    found = [one for one in working if one.applies_to(earning)]
    groups: dict[str, Multiplier] = {}
    for one in found:
        group = one.head.group
        if group is not None:
            before = groups.setdefault(group, one)
            if _replaces(one, before):
                groups[group] = one
    kept = [one for one in found if one.head.group is None or groups[one.head.group] is one]
    alone = next((place for place, one in enumerate(kept) if one.head.exclusive), None)
    return kept if alone is None else kept[: alone + 1]


def _replaces(one: Multiplier, before: Multiplier) -> bool:
    if one.head.pick is Pick.BEST:
        return one.rate.fraction > before.rate.fraction
    return one.head.pick is Pick.LAST


def _combined(before: Rate | None, rate: Rate, combine: Combine) -> Rate:
    if before is None:
        return rate
    if combine is Combine.COMPOUND:
        return before * rate
    summed = before.fraction + rate.fraction - 1
    return Rate.of(max(0, summed.numerator), summed.denominator)


def _exact(earning: Earning, caps: Caps) -> tuple[int, int]:
    """Give the exact amount as (numerator, denominator); the denominator is that of the rate in lowest terms."""
    if not earning.factors and not earning.flat and caps.per_line is None:
        return earning.base * earning.rate.numerator, earning.rate.denominator
    rates = {line: earning.rate * earning.factors.get(line, ONE) for line, _ in earning.bases}
    divisor = lcm(earning.rate.denominator if not rates else 1, *(rate.denominator for rate in rates.values()))
    parts = [base * rates[line].numerator * (divisor // rates[line].denominator) for line, base in earning.bases]
    if caps.per_line is not None:
        parts = [min(part, caps.per_line * divisor) for part in parts]
    exact = sum(parts)
    if not earning.flat:
        return exact, divisor
    numerator, denominator = _flat(earning)
    common = lcm(divisor, denominator)
    return exact * (common // divisor) + numerator * (common // denominator), common


def _flat(earning: Earning) -> tuple[int, int]:
    """Give the flat part, multiplied as far as the goods that it is for are."""
    whole = earning.base
    if not earning.factors or whole == 0:
        return earning.flat, 1
    weighed = sum((base * earning.factors.get(line, ONE).fraction for line, base in earning.bases), Fraction(0))
    share = earning.flat * weighed / whole
    return (share.numerator, share.denominator)


def _by_line(earning: Earning, caps: Caps) -> int:
    total = 0
    for line, base in earning.bases:
        rate = earning.rate * earning.factors.get(line, ONE)
        amount = divide(base * rate.numerator, rate.denominator, earning.rounding)
        total += amount if caps.per_line is None else min(amount, caps.per_line)
    numerator, denominator = _flat(earning) if earning.flat else (0, 1)
    return total + divide(numerator, denominator, Rounding.FLOOR)


def _capped(rule: EarnRule, amount: int, situation: Situation) -> tuple[int, tuple[Message, ...]]:
    caps, unit = rule.caps, rule.unit
    bounds = [bound for bound in (caps.per_sale, *_left_of_spans(rule, situation)) if bound is not None]
    worth = budget_left(rule.head.uses, situation)
    if worth is not None and unit.value is not None and unit.value.numerator:
        bounds.append(worth * unit.value.denominator // unit.value.numerator)
    most = max(0, min(bounds, default=amount))
    if caps.least_per_sale is not None and amount < caps.least_per_sale:
        return 0, (message("explain.below_least", units=unit.amount(caps.least_per_sale)),)
    if amount <= most:
        return amount, ()
    return most, (message("explain.capped", units=unit.amount(most)),)


def _left_of_spans(rule: EarnRule, situation: Situation) -> list[int]:
    return [bound - situation.member_balance(unit) for bound, unit in _spans(rule, situation.moment)]


def _spans(rule: EarnRule, moment: Moment) -> list[tuple[int, str]]:
    caps, rule_id = rule.caps, rule.head.id
    spans = (
        (caps.per_day, day_name(moment.business_date)),
        (caps.per_month, f"{moment.business_date:%Y%m}"),
        (caps.per_member, ""),
    )
    return [(bound, got_unit(rule_id, span)) for bound, span in spans if bound is not None]


def _counts(rule: EarnRule, award: Award, situation: Situation) -> tuple[Count, ...]:
    if not award.amount:
        return ()
    value = rule.unit.value
    cost = divide(award.amount * value.numerator, value.denominator, Rounding.CEILING) if value is not None else 0
    used = counts(rule.head.uses, rule.head.id, 1, cost, situation)
    if situation.standing is None:
        return used
    got = tuple(Count(pool=None, unit=unit, amount=award.amount) for _, unit in _spans(rule, situation.moment))
    return used + got


def _carried(earning: Earning, divisor: int, standing: Standing | None) -> CarriedRemainder | None:
    if not earning.carries or standing is None or earning.base == 0:
        return None
    unit = remainder_unit(earning.unit.id, earning.rule, divisor)
    return CarriedRemainder(unit=unit, denominator=divisor, before=standing.balance(unit), after=0)


def _said_of_remainder(carried: CarriedRemainder | None) -> tuple[Message, ...]:
    if carried is None or carried.before == 0:
        return ()
    return (message("explain.remainder_used"),)


def dates_of(dating: Dating, moment: Moment) -> tuple[int | None, int | None]:
    """Give the epoch seconds at which units of a sale at ``moment`` begin and end; None where they do not."""
    zone = moment.at.tzinfo
    assert zone is not None
    usable_at = expires_at = None
    if dating.pending_days:
        usable_at = int(midnight(moment.business_date + timedelta(days=dating.pending_days), zone).timestamp())
    if dating.lasting is not None:
        expires_at = int(dating.lasting.ends_at(moment.business_date, zone).timestamp())
    return usable_at, expires_at


def _pick_of_groups(results: Sequence[_Result]) -> list[_Result]:
    picked: dict[str, _Result] = {}
    for one in results:
        group = one.rule.head.group
        if group is None:
            continue
        before = picked.setdefault(group, one)
        pick = one.rule.head.pick
        if pick is Pick.LAST or (pick is Pick.BEST and one.award.amount > before.award.amount):
            picked[group] = one
    return [one for one in results if one.rule.head.group is None or picked[one.rule.head.group] is one]
