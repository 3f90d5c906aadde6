"""Entries whose bytes changed on the disk: found before they are sent, sealed with what is left, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.book import journal, rot
from agent.book.book import Book
from agent.book.rot import Row, sound
from agent.book.sync_state import BookJournal
from loyalty.journal.chain import first_head, next_head
from loyalty.journal.codec import decode_core, decode_detail, detail_digest
from loyalty.journal.detail import DetailEvidence
from loyalty.journal.entry import EntryKind
from sync.protocol.epochs import Common
from tests.agent.book.test_sync_state import ACCOUNT, PUBLIC, Key, sell


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book(tmp_path, PUBLIC, b"12345678") as one:
        for points in (1, 20, 300, 4_000, 50_000):
            sell(one, points)
        yield one


def change(book: Book, column: str, *positions: int) -> None:
    """Change one byte where no other is looked at: a digit of the amount, or the hash."""
    with book.write() as writing:
        for position in positions:
            sql = f"SELECT {column} FROM journal WHERE sequence = ?"
            (data,) = writing.connection.exec_driver_sql(sql, (position,)).one()
            changed = bytearray(data)
            changed[40] ^= 1
            if column == "hash":
                changed[7] ^= 1
            sql = f"UPDATE journal SET {column} = ? WHERE sequence = ?"
            writing.connection.exec_driver_sql(sql, (bytes(changed), position))


def change_hash(book: Book, position: int) -> None:
    with book.write() as writing:
        writing.connection.exec_driver_sql("UPDATE journal SET hash = ? WHERE sequence = ?", (bytes(32), position))


def rows(book: Book) -> list[tuple[bytes, str, bytes, bytes, bytes]]:
    sql = "SELECT entry_id, kind, hash, core, detail FROM journal ORDER BY sequence"
    with book.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def chain_of(book: Book, epoch: int, base: int) -> None:
    """Check every hash behind a base."""
    head = first_head(PUBLIC, epoch)
    for _, _, stored, core, _ in rows(book)[base:]:
        head = next_head(head, core)
        assert stored == head
    assert book.head.hash == head


def test_entries_end_before_one_that_changed(book: Book) -> None:
    source = BookJournal(book, Key())
    assert len(source.entries(1, 10, 10**6)) == 5
    change(book, "core", 3)
    assert [len(source.entries(first, 10, 10**6)) for first in (1, 2, 3)] == [2, 1, 0]


@pytest.mark.parametrize("changed", [(3,), (3, 4), (3, 5), (5,), (1,), (1, 2, 3, 4, 5)])
def test_a_new_epoch_seals_what_changed_and_keeps_everything_else(book: Book, changed: tuple[int, ...]) -> None:
    whole = rows(book)
    change(book, "core", *changed)
    rotten = rows(book)
    base = changed[0] - 1
    BookJournal(book, Key()).open_epoch(2, Common(epoch=1, sequence=base, base=base))
    chain_of(book, 2, base)
    for position, (before, spoilt, now) in enumerate(zip(whole, rotten, rows(book), strict=True), start=1):
        if position not in changed:
            assert (now[0], now[1], now[3], now[4]) == (before[0], before[1], before[3], before[4])
            continue
        core, detail = decode_core(now[3]), decode_detail(now[4])
        assert (now[1], core.kind, core.postings, core.references) == ("evidence", EntryKind.EVIDENCE, (), ())
        assert (core.entry_id, core.detail_digest) == (now[0], detail_digest(now[4]))
        amount = (1, 20, 300, 4_000, 50_000)[position - 1]
        assert detail.evidence == DetailEvidence(
            hash=before[2], core=spoilt[3], detail=before[4], postings=((ACCOUNT, "points", amount),)
        )
        assert (detail.business_date, detail.store) == ("2026-03-02", "S1")


def test_a_hash_that_changed_alone_is_put_right(book: Book) -> None:
    before = rows(book)
    change_hash(book, 3)
    assert len(BookJournal(book, Key()).entries(1, 10, 10**6)) == 2
    BookJournal(book, Key()).open_epoch(2, Common(epoch=1, sequence=2, base=2))
    chain_of(book, 2, 2)
    assert [row[3] for row in rows(book)] == [row[3] for row in before]


def test_a_sealed_entry_has_its_place_and_its_printed_code_and_no_other_key(book: Book) -> None:
    (entry, _, stored, _, _) = rows(book)[2]
    change(book, "core", 3)
    BookJournal(book, Key()).open_epoch(2, Common(epoch=1, sequence=2, base=2))
    with book.read() as connection:
        assert journal.by_id(connection, entry) is None
        found = journal.by_sequence(connection, 3)
    assert found is not None
    assert (found.wire, found.hash) == (3, stored)


def test_the_same_bytes_are_sealed_alike_on_every_copy_of_the_disk(book: Book) -> None:
    change(book, "core", 3)
    (_, _, stored, core, _) = rows(book)[2]
    row = Row(position=3, hash=stored, core=core, begins=None)
    with book.write() as writing:
        sealed = [rot.seal(writing.connection, row)]
        sealed += [decode_core(sealed[0]).entry_id]
    assert sealed[1] == rows(book)[2][0]
    other = decode_core(sealed[0])
    assert other.entry_id != rows(book)[1][0]


def test_a_detail_that_changed_too_is_kept_as_it_is(book: Book) -> None:
    change(book, "core", 3)
    with book.write() as writing:
        writing.connection.exec_driver_sql("UPDATE journal SET detail = x'00ff' WHERE sequence = 3")
    BookJournal(book, Key()).open_epoch(2, Common(epoch=1, sequence=2, base=2))
    detail = decode_detail(rows(book)[2][4])
    assert detail.evidence is not None
    assert (detail.evidence.detail, detail.store, detail.business_date) == (b"\x00\xff", "?", "1970-01-01")


def test_the_largest_bytes_are_cut_so_that_the_evidence_is_an_entry(book: Book) -> None:
    big = bytes(range(256)) * 4_096
    with book.write() as writing:
        writing.connection.exec_driver_sql("UPDATE journal SET core = ?, detail = ? WHERE sequence = 3", (big, big))
    BookJournal(book, Key()).open_epoch(2, Common(epoch=1, sequence=2, base=2))
    evidence = decode_detail(rows(book)[2][4]).evidence
    assert evidence is not None
    assert (evidence.core, evidence.detail) == (big[: rot.MOST_BYTES], big[: rot.MOST_BYTES])


def stored_rows(cores: list[bytes]) -> list[Row]:
    head, made = b"0" * 32, []
    for position, core in enumerate(cores, start=1):
        head = next_head(head, core)
        made.append(Row(position=position, hash=head, core=core, begins=None))
    return made


def test_of_two_that_do_not_fit_the_next_entry_says_which_is_whole() -> None:
    whole = stored_rows([b"a", b"b", b"c", b"d"])
    for place in range(4):
        spoilt = [*whole]
        spoilt[place] = replace(whole[place], core=b"x")
        assert [good for _, good in sound(b"0" * 32, spoilt)] == [number != place for number in range(4)]
    for place in range(3):
        spoilt = [*whole]
        spoilt[place] = replace(whole[place], hash=bytes(32))
        assert [good for _, good in sound(b"0" * 32, spoilt)] == [True] * 4
