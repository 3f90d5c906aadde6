"""How far HQ is: what the upload and the feed note in the book."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.book.book import Book
from agent.book.journal import Draft, append
from agent.book.members import outstanding
from agent.book.sync_state import BookFeed, BookJournal, state
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import EntryKind, Posting
from sync.protocol.values import Acknowledged, FeedBalance, FeedPage

PUBLIC, ACCOUNT = bytes(range(32)), b"A" * 16
NOON = datetime(2026, 3, 2, 7, tzinfo=UTC)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book(tmp_path, PUBLIC, b"12345678") as one:
        yield one


def sell(book: Book, points: int) -> None:
    detail = EntryDetail(
        salt=bytes(16),
        local_time="2026-03-02T12:00:00+05:00",
        business_date="2026-03-02",
        store="S1",
        currency="KZT",
        currency_scale=2,
    )
    posting = Posting(account=ACCOUNT, unit="points", amount=points)
    entry_id = (book.head.sequence + 1).to_bytes(16, "big")
    with book.write() as writing:
        append(writing, Draft(entry_id=entry_id, kind=EntryKind.SALE, detail=detail, postings=(posting,)))


def show(book: Book, balance: int, *, upto: int, applied: int, parked: tuple[int, ...] = ()) -> int:
    """Take one complete page; gives the balance that the till shows then."""
    feed = BookFeed(book, lambda: NOON)
    row = FeedBalance(account=ACCOUNT, unit="points", amount=balance)
    after = feed.cursor()[1]
    feed.stage(
        FeedPage(hq_epoch="e1", after=after, upto=upto, complete=True, applied=applied, rows=(row,), parked=parked)
    )
    with book.read() as connection:
        return outstanding(connection, "points")


def noted(book: Book) -> tuple[int, int, str | None]:
    with book.read() as connection:
        told = state(connection)
    return told.acked, told.durable, told.hq_epoch


def test_what_hq_parked_stays_pending_until_hq_has_posted_it(book: Book) -> None:
    for points in (1, 20, 300):
        sell(book, points)
    assert show(book, 1, upto=1, applied=2, parked=(2,)) == 321
    assert show(book, 301, upto=2, applied=3, parked=(2,)) == 321
    assert show(book, 321, upto=3, applied=3) == 321
    assert show(book, 5, upto=4, applied=3) == 5


def test_what_a_restored_hq_parks_is_pending_again_though_it_had_been_shown(book: Book) -> None:
    for points in (1, 20, 300):
        sell(book, points)
    assert show(book, 321, upto=9, applied=3) == 321
    BookFeed(book, lambda: NOON).restart("e1")
    assert show(book, 1, upto=4, applied=2, parked=(2,)) == 321
    assert show(book, 321, upto=5, applied=3) == 321


def test_an_hq_that_holds_less_than_before_vouches_for_no_more_than_that(book: Book) -> None:
    journal = BookJournal(book, PUBLIC)
    journal.acknowledged(Acknowledged(acked=5, durable=4), "e1")
    journal.held(6, "e1")
    assert noted(book) == (6, 4, "e1")
    journal.held(3, "e2")
    assert noted(book) == (3, 3, "e2")
    journal.held(5, "e2")
    assert noted(book) == (5, 3, "e2")
