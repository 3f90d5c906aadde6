"""Earning per amount: so many units for so much money, over the lines that are not excluded."""

from dataclasses import dataclass, field
from enum import StrEnum

from loyalty.explain import Message, Money, message
from loyalty.holding.units import Unit, remainder_unit
from loyalty.numbers.limits import MAX_UNIT, fits_int64
from loyalty.numbers.rates import Rate, Rounding, least_for_one
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table
from loyalty.rules.earning.base import MoneyBase, read_base
from loyalty.rules.reading import read_caps, read_dating, read_head, read_unit
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Caps, Dating, Earning, Head

KIND = "per_amount"
_MULTIPLIED = 10**8
"""Room that is kept for multipliers, which make a remainder finer: two of four decimals each."""


class RemainderPolicy(StrEnum):
    """What becomes of the fraction that is too small for a unit."""

    DROP = "drop"
    CARRY = "carry"


class RoundAt(StrEnum):
    """Where the fraction of a unit is rounded."""

    SALE = "sale"
    LINE = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class PerAmount:
    """``units`` smallest steps of ``unit`` for each ``per_minor`` of the base."""

    head: Head
    unit: Unit
    units: int
    per_minor: int
    base: MoneyBase
    rounding: Rounding
    round_at: RoundAt
    remainder: RemainderPolicy
    caps: Caps
    dating: Dating
    multiplied: bool = True
    rate: Rate = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", Rate.of(self.units, self.per_minor))

    def earn(self, situation: Situation) -> Earning:
        """Find the bases of the lines that earn."""
        return Earning(
            rule=self.head.id,
            unit=self.unit,
            bases=self.base.of_lines(self.head.goods, situation),
            rate=self.rate,
            rounding=self.rounding,
            by_line=self.round_at is RoundAt.LINE,
            carries=self.remainder is RemainderPolicy.CARRY,
            multiplied=self.multiplied,
            currency=self.base.currency,
            because=self.base.left_out(self.head.goods, situation),
        )

    def explain(self, earning: Earning, amount: int, exact: int) -> Message:
        """Say the rate and the base, or how much is missing for the first step."""
        if amount == 0 and earning.base == 0:
            return message("explain.nothing_excluded")
        currency = self.base.currency
        if amount == 0:
            least = least_for_one(earning.rate.denominator, earning.rounding)
            missing = max(0, -(-(least - exact) // earning.rate.numerator))
            return message("explain.nothing_below", missing=Money(amount_minor=missing, currency=currency))
        return message(
            "explain.per_amount",
            units=self.unit.amount(amount),
            per_units=self.unit.amount(self.units),
            per_amount=Money(amount_minor=self.per_minor, currency=currency),
            base=Money(amount_minor=earning.base, currency=currency),
        )


def read(table: Table, scope: Scope) -> PerAmount:
    """Read a ``[[rule]]`` of this kind."""
    unit = read_unit(table, scope)
    rule = PerAmount(
        head=read_head(table, scope),
        unit=unit,
        units=table.scaled("units", unit.scale, least=1),
        per_minor=table.scaled("per", scope.currency.scale, least=1),
        base=read_base(table, scope),
        rounding=table.choice("rounding", Rounding, scope.policies.rounding),
        round_at=table.choice("round_at", RoundAt, RoundAt.SALE),
        remainder=table.choice("remainder", RemainderPolicy, RemainderPolicy.DROP),
        caps=read_caps(table, unit),
        dating=read_dating(table, scope, unit),
        multiplied=table.boolean("multiplied", default=True),
    )
    if rule.remainder is RemainderPolicy.CARRY:
        _check_carry(rule, table)
    return rule


def _check_carry(rule: PerAmount, table: Table) -> None:
    """Note what makes a remainder impossible, or impossible to store under its hidden unit's name."""
    if rule.rounding is not Rounding.FLOOR:
        table.note("rounding", "must be floor where the remainder is carried over")
    if rule.round_at is not RoundAt.SALE:
        table.note("round_at", "must be sale where the remainder is carried over")
    finest = rule.per_minor * _MULTIPLIED
    if not fits_int64(finest):
        table.note("per", "is too large for a remainder to be carried over", ProblemCode.TOO_LARGE)
    elif len(remainder_unit(rule.unit.id, rule.head.id, finest)) > MAX_UNIT:
        table.note("id", "is too long for a rule that carries its remainder over")
