"""Settling: once, with who and why; what has units to post is settled by posting it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hq.attention.parking import ExceptionReason, ItemState, raise_exception
from hq.reviewing.values import MAX_NOTE, Pile, Settled
from loyalty.refusals import Refusal
from tests.hq.houses import START, House
from tests.hq.reviewing.test_looking import listed, refused, till_with_trouble


def settle(house: House, pile: Pile, which: str, note: str = "the disk was replaced") -> Settled:
    found = house.hq.reviewing.settle(pile, which, note=note, by="asel")
    assert isinstance(found, Settled)
    return found


def test_an_exception_is_settled_once_and_the_first_note_stays(any_house: House) -> None:
    till = any_house.till()
    with any_house.hq.book.write() as connection:
        for sequence in (3, 4):
            raise_exception(connection, ExceptionReason.FORK, place=(till.id, 1, sequence), at_ms=5)
    any_house.clock.pass_time(minutes=3)
    first = settle(any_house, Pile.EXCEPTIONS, "Till 1/1/3/fork")
    again = settle(any_house, Pile.EXCEPTIONS, "Till 1/1/3/fork", note="another")
    assert (first.known, again.known, again.item) == (False, True, first.item)
    assert (first.item.state, first.item.settled_by, first.item.settled_note, first.item.settled_at) == (
        ItemState.SETTLED,
        "asel",
        "the disk was replaced",
        START + timedelta(minutes=3),
    )
    assert [one.place[2] for one in listed(any_house, Pile.EXCEPTIONS).rows] == [4]
    assert any_house.hq.totals().exceptions == 1
    with any_house.hq.book.write() as connection:
        raise_exception(connection, ExceptionReason.FORK, place=(till.id, 1, 3), at_ms=9)
    assert any_house.hq.totals().exceptions == 1, "the same thing found again is no news"


def test_of_parked_entries_only_a_return_without_a_sale_is_settled_by_hand(any_house: House) -> None:
    till = till_with_trouble(any_house)
    for sequence in (1, 2, 3):
        found = any_house.hq.reviewing.settle(Pile.PARKED, f"Till 1/1/{sequence}", note="done", by="asel")
        assert "settled by posting it" in refused(found)
    settle(any_house, Pile.PARKED, "Till 1/1/4")
    page = any_house.hq.feed.page(terminal=till.id, epoch=1, after=0)
    assert (page.parked, any_house.hq.totals().parked) == ((1, 2, 3), 3)


@pytest.mark.parametrize("note", ["", "  ", "x" * (MAX_NOTE + 1), "\0", "\ud800"])
def test_a_note_that_says_nothing_or_cannot_be_stored_is_refused(house: House, note: str) -> None:
    till_with_trouble(house)
    assert isinstance(house.hq.reviewing.settle(Pile.PARKED, "Till 1/1/4", note=note, by="asel"), Refusal)
    assert house.hq.totals().parked == 4
