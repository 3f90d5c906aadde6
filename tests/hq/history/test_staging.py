from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hq.history.errors import StagingBusyError, StagingError
from hq.history.mapping import ReceiptMapping
from hq.history.plan import build_plan
from hq.history.staging import FORMAT, building, is_complete

Write = Callable[..., Path]

KILLED_WHILE_PLANNING = """
import sys
from pathlib import Path
from hq.history.choice import choose_mapping
from hq.history.plan import build_plan

def told(rows):
    print(rows, flush=True)
    sys.stdin.read()

build_plan(Path(sys.argv[1]), choose_mapping(Path(sys.argv[1])), Path(sys.argv[2]), told)
"""


def _many(write: Write, count: int = 12_000) -> Path:
    return write(*(f"{n},A,,1,2010-01-05 10:{n % 60:02d},1,K{n % 9}" for n in range(count)))


def test_a_second_run_finds_the_plan_of_the_first(tmp_path: Path, write: Write, mapping: ReceiptMapping) -> None:
    path, told = _many(write), list[int]()
    first = build_plan(path, mapping, tmp_path / "work", told.append)
    again = build_plan(path, mapping, tmp_path / "work", told.append)
    assert told == [10_000]
    assert again == first


def test_another_input_or_mapping_is_another_plan(
    tmp_path: Path, write: Write, mapping: ReceiptMapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build_plan(write("1,A,,1,2010-01-05 10:00,1,K1"), mapping, tmp_path / "work")
    other = build_plan(write("1,B,,1,2010-01-05 10:00,1,K1"), mapping, tmp_path / "work")
    monkeypatch.setattr("hq.history.plan.FORMAT", FORMAT + 1)
    newer = build_plan(write("1,B,,1,2010-01-05 10:00,1,K1"), mapping, tmp_path / "work")
    assert len({first.staging, other.staging, newer.staging}) == 3


def test_a_run_killed_while_planning_leaves_nothing_that_counts(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    header = "invoice,stock_code,description,quantity,invoice_ts,unit_price,customer_id\n"
    rows = (f"{n},A,,1,2010-01-05 10:{n % 60:02d}:00,1,K{n % 9}\n" for n in range(12_000))
    path.write_text(header + "".join(rows), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_WHILE_PLANNING, str(path), str(tmp_path / "killed")],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"10000"
        process.kill()
    from hq.history.choice import choose_mapping

    after = build_plan(path, choose_mapping(path), tmp_path / "killed")
    whole = build_plan(path, choose_mapping(path), tmp_path / "whole")
    assert after.counts == whole.counts
    assert list(after.operations()) == list(whole.operations())


def test_a_failure_while_planning_leaves_nothing_that_counts(
    tmp_path: Path, write: Write, mapping: ReceiptMapping
) -> None:
    def fail(_rows: int) -> None:
        raise KeyboardInterrupt

    path = _many(write)
    with pytest.raises(KeyboardInterrupt):
        build_plan(path, mapping, tmp_path / "work", fail)
    assert build_plan(path, mapping, tmp_path / "work").counts.orders == 12_000


def test_a_plan_being_built_by_another_run_is_busy_and_that_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hq.history.staging._BUSY_TIMEOUT_S", 0)
    path = tmp_path / "plan.sqlite3"
    with building(path, "key") as connection:
        assert connection is not None
        with pytest.raises(StagingBusyError, match="another run is planning the same receipts there") as caught:
            is_complete(path, "key")
    assert caught.value.transient
    assert is_complete(path, "key")
    with building(path, "key") as connection:
        assert connection is None


def test_a_work_directory_that_is_a_file_is_told_in_one_sentence(
    tmp_path: Path, write: Write, mapping: ReceiptMapping
) -> None:
    (tmp_path / "work").write_text("x", encoding="utf-8")
    with pytest.raises(StagingError, match=r"work cannot hold the plan: |cannot be used for the plan"):
        build_plan(write("1,A,,1,2010-01-05 10:00,1,K1"), mapping, tmp_path / "work")


def test_something_else_by_the_plans_name_is_left_alone(tmp_path: Path, write: Write, mapping: ReceiptMapping) -> None:
    made = build_plan(write("1,A,,1,2010-01-05 10:00,1,K1"), mapping, tmp_path / "work")
    made.staging.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(StagingError, match=r"is no plan of ours: .*; remove it and start again"):
        build_plan(made.receipts, mapping, tmp_path / "work")


def test_a_full_disk_is_told_in_one_sentence_and_nothing_counts(tmp_path: Path) -> None:
    path = tmp_path / "plan.sqlite3"

    def fill() -> None:
        with building(path, "key") as connection:
            assert connection is not None
            connection.execute("PRAGMA max_page_count = 20")
            connection.executemany("INSERT INTO dirty VALUES (?, ?)", ((n, "x" * 500) for n in range(1_000)))

    with pytest.raises(StagingError, match="cannot be used for the plan: database or disk is full"):
        fill()
    assert not is_complete(path, "key")


def test_a_plan_that_was_removed_is_an_error_not_an_empty_plan(
    tmp_path: Path, write: Write, mapping: ReceiptMapping
) -> None:
    made = build_plan(write("1,A,,1,2010-01-05 10:00,1,K1"), mapping, tmp_path / "work")
    made.staging.unlink()
    with pytest.raises(StagingError):
        next(made.operations())
    assert not made.staging.exists()
