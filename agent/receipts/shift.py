"""What a till did in a shift, added up from its journal.

Everything follows from the entries as written; sales for practice are counted and are in no sum. What was refused is what
receipts name: coupons, codes and cards that were shown with a sale and could not be used.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from agent.book import journal, shifts
from agent.book.journal import Stored
from agent.receipts.cleaning import one_line
from agent.receipts.goods import charged_minor, worth_of_return
from agent.receipts.source import Read, Source
from agent.receipts.values import Refused, Shift
from agent.till.context import Context
from loyalty.explain import Units
from loyalty.holding.units import is_coupon, is_hidden
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import EntryKind
from loyalty.programme.model import Programme
from loyalty.rules.redemption import Settle

_LATE = timedelta(days=3)
"""How long after its business date an entry may have been written."""
_PAST_IN_A_ROW = 500
"""So many entries that are too old, one behind the other, end the search; fewer may come of a clock that was wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which entries a report is of.

    Attributes:
        day: The business date.
        name: The host's name of the shift, or empty for the whole day.
    """

    day: date
    name: str = ""

    def takes(self, detail: EntryDetail) -> bool:
        """Tell whether an entry belongs to it."""
        return detail.business_date == self.day.isoformat() and self.name in {"", detail.shift}

    def is_past(self, detail: EntryDetail) -> bool:
        """Tell whether an entry is too old, and so all before it, if the clock was right."""
        return self.day - datetime.fromisoformat(detail.local_time).date() > _LATE


def report(context: Context, asked: Asked) -> Shift:
    """Add up what the till did."""
    programme = context.shelf.at(context.clock())
    with context.book.read() as connection:
        found = list(_entries(shifts.newest_first(connection), asked))[::-1]
        read = [_source(context, connection, entry, programme) for entry in found]
    return _report(context, asked, read, programme)


def _entries(newest: Iterable[Stored], asked: Asked) -> Iterator[Read]:
    past = 0
    for stored in newest:
        if stored.kind == EntryKind.EVIDENCE:
            continue
        entry = Read.of(stored)
        past = past + 1 if asked.is_past(entry.detail) else 0
        if past > _PAST_IN_A_ROW:
            return
        if asked.takes(entry.detail):
            yield entry


def _source(context: Context, connection: Connection, entry: Read, programme: Programme) -> Source:
    original = journal.by_id(connection, entry.undoes) if entry.undoes is not None else None
    return Source.of(entry, programme, context.config.store, context.config.name, original=original)


def _report(context: Context, asked: Asked, read: list[Source], programme: Programme) -> Shift:
    real = [one for one in read if not one.detail.training]
    sales = [one for one in real if one.core.kind == EntryKind.SALE]
    undone = [one for one in real if one.core.kind in {EntryKind.VOID, EntryKind.RETURN}]
    redemptions = [used for sale in sales for used in sale.detail.redemptions]
    operators = {one_line(one.detail.operator) for one in real if one.detail.operator}
    return Shift(
        shop=context.config.store.name,
        till=context.config.name,
        at=context.clock().astimezone(context.config.store.zone),
        currency=programme.currency,
        name=one_line(asked.name),
        cashier=operators.pop() if len(operators) == 1 else "",
        begins=read[0].at if read else None,
        ends=read[-1].at if read else None,
        first=read[0].sequence if read else 0,
        last=read[-1].sequence if read else 0,
        sales=len(sales),
        member_sales=sum(sale.detail.member is not None for sale in sales),
        returns=sum(one.core.kind == EntryKind.RETURN for one in undone),
        voids=sum(one.core.kind == EntryKind.VOID for one in undone),
        training=sum(one.detail.training and one.core.kind == EntryKind.SALE for one in read),
        enrolled=sum(one.core.kind == EntryKind.ENROL for one in real),
        turnover_minor=sum(map(charged_minor, sales)) - sum(map(worth_of_return, undone)),
        discounts_minor=sum(one.amount_minor for one in redemptions if one.settle == Settle.LINE_DISCOUNT.value),
        earned=_sums(programme, ((one.unit, one.amount) for done in real for one in done.detail.awards)),
        spent=_sums(programme, ((one.unit, one.units) for one in redemptions if one.unit is not None)),
        loaded=_sums(programme, ((one.unit, one.units) for sale in sales for one in sale.detail.sold_cards)),
        reversed=_sums(programme, ((one.unit, one.amount) for back in undone for one in back.detail.reversals)),
        given_back=_sums(programme, ((one.unit, one.units) for back in undone for one in back.detail.restored)),
        coupons_issued=sum(len(one.detail.issued) for one in real),
        coupons_used=sum(one.unit is not None and is_coupon(one.unit) for one in redemptions),
        refused=_refused(sales),
        code=read[-1].code if read else "",
    )


def _sums(programme: Programme, amounts: Iterable[tuple[str, int]]) -> tuple[Units, ...]:
    sums: Counter[str] = Counter()
    for unit_id, amount in amounts:
        if not is_hidden(unit_id):
            sums[unit_id] += amount
    known = ((programme.unit(unit_id), amount) for unit_id, amount in sorted(sums.items()) if amount)
    return tuple(unit.amount(amount) for unit, amount in known if unit is not None)


def _refused(sales: Iterable[Source]) -> tuple[Refused, ...]:
    asked = (sale.detail.asked for sale in sales)
    times = Counter(code for one in asked if one is not None for _, code in one.refused)
    return tuple(
        Refused(code=code, times=count) for code, count in sorted(times.items(), key=lambda one: (-one[1], one[0]))
    )
