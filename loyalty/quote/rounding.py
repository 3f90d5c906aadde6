"""From what an earn rule found to smallest steps: exact fractions in integers, rounded once, as the rule says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import lcm
from typing import TypeAlias

from loyalty.explain import Message, Money, message
from loyalty.numbers.limits import MAX_BALANCE, MAX_UNIT
from loyalty.numbers.rates import ONE, Rate, divide
from loyalty.quote.values import CarriedRemainder
from loyalty.rules.stages import Caps, Earning
from loyalty.standing import Standing
from loyalty.units import remainder_unit

Factors: TypeAlias = Mapping[int, Rate]
"""Line to what it is multiplied by; a line without one counts once."""
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


def dropped(earning: Earning, factors: Factors, caps: Caps) -> Earning:
    """Leave out lines that would give less than the rule's least for a line."""
    least, rate = caps.least_per_line, earning.rate
    if least is None or not rate.numerator:
        return earning
    kept = []
    for line, base in earning.bases:
        factor = factors.get(line, ONE)
        if base * rate.numerator * factor.numerator >= least * rate.denominator * factor.denominator:
            kept.append((line, base))
    return replace(earning, bases=tuple(kept))


def rounded(earning: Earning, factors: Factors, caps: Caps, standing: Standing | None) -> Rounded:
    """Round an earning; ``standing`` is whose remainder counts, or None for nobody's."""
    exact, divisor = _exact(earning, factors, caps)
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
        because=_said(earning, factors, over, carried) if amount else (),
    )


def _exact(earning: Earning, factors: Factors, caps: Caps) -> tuple[int, int]:
    """Give the exact amount as (numerator, denominator): the rate's own denominator times that of the factors."""
    rate = earning.rate
    if not factors and caps.per_line is None:
        return earning.base * rate.numerator + earning.flat * rate.denominator, rate.denominator
    sums = _by_factor(earning, factors)
    finest = lcm(*(denominator for _, denominator in sums))
    weighed = sum(base * numerator * (finest // denominator) for (numerator, denominator), base in sums.items())
    divisor = rate.denominator * finest
    exact = weighed * rate.numerator
    if caps.per_line is not None and rate.numerator:
        exact = sum(min(part, caps.per_line * divisor) for part in _parts(earning, factors, finest))
    if not earning.flat:
        return exact, divisor
    whole = earning.base * finest
    if not whole:
        return exact + earning.flat * divisor, divisor
    return exact * whole + earning.flat * weighed * divisor, divisor * whole


def _by_factor(earning: Earning, factors: Factors) -> dict[tuple[int, int], int]:
    """Sum the bases of each factor: there are few of them, however many lines there are."""
    sums: dict[tuple[int, int], int] = {}
    for line, base in earning.bases:
        factor = factors.get(line, ONE)
        key = factor.numerator, factor.denominator
        sums[key] = sums.get(key, 0) + base
    return sums


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


def _said(earning: Earning, factors: Factors, over: int, carried: CarriedRemainder | None) -> tuple[Message, ...]:
    if carried is None:
        return () if over == 0 else _DOWN if over > 0 else _UP
    if over <= 0 or earning.currency is None or factors:
        return ()
    money = Money(amount_minor=over // earning.rate.numerator, currency=earning.currency)
    return (message("explain.remainder_carried", amount=money),) if money.amount_minor else ()
