"""An invitation: a seat at an event, while there are some."""

from dataclasses import dataclass
from datetime import datetime

from loyalty.explain import Names, message
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.parts.events import seats_pool
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.reading import read_head
from loyalty.rules.rewards.often import how_often, offer_of, read_most_times
from loyalty.rules.rewards.terms import read_terms, refuse_tender
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Draw, Head, Offer, Request, Terms, Trigger
from loyalty.rules.when import Unmet

KIND = "invitation"
_ORDER = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Seats at ``event``.

    Attributes:
        names: The event's.
        seats: How many there are in all.
        begins: When the event begins, by the store's clock (naive): then nobody is invited any more; or None.
        stores: Where it may be had; empty for everywhere.
        value_minor: What a seat is worth, for budgets.
        most_times: Most seats in one sale.
    """

    head: Head
    terms: Terms
    event: str
    names: Names
    seats: int
    begins: datetime | None
    stores: frozenset[str]
    value_minor: int
    most_times: int
    currency: Currency
    order: int = _ORDER

    def draw(self, request: Request, situation: Situation) -> Draw | Refusal | Unmet:
        """Give seats, as many as were asked for."""
        if self.stores and situation.moment.store not in self.stores:
            return Unmet(message=message("explain.missing_other_store"))
        if self.begins is not None and situation.at.replace(tzinfo=None) >= self.begins:
            return Unmet(message=message("explain.missing_over"))
        free = self.seats + situation.pool(self._pool).balance(self._pool)
        if free <= 0 and request.times is None:
            return Unmet(message=message("explain.missing_seats"))
        asked = how_often(request, self.terms, self.most_times)
        if isinstance(asked, Refusal):
            return asked
        times = asked if request.times is not None or request.units is not None else 1
        if times > free:
            return Refusal(code=RefusalCode.SEATS_TAKEN, field="redeem.times", detail=f"{free} are left")
        said = [message("explain.invitation", event=self.names)]
        if self.terms.cost and self.terms.unit is not None and self.terms.coupon is None:
            said.append(message("explain.units_used", units=self.terms.unit.amount(self.terms.cost * times)))
        return Draw(
            units=self.terms.cost * times,
            times=times,
            seats=((self.event, times),),
            worth_minor=self.value_minor * times,
            because=tuple(said),
        )

    def offer(self, request: Request, situation: Situation) -> Offer:
        """Say whether there is a seat, or what is missing."""
        return offer_of(self.head, self.terms, request, self.draw(request, situation), self.currency)

    def stocks(self, moment: Moment) -> frozenset[str]:  # noqa: ARG002  # seats are the same everywhere
        """It takes from no stock; the programme names the seats of all its events."""
        return frozenset()

    @property
    def _pool(self) -> str:
        return seats_pool(self.event)


def read(table: Table, scope: Scope) -> Invitation:
    """Read a ``[[reward]]`` of this kind."""
    event = scope.events.get(table.text("event"))
    if table.has("event") and event is None:
        table.note("event", "names no [[event]] of this programme", ProblemCode.UNKNOWN_REFERENCE)
    terms = read_terms(table, scope, chosen=True)
    refuse_tender(table, terms)
    if terms.trigger is Trigger.AUTO:
        table.note("trigger", "must not be auto: nobody is invited without asking")
    return Invitation(
        head=read_head(table, scope),
        terms=terms,
        event=event.id if event is not None else "",
        names=event.names if event is not None else Names(by_language=(("en", "?"),)),
        seats=event.seats if event is not None else 1,
        begins=event.at if event is not None else None,
        stores=frozenset(event.stores) if event is not None else frozenset(),
        value_minor=table.scaled("value", scope.currency.scale, "0"),
        most_times=read_most_times(table),
        currency=scope.currency,
    )
