"""A gift: one of some items is handed out besides the basket, at a threshold, for units, or both; from stock or not."""

from dataclasses import dataclass

from loyalty.explain import Names, message
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.reading import read_head
from loyalty.rules.redemption import Gift
from loyalty.rules.rewards.often import how_often, offer_of, read_most_times, times_left
from loyalty.rules.rewards.terms import read_terms, refuse_tender
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Draw, Head, Offer, Request, Terms
from loyalty.rules.when import Unmet

KIND = "gift"
_MAX_ITEMS = 50
_ORDER = 10
"""Before everything that takes money off: a gift takes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftReward:
    """``quantity_milli`` of one of ``items``.

    Attributes:
        items: (item code, its names) to choose from, in the programme's order.
        stock: Only what the store has of it is given.
        value_minor: What one gift is worth, for budgets and reports.
        most_times: Most gifts in one sale.
    """

    head: Head
    terms: Terms
    items: tuple[tuple[str, Names | str], ...]
    quantity_milli: int
    stock: bool
    value_minor: int
    most_times: int
    currency: Currency
    order: int = _ORDER

    def draw(self, request: Request, situation: Situation) -> Draw | Refusal | Unmet:
        """Hand out what was chosen, or the first item that there is."""
        most = times_left(self.most_times, self.head, situation)
        if isinstance(most, Refusal):
            return most
        times = how_often(request, self.terms, most if self.terms.cost else 1)
        if isinstance(times, Refusal):
            return times
        chosen = self._chosen(request.choice, times, situation)
        if isinstance(chosen, (Refusal, Unmet)):
            return chosen
        item, name = chosen
        gift = Gift(item=item, quantity_milli=self.quantity_milli * times, pool=self._pool(item, situation.moment))
        said = [message("explain.gift", item=name)]
        if self.head.names is not None:
            said.append(message("explain.named_reward", reward=self.head.names))
        if self.terms.cost and self.terms.unit is not None and self.terms.coupon is None:
            said.append(message("explain.units_used", units=self.terms.unit.amount(self.terms.cost * times)))
        return Draw(
            units=self.terms.cost * times,
            times=times,
            gifts=(gift,),
            worth_minor=self.value_minor * times,
            because=tuple(said),
        )

    def offer(self, request: Request, situation: Situation) -> Offer:
        """Say which items there are to choose from, or what is missing."""
        choices = tuple(item for item, _ in self.items if self._has(item, 1, situation))
        drawn = self.draw(request, situation)
        return offer_of(self.head, self.terms, request, drawn, self.currency, choices)

    def stocks(self, moment: Moment) -> frozenset[str]:
        """Name the pools of the items that this store hands out."""
        return frozenset(pool for item, _ in self.items if (pool := self._pool(item, moment)) is not None)

    def _chosen(
        self, choice: str | None, times: int, situation: Situation
    ) -> tuple[str, Names | str] | Refusal | Unmet:
        if choice is not None:
            found = [one for one in self.items if one[0] == choice]
            if not found:
                return Refusal(code=RefusalCode.CHOICE_UNKNOWN, field="redeem.choice", detail="no gift of this reward")
            if not self._has(choice, times, situation):
                return Refusal(code=RefusalCode.STOCK_EMPTY, field="redeem.choice")
            return found[0]
        there = [one for one in self.items if self._has(one[0], times, situation)]
        nothing = Unmet(message=message("explain.missing_stock"), code=RefusalCode.STOCK_EMPTY)
        return there[0] if there else nothing

    def _has(self, item: str, times: int, situation: Situation) -> bool:
        pool = self._pool(item, situation.moment)
        return pool is None or situation.pool(pool).balance(self._unit) >= self.quantity_milli * times

    def _pool(self, item: str, moment: Moment) -> str | None:
        return stock_pool(self.head.id, item, moment.store) if self.stock else None

    @property
    def _unit(self) -> str:
        return stock_unit(self.head.id)


def stock_unit(reward: str) -> str:
    """Name the hidden unit that counts what there is of a reward's gifts, in thousandths of a piece."""
    return f"stock.{reward}"


def stock_pool(reward: str, item: str, store: str) -> str:
    """Name the pool of what a store has of one gift."""
    return f"{stock_unit(reward)}/{item}/{store}"


def read(table: Table, scope: Scope) -> GiftReward:
    """Read a ``[[reward]]`` of this kind."""
    items = table.texts("items", most=_MAX_ITEMS)
    if table.has("items") and not items:
        table.note("items", "names nothing to hand out", ProblemCode.MISSING)
    if len(set(items)) != len(items):
        table.note("items", "names an item twice", ProblemCode.REPEATED)
    terms = read_terms(table, scope, chosen=len(items) > 1)
    refuse_tender(table, terms)
    return GiftReward(
        head=read_head(table, scope),
        terms=terms,
        items=tuple((item, scope.items.get(item, item)) for item in items),
        quantity_milli=table.scaled("quantity", 3, "1", least=1),
        stock=table.boolean("stock", default=False),
        value_minor=table.scaled("value", scope.currency.scale, "0"),
        most_times=read_most_times(table),
        currency=scope.currency,
    )
