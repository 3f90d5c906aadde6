from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hq.history.matching import Entry, Match, Unmatched, match
from hq.history.reasons import ParkReason

Outcome = tuple[int, int, int] | tuple[int, int, ParkReason]


def _bought(row: int, quantity_milli: int, item: str = "A") -> Entry:
    return Entry(customer="K", item=item, row=row, receipt=row, cancelled=False, quantity_milli=quantity_milli)


def _cancelled(row: int, quantity_milli: int, item: str = "A") -> Entry:
    return Entry(customer="K", item=item, row=row, receipt=row, cancelled=True, quantity_milli=quantity_milli)


def _match(*entries: Entry) -> list[Outcome]:
    """(cancelled row, purchase row, quantity) of matches and (cancelled row, quantity, reason) of rests."""
    return [
        (found.cancelled.row, found.purchase.row, found.quantity_milli)
        if isinstance(found, Match)
        else (found.cancelled.row, found.quantity_milli, found.reason)
        for found in match(entries)
    ]


def test_a_cancellation_takes_the_newest_purchase_first() -> None:
    assert _match(_bought(1, 5), _bought(2, 5), _cancelled(3, 5)) == [(3, 2, 5)]


def test_a_cancellation_reaches_across_sales_when_one_is_not_enough() -> None:
    assert _match(_bought(1, 5), _bought(2, 3), _cancelled(3, 6)) == [(3, 2, 3), (3, 1, 3)]


def test_what_one_cancellation_took_the_next_one_cannot() -> None:
    assert _match(_bought(1, 5), _cancelled(2, 2), _bought(3, 1), _cancelled(4, 3)) == [(2, 1, 2), (4, 3, 1), (4, 1, 2)]


def test_a_cancellation_before_any_purchase_matches_nothing() -> None:
    assert _match(_cancelled(1, 2), _bought(2, 5)) == [(1, 2, ParkReason.NO_EARLIER_PURCHASE)]


def test_the_rest_beyond_what_was_bought_matches_nothing() -> None:
    assert _match(_bought(1, 2), _cancelled(2, 5)) == [(2, 1, 2), (2, 3, ParkReason.MORE_THAN_PURCHASED)]


def test_a_purchase_given_back_before_counts_as_bought() -> None:
    assert _match(_bought(1, 2), _cancelled(2, 2), _cancelled(3, 1)) == [
        (2, 1, 2),
        (3, 1, ParkReason.MORE_THAN_PURCHASED),
    ]


def test_another_item_is_another_matter() -> None:
    assert _match(_bought(1, 2, "A"), _cancelled(2, 1, "B")) == [(2, 1, ParkReason.NO_EARLIER_PURCHASE)]


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 9)), max_size=40))
def test_nothing_is_given_back_twice_and_nothing_cancelled_is_lost(moves: list[tuple[bool, int]]) -> None:
    entries = [_cancelled(row, n) if cancelled else _bought(row, n) for row, (cancelled, n) in enumerate(moves)]
    taken: Counter[int] = Counter()
    settled: Counter[int] = Counter()
    for found in match(entries):
        settled[found.cancelled.row] += found.quantity_milli
        if isinstance(found, Match):
            assert found.purchase.row < found.cancelled.row
            taken[found.purchase.row] += found.quantity_milli
        else:
            assert isinstance(found, Unmatched)
            before = [entry for entry in entries[: found.cancelled.row] if not entry.cancelled]
            assert (found.reason is ParkReason.MORE_THAN_PURCHASED) == bool(before)
            assert all(taken[entry.row] == entry.quantity_milli for entry in before)
    assert settled == Counter({entry.row: entry.quantity_milli for entry in entries if entry.cancelled})
    assert all(taken[entry.row] <= entry.quantity_milli for entry in entries if not entry.cancelled)
