"""Entries leave the till once HQ has them in a backup and they are old; what anything still needs stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.book import epochs, journal, print_jobs
from agent.book.book import Book
from agent.book.journal import Draft, append
from agent.book.print_jobs import JobState
from agent.book.retention import prune
from agent.book.sync_state import BookJournal
from loyalty.journal.chain import next_head
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import EntryKind
from sync.protocol.epochs import Common
from sync.protocol.values import Acknowledged
from tests.agent.book.test_sync_state import PUBLIC, Key

FIRST = datetime(2026, 3, 2, 7, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book(tmp_path, PUBLIC, b"12345678") as one:
        yield one


def sell(book: Book, *, receipt: bool = True) -> int:
    """A sale, each a day after the one before it."""
    number = book.head.sequence + 1
    detail = EntryDetail(
        salt=bytes(16),
        local_time=(FIRST + timedelta(days=number)).isoformat(),
        business_date="2026-03-02",
        store="S1",
        currency="KZT",
        currency_scale=2,
        receipt_number=book.head.receipts + 1 if receipt else None,
    )
    entry = Draft(entry_id=number.to_bytes(16, "big"), kind=EntryKind.SALE, detail=detail, answer_key=f"k{number}")
    with book.write() as writing:
        append(writing, entry)
        writing.connection.exec_driver_sql("INSERT INTO idempotency VALUES (?, x'00', x'00')", (f"k{number}",))
    return number


def filled(book: Book, entries: int, durable: int) -> None:
    for _ in range(entries):
        sell(book)
    BookJournal(book, Key()).acknowledged(Acknowledged(acked=entries, durable=durable), "e1")


def kept(book: Book, sql: str = "SELECT sequence FROM journal") -> list[object]:
    with book.read() as connection:
        return sorted(connection.exec_driver_sql(sql).scalars())


def test_only_what_is_durable_and_old_goes_and_its_answers_with_it(book: Book) -> None:
    filled(book, 10, durable=6)
    assert prune(book, FIRST + timedelta(days=5)) == 4
    assert kept(book) == [5, 6, 7, 8, 9, 10]
    assert kept(book, "SELECT key FROM idempotency") == ["k10", "k5", "k6", "k7", "k8", "k9"]
    assert prune(book, FIRST + timedelta(days=5)) == 0
    assert prune(book, LATER) == 2
    assert kept(book) == [7, 8, 9, 10]


def test_nothing_goes_while_nothing_is_durable_however_old(book: Book) -> None:
    filled(book, 5, durable=0)
    assert prune(book, LATER) == 0
    assert len(kept(book)) == 5


def test_slices_go_from_the_oldest_on(book: Book) -> None:
    filled(book, 10, durable=10)
    assert [prune(book, LATER, most=4) for _ in range(4)] == [4, 4, 1, 0]
    assert kept(book) == [10]


def test_the_last_entry_and_the_last_receipt_stay(book: Book) -> None:
    filled(book, 4, durable=4)
    for _ in range(3):
        sell(book, receipt=False)
    BookJournal(book, Key()).acknowledged(Acknowledged(acked=7, durable=7), "e1")
    prune(book, LATER)
    assert kept(book) == [4, 5, 6, 7]


def test_pending_postings_and_open_print_jobs_keep_their_entry_and_those_behind_it(book: Book) -> None:
    filled(book, 9, durable=9)
    with book.write() as writing:
        for sequence in (2, 5):
            print_jobs.queue(writing.connection, sequence, FIRST)
        print_jobs.set_state(writing.connection, 1, JobState.CONFIRMED)
        writing.connection.exec_driver_sql(
            "INSERT INTO pending (sequence, account, unit, amount) VALUES (8, x'00', 'p', 1)"
        )
    prune(book, LATER)
    assert kept(book) == [5, 6, 7, 8, 9]
    assert kept(book, "SELECT sequence FROM print_job") == [5]
    with book.write() as writing:
        print_jobs.set_state(writing.connection, 2, JobState.UNKNOWN)
    prune(book, LATER)
    assert kept(book) == [8, 9]


def test_what_came_back_of_a_sale_goes_with_it(book: Book) -> None:
    filled(book, 6, durable=6)
    with book.write() as writing:
        for sale in (2, 6):
            writing.connection.exec_driver_sql("INSERT INTO returned VALUES (?, 1, 1000)", (sale,))
            writing.connection.exec_driver_sql("INSERT INTO voided VALUES (?, 6)", (sale,))
    prune(book, LATER)
    assert (kept(book), kept(book, "SELECT sale FROM returned"), kept(book, "SELECT sale FROM voided")) == (
        [6],
        [6],
        [6],
    )


def test_the_chain_goes_on_from_what_went_and_after_another_start(book: Book, tmp_path: Path) -> None:
    filled(book, 6, durable=3)
    source = BookJournal(book, Key())
    heads = [source.hash_at(sequence) for sequence in range(7)]
    prune(book, LATER)
    assert [source.hash_at(sequence) for sequence in range(7)] == [heads[0], None, None, *heads[3:]]
    assert len(source.entries(4, 9, 10**6)) == 3
    before = book.head
    book.close()
    with Book(tmp_path, PUBLIC, b"12345678") as again:
        assert again.head == before
        sell(again)
        with again.read() as connection:
            last = journal.by_sequence(connection, 7)
        assert last is not None
        assert last.hash == again.head.hash == next_head(before.hash, last.core)


def test_an_epoch_may_begin_behind_what_went_but_not_within_it(book: Book) -> None:
    filled(book, 6, durable=3)
    prune(book, LATER)
    source = BookJournal(book, Key())
    assert [(one.epoch, one.base, one.last, one.kept) for one in source.epochs()] == [(1, 0, 6, 3)]
    with pytest.raises(ValueError, match="begins in the journal"):
        source.open_epoch(2, Common(epoch=1, sequence=2, base=2))
    source.open_epoch(2, Common(epoch=1, sequence=3, base=3))
    assert [(one.epoch, one.base, one.last, one.kept) for one in source.epochs()] == [(1, 0, 3, 3), (2, 3, 3, 0)]
    BookJournal(book, Key()).acknowledged(Acknowledged(acked=3, durable=2), "e1")
    prune(book, LATER)
    assert [(one.epoch, one.base, one.last, one.kept) for one in source.epochs()] == [(2, 3, 3, 2)]
    with book.read() as connection:
        assert epochs.as_printed(connection, 6, b"")[0] == 6


def test_an_entry_whose_time_cannot_be_read_goes_with_the_old_ones(book: Book) -> None:
    filled(book, 3, durable=3)
    with book.write() as writing:
        writing.connection.exec_driver_sql("UPDATE journal SET detail = x'00' WHERE sequence = 1")
    assert prune(book, FIRST) == 1


def test_leases_that_ended_and_visits_and_what_was_given_beyond_rights_go_with_the_entries_of_their_time(
    book: Book,
) -> None:
    filled(book, 5, 5)
    old, new = (int((FIRST + timedelta(days=days)).timestamp()) for days in (2, 4))
    held = (("g", "gone", old), ("h", "gone", old), ("n", "gone", new), ("o", "open", old))
    with book.write() as writing:
        insert = writing.connection.exec_driver_sql
        for letter, state, expires_at in held:
            own = letter.encode() * 16
            insert("INSERT INTO lease VALUES (?, ?, 1, x'00', 'points', ?, ?, x'00')", (own, own, expires_at, state))
            insert("INSERT INTO lease_slice VALUES (?, 0, NULL, NULL, NULL, 5, 0)", (own,))
        insert("INSERT INTO hold (hold_id, request_digest, expires_at, view) VALUES (x'01', x'00', 9, '{}')")
        insert(
            "INSERT INTO held (hold_id, place, account, unit, lot_id, lease_id, amount, own)"
            " VALUES (x'01', 0, x'00', 'points', NULL, ?, 1, 0)",
            (b"h" * 16,),
        )
        for day in ("2026-03-04", "2026-03-05"):
            insert("INSERT INTO visitor (member, visited_on) VALUES (?, ?)", (day.encode(), day))
        for sequence in (2, 4):
            insert("INSERT INTO floor_use VALUES (?, x'00', '2026-03-02', 5)", (sequence,))
    assert prune(book, FIRST + timedelta(days=3)) == 2
    assert kept(book, "SELECT lease_id FROM lease") == [letter * 16 for letter in (b"h", b"n", b"o")]
    assert kept(book, "SELECT lease_id FROM lease_slice") == [letter * 16 for letter in (b"h", b"n", b"o")]
    assert kept(book, "SELECT visited_on FROM visitor") == ["2026-03-05"]
    assert kept(book, "SELECT sequence FROM floor_use") == [4]
