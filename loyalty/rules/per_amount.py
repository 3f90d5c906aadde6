"""Earning per amount: so many units for so much money, over the lines that are not excluded."""

from dataclasses import dataclass
from enum import StrEnum

from loyalty.basket import BasketLine
from loyalty.explain import Message, Money, Names, message
from loyalty.numbers.currency import Currency
from loyalty.numbers.limits import MAX_UNIT, fits_int64
from loyalty.numbers.rates import Rate, Rounding, least_for_one
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table
from loyalty.rules.stages import Earning, Scope, Situation
from loyalty.units import Unit, remainder_unit

KIND = "per_amount"
_MULTIPLIED = 10**8
"""Room that is kept for multipliers, which make a remainder finer: two of four decimals each."""


class TaxBasis(StrEnum):
    """Whether the base contains the tax."""

    INCLUDED = "included"
    EXCLUDED = "excluded"


class RemainderPolicy(StrEnum):
    """What becomes of the fraction that is too small for a unit."""

    DROP = "drop"
    CARRY = "carry"


@dataclass(frozen=True, slots=True, kw_only=True)
class PerAmount:
    """``units`` smallest steps of ``unit`` for each ``per_minor`` of goods.

    The base of a line is what the customer pays for it, after host discounts and after what points paid.
    """

    id: str
    unit: Unit
    units: int
    per_minor: int
    rounding: Rounding
    tax: TaxBasis
    excluded: tuple[tuple[str, Names | str], ...]
    remainder: RemainderPolicy
    currency: Currency

    def earn(self, situation: Situation) -> Earning:
        """Find the bases of the lines that earn."""
        redeemed = dict(situation.redeemed)
        shut_out = dict(self.excluded)
        earns = [line for line in situation.basket.lines if line.category not in shut_out]
        bases = [(line.line, self._base(line, redeemed.get(line.line, 0))) for line in earns]
        return Earning(
            rule=self.id,
            unit=self.unit,
            bases=tuple((line, base) for line, base in sorted(bases) if base > 0),
            rate=Rate.of(self.units, self.per_minor),
            rounding=self.rounding,
            carries=self.remainder is RemainderPolicy.CARRY,
            because=self._left_out(situation),
        )

    def explain(self, earning: Earning, amount: int, exact: int) -> Message:
        """Say the rate and the base, or how much is missing for the first step."""
        if amount == 0 and earning.base_minor == 0:
            return message("explain.nothing_excluded")
        if amount == 0:
            least = least_for_one(earning.rate.denominator, earning.rounding)
            missing = -(-(least - exact) // earning.rate.numerator)
            return message("explain.nothing_below", missing=Money(amount_minor=missing, currency=self.currency))
        return message(
            "explain.per_amount",
            units=self.unit.amount(amount),
            per_units=self.unit.amount(self.units),
            per_amount=Money(amount_minor=self.per_minor, currency=self.currency),
            base=Money(amount_minor=earning.base_minor, currency=self.currency),
        )

    def _base(self, line: BasketLine, redeemed: int) -> int:
        paid = line.amount_minor - redeemed
        if self.tax is TaxBasis.INCLUDED or line.amount_minor == 0:
            return paid
        return paid - line.tax_minor * paid // line.amount_minor

    def _left_out(self, situation: Situation) -> tuple[Message, ...]:
        said: list[Message] = []
        for category, name in self.excluded:
            lines = [line.amount_minor for line in situation.basket.lines if line.category == category]
            if lines:
                amount = Money(amount_minor=sum(lines), currency=self.currency)
                said.append(message("explain.excluded", categories=name, amount=amount))
        if self.tax is TaxBasis.EXCLUDED:
            said.append(message("explain.before_tax"))
        return tuple(said)


def read(table: Table, scope: Scope) -> PerAmount:
    """Read a ``[[rule]]`` of this kind."""
    unit = scope.units.get(table.text("unit", "points"))
    if unit is None:
        table.note("unit", "names no [[unit]] of this programme", ProblemCode.UNKNOWN_REFERENCE)
        unit = next(iter(scope.units.values()))
    excluded = sorted(set(table.texts("exclude_categories", ())))
    rule = PerAmount(
        id=table.text("id"),
        unit=unit,
        units=table.scaled("units", unit.scale, least=1),
        per_minor=table.scaled("per", scope.currency.scale, least=1),
        rounding=table.choice("rounding", Rounding, Rounding.FLOOR),
        tax=table.choice("tax", TaxBasis, TaxBasis.INCLUDED),
        excluded=tuple((category, scope.categories.get(category, category)) for category in excluded),
        remainder=table.choice("remainder", RemainderPolicy, RemainderPolicy.DROP),
        currency=scope.currency,
    )
    if rule.remainder is RemainderPolicy.CARRY:
        _check_carry(rule, table)
    return rule


def _check_carry(rule: PerAmount, table: Table) -> None:
    """Note what makes a remainder impossible, or impossible to store under its hidden unit's name."""
    if rule.rounding is not Rounding.FLOOR:
        table.note("rounding", "must be floor where the remainder is carried over")
    finest = rule.per_minor * _MULTIPLIED
    if not fits_int64(finest):
        table.note("per", "is too large for a remainder to be carried over", ProblemCode.TOO_LARGE)
    elif len(remainder_unit(rule.unit.id, rule.id, finest)) > MAX_UNIT:
        table.note("id", "is too long for a rule that carries its remainder over")
