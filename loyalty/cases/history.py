"""What members bought while a case runs: the figures by which segments are counted."""

from datetime import date

from loyalty.cases.world import Done, World
from loyalty.due.segmenting import Figures, segments_of
from loyalty.holding.periods import Period
from loyalty.numbers.rates import Rounding, divide


def count_segments(world: World, member: str) -> tuple[str, ...]:
    """Give the segments that a member is in today."""
    today, person = world.clock.date(), world.persons[member]
    windows = {segment.window for segment in world.programme.segments}
    figures = {window: _figures(world, member, window, today) for window in windows}
    return segments_of(world.programme.segments, figures, person.segments, today)


def _figures(world: World, member: str, window: Period | None, today: date) -> Figures:
    since = window.before(today) if window is not None else date.min
    sales = [
        (name, on, done)
        for name, on, done in world.sales
        if done.member == member and since < on and name not in world.voided and done.basket is not None
    ]
    by_category: dict[str, int] = {}
    for name, _, done in sales:
        for category, amount in _kept(world, name, done):
            by_category[category] = by_category.get(category, 0) + amount
    person = world.persons[member]
    return Figures(
        spend_minor=sum(by_category.values()),
        visits=len(sales),
        spend_by_category={category: amount for category, amount in by_category.items() if category},
        last_visit_on=person.last_visit_on,
        joined_on=person.joined_on,
    )


def _kept(world: World, name: str, done: Done) -> list[tuple[str, int]]:
    """Give (category, minor units) of what was charged for the goods that were kept: what came back is rounded down."""
    assert done.basket is not None
    assert done.quote is not None
    goods = {line.line: line for line in done.basket.lines}
    returned = world.returned.get(name, {})
    kept = []
    for total in done.quote.lines:
        line = goods[total.line]
        back = divide(total.amount_minor * returned.get(line.line, 0), line.quantity_milli, Rounding.FLOOR)
        kept.append((line.category or "", total.amount_minor - back))
    return kept
