"""The till's secrets: made once, kept whole, never shown."""

from __future__ import annotations

import os
import stat
import sys
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agent.errors import KeysUnusable
from agent.keys import TillKeys, identifier_key_id
from loyalty.journal.chain import terminal_id

NEW = bytes(range(32))


def test_keys_are_made_at_the_first_start_and_stay(tmp_path: Path) -> None:
    first, second = TillKeys(tmp_path / "keys"), TillKeys(tmp_path / "keys")
    assert (first.public_key, first.identifier_key) == (second.public_key, second.identifier_key)
    assert first.terminal == terminal_id(first.public_key)
    Ed25519PublicKey.from_public_bytes(first.public_key).verify(second.sign(b"x"), b"x")
    other = TillKeys(tmp_path / "other")
    assert other.public_key != first.public_key
    assert other.identifier_key != first.identifier_key


@pytest.mark.parametrize("name", ["terminal.key", "identifiers.key"])
def test_a_key_that_is_missing_beside_its_book_is_named_and_not_made_anew(tmp_path: Path, name: str) -> None:
    folder, book = tmp_path / "keys", tmp_path / "till.db"
    TillKeys(folder, book=book)
    book.touch()
    TillKeys(folder, book=book)
    (folder / name).unlink()
    with pytest.raises(KeysUnusable, match=f"{name} is missing; .*till.db was begun with it"):
        TillKeys(folder, book=book)
    assert not (folder / name).exists()


def test_given_seeds_make_the_same_terminal(tmp_path: Path) -> None:
    made = [TillKeys(tmp_path / name, terminal_seed=NEW, identifier_key=NEW).terminal for name in ("a", "b")]
    assert made[0] == made[1]


@pytest.mark.skipif(sys.platform == "win32", reason="platform: on Windows the folder's permissions decide")
def test_only_the_owner_may_read_them_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        TillKeys(tmp_path / "keys").keep_token("t")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()}
    assert modes == {"terminal.key": 0o600, "identifiers.key": 0o600, "hq.token": 0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_the_text_form_shows_nothing(tmp_path: Path) -> None:
    keys = TillKeys(tmp_path / "keys", terminal_seed=NEW, identifier_key=NEW)
    keys.keep_token("secret-token")
    said = f"{keys!r} {keys}"
    assert "secret-token" not in said
    assert NEW.hex() not in said


def test_two_agents_that_start_at_once_use_one_key(tmp_path: Path) -> None:
    for number in range(20):
        begin = threading.Barrier(4)
        found: list[tuple[bytes, bytes]] = []

        def start(folder: Path, begin: threading.Barrier, found: list[tuple[bytes, bytes]]) -> None:
            begin.wait()
            keys = TillKeys(folder)
            found.append((keys.public_key, keys.identifier_key))

        arguments = (tmp_path / str(number), begin, found)
        threads = [threading.Thread(target=start, args=arguments) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4
        assert len(set(found)) == 1
        assert sorted(path.name for path in (tmp_path / str(number)).iterdir()) == ["identifiers.key", "terminal.key"]


@pytest.mark.parametrize("name", ["terminal.key", "identifiers.key"])
@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_damaged_key_is_named_and_not_made_anew(tmp_path: Path, name: str, content: bytes) -> None:
    TillKeys(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(KeysUnusable, match=f"{name} is damaged"):
        TillKeys(tmp_path)
    assert (tmp_path / name).read_bytes() == content


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(KeysUnusable, match="cannot be kept"):
        TillKeys(tmp_path / "file" / "keys")
    (tmp_path / "terminal.key").mkdir()
    with pytest.raises(KeysUnusable, match="cannot be read"):
        TillKeys(tmp_path)


def test_a_full_disk_leaves_no_half_of_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("agent.keys.os.fsync", full)
        with pytest.raises(KeysUnusable, match="No space left"):
            TillKeys(tmp_path / "keys")
    assert list((tmp_path / "keys").iterdir()) == []
    assert TillKeys(tmp_path / "keys").token is None


def test_a_token_is_kept_and_replaced(tmp_path: Path) -> None:
    keys = TillKeys(tmp_path)
    assert TillKeys(tmp_path).token is None
    for token in ("one", "two"):
        keys.keep_token(token)
        assert (keys.token, TillKeys(tmp_path).token) == (token, token)


@pytest.mark.parametrize("token", ["", "a b", "a\nX-Other: 1", "ключ", "\x7f"])
def test_what_cannot_stand_in_a_header_is_no_token(tmp_path: Path, token: str) -> None:
    keys = TillKeys(tmp_path)
    with pytest.raises(ValueError, match="token"):
        keys.keep_token(token)
    assert keys.token is None


def test_the_staged_key_is_used_once_the_book_is_hashed_with_it(tmp_path: Path) -> None:
    keys = TillKeys(tmp_path)
    old = keys.identifier_key
    keys.stage_identifier_key(NEW)
    assert keys.identifier_key == old
    keys.settle_identifier_key(identifier_key_id(NEW))
    assert (keys.identifier_key, TillKeys(tmp_path).identifier_key) == (NEW, NEW)


def test_a_staged_key_that_the_book_never_took_is_forgotten(tmp_path: Path) -> None:
    keys = TillKeys(tmp_path)
    keys.stage_identifier_key(NEW)
    keys.settle_identifier_key(identifier_key_id(keys.identifier_key))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["identifiers.key", "terminal.key"]
    with pytest.raises(KeysUnusable, match="not the one that the book was hashed with"):
        keys.settle_identifier_key(identifier_key_id(NEW))


def test_a_key_that_cannot_be_settled_on_disk_is_used_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = TillKeys(tmp_path)
    keys.stage_identifier_key(NEW)

    def refuse(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(KeysUnusable):
            keys.settle_identifier_key(identifier_key_id(NEW))
    assert keys.identifier_key == NEW
    again = TillKeys(tmp_path)
    again.settle_identifier_key(identifier_key_id(NEW))
    assert again.identifier_key == NEW
