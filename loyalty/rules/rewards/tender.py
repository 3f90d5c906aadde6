"""Paying with units: cashback, wallets, points at their value, and gift cards."""

from dataclasses import dataclass
from enum import StrEnum

from loyalty.explain import Message, Money, message
from loyalty.holding.units import Unit
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import ONE, Rate
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.reading import read_head
from loyalty.rules.redemption import Settle
from loyalty.rules.rewards.terms import read_terms
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Draw, Head, Offer, Request, Terms, Trigger
from loyalty.rules.when import REACHED
from loyalty.sale.bill import Cut

KIND = "tender"


class LastUnit(StrEnum):
    """What the last unit does that is worth more than what is left to pay."""

    FLOOR = "floor"
    """It is kept, and money pays the rest."""
    CEILING = "ceiling"
    """It pays the rest, and is worth no more than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """``unit`` pays at its value, as many steps as the member or the holder of the card chooses.

    Attributes:
        value: Minor units that one smallest step pays, more than 0.
        least_units: Fewest steps at once.
        most_percent: Largest share of the bill that may be paid so, 1 to 100.
        last: Whether a unit may pay less than it is worth.
    """

    head: Head
    terms: Terms
    unit: Unit
    value: Rate
    least_units: int
    most_percent: int
    last: LastUnit
    currency: Currency
    order: int = 90

    def draw(self, request: Request, situation: Situation) -> Draw | Refusal:
        """Pay what was chosen, or as much as there is, never more than is left to pay."""
        units = request.units if request.units is not None else self._most(request.spendable, situation)
        refusal = self._refuse(units, request, situation)
        if refusal is not None:
            return refusal
        lines = situation.select(self.head.goods)
        paid = min(self._worth(units), self._room(situation))
        cut = Cut(by_line=situation.spread(paid, lines, self.terms.settle))
        units = self._price(cut.amount_minor)
        if not units:
            return _refusal(RefusalCode.REDEEM_EXCEEDS_BASKET, "more than this basket can take")
        return Draw(cut=cut, units=units, worth_minor=cut.amount_minor, because=self._said(units, cut.amount_minor))

    def offer(self, request: Request, situation: Situation) -> Offer:
        """Say how much of the balance could pay for this basket."""
        most = self._most(request.spendable, situation)
        held = max(0, request.spendable)
        return Offer(
            reward=self.head.id,
            unit=self.unit,
            least_units=self.least_units,
            most_units=most,
            most_discount_minor=min(self._worth(most), self._room(situation)),
            because=(self._offered(most, held, situation),),
            near=REACHED if most else min(REACHED - 1, held * REACHED // self.least_units),
        )

    def stocks(self, moment: Moment) -> frozenset[str]:  # noqa: ARG002  # it hands out nothing
        """It takes from no stock."""
        return frozenset()

    def _refuse(self, units: int, request: Request, situation: Situation) -> Refusal | None:
        if request.units is None:
            if request.spendable < self.least_units:
                return _refusal(RefusalCode.INSUFFICIENT_UNITS, f"at least {self.least_units} steps of the unit")
            return None if units else _refusal(RefusalCode.REDEEM_EXCEEDS_BASKET, "this basket is too small for it")
        if units < self.least_units:
            return _refusal(RefusalCode.REDEEM_BELOW_MINIMUM, f"at least {self.least_units} steps of the unit")
        if units > self._enough(situation) and self._worth(units) > self._room(situation):
            return _refusal(RefusalCode.REDEEM_EXCEEDS_BASKET, "more than this basket can take")
        if units > request.spendable:
            return _refusal(RefusalCode.INSUFFICIENT_UNITS, "more than the balance")
        return None

    def _most(self, spendable: int, situation: Situation) -> int:
        """Give the most steps that can pay, none of them for nothing; 0 where that is below the least."""
        units = min(max(0, spendable), self._enough(situation))
        most = self._price(min(self._worth(units), self._room(situation)))
        return most if most >= self.least_units else 0

    def _enough(self, situation: Situation) -> int:
        """Give the most steps that are of use on the bill."""
        room = self._room(situation)
        return (
            self._price(room)
            if self.last is LastUnit.CEILING
            else room * self.value.denominator // self.value.numerator
        )

    def _room(self, situation: Situation) -> int:
        settle = self.terms.settle
        rooms = sum(situation.room_minor(line, settle) for line in situation.select(self.head.goods))
        taken = situation.taken_minor(self.head.id)
        whole = situation.bill.total_minor + (taken if settle is Settle.LINE_DISCOUNT else 0)
        share = whole * self.most_percent // 100 - taken
        most = [self.terms.most_minor] if self.terms.most_minor is not None else []
        return max(0, min([rooms, share, situation.unpaid_minor, *most]))

    def _worth(self, units: int) -> int:
        """Give what steps pay, rounded down."""
        return max(0, units) * self.value.numerator // self.value.denominator

    def _price(self, amount_minor: int) -> int:
        """Give the fewest steps that pay an amount, or the next one above it that steps can pay."""
        return -(-amount_minor * self.value.denominator // self.value.numerator)

    def _said(self, units: int, paid_minor: int) -> tuple[Message, ...]:
        paid = Money(amount_minor=paid_minor, currency=self.currency)
        said = [message("explain.tender", units=self.unit.amount(units), paid=paid)]
        if self.head.names is not None:
            said.append(message("explain.named_reward", reward=self.head.names))
        return tuple(said)

    def _offered(self, most: int, held: int, situation: Situation) -> Message:
        if most:
            money = Money(amount_minor=min(self._worth(most), self._room(situation)), currency=self.currency)
            return message("explain.tender_offer", units=self.unit.amount(most), paid=money)
        if held >= self.least_units:
            return message("explain.missing_nothing_left")
        return message("explain.missing_units", units=self.unit.amount(self.least_units - held))


def read(table: Table, scope: Scope) -> Tender:
    """Read a ``[[reward]]`` of this kind."""
    terms = read_terms(table, scope, costs=True, default=Settle.TENDER)
    unit = terms.unit
    assert unit is not None or terms.coupon is not None
    for key in ("cost", "code", "coupon"):
        if table.has(key):
            table.note(key, "is not for a tender: its units pay at their own value")
    if terms.trigger is not Trigger.CHOICE and not table.has("code") and not table.has("coupon"):
        table.note("trigger", "must be choice: nobody pays with units without asking")
    if unit is not None and not (unit.value is not None and unit.value.numerator):
        table.note("unit", "has no value, so that it cannot pay", ProblemCode.WRONG_VALUE)
    unit = unit or next(iter(scope.units.values()))
    value = unit.value if unit.value is not None and unit.value.numerator else ONE
    least = -(-value.denominator // value.numerator)
    return Tender(
        head=read_head(table, scope),
        terms=terms,
        unit=unit,
        value=value,
        least_units=max(least, table.scaled("minimum", unit.scale, least=1) if table.has("minimum") else 1),
        most_percent=table.integer("most_percent", 100, least=1, most=100),
        last=table.choice("rounding", LastUnit, LastUnit.FLOOR),
        currency=scope.currency,
    )


def _refusal(code: RefusalCode, detail: str) -> Refusal:
    return Refusal(code=code, field="redeem.units", detail=detail)
