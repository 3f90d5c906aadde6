"""The witness of the head: an old copy of the book is noticed before it sells; nothing else is ever said."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.book import sync_state
from agent.book.book import FILE as BOOK
from agent.book.book import Book
from agent.book.epochs import reopen
from agent.book.witness import FILE, HeadWitness, Witnessed, is_old_copy
from tests.agent.book.test_sync_state import PUBLIC, sell

KEY_ID = b"12345678"
SEEN = Witnessed(terminal=bytes(range(16)), epoch=2, position=7, hash=b"h" * 32)


def opened(folder: Path, head_file: Path | None = None) -> Book:
    return Book(folder, PUBLIC, KEY_ID, head_file=head_file)


def rolled_back(book: Book) -> bool:
    with book.read() as connection:
        return sync_state.state(connection).rolled_back


def restored(folder: Path, image: dict[str, bytes]) -> None:
    """Put an image of the book back; the witness is not in it."""
    for path in folder.glob(f"{BOOK}*"):
        path.unlink()
    for name, data in image.items():
        (folder / name).write_bytes(data)


def sold(folder: Path, before: int, after: int) -> dict[str, bytes]:
    """Sell, take an image of the closed book, and sell on; gives the image."""
    with opened(folder) as book:
        for points in range(before):
            sell(book, points + 1)
    image = {path.name: path.read_bytes() for path in folder.glob(f"{BOOK}*")}
    with opened(folder) as book:
        for points in range(after):
            sell(book, points + 1)
    return image


def test_after_each_commit_the_file_says_where_the_journal_stands(tmp_path: Path) -> None:
    with opened(tmp_path) as book:
        sizes = set()
        for points in range(12):
            sell(book, points + 1)
            head = book.head
            said = HeadWitness(tmp_path / FILE).read()
            assert said == Witnessed(terminal=head.terminal, epoch=1, position=points + 1, hash=head.hash)
            sizes.add((tmp_path / FILE).stat().st_size)
        with book.write():
            pass
        with book.write() as writing:
            reopen(writing, PUBLIC, 5, 3)
        said = HeadWitness(tmp_path / FILE).read()
    assert said is not None
    assert (said.epoch, said.position, said.hash, len(sizes)) == (5, 12, book.head.hash, 1)


@pytest.mark.parametrize("sold_since", [1, 5])
def test_a_book_behind_its_witness_is_known_to_be_an_old_copy_until_a_new_epoch_begins(
    tmp_path: Path, sold_since: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    voided: list[int] = []
    monkeypatch.setattr("agent.book.leases.void_leases", lambda _: voided.append(1))
    restored(tmp_path, sold(tmp_path, 3, sold_since))
    for _ in range(2):
        with opened(tmp_path) as book:
            assert (rolled_back(book), book.head.sequence, len(voided)) == (True, 3, 1)
    with opened(tmp_path) as book:
        sell(book, 9)
        with book.write() as writing:
            reopen(writing, PUBLIC, 2, 3)
        assert not rolled_back(book)
    with opened(tmp_path) as book:
        assert not rolled_back(book)
    assert len(voided) == 1


def test_another_hash_at_the_same_place_is_an_old_copy_that_was_sold_on(tmp_path: Path) -> None:
    image = sold(tmp_path, 3, 2)
    (tmp_path / "kept").write_bytes((tmp_path / FILE).read_bytes())
    restored(tmp_path, image)
    (tmp_path / FILE).unlink()
    with opened(tmp_path) as book:
        for points in (70, 80):
            sell(book, points)
    (tmp_path / "kept").replace(tmp_path / FILE)
    with opened(tmp_path) as book:
        assert rolled_back(book)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def changed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(bytes(data))


def another_tills(path: Path) -> None:
    said = HeadWitness(path).read()
    assert said is not None
    witness = HeadWitness(path)
    witness.note(replace(said, terminal=bytes(16), position=10**9))
    witness.close()


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


NOTHING: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "cut short": cut,
    "changed": changed,
    "of another till": another_tills,
    "a folder": as_folder,
    "noise": lambda path: path.write_bytes(bytes(range(256)) * 40),
}


@pytest.mark.parametrize("what", NOTHING)
def test_a_witness_that_says_nothing_stops_nothing(tmp_path: Path, what: str) -> None:
    restored(tmp_path, sold(tmp_path, 3, 2))
    NOTHING[what](tmp_path / FILE)
    with opened(tmp_path) as book:
        assert not rolled_back(book)
        sell(book, 1)
        assert book.head.sequence == 4


def test_a_witness_that_lags_after_a_power_cut_says_nothing(tmp_path: Path) -> None:
    sold(tmp_path, 3, 0)
    before = (tmp_path / FILE).read_bytes()
    with opened(tmp_path) as book:
        sell(book, 1)
        with book.write() as writing:
            reopen(writing, PUBLIC, 2, 1)
    (tmp_path / FILE).write_bytes(before)
    with opened(tmp_path) as book:
        assert not rolled_back(book)


def test_the_file_may_be_on_another_disk_and_one_that_is_gone_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    with opened(tmp_path, stick / "h") as book:
        sell(book, 1)
    assert sorted(path.name for path in stick.iterdir()) == ["h"]
    assert not (tmp_path / FILE).exists()
    with opened(tmp_path, tmp_path / "nowhere" / "h") as book:
        for points in range(3):
            sell(book, points + 1)
    assert [record.message for record in caplog.records] == [
        "till.head cannot be written (No such file or directory); an old copy of the book would not be noticed"
    ]


def test_a_commit_costs_one_write_to_the_file_and_no_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    real = os.write

    def counted(handle: int, data: bytes) -> int:
        calls.append("write")
        return real(handle, data)

    with opened(tmp_path) as book:
        sell(book, 1)
        monkeypatch.setattr(os, "write", counted)
        monkeypatch.setattr(os, "fsync", lambda _: calls.append("fsync"))
        sell(book, 2)
        with book.write():
            pass
    assert calls == ["write"]


@pytest.mark.parametrize(
    ("seen", "old"),
    [
        (None, False),
        (SEEN, False),
        (replace(SEEN, position=6), False),
        (replace(SEEN, position=8), True),
        (replace(SEEN, hash=b"x" * 32), True),
        (replace(SEEN, epoch=1, position=900), False),
        (replace(SEEN, epoch=3, position=1), True),
        (replace(SEEN, terminal=bytes(16), position=900), False),
    ],
)
def test_only_a_witness_ahead_or_of_another_branch_says_anything(seen: Witnessed | None, old: bool) -> None:
    assert is_old_copy(SEEN, seen) is old
