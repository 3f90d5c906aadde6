"""Who is in which segment, from what a member did in the segment's window."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from loyalty.holding.periods import Period
from loyalty.journal.detail import DetailLine
from loyalty.numbers.rates import Rounding, divide
from loyalty.parts.segments import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a member did in a window.

    Attributes:
        spend_minor: What was charged for goods, returns taken off.
        visits: Sales that were not undone.
        spend_by_category: Category to the same money.
        last_visit_on: The last visit ever, or None.
        joined_on: Or None where it is not known.
    """

    spend_minor: int = 0
    visits: int = 0
    spend_by_category: Mapping[str, int] = field(default_factory=dict)
    last_visit_on: date | None = None
    joined_on: date | None = None

    @property
    def favourite(self) -> str | None:
        """The category with the most money, of equal ones the first by id; None where nothing was spent."""
        spent = [(amount, category) for category, amount in self.spend_by_category.items() if amount > 0]
        return min(spent, key=lambda one: (-one[0], one[1]))[1] if spent else None


def came_back(lines: Iterable[DetailLine], returned: Iterable[tuple[int, int]]) -> dict[str | None, int]:
    """Give by category what was charged for (line, thousandths) of a sale that came back, rounded down line by line."""
    sold = {line.line: line for line in lines}
    amounts: dict[str | None, int] = {}
    for number, milli in returned:
        line = sold.get(number)
        if line is not None:
            part = divide(line.paid_minor * milli, line.quantity_milli, Rounding.FLOOR)
            amounts[line.category] = amounts.get(line.category, 0) + part
    return amounts


def is_in(segment: Segment, figures: Figures, today: date) -> bool:
    """Tell whether a member is in a segment: every bound that it names holds. An external one is nobody's to count."""
    if segment.external:
        return False
    return (
        _within(figures.spend_minor, segment.least_spend_minor, segment.most_spend_minor)
        and _within(figures.visits, segment.least_visits, segment.most_visits)
        and _away(segment.absent_days, figures.last_visit_on, today)
        and _joined(segment.joined_within_days, figures.joined_on, today)
        and (segment.favourite_category is None or figures.favourite == segment.favourite_category)
    )


def segments_of(
    segments: Iterable[Segment], figures: Mapping[Period | None, Figures], kept: Iterable[str], today: date
) -> tuple[str, ...]:
    """Give the segments that a member is in, sorted.

    Args:
        segments: The programme's.
        figures: By window; None is the window without a beginning.
        kept: Those that the member is in now; external ones stay.
        today: The store's date.
    """
    known = list(segments)
    external = {segment.id for segment in known if segment.external}
    counted = {segment.id for segment in known if is_in(segment, figures.get(segment.window, Figures()), today)}
    return tuple(sorted(counted | (external & set(kept))))


def _within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _away(days: int | None, last_on: date | None, today: date) -> bool:
    return days is None or (last_on is not None and (today - last_on).days >= days)


def _joined(days: int | None, joined_on: date | None, today: date) -> bool:
    return days is None or (joined_on is not None and (today - joined_on).days < days)
