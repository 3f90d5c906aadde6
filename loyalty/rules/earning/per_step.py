"""Earning per step: so many units for every full step of money, at most so many times in a sale."""

from dataclasses import dataclass

from loyalty.explain import Message, Money, message
from loyalty.holding.units import Unit
from loyalty.numbers.rates import Rate, Rounding
from loyalty.reading.tables import Table
from loyalty.rules.earning.base import MoneyBase, read_base
from loyalty.rules.reading import read_caps, read_dating, read_head, read_unit
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Caps, Dating, Earning, Head

KIND = "per_step"
_NOTHING = Rate(numerator=0, denominator=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerStep:
    """``units`` smallest steps of ``unit`` for each full ``step_minor`` of the base, at most ``most_steps`` times."""

    head: Head
    unit: Unit
    units: int
    step_minor: int
    most_steps: int | None
    base: MoneyBase
    rounding: Rounding
    caps: Caps
    dating: Dating
    multiplied: bool = True

    def earn(self, situation: Situation) -> Earning:
        """Count the full steps of what counts."""
        bases = self.base.of_lines(self.head.goods, situation)
        steps = sum(base for _, base in bases) // self.step_minor
        if self.most_steps is not None:
            steps = min(steps, self.most_steps)
        return Earning(
            rule=self.head.id,
            unit=self.unit,
            bases=bases,
            rate=_NOTHING,
            rounding=self.rounding,
            flat=steps * self.units,
            multiplied=self.multiplied,
            currency=self.base.currency,
            because=self.base.left_out(self.head.goods, situation),
        )

    def explain(self, earning: Earning, amount: int, exact: int) -> Message:  # noqa: ARG002  # there is no fraction
        """Say the step and the base, or how much is missing for the first one."""
        currency = self.base.currency
        if earning.base == 0:
            return message("explain.nothing_excluded")
        if earning.flat == 0:
            missing = Money(amount_minor=self.step_minor - earning.base, currency=currency)
            return message("explain.nothing_below", missing=missing)
        return message(
            "explain.per_step",
            units=self.unit.amount(amount),
            per_units=self.unit.amount(self.units),
            step=Money(amount_minor=self.step_minor, currency=currency),
            base=Money(amount_minor=earning.base, currency=currency),
        )


def read(table: Table, scope: Scope) -> PerStep:
    """Read a ``[[rule]]`` of this kind."""
    unit = read_unit(table, scope)
    return PerStep(
        head=read_head(table, scope),
        unit=unit,
        units=table.scaled("units", unit.scale, least=1),
        step_minor=table.scaled("step", scope.currency.scale, least=1),
        most_steps=table.integer("most_steps", least=1, most=1_000_000) if table.has("most_steps") else None,
        base=read_base(table, scope),
        rounding=table.choice("rounding", Rounding, scope.policies.rounding),
        caps=read_caps(table, unit),
        dating=read_dating(table, scope, unit),
        multiplied=table.boolean("multiplied", default=True),
    )
