"""From what an earn rule found to smallest steps: exact fractions in integers, rounded once, as the rule says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import lcm
from typing import TypeAlias

from loyalty.explain import Message, Money, message
from loyalty.holding.standing import Standing
from loyalty.holding.units import remainder_unit
from loyalty.numbers.limits import MAX_BALANCE, MAX_UNIT
from loyalty.numbers.rates import ONE, Rate, divide
from loyalty.quote.values import CarriedRemainder
from loyalty.rules.stages import Caps, Earning

Factors: TypeAlias = Mapping[int, Rate]
"""Line to what it is multiplied by; a line without one counts once."""
Sums: TypeAlias = Sequence[tuple[Rate, int]]
"""What the lines are multiplied by, with the sum of the bases of the lines that it is for."""
_DOWN, _UP = (message("explain.rounded_down"),), (message("explain.rounded_up"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounded:
    """What an earning came to.

    Attributes:
        amount: Smallest steps, >= 0.
        exact: Before rounding, floored to ``1 / earning.rate.denominator`` of a step.
        carried: What was carried over, or None.
        because: What became of the fraction.
    """

    amount: int
    exact: int
    carried: CarriedRemainder | None
    because: tuple[Message, ...]


def dropped(earning: Earning, factors: Factors, least: int) -> Earning:
    """Leave out lines that would give less than ``least`` smallest steps."""
    rate = earning.rate
    if not rate.numerator:
        return earning
    kept = []
    for line, base in earning.bases:
        factor = factors.get(line, ONE)
        if base * rate.numerator * factor.numerator >= least * rate.denominator * factor.denominator:
            kept.append((line, base))
    return replace(earning, bases=tuple(kept))


def rounded(earning: Earning, factors: Factors, sums: Sums, caps: Caps, standing: Standing | None) -> Rounded:
    """Round an earning.

    Args:
        earning: Whose bases are ``sums`` added up.
        factors: Of each line, for what is looked at line by line.
        sums: Of each factor.
        caps: Of the rule.
        standing: Whose remainder counts, or None for nobody's.
    """
    exact, divisor = _exact(earning, factors, sums, caps)
    carried = _carried(earning, divisor, standing)
    if carried is not None:
        exact += carried.before
    rounded_ = _by_line(earning, factors, caps) if earning.by_line else divide(exact, divisor, earning.rounding)
    amount = max(0, rounded_)
    over = exact - amount * divisor
    if carried is not None:
        carried = replace(carried, after=over)
    return Rounded(
        amount=amount,
        exact=exact * earning.rate.denominator // divisor,
        carried=carried,
        because=(*_capped_lines(earning, factors, caps), *_said(earning, sums, over, carried)) if amount else (),
    )


def _exact(earning: Earning, factors: Factors, sums: Sums, caps: Caps) -> tuple[int, int]:
    """Give the exact amount as (numerator, denominator): the rate's own denominator times that of the factors."""
    rate = earning.rate
    whole = finest = 1
    weighed = 0
    if len(sums) == 1:
        [(factor, whole)] = sums
        weighed, finest = whole * factor.numerator, factor.denominator
    else:
        whole = sum([base for _, base in sums])
        finest = lcm(*[factor.denominator for factor, _ in sums])
        weighed = sum([base * factor.numerator * (finest // factor.denominator) for factor, base in sums])
    divisor = rate.denominator * finest
    exact = weighed * rate.numerator
    if caps.per_line is not None and rate.numerator:
        exact = sum([min(part, caps.per_line * divisor) for part in _parts(earning, factors, finest)])
    if not earning.flat:
        return exact, divisor
    if not whole:
        return exact + earning.flat * divisor, divisor
    return exact * whole + earning.flat * weighed * rate.denominator, divisor * whole


def _parts(earning: Earning, factors: Factors, finest: int) -> list[int]:
    """Give what each line gives, in ``1 / (rate.denominator * finest)`` of a step."""
    numerator = earning.rate.numerator
    found = [(base, factors.get(line, ONE)) for line, base in earning.bases]
    return [base * numerator * factor.numerator * (finest // factor.denominator) for base, factor in found]


def _by_line(earning: Earning, factors: Factors, caps: Caps) -> int:
    total = 0
    for line, base in earning.bases:
        rate = earning.rate * factors.get(line, ONE)
        amount = divide(base * rate.numerator, rate.denominator, earning.rounding)
        total += amount if caps.per_line is None else min(amount, caps.per_line)
    return total


def _carried(earning: Earning, divisor: int, standing: Standing | None) -> CarriedRemainder | None:
    """Give the member's remainder; one too fine to be kept, after many multipliers, is dropped."""
    if not earning.carries or standing is None or not earning.bases:
        return None
    unit = remainder_unit(earning.unit.id, earning.rule, divisor)
    if divisor > MAX_BALANCE or len(unit) > MAX_UNIT:
        return None
    return CarriedRemainder(unit=unit, denominator=divisor, before=standing.balance(unit), after=0)


def _capped_lines(earning: Earning, factors: Factors, caps: Caps) -> tuple[Message, ...]:
    """Say that a line would have given more than a line may."""
    if caps.per_line is None:
        return ()
    rates = [(base, earning.rate * factors.get(line, ONE)) for line, base in earning.bases]
    if not any(base * rate.numerator > caps.per_line * rate.denominator for base, rate in rates):
        return ()
    return (message("explain.capped_line", units=earning.unit.amount(caps.per_line)),)


def _said(earning: Earning, sums: Sums, over: int, carried: CarriedRemainder | None) -> tuple[Message, ...]:
    if carried is None:
        return () if over == 0 else _DOWN if over > 0 else _UP
    if over <= 0:
        return ()
    if earning.currency is None or sums[0][0] is not ONE or len(sums) > 1:
        return (message("explain.remainder_kept"),)
    money = Money(amount_minor=over // earning.rate.numerator, currency=earning.currency)
    return (message("explain.remainder_carried", amount=money),) if money.amount_minor else ()
