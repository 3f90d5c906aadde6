"""``loyaltill hq audit``: beside an HQ that runs and without one, what it prints, and how it ends."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from cli.main import main
from hq.auditing.values import Check
from hq.book.sqlite import BOOK_FILE
from hq.config import load_hq_config
from hq.server import open_hq
from tests.cli.commands import write_config
from tests.cli.test_hq import served
from tests.hq.auditing.books import everything
from tests.hq.houses import House, SetClock

WELL = [f"{check.value}: " for check in Check]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An HQ whose book holds something of everything."""
    path = write_config(tmp_path, "[hq]\nport = 0\n")
    with open_hq(load_hq_config(path)) as hq:
        everything(House(hq, SetClock(datetime.now(UTC)), Random(5)))
    return path


def ran(capsys: pytest.CaptureFixture[str], config: Path, *more: str) -> tuple[int, str, str]:
    capsys.readouterr()
    status = main(["hq", "audit", *more, "--config", str(config)])
    said = capsys.readouterr()
    return status, said.out, said.err


def spoil(config: Path, statement: str) -> None:
    with closing(sqlite3.connect(config.parent / "hq-data" / BOOK_FILE)) as book:
        book.execute(statement)
        book.commit()


def test_a_book_that_is_well_says_so_with_hq_running_and_without(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, beside, _ = ran(capsys, config)
    *lines, last = beside.splitlines()
    assert (status, last) == (0, "all is well")
    assert [line for line, begins in zip(lines, WELL, strict=True) if not line.startswith(begins)] == []
    assert "details: 23 details, all hold (1 erased, 1 different when they came)" in lines
    with served(config):
        assert ran(capsys, config)[:2] == (0, beside)


def test_what_does_not_hold_is_named_and_ends_with_status_1(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(config, "UPDATE balance SET amount = amount + 1")
    status, out, err = ran(capsys, config)
    lines = out.splitlines()
    begun = lines.index("balances: 4 balances, 4 DO NOT HOLD")
    assert lines[begun + 1] == "  must hold: each balance is the sum of its postings"
    assert lines[begun + 2].startswith("  account ")
    assert (status, lines[-1], err) == (1, "does not hold: balances, checksums, merges", "")


def test_the_same_as_one_json_object(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = ran(capsys, config, "--json")
    said = json.loads(out)
    assert (status, said["well"], [one["check"] for one in said["checks"]]) == (0, True, [one.value for one in Check])
    spoil(config, "UPDATE journal_head SET sequence = 99 WHERE epoch = 2")
    status, out, _ = ran(capsys, config, "--json")
    (wrong,) = [one for one in json.loads(out)["checks"] if one["wrong"]]
    example = wrong.pop("examples")
    assert (status, json.loads(out)["well"]) == (1, False)
    assert wrong == {
        "check": "heads",
        "promise": "each head is the last entry of its journal",
        "of": "heads",
        "looked_at": 5,
        "wrong": 1,
        "left_out": False,
        "note": "",
    }
    assert example[0].endswith("says sequence 99; its entries end with 6")


def test_more_than_five_are_counted_and_not_shown(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(config, "UPDATE journal SET hash = zeroblob(32)")
    _, out, _ = ran(capsys, config)
    lines = out.splitlines()
    assert "DO NOT HOLD" in lines[0]
    assert lines[7].startswith("  and ")
    assert lines[7].endswith(" more")


def test_what_hq_cannot_ask_now_is_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hq", "restored", "--config", str(config)]) == 0
    status, out, _ = ran(capsys, config)
    assert status == 0
    assert "pools: not asked (HQ was restored, and 3 tills have not said yet what they hold)" in out
    assert out.splitlines()[-2:] == ["not asked now: pools", "all is well"]


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (lambda book: book.unlink(), "HQ was never started here"),
        (lambda book: book.write_bytes(book.read_bytes()[:20_000]), "cannot be used as HQ's book"),
        (lambda book: book.write_bytes(b"no database" * 1_000), "file is not a database"),
        (lambda book: _execute(book, "UPDATE alembic_version SET version_num = '0001'"), "has another schema"),
    ],
)
def test_a_book_that_cannot_be_read_ends_with_status_2(
    config: Path, capsys: pytest.CaptureFixture[str], broken: object, fault: str
) -> None:
    assert callable(broken)
    broken(config.parent / "hq-data" / BOOK_FILE)
    status, out, err = ran(capsys, config)
    assert (status, out) == (2, "")
    assert fault in err
    assert "Traceback" not in err


def _execute(book: Path, statement: str) -> None:
    with closing(sqlite3.connect(book)) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_database_server_that_does_not_answer_ends_with_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, '[hq]\ndatabase_url = "postgresql://nobody:secret@127.0.0.1:1/x"\n')
    status, out, err = ran(capsys, config)
    assert (status, out) == (2, "")
    assert "does not answer" in err
    assert "secret" not in err
