"""The base of an earn rule: what of each line's money counts."""

from dataclasses import dataclass

from loyalty.basket import BasketLine
from loyalty.explain import Message, Money, Names, message
from loyalty.numbers.currency import Currency
from loyalty.programme.policies import BaseOf, OrderDiscounts, PaidWithUnits, TaxBasis
from loyalty.reading.tables import Table
from loyalty.rules.goods import Goods
from loyalty.rules.measures import net_minor
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Redemption, Settle


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

    def of_lines(self, goods: Goods, situation: Situation) -> tuple[tuple[int, int], ...]:
        """Give (line, minor units) of the lines of ``goods`` that have a base, by line."""
        back = self._given_back(goods, situation)
        found = (
            (line, self._amount(line, situation) + back.get(line.line, 0))
            for line in goods.select(situation.basket.lines)
        )
        credit = situation.basket.credit_minor
        whole = sum(situation.bill.left.values())
        bases = []
        for line, amount in found:
            charged = amount - credit * amount // whole if credit and whole else amount
            base = charged if self.tax is TaxBasis.INCLUDED else net_minor(line, charged)
            if base > 0:
                bases.append((line.line, base))
        return tuple(bases)

    def left_out(self, goods: Goods, situation: Situation) -> tuple[Message, ...]:
        """Say which goods of the basket do not count, and that tax does not."""
        said: list[Message] = []
        names = dict(goods.names)
        for category in sorted(goods.exclude_categories):
            lines = [line.amount_minor for line in situation.basket.lines if line.category == category]
            if lines:
                amount = Money(amount_minor=sum(lines), currency=self.currency)
                name: Names | str = names.get(category, category)
                said.append(message("explain.excluded", categories=name, amount=amount))
        if self.tax is TaxBasis.EXCLUDED:
            said.append(message("explain.before_tax"))
        return tuple(said)

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


def read_base(table: Table, scope: Scope) -> MoneyBase:
    """Read the base's keys, which stand among a rule's own; what is not written is as the policies say."""
    usual = scope.policies
    return MoneyBase(
        base=table.choice("base", BaseOf, usual.base),
        tax=table.choice("tax", TaxBasis, usual.tax),
        paid_with_units=table.choice("paid_with_units", PaidWithUnits, usual.paid_with_units),
        order_discounts=table.choice("order_discounts", OrderDiscounts, usual.order_discounts),
        currency=scope.currency,
    )
