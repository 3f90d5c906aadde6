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
from sync.protocol.epochs import Common
from sync.protocol.values import Acknowledged, FeedBalance, FeedPage

PUBLIC, ACCOUNT = bytes(range(32)), b"A" * 16
NOON = datetime(2026, 3, 2, 7, tzinfo=UTC)


class Key:
    """An identity that signs nothing anybody looks at."""

    public_key = PUBLIC

    def sign(self, data: bytes) -> bytes:
        return bytes(64)


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
    journal = BookJournal(book, Key())
    for points in range(1, 7):
        sell(book, points)
    journal.acknowledged(Acknowledged(acked=5, durable=4), "e1")
    assert noted(book) == (5, 4, "e1")
    journal.held(Acknowledged(acked=6, durable=5), "e1")
    assert noted(book) == (6, 5, "e1")
    journal.held(Acknowledged(acked=3, durable=2), "e2")
    assert noted(book) == (3, 2, "e2")
    journal.held(Acknowledged(acked=9, durable=9), "e2")
    assert noted(book) == (6, 6, "e2")


def test_in_a_new_epoch_the_marks_are_positions_and_what_was_durable_stays_so(book: Book) -> None:
    journal = BookJournal(book, Key())
    for points in range(1, 7):
        sell(book, points)
    journal.acknowledged(Acknowledged(acked=6, durable=3), "e1")
    journal.open_epoch(2, Common(epoch=1, sequence=4, base=4))
    assert noted(book) == (4, 3, "e1")
    assert (journal.head().epoch, journal.head().sequence) == (2, 2)
    journal.acknowledged(Acknowledged(acked=1, durable=0), "e1")
    assert noted(book) == (5, 3, "e1")
    journal.acknowledged(Acknowledged(acked=2, durable=1), "e1")
    assert noted(book) == (6, 5, "e1")


def test_epochs_in_which_nothing_was_written_are_forgotten_and_asked_nothing_about(book: Book) -> None:
    journal = BookJournal(book, Key())
    for points in (1, 20, 300):
        sell(book, points)
    for epoch in range(2, 40):
        journal.open_epoch(epoch, Common(epoch=1, sequence=3, base=3))
    sell(book, 4)
    for epoch in range(40, 80):
        journal.open_epoch(epoch, Common(epoch=39, sequence=1, base=4))
    journal.open_epoch(80, Common(epoch=39, sequence=0, base=3))
    with book.read() as connection:
        begun = connection.exec_driver_sql("SELECT epoch, base FROM epoch").fetchall()
    assert [tuple(row) for row in begun] == [(1, 0), (39, 3), (80, 3)]
    assert [(one.epoch, one.base, one.last) for one in journal.epochs()] == [(1, 0, 3), (80, 3, 1)]


def test_all_that_stands_in_the_journal_counts_as_sent_before_a_request_leaves(book: Book) -> None:
    journal = BookJournal(book, Key())
    for points in (1, 20, 300):
        sell(book, points)
    assert journal.about_to_send(2) == 3
    with book.read() as connection:
        assert state(connection).sent_through == 3
    sell(book, 4)
    assert journal.about_to_send(3) == 4
    with pytest.raises(ValueError, match="stands in the journal"):
        journal.about_to_send(5)
