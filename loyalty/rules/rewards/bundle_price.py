"""A set for a price: so many pieces of some goods cost so much together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from loyalty.explain import Money, message
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.reading.tables import Table
from loyalty.refusals import Refusal
from loyalty.rules.reading import read_head
from loyalty.rules.rewards.often import (
    how_often,
    no_goods,
    nothing_left,
    offer_of,
    read_most_times,
    said_of,
    times_left,
)
from loyalty.rules.rewards.pieces import Picked, Stack, after, count_of, milli_of, pick, stacks, value_of
from loyalty.rules.rewards.terms import read_terms, refuse_tender
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Draw, Head, Offer, Request, Terms
from loyalty.rules.when import REACHED, Unmet
from loyalty.sale.rounds import Rounds, read_rounds
from loyalty.sale.wishes import Wanted, Wish

KIND = "bundle_price"
_MOST_PIECES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePrice:
    """``count`` pieces of the goods cost ``price_minor`` together, the dearest pieces first.

    A set that would not cost less is not made.

    Attributes:
        most_times: Most sets in one sale.
    """

    head: Head
    terms: Terms
    count: int
    price_minor: int
    rounds: Rounds
    most_times: int
    currency: Currency
    order: int = 20

    def draw(self, request: Request, situation: Situation) -> Draw | Refusal | Unmet:
        """Make the sets that save most."""
        most = times_left(self.most_times, self.head, situation)
        if isinstance(most, Refusal):
            return most
        goods = self.head.goods
        found = situation.once(("stacks", goods), lambda: stacks(situation.select(goods), situation.bill))
        sets = self._sets(found, most)
        natural = sum(times for times, _ in sets)
        if not natural:
            return self._missing(found)
        times = how_often(request, self.terms, natural)
        if isinstance(times, Refusal):
            return times
        sets = self._sets(found, times)
        wish = Wish.of(_wanted(sets, self.price_minor))
        cut = situation.bill.lower(wish, self.rounds, self.terms.most_minor)
        if not cut.by_line:
            return nothing_left()
        cut = replace(cut, counted=milli_of(*(picked for _, picked in sets)))
        first = message(
            "explain.bundle",
            pieces=self.count,
            price=Money(amount_minor=self.price_minor, currency=self.currency),
            times=times,
            discount=Money(amount_minor=cut.amount_minor, currency=self.currency),
        )
        return Draw(
            cut=cut,
            units=self.terms.cost * times,
            times=times,
            worth_minor=cut.amount_minor,
            because=said_of(first, self.head, self.terms, times, cut, self.currency, wish.exact),
        )

    def offer(self, request: Request, situation: Situation) -> Offer:
        """Say what it would take off."""
        return offer_of(self.head, self.terms, request, self.draw(request, situation), self.currency)

    def stocks(self, moment: Moment) -> frozenset[str]:  # noqa: ARG002  # it hands out nothing
        """It takes from no stock."""
        return frozenset()

    def _sets(self, found: Sequence[Stack], most: int) -> list[tuple[int, Picked]]:
        """Give (how many sets, their pieces), like sets together; each set saves as much as the next one, or more."""
        sets: list[tuple[int, Picked]] = []
        left, held = list(found)[::-1], count_of(found)
        while most > 0 and held >= self.count:
            times = max(1, min(most, left[0].count // self.count))
            picked = pick(left, times * self.count)
            if value_of(picked) <= times * self.price_minor:
                break
            sets.append((times, picked))
            left = after(left, times * self.count)
            held -= times * self.count
            most -= times
        return sets

    def _missing(self, found: Sequence[Stack]) -> Unmet:
        if not found:
            return no_goods()
        held = count_of(found)
        if held >= self.count:
            return nothing_left()
        items = self.count - held
        return Unmet(message=message("explain.missing_items", items=items), near=held * REACHED // self.count)


def read(table: Table, scope: Scope) -> BundlePrice:
    """Read a ``[[reward]]`` of this kind."""
    terms = read_terms(table, scope)
    refuse_tender(table, terms)
    return BundlePrice(
        head=read_head(table, scope),
        terms=terms,
        count=table.integer("count", least=1, most=_MOST_PIECES),
        price_minor=table.scaled("price", scope.currency.scale),
        rounds=read_rounds(table),
        most_times=read_most_times(table),
        currency=scope.currency,
    )


def _wanted(sets: Sequence[tuple[int, Picked]], price_minor: int) -> Iterator[Wanted]:
    """Ask of each piece its share of what its set saves."""
    for times, picked in sets:
        value = value_of(picked)
        saved = (value - times * price_minor) / value
        for one, count in picked:
            own = one.price * count
            yield Wanted(line=one.line, exact=own * saved, value=own, pieces=count)
