"""The base of an earn rule: what of each line's money counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loyalty.explain import Message, Money, Names, message
from loyalty.numbers.allocation import allocate
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import Rounding, divide
from loyalty.parts.policies import BaseOf, OrderDiscounts, PaidWithUnits, TaxBasis
from loyalty.reading.tables import Table
from loyalty.rules.goods import Goods
from loyalty.rules.measures import net_minor
from loyalty.rules.redemption import Redemption, Settle
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.sale.basket import BasketLine


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyBase:
    """What of a line's money counts; see docs/SPEC-programme.md, section "The base".

    Attributes:
        base: After every discount, or before.
        tax: With or without the tax.
        paid_with_units: Whether what units pay counts.
        order_discounts: Whether a discount on the whole basket counts against goods that earn on their own.
    """

    base: BaseOf
    tax: TaxBasis
    paid_with_units: PaidWithUnits
    order_discounts: OrderDiscounts
    currency: Currency
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        switches = (self.base, self.tax, self.paid_with_units, self.order_discounts)
        object.__setattr__(self, "_hash", (switches, self.currency).__hash__())

    def __hash__(self) -> int:
        return self._hash  # worked out once: a quote looks bases up for every rule

    def of_lines(self, goods: Goods, situation: Situation) -> tuple[tuple[int, int], ...]:
        """Give (line, minor units) of the lines of ``goods`` that have a base, by line."""
        return situation.once((self, goods), lambda: self._of_lines(goods, situation))

    def left_out(self, goods: Goods, situation: Situation) -> tuple[Message, ...]:
        """Say which goods of the basket do not count, and that tax does not."""
        return situation.once(("left out", self.tax, goods), lambda: self._left_out(goods, situation))

    def _of_lines(self, goods: Goods, situation: Situation) -> tuple[tuple[int, int], ...]:
        key = (self, goods.narrows)
        bases = situation.once(key, lambda: self._of_all(goods, situation))
        return tuple([(line.line, bases[line.line]) for line in situation.select(goods) if line.line in bases])

    def _left_out(self, goods: Goods, situation: Situation) -> tuple[Message, ...]:
        said: list[Message] = []
        if goods.exclude_categories:
            amounts = situation.once("amounts of categories", lambda: _amounts_of_categories(situation))
            names = dict(goods.names)
            for category in sorted(goods.exclude_categories & amounts.keys()):
                amount = Money(amount_minor=amounts[category], currency=self.currency)
                name: Names | str = names.get(category, category)
                said.append(message("explain.excluded", categories=name, amount=amount))
        if self.tax is TaxBasis.EXCLUDED:
            said.append(message("explain.before_tax"))
        return tuple(said)

    def _of_all(self, goods: Goods, situation: Situation) -> dict[int, int]:
        """Give the base of every line of the basket that has one; of ``goods`` only matters whether they are all."""
        back = self._given_back(goods, situation)
        lines = situation.basket.lines
        amounts = {line.line: self._amount(line, situation) + back.get(line.line, 0) for line in lines}
        credited = _credited(amounts, situation)
        bases = {}
        for line in lines:
            charged = amounts[line.line] - credited.get(line.line, 0)
            base = charged if self.tax is TaxBasis.INCLUDED else net_minor(line, charged)
            if base > 0:
                bases[line.line] = base
        return bases

    def _amount(self, line: BasketLine, situation: Situation) -> int:
        if self.base is BaseOf.BEFORE:
            return line.amount_minor + line.discount_minor
        left = situation.bill.left[line.line]
        if self.paid_with_units is PaidWithUnits.INCLUDED:
            return left
        return left - situation.paid_minor.get(line.line, 0)

    def _given_back(self, goods: Goods, situation: Situation) -> dict[int, int]:
        """Give what discounts took off that this rule does not mind."""
        back: dict[int, int] = {}
        if self.base is BaseOf.BEFORE:
            return back
        for one in situation.redemptions:
            if one.settle is Settle.LINE_DISCOUNT and self._minds_not(one, goods, situation):
                for line, amount in one.by_line:
                    back[line] = back.get(line, 0) + amount
        return back

    def _minds_not(self, one: Redemption, goods: Goods, situation: Situation) -> bool:
        if one.units and self.paid_with_units is PaidWithUnits.INCLUDED:
            return True
        whole = len(one.by_line) == len([line for line in situation.basket.lines if line.amount_minor])
        return self.order_discounts is OrderDiscounts.IGNORED and goods.narrows and whole


def _credited(amounts: Mapping[int, int], situation: Situation) -> dict[int, int]:
    """Share what the host takes off the basket as a whole over its lines; of what units pay it takes its share too."""
    credit, whole = situation.basket.credit_minor, sum(amounts.values())
    if not credit or not whole:
        return {}
    owed = max(whole, sum(situation.bill.left.values()))
    return dict(allocate(min(whole, divide(credit * whole, owed, Rounding.FLOOR)), tuple(amounts.items())))


def _amounts_of_categories(situation: Situation) -> dict[str, int]:
    amounts: dict[str, int] = {}
    for line in situation.basket.lines:
        if line.category is not None:
            amounts[line.category] = amounts.get(line.category, 0) + line.amount_minor
    return amounts


def read_base(table: Table, scope: Scope) -> MoneyBase:
    """Read the base's keys, which stand among a rule's own; what is not written is as the policies say."""
    usual = scope.policies
    return scope.share(
        MoneyBase(
            base=table.choice("base", BaseOf, usual.base),
            tax=table.choice("tax", TaxBasis, usual.tax),
            paid_with_units=table.choice("paid_with_units", PaidWithUnits, usual.paid_with_units),
            order_discounts=table.choice("order_discounts", OrderDiscounts, usual.order_discounts),
            currency=scope.currency,
        )
    )
