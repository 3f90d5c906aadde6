"""The doctor and the keys: whole, the book's own, nobody else's, and never shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.keys import TillKeys
from agent.till.till import Till
from cli.doctor.book import BookState, look
from cli.doctor.findings import Level
from cli.doctor.keys import check_keys, check_modes, read_token


@pytest.fixture
def state(till: Till, sell: Callable[[Till, int], None]) -> BookState:
    sell(till, 1)
    found = look(till.context.config.data_dir).state
    assert found is not None
    return found


def test_keys_that_go_with_the_book_are_well(till: Till, state: BookState) -> None:
    (finding,) = check_keys(till.context.keys.folder, state)
    assert (finding.level, finding.text) == (
        Level.OK,
        f"the keys in {till.context.keys.folder} are whole and the book's own",
    )


def test_keys_of_another_till_are_told(state: BookState, tmp_path: Path) -> None:
    other = TillKeys(tmp_path / "other").folder
    (finding,) = check_keys(other, state)
    assert (finding.level, finding.text) == (
        Level.FAIL,
        f"the book was begun with another key than the one in {other}",
    )


def test_an_identifier_key_of_another_merchant_is_told(till: Till, state: BookState) -> None:
    folder = till.context.keys.folder
    (folder / "identifiers.key").write_bytes(bytes(32))
    (finding,) = check_keys(folder, state)
    assert finding.level is Level.FAIL
    assert "the cards in the book were hashed with another key" in finding.text


def test_keys_that_are_gone_are_missed_only_when_there_is_a_book(state: BookState, tmp_path: Path) -> None:
    gone = tmp_path / "no-keys"
    assert [finding.level for finding in check_keys(gone, state)] == [Level.FAIL]
    assert [finding.level for finding in check_keys(gone, None)] == [Level.OK]
    assert not gone.exists()


def test_a_damaged_key_is_named_and_not_shown(tmp_path: Path) -> None:
    folder = TillKeys(tmp_path / "keys").folder
    (folder / "terminal.key").write_bytes(b"short")
    (finding,) = check_keys(folder, None)
    assert (finding.level, finding.text) == (
        Level.FAIL,
        f"{folder / 'terminal.key'} is damaged: it has 5 bytes, not 32",
    )


@pytest.mark.skipif(os.name != "posix", reason="platform: modes are a thing of POSIX")
def test_keys_that_others_may_read_are_worth_a_look(tmp_path: Path) -> None:
    folder = TillKeys(tmp_path / "keys").folder
    assert check_modes(folder) == []
    (folder / "terminal.key").chmod(0o644)
    (finding,) = check_modes(folder)
    assert (finding.level, finding.text, finding.advice) == (
        Level.WARN,
        f"other users may open {folder / 'terminal.key'}",
        f"run chmod -R go= {folder}",
    )


def test_a_token_is_read_when_there_is_one(tmp_path: Path) -> None:
    keys = TillKeys(tmp_path / "keys")
    assert read_token(keys.folder) is None
    keys.keep_token("abc")
    assert read_token(keys.folder) == "abc"
    (keys.folder / "hq.token").write_text("a b\n", encoding="ascii")
    with pytest.raises(ValueError, match="is damaged"):
        read_token(keys.folder)
