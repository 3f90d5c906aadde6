"""Buy so many, get so many: free pieces inside the basket or on top of it, or a share off them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from loyalty.explain import Message, Money, Names, message
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import ONE, Rate, Rounding, round_fraction
from loyalty.reading.tables import Table
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.goods import Goods
from loyalty.rules.reading import read_head
from loyalty.rules.redemption import Gift
from loyalty.rules.rewards.often import (
    MAX_TIMES,
    how_often,
    no_goods,
    nothing_left,
    offer_of,
    percent_of,
    read_most_times,
    read_percent,
    said_of,
    times_left,
)
from loyalty.rules.rewards.pieces import Picked, Stack, count_of, milli_of, share_of, stacks, value_of
from loyalty.rules.rewards.sets import NO_SET, Sets, by_count, by_spend, joined, paid_alone
from loyalty.rules.rewards.terms import read_terms, refuse_tender
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Draw, Head, Offer, Request, Terms
from loyalty.rules.when import REACHED, Unmet
from loyalty.sale.bill import Bill, Cut
from loyalty.sale.rounds import Rounds, read_rounds

KIND = "free_item"
_MOST_PIECES = 1_000_000
_MILLI = 1000


class Counts(StrEnum):
    """Where the free pieces are."""

    INSIDE = "inside"
    """In the basket: one of three is free."""
    ON_TOP = "on_top"
    """Not in the basket: for three one more is handed out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeItem:
    """For ``buy`` pieces of the goods, ``get`` pieces are free, the cheapest ones.

    Attributes:
        buy: Pieces that are paid; 0 where none need be.
        buy_spend_minor: Instead of ``buy``: pieces that come to so much, the free ones with them, the dearest first.
        get_goods: Where the free pieces are from, or None for the same goods.
        get_items: Items that are handed out on top, the first one unless another is chosen; empty for what was bought.
        mix: Pieces of different items make a set together.
        share: How much of the free pieces' price comes off; 1 for all.
        most_times: Most sets in one sale.
        worth_minor: What one piece that is handed out on top costs the merchant, or None for its price in the basket.
        names: Of items, as the programme gives them.
    """

    head: Head
    terms: Terms
    buy: int
    buy_spend_minor: int | None
    get: int
    counts: Counts
    get_goods: Goods | None
    get_items: tuple[str, ...]
    mix: bool
    share: Rate
    rounds: Rounds
    most_times: int
    worth_minor: int | None
    names: tuple[tuple[str, Names], ...]
    currency: Currency
    order: int = 10

    def draw(self, request: Request, situation: Situation) -> Draw | Refusal | Unmet:
        """Give away the cheapest pieces of as many sets as there are, or as were chosen."""
        most = times_left(self.most_times, self.head, situation)
        if isinstance(most, Refusal):
            return most
        buys = self._stacks(self.head.goods, situation)
        gets = self._stacks(self.get_goods, situation) if self.get_goods is not None else buys
        natural = self._sets(buys, gets, most)
        if not natural.times:
            return self._missing(buys, gets)
        times = how_often(request, self.terms, natural.times)
        if isinstance(times, Refusal):
            return times
        sets = natural if times == natural.times else self._sets(buys, gets, times)
        if self.counts is Counts.ON_TOP:
            return self._on_top(sets, request)
        return self._inside(sets, situation.bill)

    def offer(self, request: Request, situation: Situation) -> Offer:
        """Say what would be free."""
        choices = self.get_items if len(self.get_items) > 1 else ()
        return offer_of(self.head, self.terms, request, self.draw(request, situation), self.currency, choices)

    def stocks(self, moment: Moment) -> frozenset[str]:  # noqa: ARG002  # it hands out what the shop sells
        """It takes from no stock."""
        return frozenset()

    def _stacks(self, goods: Goods, situation: Situation) -> list[Stack]:
        return situation.once(("stacks", goods), lambda: stacks(situation.select(goods), situation.bill))

    def _sets(self, buys: Sequence[Stack], gets: Sequence[Stack], most: int) -> Sets:
        """Make up to ``most`` sets; per item, those of the dearest item come first."""
        if self.mix:
            return self._of(buys, gets, most)
        found = NO_SET
        for item in _items(buys):
            own = [one for one in buys if one.line.item == item]
            found = joined(found, self._of(own, own, most - found.times))
        return found

    def _of(self, buys: Sequence[Stack], gets: Sequence[Stack], most: int) -> Sets:
        if most <= 0:
            return NO_SET
        if self.buy_spend_minor is not None:
            return by_spend(buys, self.buy_spend_minor, self.get, most)
        if self.counts is Counts.ON_TOP:
            return paid_alone(buys, self.buy, most)
        return by_count(buys, gets, self.buy, self.get, most)

    def _inside(self, sets: Sets, bill: Bill) -> Draw | Unmet:
        wish = share_of(sets.free, self.share.fraction)
        cut = bill.lower(wish, self.rounds, self.terms.most_minor)
        if not cut.by_line:
            return nothing_left()
        free = milli_of(sets.free) if self.share == ONE else ()
        cut = replace(cut, free=free, counted=milli_of(sets.paid, sets.free))
        said = said_of(self._said(sets, cut), self.head, self.terms, sets.times, cut, self.currency, wish.exact)
        return Draw(
            cut=cut, units=self.terms.cost * sets.times, times=sets.times, worth_minor=cut.amount_minor, because=said
        )

    def _on_top(self, sets: Sets, request: Request) -> Draw | Refusal:
        if request.choice is not None and request.choice not in self.get_items:
            return Refusal(code=RefusalCode.CHOICE_UNKNOWN, field="redeem.choice")
        gifts, worth = self._gifts(sets, request.choice)
        cut = Cut(counted=milli_of(sets.paid))
        names = self._names(sets)
        first = [
            message("explain.free_on_top", pieces=gift.quantity_milli // _MILLI, item=names.get(gift.item, gift.item))
            for gift in gifts
        ]
        said = said_of(first[0], self.head, self.terms, sets.times, cut, self.currency)
        return Draw(
            cut=cut,
            units=self.terms.cost * sets.times,
            times=sets.times,
            gifts=gifts,
            worth_minor=worth,
            because=(said[0], *first[1:], *said[1:]),
        )

    def _names(self, sets: Sets) -> dict[str, Names | str]:
        """Give what items are called: by the programme, or in the basket."""
        sold: dict[str, Names | str] = {one.line.item: one.line.name for one, _ in sets.paid if one.line.name}
        return sold | dict(self.names)

    def _gifts(self, sets: Sets, choice: str | None) -> tuple[tuple[Gift, ...], int]:
        """Give what is handed out and what it is worth: the item chosen, or the cheapest of what was bought."""
        cheapest = min(sets.paid, key=lambda pair: (pair[0].price, pair[0].line.item))[0]
        price = round_fraction(cheapest.price, Rounding.HALF_UP) if self.worth_minor is None else self.worth_minor
        if self.get_items or self.mix:
            item = choice or (self.get_items[0] if self.get_items else cheapest.line.item)
            worth = price if self.worth_minor is not None or item == cheapest.line.item else 0
            pieces = self.get * sets.times
            return (Gift(item=item, quantity_milli=pieces * _MILLI),), worth * pieces
        gifts, worth = [], 0
        for item, own in _by_item(sets.paid):
            pieces = sum(count for _, count in own) // self.buy * self.get
            each = price if self.worth_minor is not None else round_fraction(own[0][0].price, Rounding.HALF_UP)
            gifts.append(Gift(item=item, quantity_milli=pieces * _MILLI))
            worth += pieces * each
        return tuple(gifts), worth

    def _missing(self, buys: Sequence[Stack], gets: Sequence[Stack]) -> Unmet:
        """Say how many pieces more it takes, where some are there."""
        if not buys or not gets:
            return no_goods()
        if self.buy_spend_minor is not None:
            held = int(value_of(tuple((one, one.count) for one in buys)))
            missing = Money(amount_minor=max(1, self.buy_spend_minor - held), currency=self.currency)
            near = min(REACHED - 1, held * REACHED // self.buy_spend_minor)
            return Unmet(message=message("explain.missing_spend", missing=missing), near=near)
        needed = self.buy + (1 if self.counts is Counts.INSIDE and self.get_goods is None else 0)
        groups = [buys] if self.mix else [[one for one in buys if one.line.item == item] for item in _items(buys)]
        held = max(count_of(group) for group in groups)
        items = max(1, needed - held)
        return Unmet(message=message("explain.missing_items", items=items), near=(needed - items) * REACHED // needed)

    def _said(self, sets: Sets, cut: Cut) -> Message:
        discount = Money(amount_minor=cut.amount_minor, currency=self.currency)
        pieces = sum(count for _, count in sets.free)
        if self.share == ONE:
            return message("explain.free_item", pieces=pieces, discount=discount)
        base = Money(amount_minor=round_fraction(value_of(sets.free), Rounding.HALF_UP), currency=self.currency)
        return message("explain.percent", percent=percent_of(self.share), base=base, discount=discount)


def read(table: Table, scope: Scope) -> FreeItem:
    """Read a ``[[reward]]`` of this kind."""
    terms = read_terms(table, scope)
    refuse_tender(table, terms)
    counts = table.choice("counts", Counts, Counts.INSIDE)
    spend = table.scaled("buy_spend", scope.currency.scale, least=1) if table.has("buy_spend") else None
    reward = FreeItem(
        head=read_head(table, scope),
        terms=terms,
        buy=0 if spend is not None and not table.has("buy") else table.integer("buy", most=_MOST_PIECES),
        buy_spend_minor=spend,
        get=table.integer("get", 1, least=1, most=_MOST_PIECES),
        counts=counts,
        get_goods=_get_goods(table, counts),
        get_items=table.texts("get_items", ()) if counts is Counts.ON_TOP else (),
        mix=table.boolean("mix", default=True),
        share=read_percent(table, "100"),
        rounds=read_rounds(table),
        most_times=read_most_times(table, 1 if spend is not None else MAX_TIMES),
        worth_minor=table.scaled("value", scope.currency.scale) if table.has("value") else None,
        names=tuple(sorted(scope.items.items(), key=lambda pair: pair[0])),
        currency=scope.currency,
    )
    _check(table, reward)
    return reward


def _get_goods(table: Table, counts: Counts) -> Goods | None:
    items, categories, tags = (frozenset(table.texts(key, ())) for key in ("get_items", "get_categories", "get_tags"))
    if counts is Counts.INSIDE:
        return Goods(items=items, categories=categories, tags=tags) if items or categories or tags else None
    for key in ("get_categories", "get_tags"):
        if table.has(key):
            table.note(key, "goes with counts = inside; on top, get_items are handed out")
    return None


def _check(table: Table, reward: FreeItem) -> None:
    """Note what does not go together."""
    on_top = reward.counts is Counts.ON_TOP
    if reward.buy_spend_minor is not None and table.has("buy"):
        table.note("buy", "stands beside buy_spend; give one or the other")
    if reward.buy_spend_minor is not None and (on_top or reward.get_goods is not None):
        table.note("buy_spend", "goes with free pieces of the same goods, inside the basket")
    if on_top and reward.buy == 0:
        table.note("buy", "must be more than zero where the free pieces come on top")
    if on_top and reward.share != ONE:
        table.note("percent", "must be 100 where the free pieces come on top")
    if reward.get_goods is not None and not reward.mix:
        table.note("mix", "goes with free pieces of the same goods")
    if reward.worth_minor is not None and not on_top:
        table.note("value", "goes with counts = on_top; pieces in the basket have their price")


def _items(found: Sequence[Stack]) -> list[str]:
    """Give the items, that of the dearest piece first."""
    dearest = sorted(found, key=lambda one: (-one.price, one.line.item, one.line.line))
    return list(dict.fromkeys(one.line.item for one in dearest))


def _by_item(picked: Picked) -> Iterator[tuple[str, Picked]]:
    for item in sorted({one.line.item for one, _ in picked}):
        yield item, tuple(pair for pair in picked if pair[0].line.item == item)
