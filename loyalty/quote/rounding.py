"""From what an earn rule found to smallest steps: exact fractions, rounded once, as the rule says."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

from loyalty.explain import Message, Money, message
from loyalty.numbers.limits import MAX_BALANCE, MAX_UNIT
from loyalty.numbers.rates import ONE, Rounding, divide, round_fraction
from loyalty.quote.values import CarriedRemainder
from loyalty.rules.stages import Caps, Earning
from loyalty.standing import Standing
from loyalty.units import remainder_unit


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


def dropped(earning: Earning, caps: Caps) -> Earning:
    """Leave out lines that would give less than the rule's least for a line."""
    least = caps.least_per_line
    if least is None or not earning.rate.numerator:
        return earning
    kept = tuple((line, base) for line, base in earning.bases if base * _rate(earning, line) >= least)
    return replace(earning, bases=kept)


def rounded(earning: Earning, caps: Caps, standing: Standing | None) -> Rounded:
    """Round an earning; ``standing`` is whose remainder counts, or None for nobody's."""
    exact, divisor = _exact(earning, caps)
    carried = _carried(earning, divisor, standing)
    if carried is not None:
        exact += carried.before
    amount = max(0, _by_line(earning, caps) if earning.by_line else divide(exact, divisor, earning.rounding))
    over = exact - amount * divisor
    if carried is not None:
        carried = replace(carried, after=over)
    return Rounded(
        amount=amount,
        exact=exact * earning.rate.denominator // divisor,
        carried=carried,
        because=_said(earning, over, carried) if amount else (),
    )


def _exact(earning: Earning, caps: Caps) -> tuple[int, int]:
    """Give the exact amount as (numerator, denominator); the denominator is that of the rate in lowest terms."""
    numerator, denominator = earning.rate.numerator, earning.rate.denominator
    if not earning.factors and caps.per_line is None:
        return earning.base * numerator + earning.flat * denominator, denominator
    parts = {line: base * _rate(earning, line) for line, base in earning.bases} if numerator else {}
    if caps.per_line is not None:
        parts = {line: min(part, Fraction(caps.per_line)) for line, part in parts.items()}
    whole = sum(parts.values(), Fraction(0)) + _flat(earning)
    finest = lcm(denominator, *{denominator * factor.denominator for factor in earning.factors.values()})
    divisor = finest if earning.carries else whole.denominator
    return whole.numerator * (divisor // whole.denominator), divisor


def _rate(earning: Earning, line: int) -> Fraction:
    return earning.rate.fraction * earning.factors.get(line, ONE).fraction


def _flat(earning: Earning) -> Fraction:
    """Give the flat part, multiplied as far as the lines that it is for are."""
    whole = earning.base
    if not earning.factors or not earning.flat or whole == 0:
        return Fraction(earning.flat)
    weighed = sum((base * earning.factors.get(line, ONE).fraction for line, base in earning.bases), Fraction(0))
    return earning.flat * weighed / whole


def _by_line(earning: Earning, caps: Caps) -> int:
    total = round_fraction(_flat(earning), Rounding.FLOOR)
    for line, base in earning.bases:
        amount = round_fraction(base * _rate(earning, line), earning.rounding)
        total += amount if caps.per_line is None else min(amount, caps.per_line)
    return total


def _carried(earning: Earning, divisor: int, standing: Standing | None) -> CarriedRemainder | None:
    """Give the member's remainder; one too fine to be kept, after many multipliers, is dropped."""
    if not earning.carries or standing is None or earning.base == 0:
        return None
    unit = remainder_unit(earning.unit.id, earning.rule, divisor)
    if divisor > MAX_BALANCE or len(unit) > MAX_UNIT:
        return None
    return CarriedRemainder(unit=unit, denominator=divisor, before=standing.balance(unit), after=0)


def _said(earning: Earning, over: int, carried: CarriedRemainder | None) -> tuple[Message, ...]:
    if carried is not None:
        if over <= 0 or earning.currency is None or earning.factors:
            return ()
        money = Money(amount_minor=over // earning.rate.numerator, currency=earning.currency)
        return (message("explain.remainder_carried", amount=money),) if money.amount_minor else ()
    if over == 0:
        return ()
    return (message("explain.rounded_down"),) if over > 0 else (message("explain.rounded_up"),)
