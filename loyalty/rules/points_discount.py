"""Points for a discount: a member spends units, and the basket gets cheaper."""

from dataclasses import dataclass

from loyalty.explain import Message, Money, message
from loyalty.numbers.allocation import allocate
from loyalty.numbers.currency import Currency
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.stages import Offer, Redemption, Scope, Situation
from loyalty.units import Unit

KIND = "points_discount"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsDiscount:
    """``cost`` steps of ``unit`` take ``discount_minor`` off; any multiple of it from ``least_units`` on.

    Attributes:
        most_percent: Largest share of the basket that may be paid so, 1 to 100.
        excluded: Categories that units cannot pay for.
    """

    id: str
    unit: Unit
    cost: int
    discount_minor: int
    least_units: int
    most_percent: int
    excluded: tuple[str, ...]
    currency: Currency

    def offer(self, situation: Situation) -> Offer:
        """Say how much of the balance this basket could take."""
        standing = situation.standing
        balance = standing.balance(self.unit.id) if standing is not None else 0
        times = max(0, min(balance // self.cost, self._ceiling_minor(situation) // self.discount_minor))
        most = times * self.cost
        most = most if most >= self.least_units else 0
        return Offer(
            reward=self.id,
            unit=self.unit,
            least_units=self.least_units,
            most_units=most,
            most_discount_minor=self._discount(most),
            because=(self._said(balance, most),),
        )

    def redeem(self, units: int, situation: Situation) -> Redemption | Refusal:
        """Take ``units`` for a discount, split over the lines by largest remainder."""
        refusal = self._refuse(units, situation)
        if refusal is not None:
            return refusal
        discount = self._discount(units)
        weights = [(line.line, line.amount_minor) for line in situation.basket.lines if self._pays_for(line.category)]
        money = Money(amount_minor=discount, currency=self.currency)
        return Redemption(
            reward=self.id,
            unit=self.unit,
            units=units,
            discount_minor=discount,
            by_line=allocate(discount, weights),
            because=(message("explain.redeemed", units=self.unit.amount(units), discount=money),),
        )

    def _said(self, balance: int, most: int) -> Message:
        discount = Money(amount_minor=self._discount(most or self.least_units), currency=self.currency)
        if most:
            return message("explain.redeem_offer", units=self.unit.amount(most), discount=discount)
        if balance >= self.least_units:
            return message("explain.redeem_too_small", discount=discount)
        missing = self.unit.amount(self.least_units - max(balance, 0))
        return message("explain.redeem_missing", units=missing, discount=discount)

    def _refuse(self, units: int, situation: Situation) -> Refusal | None:
        if units < self.least_units:
            return _refusal(RefusalCode.REDEEM_BELOW_MINIMUM, f"at least {self.least_units} steps of the unit")
        if units % self.cost:
            return _refusal(RefusalCode.REDEEM_NOT_A_STEP, f"a multiple of {self.cost} steps of the unit")
        if self._discount(units) > self._ceiling_minor(situation):
            return _refusal(RefusalCode.REDEEM_EXCEEDS_BASKET, "more than this basket can take")
        balance = situation.standing.balance(self.unit.id) if situation.standing is not None else 0
        if units > balance:
            return _refusal(RefusalCode.INSUFFICIENT_UNITS, "more than the balance")
        return None

    def _discount(self, units: int) -> int:
        return units // self.cost * self.discount_minor

    def _ceiling_minor(self, situation: Situation) -> int:
        lines = situation.basket.lines
        payable = sum(line.amount_minor for line in lines if self._pays_for(line.category))
        share = situation.basket.total_minor * self.most_percent // 100
        return min(payable, share)

    def _pays_for(self, category: str | None) -> bool:
        return category not in self.excluded


def read(table: Table, scope: Scope) -> PointsDiscount:
    """Read a ``[[reward]]`` of this kind."""
    unit = scope.units.get(table.text("unit", "points"))
    if unit is None:
        table.note("unit", "names no [[unit]] of this programme", ProblemCode.UNKNOWN_REFERENCE)
        unit = next(iter(scope.units.values()))
    cost = table.scaled("cost", unit.scale, least=1)
    least = table.scaled("minimum", unit.scale, least=1) if table.has("minimum") else cost
    return PointsDiscount(
        id=table.text("id"),
        unit=unit,
        cost=cost,
        discount_minor=table.scaled("discount", scope.currency.scale, least=1),
        least_units=-(-least // cost) * cost,
        most_percent=table.integer("most_percent", 100, least=1, most=100),
        excluded=tuple(sorted(set(table.texts("exclude_categories", ())))),
        currency=scope.currency,
    )


def _refusal(code: RefusalCode, detail: str) -> Refusal:
    return Refusal(code=code, field="redeem.units", detail=detail)
