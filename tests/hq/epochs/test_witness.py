"""The file that witnesses what tills were told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hq.epochs.witness import Told, Witness
from hq.errors import BookBusy, BookUnusable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hq.told"


def begun(path: Path, position: int = 0) -> Witness:
    witness = Witness(path)
    witness.begin(Told(hq_epoch="e1", position=position))
    return witness


def test_what_was_told_is_in_the_file_at_once_and_never_goes_back(path: Path) -> None:
    witness = begun(path, 5)
    for position, expected in ((3, 5), (9, 9), (8, 9), (2**62, 2**62)):
        witness.tell(position)
        assert Witness(path).read() == Told(hq_epoch="e1", position=expected)
    witness.close()
    witness.close()
    assert Witness(path).read() == Told(hq_epoch="e1", position=2**62)


def test_a_missing_a_short_and_a_changed_file_say_nothing(path: Path) -> None:
    assert Witness(path).read() is None
    begun(path, 7).close()
    whole = path.read_bytes()
    for data in (b"", whole[:-5], whole.replace(b"7", b"6"), whole.replace(b"e1", b"e2"), b"\xff" * 100):
        path.write_bytes(data)
        assert Witness(path).read() is None


def test_many_pages_in_a_second_cost_one_fsync(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    clock = iter([100.0, 100.0, 100.4, 100.9, 101.0, 101.0])
    witness = begun(path)
    monkeypatch.setattr("hq.epochs.witness.os.fsync", synced.append)
    monkeypatch.setattr("hq.epochs.witness.time.monotonic", lambda: next(clock))
    for position in (1, 2, 3):
        witness.tell(position)
    assert len(synced) == 1
    witness.tell(4)
    assert len(synced) == 2
    witness.tell(4)
    witness.close()
    assert len(synced) == 3


def test_a_position_that_cannot_be_witnessed_is_not_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    witness = begun(path)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(BookBusy, match=r"HQ cannot write hq\.told: No space left"):
            witness.tell(1)
    witness.tell(1)
    witness.close()
    assert Witness(path).read() == Told(hq_epoch="e1", position=1)


def test_a_directory_in_its_place_is_said(path: Path) -> None:
    path.mkdir()
    with pytest.raises(BookUnusable, match="cannot be read"):
        Witness(path).read()
    with pytest.raises(BookUnusable, match="HQ cannot write"):
        begun(path)
