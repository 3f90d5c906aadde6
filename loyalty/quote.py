"""The quote: what a basket earns and what could be redeemed on it, under one version of a programme.

Pure and exact: the same programme, basket, standing and instant give the same quote on every machine, whatever
the order of rules in a file or of lines in a basket.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from loyalty.basket import Basket
from loyalty.explain import Message, message
from loyalty.numbers.limits import MAX_BALANCE, require
from loyalty.numbers.rates import divide
from loyalty.programme.model import Programme
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.stages import Earning, EarnRule, Offer, Redemption, Situation
from loyalty.standing import Standing
from loyalty.units import Unit, remainder_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedRemainder:
    """What an award takes from and leaves in the member's remainder, in ``1/denominator`` of a smallest step.

    Both are below zero for a member who still owes what a return gave back; it is taken from the next sales.
    """

    unit: str
    denominator: int
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """What one rule awards, rounded.

    Attributes:
        rule: The rule's id.
        unit: What is awarded.
        amount: Smallest steps, >= 0.
        bases: (line, minor units) of each line that earned, by line.
        remainder: What was carried over, or None where the rule drops it.
        because: The explanation, the award itself first.
    """

    rule: str
    unit: Unit
    amount: int
    bases: tuple[tuple[int, int], ...]
    remainder: CarriedRemainder | None
    because: tuple[Message, ...]

    @property
    def base_minor(self) -> int:
        """The sum of the bases."""
        return sum(base for _, base in self.bases)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemRequest:
    """What the member chose to spend: ``units`` smallest steps through one reward."""

    reward: str
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The answer for one basket.

    Attributes:
        programme: The version that answered.
        awards: By rule id; without a member, what one would have earned.
        redemption: The discount asked for, or None.
        offers: What could be redeemed, by reward id.
        because: Why nothing was awarded at all, where no rule was asked.
    """

    programme: str
    awards: tuple[Award, ...]
    redemption: Redemption | None
    offers: tuple[Offer, ...]
    because: tuple[Message, ...] = ()

    def earned(self, unit: str) -> int:
        """Give what all rules together award of ``unit``."""
        return sum(award.amount for award in self.awards if award.unit.id == unit)


def quote(
    programme: Programme,
    basket: Basket,
    standing: Standing | None,
    at: datetime,
    business_date: date,
    redeem: RedeemRequest | None = None,
) -> Quote | Refusal:
    """Answer for one basket.

    Args:
        programme: The version to use.
        basket: What is sold.
        standing: The member's, or None without a member.
        at: Aware UTC instant of the sale.
        business_date: The store's.
        redeem: What the member wants to spend, or None.

    Returns:
        A quote, or the refusal with the highest precedence.
    """
    require(at.utcoffset() is not None, "an instant must be aware")
    if basket.currency != programme.currency:
        detail = f"the programme counts in {programme.currency.code} with {programme.currency.scale} decimals"
        return Refusal(code=RefusalCode.CURRENCY_MISMATCH, field="currency", detail=detail)
    if redeem is not None and standing is None:
        return Refusal(code=RefusalCode.MEMBER_UNKNOWN, field="redeem", detail="only a member can redeem")
    if not programme.valid_on(business_date):
        return _dormant(programme, redeem)
    situation = Situation(basket=basket, standing=standing, at=at, business_date=business_date)
    redemption = _redeem(programme, situation, redeem)
    if isinstance(redemption, Refusal):
        return redemption
    offers = tuple(reward.offer(situation) for reward in programme.rewards)
    if redemption is not None:
        situation = replace(situation, redeemed=redemption.by_line)
    awards = tuple(_award(rule, _earn(rule, programme, situation), standing) for rule in programme.earn_rules)
    if not _fits(awards, standing):
        detail = f"the awards, and the balance with them, must stay within {MAX_BALANCE}"
        return Refusal(code=RefusalCode.AMOUNT_TOO_LARGE, field="lines", detail=detail)
    return Quote(programme=programme.version, awards=awards, redemption=redemption, offers=offers)


def _dormant(programme: Programme, redeem: RedeemRequest | None) -> Quote | Refusal:
    """Answer on a date on which the programme does nothing: a sale goes on, and only redeeming is refused."""
    if redeem is not None:
        return Refusal(code=RefusalCode.PROGRAMME_NOT_VALID, field="business_date")
    said = (message("explain.programme_not_valid"),)
    return Quote(programme=programme.version, awards=(), redemption=None, offers=(), because=said)


def _fits(awards: Sequence[Award], standing: Standing | None) -> bool:
    balances = dict(standing.balances) if standing is not None else {}
    for award in awards:
        balances[award.unit.id] = balances.get(award.unit.id, 0) + award.amount
    finest = (award.remainder.denominator for award in awards if award.remainder is not None)
    return all(abs(amount) <= MAX_BALANCE for amount in (*balances.values(), *finest))


def _redeem(programme: Programme, situation: Situation, request: RedeemRequest | None) -> Redemption | Refusal | None:
    if request is None:
        return None
    reward = programme.reward(request.reward)
    if reward is None:
        return Refusal(code=RefusalCode.REWARD_UNKNOWN, field="redeem.reward")
    return reward.redeem(request.units, situation)


def _earn(rule: EarnRule, programme: Programme, situation: Situation) -> Earning:
    earning = rule.earn(situation)
    for multiplier in programme.multipliers:
        earning = multiplier.multiply(earning, situation)
    return earning


def _award(rule: EarnRule, earning: Earning, standing: Standing | None) -> Award:
    divisor = earning.rate.denominator
    carried = _carried(earning, standing)
    exact = earning.base_minor * earning.rate.numerator + (carried.before if carried else 0)
    amount = max(0, divide(exact, divisor, earning.rounding))
    if carried is not None:
        carried = replace(carried, after=exact - amount * divisor)
    return Award(
        rule=earning.rule,
        unit=earning.unit,
        amount=amount,
        bases=earning.bases,
        remainder=carried,
        because=(rule.explain(earning, amount, exact), *earning.because, *_said_of_remainder(carried)),
    )


def _carried(earning: Earning, standing: Standing | None) -> CarriedRemainder | None:
    if not earning.carries or standing is None or earning.base_minor == 0:
        return None
    divisor = earning.rate.denominator
    unit = remainder_unit(earning.unit.id, earning.rule, divisor)
    return CarriedRemainder(unit=unit, denominator=divisor, before=standing.balance(unit), after=0)


def _said_of_remainder(carried: CarriedRemainder | None) -> tuple[Message, ...]:
    if carried is None or carried.before == 0:
        return ()
    return (message("explain.remainder_used"),)
