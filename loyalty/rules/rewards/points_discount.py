"""Points for a discount: a member chooses how many units to spend, and the basket gets cheaper."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from loyalty.explain import Message, Money, message
from loyalty.holding.units import Unit
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.reading.tables import Table
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.reading import read_head, read_unit
from loyalty.rules.rewards.terms import read_terms
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Draw, Head, Offer, Request, Terms
from loyalty.rules.when import REACHED
from loyalty.sale.basket import BasketLine
from loyalty.sale.bill import Cut

KIND = "points_discount"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsDiscount:
    """``terms.cost`` steps of ``unit`` take ``discount_minor`` off; any multiple of it from ``least_units`` on.

    Attributes:
        most_percent: Largest share of the basket that may be paid so, 1 to 100.
    """

    head: Head
    terms: Terms
    unit: Unit
    discount_minor: int
    least_units: int
    most_percent: int
    currency: Currency
    order: int = 80

    def draw(self, request: Request, situation: Situation) -> Draw | Refusal:
        """Take the units for a discount, split over the lines by largest remainder."""
        units = request.units if request.units is not None else self._most(request, situation)
        refusal = self._refuse(units, request, situation)
        if refusal is not None:
            return refusal
        cut = Cut(by_line=situation.spread(self._discount(units), self._lines(situation), self.terms.settle))
        if not cut.by_line:
            return _refusal(RefusalCode.REDEEM_EXCEEDS_BASKET, "more than this basket can take")
        units = -(-cut.amount_minor // self.discount_minor) * self.terms.cost
        money = Money(amount_minor=cut.amount_minor, currency=self.currency)
        said = message("explain.redeemed", units=self.unit.amount(units), discount=money)
        return Draw(cut=cut, units=units, worth_minor=cut.amount_minor, because=(said,))

    def offer(self, request: Request, situation: Situation) -> Offer:
        """Say how much of the balance this basket could take."""
        most = self._most(request, situation)
        return Offer(
            reward=self.head.id,
            unit=self.unit,
            least_units=self.least_units,
            most_units=most,
            most_discount_minor=self._discount(most),
            because=(self._said(request.spendable, most),),
            near=REACHED if most else min(REACHED - 1, max(0, request.spendable) * REACHED // self.least_units),
        )

    def stocks(self, moment: Moment) -> frozenset[str]:  # noqa: ARG002  # it hands out nothing
        """It takes from no stock."""
        return frozenset()

    def _most(self, request: Request, situation: Situation) -> int:
        cost = self.terms.cost
        times = max(0, min(request.spendable // cost, self._ceiling_minor(situation) // self.discount_minor))
        return times * cost if times * cost >= self.least_units else 0

    def _said(self, spendable: int, most: int) -> Message:
        discount = Money(amount_minor=self._discount(most or self.least_units), currency=self.currency)
        if most:
            return message("explain.redeem_offer", units=self.unit.amount(most), discount=discount)
        if spendable >= self.least_units:
            return message("explain.redeem_too_small", discount=discount)
        missing = self.unit.amount(self.least_units - max(spendable, 0))
        return message("explain.redeem_missing", units=missing, discount=discount)

    def _refuse(self, units: int, request: Request, situation: Situation) -> Refusal | None:
        if units < self.least_units:
            return _refusal(RefusalCode.REDEEM_BELOW_MINIMUM, f"at least {self.least_units} steps of the unit")
        if units % self.terms.cost:
            return _refusal(RefusalCode.REDEEM_NOT_A_STEP, f"a multiple of {self.terms.cost} steps of the unit")
        if self._discount(units) > self._ceiling_minor(situation):
            return _refusal(RefusalCode.REDEEM_EXCEEDS_BASKET, "more than this basket can take")
        if units > request.spendable:
            return _refusal(RefusalCode.INSUFFICIENT_UNITS, "more than the balance")
        return None

    def _discount(self, units: int) -> int:
        return units // self.terms.cost * self.discount_minor

    def _ceiling_minor(self, situation: Situation) -> int:
        rooms = [situation.room_minor(line, self.terms.settle) for line in self._lines(situation)]
        share = situation.unpaid_minor * self.most_percent // 100
        return min([sum(rooms), share, *([self.terms.most_minor] if self.terms.most_minor is not None else [])])

    def _lines(self, situation: Situation) -> Sequence[BasketLine]:
        return situation.select(self.head.goods)


def read(table: Table, scope: Scope) -> PointsDiscount:
    """Read a ``[[reward]]`` of this kind."""
    head = read_head(table, scope)
    terms = read_terms(table, scope, costs=True)
    unit = terms.unit or read_unit(table, scope)
    cost = table.scaled("cost", unit.scale, least=1)
    least = table.scaled("minimum", unit.scale, least=1) if table.has("minimum") else cost
    return PointsDiscount(
        head=head,
        terms=replace(terms, cost=cost),
        unit=unit,
        discount_minor=table.scaled("discount", scope.currency.scale, least=1),
        least_units=-(-least // cost) * cost,
        most_percent=table.integer("most_percent", 100, least=1, most=100),
        currency=scope.currency,
    )


def _refusal(code: RefusalCode, detail: str) -> Refusal:
    return Refusal(code=code, field="redeem.units", detail=detail)
