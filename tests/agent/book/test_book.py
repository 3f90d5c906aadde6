"""The book: one writer, nothing half written, and one clear sentence when it cannot be used."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from agent.book import answers, files, members
from agent.book.answers import Answered
from agent.book.book import FILE, LOCK, Book, Writing
from agent.book.files import APPLICATION_ID
from agent.book.journal import Draft, append
from agent.book.witness import FILE as WITNESS
from agent.errors import AgentError, BookBusy, BookFull, BookUnusable
from loyalty.journal.chain import first_head
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import EntryKind, Posting

PUBLIC, KEY_ID = bytes(range(32)), b"12345678"
ROOT = Path(__file__).parents[3]


def opened(folder: Path) -> Book:
    return Book(folder, PUBLIC, KEY_ID)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with opened(tmp_path) as one:
        yield one


def draft(number: int, *, size: int = 10) -> Draft:
    chance = random.Random(number)
    detail = EntryDetail(
        salt=chance.randbytes(16),
        local_time="2026-03-02T12:00:00+05:00",
        business_date="2026-03-02",
        store="S1",
        currency="KZT",
        currency_scale=2,
        receipt_number=number,
        shift="x" * size,
    )
    posting = Posting(account=b"A" * 16, unit="points", amount=number)
    return Draft(entry_id=chance.randbytes(16), kind=EntryKind.SALE, detail=detail, postings=(posting,))


def _two(writing: Writing, first: Draft, second: Draft) -> None:
    append(writing, first)
    append(writing, second)


def raw(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def test_a_new_book_begins_with_the_hash_that_binds_its_key(book: Book) -> None:
    assert (book.head.sequence, book.head.receipts, book.head.hash) == (0, 0, first_head(PUBLIC, 1))


def test_the_book_is_wal_with_full_synchronous_and_foreign_keys(book: Book) -> None:
    with book.write() as writing:
        told = [
            writing.connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "application_id")
        ]
    assert told == ["wal", 2, 1, APPLICATION_ID]


def test_the_head_after_a_restart_is_the_head_before_it(tmp_path: Path) -> None:
    with opened(tmp_path) as book:
        for number in range(1, 4):
            with book.write() as writing:
                append(writing, draft(number))
        head = book.head
    with opened(tmp_path) as book:
        assert book.head == head
    assert (head.sequence, head.receipts) == (3, 3)


def test_closing_leaves_one_file_that_can_be_copied(tmp_path: Path) -> None:
    with opened(tmp_path) as book:
        with book.write() as writing:
            append(writing, draft(1))
        with book.read() as connection:
            members.count(connection)
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE, WITNESS, LOCK]


def test_what_fails_inside_a_write_leaves_nothing_and_the_head_where_it_was(book: Book) -> None:
    with book.write() as writing:
        append(writing, draft(1))
    head = book.head

    def fail() -> None:
        with book.write() as writing:
            append(writing, draft(2))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert book.head == head
    with book.write() as writing:
        append(writing, draft(3))
    with raw(book.path) as connection:
        assert connection.execute("SELECT max(sequence), max(hash) FROM journal").fetchone()[0] == 2
        last = connection.execute("SELECT hash FROM journal ORDER BY sequence DESC LIMIT 1").fetchone()
    connection.close()
    assert last == (book.head.hash,)


def test_an_interrupt_just_after_the_commit_leaves_the_head_at_what_is_stored(book: Book) -> None:
    def commit_and_interrupt() -> None:
        with book.write() as writing:
            append(writing, draft(1))
            writing.connection.exec_driver_sql("COMMIT")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        commit_and_interrupt()
    with book.write() as writing:
        append(writing, draft(2))
    with book.read() as connection:
        stored = connection.exec_driver_sql("SELECT sequence, hash FROM journal ORDER BY sequence").all()
    assert (book.head.sequence, len(stored), book.head.hash) == (2, 2, stored[-1].hash)


def test_a_closed_book_says_so_and_opens_nothing(tmp_path: Path) -> None:
    book = opened(tmp_path)
    book.close()
    with pytest.raises(BookUnusable, match="is closed"), book.read():
        pass
    with pytest.raises(BookUnusable, match="is closed"), book.write():
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE, WITNESS, LOCK]


def test_many_questions_at_once_are_all_answered(book: Book) -> None:
    with ExitStack() as stack:
        readers = [stack.enter_context(book.read()) for _ in range(40)]
        assert [members.count(reader) for reader in readers] == [0] * 40


@pytest.mark.skipif(sys.platform == "win32", reason="platform: on Windows the folder's permissions decide")
def test_only_the_owner_may_read_a_new_book(book: Book) -> None:
    with book.write() as writing:
        append(writing, draft(1))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in book.path.parent.glob(f"{FILE}*")}
    assert modes == {FILE: 0o600, f"{FILE}-wal": 0o600, f"{FILE}-shm": 0o600}


def test_an_error_says_nothing_of_what_was_being_written(book: Book) -> None:
    secret = Answered(request_digest=b"2100000000017", answer=b"database or disk is full: 2100000000017")
    with book.write() as writing:
        answers.keep(writing.connection, "k", secret)
    with pytest.raises(BookUnusable) as raised, book.write() as writing:
        answers.keep(writing.connection, "k", secret)
    chain = f"{raised.value}{raised.value.__cause__}"
    assert "2100" not in chain
    assert "UNIQUE constraint failed" in chain


def test_readers_see_one_state_and_never_block_the_writer(book: Book) -> None:
    with book.write() as writing:
        append(writing, draft(1))
    with book.read() as before:
        count = "SELECT count(*) FROM journal"
        assert before.exec_driver_sql(count).scalar() == 1
        begun = time.monotonic()
        for number in range(2, 30):
            with book.write() as writing:
                append(writing, draft(number))
        took_s = time.monotonic() - begun
        assert before.exec_driver_sql(count).scalar() == 1
        with book.read() as after:
            assert after.exec_driver_sql(count).scalar() == 29
    assert took_s < 4


def test_readers_cannot_write(book: Book) -> None:
    with pytest.raises(BookFull), book.read() as connection:
        connection.exec_driver_sql("DELETE FROM journal")


def test_many_threads_write_one_after_the_other(book: Book) -> None:
    def work(own: int) -> None:
        for number in range(10):
            with book.write() as writing:
                append(writing, draft(own * 100 + number))

    threads = [threading.Thread(target=work, args=(own,)) for own in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert book.head.sequence == 80


def test_a_full_disk_is_said_writes_nothing_and_the_next_commit_works_once_there_is_room(book: Book) -> None:
    with book.write() as writing:
        append(writing, draft(1))
        pages = writing.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    head = book.head
    book._connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(BookFull) as raised, book.write() as writing:
        _two(writing, draft(2), draft(3, size=100_000))
    assert raised.value.transient
    assert book.head == head
    with book.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM journal").scalar() == 1
        assert connection.exec_driver_sql("SELECT count(*) FROM pending").scalar() == 1
    book._connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    with book.write() as writing:
        append(writing, draft(3, size=100_000))
    assert book.head.sequence == 2


FULL = """
import resource, sys
from pathlib import Path
from agent.errors import BookFull
from tests.agent.book.test_book import append, draft, opened

written = 0
with opened(Path(sys.argv[1])) as book:
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    try:
        for number in range(1, 10_000):
            with book.write() as writing:
                append(writing, draft(number, size=5_000))
            written = number
    except BookFull as fault:
        assert "nothing was recorded" in str(fault), fault
    else:
        sys.exit("never full")
    assert book.head.sequence == written, (book.head.sequence, written)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    with book.write() as writing:
        append(writing, draft(10_001))
    sys.stdout.write(str(book.head.sequence))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="platform: file size limits are POSIX")
def test_a_write_that_the_system_refuses_is_undone_and_the_book_goes_on(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    with opened(tmp_path) as book:
        assert book.head.sequence == int(done.stdout)
        with book.write() as writing:
            assert writing.connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_a_full_disk_at_the_first_start_leaves_a_folder_in_which_the_next_start_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = files.migrations()
    broken = [scripts[0] + "\nINSERT INTO nowhere VALUES (1);"]
    monkeypatch.setattr("agent.book.book.migrations", lambda: broken)
    with pytest.raises(BookUnusable):
        opened(tmp_path)
    monkeypatch.undo()
    with opened(tmp_path) as book:
        assert book.head.sequence == 0


def test_a_second_agent_is_refused_and_let_in_after_the_first_one_closed(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(BookBusy, match="another agent uses"):
        opened(tmp_path)
    with opened(tmp_path) as book:
        assert book.head.sequence == 0


HOLD = """
import sys, time
from pathlib import Path
from tests.agent.book.test_book import opened

with opened(Path(sys.argv[1])):
    sys.stdout.write("held\\n")
    sys.stdout.flush()
    time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)])
def test_an_agent_in_another_process_holds_the_book_until_it_ends_in_any_way(
    tmp_path: Path, how: signal.Signals
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(BookBusy):
            opened(tmp_path)
        os.kill(process.pid, how)
        process.wait()
    with opened(tmp_path) as book:
        assert book.head.sequence == 0


def sentence(folder: Path) -> tuple[type[AgentError], str]:
    with pytest.raises(AgentError) as raised:
        opened(folder)
    return type(raised.value), str(raised.value)


def test_a_file_that_is_no_database_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"my dear diary " * 100)
    kind, said = sentence(tmp_path)
    assert (kind, "damaged or not an SQLite file" in said, FILE in said) == (BookUnusable, True, True)
    assert (tmp_path / FILE).read_bytes() == b"my dear diary " * 100


def test_a_lock_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_bytes(b"x" * 5_000)
    kind, said = sentence(tmp_path)
    assert (kind, LOCK in said) == (BookUnusable, True)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute("CREATE TABLE recipe (name TEXT)")
    other.close()
    before = (tmp_path / FILE).read_bytes()
    kind, said = sentence(tmp_path)
    assert (kind, "is not a till's book" in said) == (BookUnusable, True)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_book_of_a_newer_agent_is_left_alone(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as later:
        later.execute("PRAGMA user_version=999")
    later.close()
    kind, said = sentence(tmp_path)
    assert (kind, "newer agent (schema 999)" in said) == (BookUnusable, True)


def test_a_book_begun_with_another_key_is_refused(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with pytest.raises(BookUnusable, match="another key"):
        Book(tmp_path, b"\1" * 32, KEY_ID)
    with opened(tmp_path) as book:
        assert book.head.sequence == 0


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file", tmp_path / "file" / "deeper"):
        kind, said = sentence(folder)
        assert (kind, said.count("\n")) == (BookUnusable, 0)


def test_a_book_that_is_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    kind, said = sentence(tmp_path)
    assert (kind, "cannot be opened" in said) == (BookUnusable, True)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (OSError(28, "No space left on device"), BookFull),
        (OSError(30, "Read-only file system"), BookFull),
        (PermissionError(13, "Permission denied"), BookUnusable),
        (sqlite3.OperationalError("attempt to write a readonly database"), BookFull),
        (sqlite3.OperationalError("database is locked"), BookBusy),
        (sqlite3.DatabaseError("database disk image is malformed"), BookUnusable),
    ],
)
def test_every_fault_of_the_system_is_a_sentence(fault: OSError | sqlite3.Error, kind: type[AgentError]) -> None:
    said = files.explain(fault, Path("d") / FILE)
    assert (type(said), str(said).startswith(str(Path("d") / FILE))) == (kind, True)


def test_a_read_only_book_is_said_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path).close()
    connect = sqlite3.connect

    def read_only(path: object, **settings: object) -> sqlite3.Connection:
        return connect(f"{Path(str(path)).absolute().as_uri()}?mode=ro", **{**settings, "uri": True})  # type: ignore[call-overload,no-any-return]

    engine = files.writer_engine(tmp_path / FILE)
    monkeypatch.setattr("agent.book.book.writer_engine", lambda _: engine)
    monkeypatch.setattr(engine.dialect, "connect", read_only)
    with opened(tmp_path) as book, pytest.raises(BookFull), book.write() as writing:
        append(writing, draft(1))


def test_a_program_that_holds_the_file_makes_a_sale_busy_and_not_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_BUSY_MS", 50)
    with opened(tmp_path) as book:
        other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BookBusy), book.write() as writing:
            append(writing, draft(1))
        other.execute("ROLLBACK")
        other.close()
        with book.write() as writing:
            append(writing, draft(1))
        assert book.head.sequence == 1
