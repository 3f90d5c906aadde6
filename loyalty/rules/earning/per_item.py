"""Earning per item: so many units for each piece, litre or kilogram that was paid for."""

from dataclasses import dataclass, field
from enum import StrEnum

from loyalty.explain import Message, message
from loyalty.holding.units import Unit
from loyalty.numbers.limits import QUANTITY_SCALE
from loyalty.numbers.rates import Rate, Rounding
from loyalty.reading.tables import Table
from loyalty.rules.reading import read_caps, read_dating, read_head, read_unit
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Caps, Dating, Earning, Head
from loyalty.sale.basket import BasketLine

KIND = "per_item"
_MILLI = 10**QUANTITY_SCALE


class Pieces(StrEnum):
    """How a quantity counts."""

    WHOLE = "whole"
    """What is weighed or poured is one piece."""
    EXACT = "exact"
    """A kilogram and a half is one and a half."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PerItem:
    """``units`` smallest steps of ``unit`` for each piece; pieces that a reward gave away do not count."""

    head: Head
    unit: Unit
    units: int
    pieces: Pieces
    rounding: Rounding
    caps: Caps
    dating: Dating
    multiplied: bool = True
    rate: Rate = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", Rate.of(self.units, _MILLI))

    def earn(self, situation: Situation) -> Earning:
        """Count the pieces, in thousandths."""
        free = situation.once("given away", lambda: _given_away(situation))
        counted = ((line, self._milli(line, free.get(line.line, 0))) for line in situation.select(self.head.goods))
        return Earning(
            rule=self.head.id,
            unit=self.unit,
            bases=tuple((line.line, milli) for line, milli in counted if milli > 0),
            rate=self.rate,
            rounding=self.rounding,
            multiplied=self.multiplied,
        )

    def explain(self, earning: Earning, amount: int, exact: int) -> Message:  # noqa: ARG002  # protocol
        """Say how many pieces counted, and what each gives."""
        if earning.base == 0:
            return message("explain.nothing_excluded")
        return message(
            "explain.per_item",
            units=self.unit.amount(amount),
            per_units=self.unit.amount(self.units),
            quantity=Rate.of(earning.base, _MILLI),
        )

    def _milli(self, line: BasketLine, free_milli: int) -> int:
        if self.pieces is Pieces.EXACT:
            return line.quantity_milli - free_milli
        whole = line.pieces * _MILLI
        return whole - free_milli if line.quantity_milli == whole else 0 if free_milli else whole


def _given_away(situation: Situation) -> dict[int, int]:
    """Give (line, thousandths) of pieces that cost nothing any more, whatever reward gave them away."""
    given: dict[int, int] = {}
    for line in situation.basket.lines:
        if situation.bill.left[line.line] <= 0 < line.amount_minor:
            given[line.line] = line.quantity_milli
    for one in situation.redemptions:
        for number, milli in one.free:
            given[number] = max(given.get(number, 0), milli)
    return given


def read(table: Table, scope: Scope) -> PerItem:
    """Read a ``[[rule]]`` of this kind."""
    unit = read_unit(table, scope)
    return PerItem(
        head=read_head(table, scope),
        unit=unit,
        units=table.scaled("units", unit.scale, least=1),
        pieces=table.choice("pieces", Pieces, Pieces.WHOLE),
        rounding=table.choice("rounding", Rounding, scope.policies.rounding),
        caps=read_caps(table, unit),
        dating=read_dating(table, scope, unit),
        multiplied=table.boolean("multiplied", default=True),
    )
