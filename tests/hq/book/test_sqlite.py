"""The book on SQLite: one HQ, one writer, readers that cannot write, and what is said when the disk fails."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy.exc import OperationalError

from hq.book.sqlite import BOOK_FILE, LOCK_FILE, open_sqlite
from hq.errors import BookBusy, BookInUse, BookUnusable
from tests.hq.houses import House


def test_the_writer_is_durable_and_checks_references(house: House) -> None:
    with house.hq.book.write() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        said = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in pragmas]
    assert said == ["wal", 2, 1]


def test_a_reader_cannot_write(house: House) -> None:
    with pytest.raises(BookBusy, match="read-only"), house.hq.book.read() as connection:
        connection.exec_driver_sql("DELETE FROM setting")


def test_a_reader_sees_one_state_while_others_write(house: House) -> None:
    count = sqlalchemy.text("SELECT COUNT(*) FROM terminal")
    with house.hq.book.read() as connection:
        before = connection.execute(count).scalar_one()
        house.till()
        assert connection.execute(count).scalar_one() == before == 0


def test_a_second_hq_in_this_process_is_refused(build: Callable[..., House]) -> None:
    build()
    with pytest.raises(BookInUse, match="another HQ uses the book"):
        build()


def test_a_second_hq_in_another_process_is_refused_until_the_first_dies(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from hq.book.lock import BookLock;"
        "lock = BookLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / LOCK_FILE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert other.stdout is not None
    assert other.stdin is not None
    try:
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(BookInUse):
            open_sqlite(tmp_path)
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
        other.stdin.close()
    open_sqlite(tmp_path).close()


def test_a_directory_that_cannot_be_is_said_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    with pytest.raises(BookUnusable, match="HQ cannot write in"):
        open_sqlite(file / "hq")


def test_a_file_that_is_no_database_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / BOOK_FILE).write_bytes(b"something else entirely" * 100)
    with pytest.raises(BookUnusable, match="cannot be used as HQ's book"):
        open_sqlite(tmp_path)
    open_sqlite(tmp_path / "other").close()


def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / BOOK_FILE
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE setting (anything)")
    foreign.commit()
    foreign.close()
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(BookUnusable, match="is not HQ's book; move it away"):
            open_sqlite(tmp_path)
    assert path.read_bytes() == before
    path.unlink()
    path.touch()
    open_sqlite(tmp_path).close()


def test_a_full_disk_is_said_and_leaves_nothing_half_written(house: House) -> None:
    till = house.till()
    till.sale(till.enrol("7001"), 5)
    with house.hq.book.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    for _ in range(500):
        till.sale(bytes(16), 1)

    def send_all() -> None:
        for first in range(1, 503, 100):
            house.take(till, first, min(first + 99, 502))

    with pytest.raises(BookBusy, match="disk of HQ's book is full"):
        send_all()
    stored = house.rows("SELECT sequence FROM journal_head")
    assert house.rows("SELECT COUNT(*) FROM journal") == [(stored[0][0] if stored else 0,)]
    with house.hq.book.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    assert house.take(till, stored[0][0] + 1 if stored else 1, 502) == 502


def test_writers_take_turns(house: House) -> None:
    tills = [house.till(f"Till {number}") for number in range(4)]
    for till in tills:
        member = till.enrol("7001")
        for _ in range(20):
            till.sale(member, 1)

    def send(number: int) -> None:
        for first in range(1, 22):
            house.take(tills[number], first, first)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert house.points("7001") == 80
    positions = house.rows("SELECT position FROM feed ORDER BY position")
    assert positions[-1] == house.rows("SELECT position FROM feed_head")[0]


def test_what_a_block_wrote_is_gone_when_it_raises(any_house: House) -> None:
    def give_up_mid_way() -> None:
        with any_house.hq.book.write() as connection:
            connection.exec_driver_sql("DELETE FROM setting")
            raise OSError("mid way")

    before = any_house.rows("SELECT * FROM setting ORDER BY name")
    with pytest.raises(OSError, match="mid way"):
        give_up_mid_way()
    assert any_house.rows("SELECT * FROM setting ORDER BY name") == before != []


def test_a_fault_of_the_program_is_not_taken_for_a_busy_book_and_tells_no_values(house: House) -> None:
    insert = sqlalchemy.text("INSERT INTO nowhere VALUES (:card)")
    with pytest.raises(OperationalError) as caught, house.hq.book.write() as connection:
        connection.execute(insert, {"card": "970012345678"})
    assert "970012345678" not in str(caught.value)
