"""Awards of a fixed number of units: for the visit, for something that the member did, or on top of other rules."""

from dataclasses import dataclass
from enum import StrEnum

from loyalty.explain import Message, message
from loyalty.holding.units import Unit
from loyalty.numbers.rates import Rate, Rounding
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table
from loyalty.rules.earning.shares import shares
from loyalty.rules.reading import read_caps, read_dating, read_head, read_unit
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Caps, Dating, Earning, Head

PER_VISIT = "per_visit"
ADD = "add"
PER_ACTION = "per_action"
_NOTHING = Rate(numerator=0, denominator=1)
_ACTIONS = frozenset({"sign_up", "feedback", "check_in"})
"""Those whose words the catalogue has."""


class Cause(StrEnum):
    """What the units are for."""

    VISIT = PER_VISIT
    """A sale with goods of the rule. Multipliers count for it."""
    ADDITION = ADD
    """The same, on top of other rules: multipliers do not count for it."""
    ACTION = PER_ACTION
    """What the member did, with a sale or without one. No return takes it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """``units`` smallest steps of ``unit``, whatever the sale comes to."""

    head: Head
    unit: Unit
    units: int
    cause: Cause
    rounding: Rounding
    caps: Caps
    dating: Dating
    multiplied: bool

    def earn(self, situation: Situation) -> Earning:
        """Give the units, if there is what they are for."""
        bases = () if self.cause is Cause.ACTION else shares(self.head.goods, situation)
        return Earning(
            rule=self.head.id,
            unit=self.unit,
            bases=bases,
            rate=_NOTHING,
            rounding=self.rounding,
            flat=self.units if bases or self.cause is Cause.ACTION else 0,
            multiplied=self.multiplied,
        )

    def explain(self, earning: Earning, amount: int, exact: int) -> Message:  # noqa: ARG002  # protocol
        """Say what the units are for."""
        units = self.unit.amount(amount)
        if earning.flat == 0:
            return message("explain.nothing_excluded")
        if self.head.names is not None:
            return message("explain.named_award", units=units, rule=self.head.names)
        if self.cause is Cause.VISIT:
            return message("explain.per_visit", units=units)
        if self.cause is Cause.ADDITION:
            return message("explain.added", units=units)
        action = self.head.when.action
        return message(f"explain.action_{action if action in _ACTIONS else 'other'}", units=units)


def read_visit(table: Table, scope: Scope) -> Flat:
    """Read a ``[[rule]]`` of kind ``per_visit``."""
    return _read(table, scope, Cause.VISIT)


def read_addition(table: Table, scope: Scope) -> Flat:
    """Read a ``[[rule]]`` of kind ``add``."""
    return _read(table, scope, Cause.ADDITION)


def read_action(table: Table, scope: Scope) -> Flat:
    """Read a ``[[rule]]`` of kind ``per_action``."""
    rule = _read(table, scope, Cause.ACTION)
    if rule.head.when.action is None:
        table.note("when", 'needs action, as when.action = "feedback"', ProblemCode.MISSING)
    return rule


def _read(table: Table, scope: Scope, cause: Cause) -> Flat:
    unit = read_unit(table, scope)
    return Flat(
        head=read_head(table, scope),
        unit=unit,
        units=table.scaled("units", unit.scale, least=1),
        cause=cause,
        rounding=table.choice("rounding", Rounding, scope.policies.rounding),
        caps=read_caps(table, unit),
        dating=read_dating(table, scope, unit),
        multiplied=table.boolean("multiplied", default=True) if cause is Cause.VISIT else False,
    )
