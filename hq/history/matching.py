"""Which earlier purchases a cancellation gives back.

A cancellation names no sale. Each cancelled line consumes the same customer's earlier purchases of that item, newest
first, across sales, partly where that is enough; earlier is by (instant, row). Pure: the caller brings the entries of
each customer and item together and in that order, so that nothing but one customer's open purchases of one item is
held at a time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from hq.history.reasons import ParkReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One purchase or cancelled line, as far as matching goes.

    Attributes:
        row: Its physical line, which names it.
        receipt: The receipt it stands on, any number.
        quantity_milli: Thousandths, > 0.
    """

    customer: str
    item: str
    row: int
    receipt: int
    cancelled: bool
    quantity_milli: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A cancelled line gives back ``quantity_milli`` of a purchase."""

    cancelled: Entry
    purchase: Entry
    quantity_milli: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """``quantity_milli`` of a cancelled line gives back nothing."""

    cancelled: Entry
    quantity_milli: int
    reason: ParkReason


def match(entries: Iterable[Entry]) -> Iterator[Match | Unmatched]:
    """Match cancelled lines to purchases.

    Args:
        entries: Grouped by (customer, item), and within a group in the order of (instant, row).

    Returns:
        For each cancelled line its matches, newest purchase first, then its rest if there is one; the quantities sum
        exactly to the line's, and over all lines no purchase gives back more than was bought.
    """
    for _, group in groupby(entries, key=lambda entry: (entry.customer, entry.item)):
        yield from _match_one_item(group)


def _match_one_item(entries: Iterable[Entry]) -> Iterator[Match | Unmatched]:
    open_purchases: list[tuple[Entry, int]] = []
    bought_before = False
    for entry in entries:
        if not entry.cancelled:
            open_purchases.append((entry, entry.quantity_milli))
            bought_before = True
            continue
        rest = entry.quantity_milli
        while rest and open_purchases:
            purchase, left = open_purchases.pop()
            taken = min(rest, left)
            yield Match(cancelled=entry, purchase=purchase, quantity_milli=taken)
            rest -= taken
            if left > taken:
                open_purchases.append((purchase, left - taken))
        if rest:
            reason = ParkReason.MORE_THAN_PURCHASED if bought_before else ParkReason.NO_EARLIER_PURCHASE
            yield Unmatched(cancelled=entry, quantity_milli=rest, reason=reason)
