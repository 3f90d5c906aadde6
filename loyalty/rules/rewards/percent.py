"""A percentage off: of all that is left of some goods together, or of their cheapest or dearest pieces."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from loyalty.explain import Money, message
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import Rate, Rounding, round_fraction
from loyalty.reading.tables import Table
from loyalty.refusals import Refusal
from loyalty.rules.reading import read_head
from loyalty.rules.rewards.often import (
    how_often,
    no_goods,
    nothing_left,
    offer_of,
    percent_of,
    read_percent,
    said_of,
)
from loyalty.rules.rewards.pieces import Take, pick, share_of, stacks
from loyalty.rules.rewards.terms import read_terms, refuse_tender
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Draw, Head, Offer, Request, Terms
from loyalty.rules.when import Unmet
from loyalty.sale.basket import BasketLine
from loyalty.sale.rounds import Rounds, read_rounds
from loyalty.sale.wishes import Wish

KIND = "percent"
_OF_PIECES, _OF_ALL = 40, 50
"""Pieces before wholes: the whole then is what the pieces left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Percent:
    """``share`` off the goods.

    Attributes:
        share: More than 0, at most 1.
        take: All that is left of the goods, or so many pieces.
        most_items: How many pieces, where not all.
    """

    head: Head
    terms: Terms
    share: Rate
    take: Take
    most_items: int
    rounds: Rounds
    currency: Currency

    @property
    def order(self) -> int:
        """Where it stands among rewards of one priority."""
        return _OF_ALL if self.take is Take.ALL else _OF_PIECES

    def draw(self, request: Request, situation: Situation) -> Draw | Refusal | Unmet:
        """Take the share off what earlier rewards left."""
        times = how_often(request, self.terms, 1)
        if isinstance(times, Refusal):
            return times
        goods = situation.select(self.head.goods)
        if not goods:
            return no_goods()
        wish = self._wish(goods, situation)
        cut = situation.bill.lower(wish, self.rounds, self.terms.most_minor)
        if not cut.by_line:
            return nothing_left()
        cut = cut if self.take is Take.ALL else replace(cut, of_pieces=True)
        base = round_fraction(wish.value, Rounding.HALF_UP)
        first = message(
            "explain.percent",
            percent=percent_of(self.share),
            base=Money(amount_minor=base, currency=self.currency),
            discount=Money(amount_minor=cut.amount_minor, currency=self.currency),
        )
        return Draw(
            cut=cut,
            units=self.terms.cost,
            worth_minor=cut.amount_minor,
            because=said_of(first, self.head, self.terms, times, cut, self.currency, wish.exact),
        )

    def offer(self, request: Request, situation: Situation) -> Offer:
        """Say what it would take off."""
        return offer_of(self.head, self.terms, request, self.draw(request, situation), self.currency)

    def stocks(self, moment: Moment) -> frozenset[str]:  # noqa: ARG002  # it hands out nothing
        """It takes from no stock."""
        return frozenset()

    def _wish(self, goods: Sequence[BasketLine], situation: Situation) -> Wish:
        bill = situation.bill
        if self.take is Take.ALL:
            return bill.share(self.share, goods)
        found = stacks(goods, bill)
        if self.take is Take.DEAREST:
            found = found[::-1]
        return share_of(pick(found, self.most_items), self.share.fraction)


def read(table: Table, scope: Scope) -> Percent:
    """Read a ``[[reward]]`` of this kind."""
    terms = read_terms(table, scope)
    refuse_tender(table, terms)
    take, most_items = read_take(table)
    return Percent(
        head=read_head(table, scope),
        terms=terms,
        share=read_percent(table),
        take=take,
        most_items=most_items,
        rounds=read_rounds(table),
        currency=scope.currency,
    )


def read_take(table: Table) -> tuple[Take, int]:
    """Read ``take`` and ``most_items``: a number alone means the cheapest, a way of taking alone means one piece."""
    counted = table.has("most_items")
    most = table.integer("most_items", 1, least=1, most=1_000_000)
    take = table.choice("take", Take, Take.CHEAPEST if counted else Take.ALL)
    if take is Take.ALL and counted:
        table.note("most_items", "goes with take = cheapest or dearest")
    return take, most
