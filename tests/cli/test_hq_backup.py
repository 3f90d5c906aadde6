"""``loyaltill hq backup``: a copy beside an HQ that runs or not, and another's word for a backup made elsewhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cli.main import main
from hq.config import load_hq_config
from hq.server import open_hq
from tests.cli.commands import write_config
from tests.cli.test_hq import said, served


def journals_of(file: Path) -> list[tuple[int]]:
    with closing(sqlite3.connect(file)) as book:
        return book.execute("SELECT count(*) FROM terminal").fetchall()


def failed(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str]:
    capsys.readouterr()
    status = main([*map(str, words)])
    return status, capsys.readouterr().err


def test_a_backup_is_made_beside_a_running_hq_and_without_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    with served(config):
        done = said(capsys, "hq", "backup", tmp_path / "running", "--config", config)
    assert done == "done; 0 journals have more that is durable"
    assert said(capsys, "hq", "backup", tmp_path / "stopped", "--config", config) == done
    assert [journals_of(tmp_path / name) for name in ("running", "stopped")] == [[(0,)], [(0,)]]


def test_a_backup_made_elsewhere_is_taken_at_a_persons_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    with open_hq(load_hq_config(config)):
        pass
    word = ("hq", "backup", "--external", "2026-01-01T03:00+05:00", "--config", config)
    assert said(capsys, *word) == "done; 0 journals have more that is durable"
    with served(config):
        assert said(capsys, *word) == "done; 0 journals have more that is durable"
        status, text = failed(capsys, *word[:3], "soon", *word[4:])
    assert (status, "expected an instant with its offset" in text) == (2, True)


def test_a_backup_that_cannot_be_made_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    status, text = failed(capsys, "hq", "backup", tmp_path / "nowhere" / "copy", "--config", config)
    assert (status, "No such file or directory" in text) == (1, True)


def test_a_book_in_postgresql_is_backed_up_with_its_own_tools(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, '[hq]\nport = 0\ndatabase_url = "postgresql://nobody@127.0.0.1:1/x"\n')
    status, text = failed(capsys, "hq", "backup", tmp_path / "copy", "--config", config)
    assert (status, "--external INSTANT" in text) == (1, True)
