"""The doctor and the book: it recomputes the journal, and tells every way in which a book may be no book."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.book.book import FILE, LOCK
from agent.book.files import SingleAgent, migrations
from agent.book.retention import prune
from agent.book.sync_state import BookJournal
from agent.till.till import Till
from cli.doctor.book import hash_at, look
from cli.doctor.findings import Finding, Level
from cli.locks import is_held
from loyalty.journal.chain import head_code
from sync.protocol.epochs import Common
from sync.protocol.values import Acknowledged

Sell = Callable[[Till, int], None]


@pytest.fixture
def folder(till: Till, sell: Sell) -> Path:
    """The data of a till that has sold and was closed."""
    sell(till, 8)
    till.close()
    return till.context.config.data_dir


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / FILE)) as connection, connection:
        connection.execute(statement)


def only(findings: list[Finding]) -> tuple[Level, str]:
    (finding,) = findings
    return finding.level, finding.text


def test_a_journal_that_holds_together_ends_in_the_tills_own_head(folder: Path, till: Till) -> None:
    head = till.context.book.head
    found = look(folder)
    assert only(found.findings) == (
        Level.OK,
        f"{folder / FILE} opens; its {head.sequence} entries hold together up to head {head_code(head.hash)}",
    )
    assert found.state is not None
    assert (found.state.chain.entries, found.state.chain.head, found.running) == (head.sequence, head.hash, False)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET core = core || x'20' WHERE sequence = 3",
        "UPDATE journal SET hash = zeroblob(32) WHERE sequence = 3",
        "PRAGMA foreign_keys = OFF; DELETE FROM journal WHERE sequence = 3",
    ],
)
def test_a_journal_that_somebody_changed_is_found_at_the_entry(folder: Path, statement: str) -> None:
    for part in statement.split(";"):
        change(folder, part)
    level, text = only(look(folder).findings)
    assert level is Level.FAIL
    assert text == f"the journal in {folder / FILE} does not hold together from entry 3 on"


def test_a_journal_that_was_left_by_a_power_cut_is_read_whole(till: Till, sell: Sell, tmp_path: Path) -> None:
    sell(till, 8)
    head = till.context.book.head
    image = tmp_path / "image"  # of the disk, taken while the till was at work
    shutil.copytree(till.context.config.data_dir, image)
    (image / f"{FILE}-shm").unlink(missing_ok=True)
    found = look(image)
    assert found.state is not None
    assert (found.state.chain.head, found.running) == (head.hash, False)


def test_a_newer_book_a_strange_file_and_a_damaged_one_are_told_apart(folder: Path) -> None:
    change(folder, "PRAGMA user_version = 99")
    assert only(look(folder).findings) == (
        Level.FAIL,
        f"{folder / FILE} was written by a newer agent (schema 99); this one knows {len(migrations())}",
    )
    change(folder, "PRAGMA application_id = 7")
    assert only(look(folder).findings) == (Level.FAIL, f"{folder / FILE} is not a till's book")
    (folder / FILE).write_bytes(b"no database at all" * 100)
    level, text = only(look(folder).findings)
    assert (level, "is damaged or not an SQLite file" in text) == (Level.FAIL, True)


def test_a_book_that_is_gone_is_missed_when_its_keys_are_there(folder: Path) -> None:
    (folder / FILE).unlink()
    level, text = only(look(folder).findings)
    assert (level, text) == (Level.FAIL, f"{folder / FILE} is missing although the keys beside it are there")


def test_an_older_book_is_read_as_far_as_it_goes(folder: Path) -> None:
    change(folder, "DROP INDEX IF EXISTS journal_enrolments")
    change(folder, "PRAGMA user_version = 1")
    assert only(look(folder).findings)[0] is Level.OK


def test_the_lock_of_an_agent_is_seen_and_not_taken(tmp_path: Path) -> None:
    assert not is_held(tmp_path / LOCK)
    agent = SingleAgent(tmp_path / LOCK)
    assert is_held(tmp_path / LOCK)
    agent.close()
    assert not is_held(tmp_path / LOCK)
    SingleAgent(tmp_path / LOCK).close()
    assert [path.name for path in tmp_path.iterdir()] == [LOCK]


def in_epochs(till: Till, *begun: tuple[int, int]) -> None:
    journal = BookJournal(till.context.book, till.context.keys)
    for epoch, base in begun:
        journal.open_epoch(epoch, Common(epoch=1, sequence=base, base=base))


@pytest.mark.parametrize(
    "begun",
    [
        [(2, 3)],
        [(2, 0)],
        [(2, 3), (5, 6)],
        [(2, 6), (3, 3)],
        [(2, 6), (3, 6)],
        [(2, 99)],
        [(2, 3), (3, 99)],
        [(2, 99), (4, 2)],
    ],
)
def test_a_journal_of_several_epochs_holds_together_up_to_the_tills_head(
    till: Till, sell: Sell, begun: list[tuple[int, int]]
) -> None:
    sell(till, 8)
    entries = till.context.book.head.sequence
    in_epochs(till, *((epoch, min(base, entries)) for epoch, base in begun))
    head, folder = till.context.book.head, till.context.config.data_dir
    till.close()
    found = look(folder).state
    assert found is not None
    assert (found.chain.entries, found.chain.head, found.chain.broken_at) == (head.sequence, head.hash, None)
    assert (found.epoch, found.base) == (head.epoch, head.base)
    change(folder, f"UPDATE journal SET core = core || x'20' WHERE sequence = {entries - 1}")
    level, text = only(look(folder).findings)
    assert (level, text.endswith(f"from entry {entries - 1} on")) == (Level.FAIL, True)


def test_a_journal_whose_old_entries_were_removed_holds_together_from_there(till: Till, sell: Sell) -> None:
    sell(till, 8)
    book, head = till.context.book, till.context.book.head
    journal = BookJournal(book, till.context.keys)
    journal.acknowledged(Acknowledged(acked=head.sequence, durable=5), "e1")
    with book.write() as writing:
        writing.connection.exec_driver_sql("DELETE FROM pending")
    fifth = journal.hash_at(5)
    assert prune(book, datetime.max.replace(tzinfo=UTC)) == 5
    folder = till.context.config.data_dir
    till.close()
    found = look(folder)
    assert found.state is not None
    assert (found.state.chain.entries, found.state.chain.head) == (head.sequence, head.hash)
    assert [hash_at(folder, sequence, found.state) for sequence in (4, 5)] == [None, fifth]
    assert only(found.findings)[0] is Level.OK


def test_a_book_that_is_an_old_copy_is_told_as_one(folder: Path) -> None:
    change(folder, "UPDATE sync_state SET rolled_back = 1")
    whole, old = look(folder).findings
    assert (whole.level, old.level) == (Level.OK, Level.WARN)
    assert old.text.startswith("the book is an old copy")
