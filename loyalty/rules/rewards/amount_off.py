"""So much money off: of some goods together, or of each of their pieces."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from loyalty.explain import Message, Money, message
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.parts.policies import TaxBasis
from loyalty.reading.tables import Table
from loyalty.refusals import Refusal
from loyalty.rules.measures import net_minor
from loyalty.rules.reading import read_head
from loyalty.rules.rewards.often import MAX_TIMES, how_often, no_goods, nothing_left, offer_of, said_of
from loyalty.rules.rewards.percent import read_take
from loyalty.rules.rewards.pieces import Picked, Take, count_of, pick, stacks
from loyalty.rules.rewards.terms import read_terms, refuse_tender
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Draw, Head, Offer, Request, Terms, Trigger
from loyalty.rules.when import Unmet
from loyalty.sale.basket import BasketLine
from loyalty.sale.bill import Bill, Cut
from loyalty.sale.rounds import HALF_UP
from loyalty.sale.wishes import Wanted, Wish

KIND = "amount_off"


class Each(StrEnum):
    """What the amount is for."""

    SALE = "sale"
    ITEM = "item"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountOff:
    """``amount_minor`` off the goods, or off each piece of them.

    Attributes:
        amount_minor: More than 0.
        tax: Whether the amount has the goods' tax in it already; else the tax comes off besides.
        take: All pieces, or the cheapest or the dearest, where it is for each piece.
        most_items: How many pieces, where not all.
    """

    head: Head
    terms: Terms
    amount_minor: int
    each: Each
    tax: TaxBasis
    take: Take
    most_items: int
    currency: Currency
    order: int = 70

    def draw(self, request: Request, situation: Situation) -> Draw | Refusal | Unmet:
        """Take the amount off what earlier rewards left; what is left is never below zero or a floor."""
        goods = situation.select(self.head.goods)
        if not goods:
            return no_goods()
        times = how_often(request, self.terms, self._natural(goods, situation.bill))
        if isinstance(times, Refusal):
            return times
        picked = self._picked(goods, situation.bill) if self.each is Each.ITEM else ()
        if self.each is Each.ITEM:
            cut = self._each(picked, situation.bill)
        else:
            cut = self._together(times, goods, situation.bill)
        if not cut.by_line:
            return nothing_left()
        return Draw(
            cut=cut,
            units=self.terms.cost * times,
            times=times,
            worth_minor=cut.amount_minor,
            because=said_of(self._said(cut, picked), self.head, self.terms, times, cut, self.currency),
        )

    def offer(self, request: Request, situation: Situation) -> Offer:
        """Say what it would take off."""
        return offer_of(self.head, self.terms, request, self.draw(request, situation), self.currency)

    def stocks(self, moment: Moment) -> frozenset[str]:  # noqa: ARG002  # it hands out nothing
        """It takes from no stock."""
        return frozenset()

    def _natural(self, goods: Sequence[BasketLine], bill: Bill) -> int:
        """Give how often it can be taken: what a member buys with units again and again, as long as there is room."""
        if self.each is Each.ITEM or self.terms.trigger is not Trigger.CHOICE or not self.terms.cost:
            return 1
        room = min(bill.total_minor, sum(bill.room_minor(line) for line in goods))
        return max(1, min(MAX_TIMES, -(-room // self.amount_minor)))

    def _together(self, times: int, goods: Sequence[BasketLine], bill: Bill) -> Cut:
        amount = self.amount_minor * times
        most = self.terms.most_minor
        if self.tax is TaxBasis.EXCLUDED:
            return replace(bill.lower(self._with_tax(amount, goods, bill), HALF_UP, most), lost_minor=0)
        return Cut(by_line=bill.spread(amount if most is None else min(amount, most), goods))

    def _with_tax(self, net: int, goods: Sequence[BasketLine], bill: Bill) -> Wish:
        """Split an amount without tax over lines by their net prices, and put each one's tax on top."""
        found = [(line, bill.open_minor(line)) for line in goods]
        nets = [(line, amount, net_minor(line, amount)) for line, amount in found if amount]
        whole = sum(inner for _, _, inner in nets)
        share = Fraction(min(net, whole), whole) if whole else Fraction(0)
        return Wish.of(
            Wanted(line=line, exact=amount * share, value=Fraction(amount)) for line, amount, inner in nets if inner
        )

    def _picked(self, goods: Sequence[BasketLine], bill: Bill) -> Picked:
        found = stacks(goods, bill)
        if self.take is Take.DEAREST:
            found = found[::-1]
        return pick(found, count_of(found) if self.take is Take.ALL else self.most_items)

    def _each(self, picked: Picked, bill: Bill) -> Cut:
        prices = [(one.line, one.price, count) for one, count in picked]
        wish = Wish.of(
            Wanted(line=line, exact=min(self._gross(line, bill), price) * count, value=price * count)
            for line, price, count in prices
        )
        return replace(bill.lower(wish, HALF_UP, self.terms.most_minor), of_pieces=True)

    def _gross(self, line: BasketLine, bill: Bill) -> Fraction:
        amount = bill.open_minor(line)
        net = net_minor(line, amount) if self.tax is TaxBasis.EXCLUDED else amount
        return Fraction(self.amount_minor * amount, net) if net else Fraction(self.amount_minor)

    def _said(self, cut: Cut, picked: Picked) -> Message:
        discount = Money(amount_minor=cut.amount_minor, currency=self.currency)
        if self.each is Each.SALE:
            return message("explain.amount_off", discount=discount)
        amount = Money(amount_minor=self.amount_minor, currency=self.currency)
        pieces = sum(count for _, count in picked)
        return message("explain.amount_off_each", amount=amount, pieces=pieces, discount=discount)


def read(table: Table, scope: Scope) -> AmountOff:
    """Read a ``[[reward]]`` of this kind."""
    terms = read_terms(table, scope)
    refuse_tender(table, terms)
    each = table.choice("each", Each, Each.SALE)
    take, most_items = read_take(table)
    for key in ("take", "most_items"):
        if each is Each.SALE and table.has(key):
            table.note(key, "goes with each = item")
    return AmountOff(
        head=read_head(table, scope),
        terms=terms,
        amount_minor=table.scaled("amount", scope.currency.scale, least=1),
        each=each,
        tax=table.choice("tax", TaxBasis, TaxBasis.INCLUDED),
        take=take,
        most_items=most_items,
        currency=scope.currency,
    )
