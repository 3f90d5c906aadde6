"""A backup is a checked copy of one state of the book, put in place at once; what it holds is read from it."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hq.backups import copying
from hq.backups.copying import Covered, copy_book
from hq.errors import BookUnusable
from tests.hq.houses import House


def fill(house: House, entries: int = 5) -> bytes:
    till = house.till()
    member = till.enrol("7001")
    for _ in range(entries - 1):
        till.sale(member, 10)
    house.take(till)
    return till.id


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as book:
        names = [name for (name,) in book.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        return {name: sorted(book.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}


def copied(house: House, file: Path) -> list[Covered]:
    return copy_book(house.hq.config.data_dir, file)


def test_a_copy_holds_all_that_was_committed_and_says_so_itself(house: House, tmp_path: Path) -> None:
    terminal = fill(house)
    file = tmp_path / "copy.sqlite3"
    assert copied(house, file) == [Covered(terminal=terminal, epoch=1, sequence=5)]
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.sqlite3"]
    assert tables(file) == tables(house.hq.config.data_dir / "hq.sqlite3")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_copy_that_is_made_while_hq_takes_batches_is_of_one_state(house: House, tmp_path: Path) -> None:
    till = house.till()
    member = till.enrol("7001")
    for _ in range(400):
        till.sale(member, 1)
    done = threading.Event()

    def upload() -> None:
        for last in range(1, 402):
            house.take(till, last, last)
        done.set()

    thread = threading.Thread(target=upload)
    thread.start()
    try:
        files = 0
        while not done.is_set() or not files:
            file = tmp_path / f"{files}.sqlite3"
            held = {one.sequence for one in copied(house, file)}
            found = tables(file)
            assert held == ({len(found["journal"])} if found["journal"] else set())
            assert sum(row[5] for row in found["ledger"]) == sum(row[2] for row in found["balance"])  # type: ignore[misc]
            files += 1
    finally:
        thread.join()


def broken(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for place in range(8 * 4_096, len(data), 4_096):
        data[place : place + 200] = random.Random(place).randbytes(200)
    path.write_bytes(bytes(data))


def test_a_copy_that_does_not_hold_together_is_no_backup_and_the_one_before_it_stays(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(house)
    file = tmp_path / "copy.sqlite3"
    copied(house, file)
    before = file.read_bytes()
    fill(house)
    real: Callable[..., None] = copying._copy

    def spoilt(book: Path, fresh: Path, progress: None) -> None:
        real(book, fresh, progress)
        broken(fresh)

    monkeypatch.setattr(copying, "_copy", spoilt)
    with pytest.raises(BookUnusable):
        copied(house, file)
    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.sqlite3"]


def test_a_place_that_cannot_be_written_is_said(house: House, tmp_path: Path) -> None:
    with pytest.raises(BookUnusable, match="cannot be made: No such file or directory"):
        copied(house, tmp_path / "nowhere" / "copy")
    with pytest.raises(BookUnusable, match="was never started here"):
        copy_book(tmp_path / "nothing", tmp_path / "copy")


def test_what_an_earlier_try_left_is_replaced(house: House, tmp_path: Path) -> None:
    fill(house)
    (tmp_path / "copy.new").write_bytes(b"half a copy")
    copied(house, tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy"]
