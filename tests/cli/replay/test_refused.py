"""What the till refuses in a replay: counted and listed the same, whether one run did it all or several."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace as with_changes
from pathlib import Path

import pytest

from agent.book.book import FILE as BOOK
from cli.default_programme import default_programme
from cli.main import main
from cli.replay.outcome import Outcome
from cli.replay.refused import FILE
from cli.replay.run import replay
from hq.history.choice import choose_mapping
from hq.history.plan import Plan, build_plan

FAR_TOO_MUCH = "60000000000000000.00"
RECEIPTS = f"""\
invoice,item,description,category,quantity,timestamp,unit_price,customer
1,A,Apple,fruit,1,2026-03-14 09:00:00,1.00,2900000000001
2,A,Apple,fruit,1,2026-03-14 09:01:00,{FAR_TOO_MUCH},2900000000001
2,B,Bread,bread,1,2026-03-14 09:01:00,{FAR_TOO_MUCH},2900000000001
3,A,Apple,fruit,1,2026-03-14 09:02:00,5.00,2900000000002
R4,B,Bread,bread,-1,2026-03-14 09:03:00,{FAR_TOO_MUCH},2900000000001
5,A,Apple,fruit,2,2026-03-14 09:04:00,7.00,2900000000002
"""
REFUSED = {"amount_too_large": 1}
LISTED = [
    ["operation", "receipt", "kind", "local_time", "code"],
    ["2", "2", "sale", "2026-03-14T09:01:00+05:00", "amount_too_large"],
]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Five operations, of which the till refuses the second; what the fourth gives back was part of it."""
    receipts = tmp_path / "receipts.csv"
    receipts.write_text(RECEIPTS, encoding="utf-8")
    return build_plan(receipts, choose_mapping(receipts), tmp_path)


@pytest.fixture
def run(plan: Plan, tmp_path: Path) -> Callable[..., Outcome]:
    """Runs the plan in a folder, up to an operation or to its end."""
    programme = tmp_path / "programme.toml"
    programme.write_text(default_programme(plan.mapping.currency), encoding="utf-8")

    def running(folder: Path, upto: int | None = None) -> Outcome:
        def stop(done: int) -> None:
            if done == upto:
                raise KeyboardInterrupt

        return with_changes(replay(plan, folder, programme, stop), seconds=0.0)

    return running


def listed(folder: Path) -> list[list[str]]:
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def forget(folder: Path, key: str) -> None:
    """Take an answer out of the till's book, as if it had not been kept."""
    with closing(sqlite3.connect(folder / "till" / BOOK)) as book, book:
        assert book.execute("DELETE FROM idempotency WHERE key = ?", (key,)).rowcount == 1


@pytest.mark.parametrize("upto", [1, 2, 3, 4, 5])
def test_a_run_that_goes_on_counts_and_lists_what_the_one_before_it_was_refused(
    run: Callable[..., Outcome], tmp_path: Path, upto: int
) -> None:
    whole = run(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "parts", upto)
    assert run(tmp_path / "parts") == whole
    assert (whole.refused, whole.agree) == (REFUSED, True)
    assert (whole.orders, whole.receipts, whole.returns, whole.return_entries) == (3, 4, 1, 0)
    assert (whole.parked, whole.parked_by_reason, whole.entries_hq) == (1, {"original_refused": 1}, 6)
    assert listed(tmp_path / "parts") == listed(tmp_path / "whole") == LISTED


def test_a_refusal_whose_answer_was_not_kept_is_refused_again(run: Callable[..., Outcome], tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "parts", 4)
    forget(tmp_path / "parts", "replay:2")
    assert run(tmp_path / "parts").refused == REFUSED
    assert listed(tmp_path / "parts") == LISTED


def test_refused_receipts_are_a_failure_that_names_their_list(
    plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = tmp_path / "work"
    assert main(["replay", "--json", "--receipts", str(plan.receipts), "--work-dir", str(work)]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["refused"] == REFUSED
    [run_folder] = work.glob("run-*")
    assert said.err == (
        f"rows that were not used are listed in {run_folder / 'report.csv'}, "
        f"receipts that the till refused in {run_folder / FILE}\n"
    )
    assert listed(run_folder) == LISTED
    with (run_folder / "report.csv").open(encoding="utf-8", newline="") as file:
        assert [row[:5] for row in csv.reader(file)][1:] == [
            ["3", "refused", "amount_too_large", "", "2"],
            ["4", "refused", "amount_too_large", "", "2"],
            ["6", "parked", "original_refused", "1.000", "R4"],
        ]


def test_what_comes_back_of_two_refused_sales_is_two_returns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipts = tmp_path / "receipts.csv"
    header, line = RECEIPTS.splitlines()[0], "Apple,fruit,1,2026-03-14 09:0"
    sales = [
        f"{number},{item},{line}{number}:00,{FAR_TOO_MUCH},2900000000001" for number in (1, 2) for item in ("A", "B")
    ]
    back = ["R3,A,Apple,fruit,-1,2026-03-14 09:03:00,5.00,2900000000001"] * 2
    receipts.write_text("\n".join((header, *sales, *back)) + "\n", encoding="utf-8")
    assert main(["replay", "--json", "--receipts", str(receipts), "--work-dir", str(tmp_path / "work")]) == 1
    outcome = json.loads(capsys.readouterr().out)
    assert (outcome["orders"], outcome["refused"], outcome["agree"]) == (0, {"amount_too_large": 2}, True)
    assert (outcome["parked_by_reason"], outcome["entries_hq"]) == ({"original_refused": 2}, 2)
