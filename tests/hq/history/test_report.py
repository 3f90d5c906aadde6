from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hq.history.errors import ReportError
from hq.history.plan import Plan
from hq.history.report import write_report

MakePlan = Callable[..., Plan]


def test_the_report_lists_dirty_rows_and_parked_lines_as_written(tmp_path: Path, plan: MakePlan) -> None:
    made = plan(
        "1,A,Tea,2,2010-06-05 10:00,1.25,K1",
        "1,A,Tea,2,2010-06-05 10:00,0.0,K1",
        "C2,A,Tea,-3,2010-06-05 11:00,1.25,K1",
        '3,"B, c",Tea,many,2010-06-05 11:00,1.25,K1',
        "",
        "1,A,Tea,2,2010-06-05 10:00,1.25,K2",
        "4,A,Tea,1,2010-06-05 10:00,1.25,K2,extra",
    )
    path = tmp_path / "out" / "report.csv"
    assert write_report(made, path) == 6
    assert path.read_text(encoding="utf-8").splitlines() == [
        "row,outcome,reason,parked_quantity,invoice,item,description,quantity,at,price,customer",
        "3,dirty,price_zero,,1,A,Tea,2,2010-06-05 10:00,0.0,K1",
        "4,parked,more_than_purchased,1.000,C2,A,Tea,-3,2010-06-05 11:00,1.25,K1",
        '5,dirty,bad_quantity,,3,"B, c",Tea,many,2010-06-05 11:00,1.25,K1',
        "6,dirty,empty_row,",
        "7,dirty,invoice_of_another_customer,,1,A,Tea,2,2010-06-05 10:00,1.25,K2",
        "8,dirty,too_many_columns,,4,A,Tea,1,2010-06-05 10:00,1.25,K2,extra",
    ]
    assert [entry.name for entry in path.parent.iterdir()] == ["report.csv"]


def test_the_report_lists_rows_that_the_till_refused_and_what_came_back_of_them(tmp_path: Path, plan: MakePlan) -> None:
    made = plan(
        "1,A,Tea,2,2010-06-05 10:00,1.25,K1",
        "1,B,Bun,1,2010-06-05 10:00,1.25,K1",
        "2,A,Tea,1,2010-06-05 11:00,1.25,K1",
        "C3,A,Tea,-4,2010-06-05 12:00,1.25,K1",
        "C4,B,Bun,-1,2010-06-05 13:00,1.25,K1",
    )
    path = tmp_path / "report.csv"
    assert write_report(made, path, [(1, "amount_too_large")]) == 5
    assert [line.rsplit(",", 7)[0] for line in path.read_text(encoding="utf-8").splitlines()[1:]] == [
        "2,refused,amount_too_large,",
        "3,refused,amount_too_large,",
        "5,parked,more_than_purchased,1.000",
        "5,parked,original_refused,2.000",
        "6,parked,original_refused,1.000",
    ]
    assert write_report(made, path) == 1


def test_every_row_is_in_the_plan_or_in_the_report(tmp_path: Path, plan: MakePlan) -> None:
    made = plan(*(f"{n},A,,{n % 3 - 1},2010-06-05 10:00,{n % 2},K{n % 4}" for n in range(400)))
    good = sum(made.counts.rows[name] for name in ("sale_line", "anonymous_sale_line", "cancelled_line"))
    assert good + write_report(made, tmp_path / "report.csv") == 400


def test_a_report_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path: Path, plan: MakePlan) -> None:
    made = plan("1,A,Tea,2,2010-06-05 10:00,1.25,K1")
    (tmp_path / "report.csv").mkdir()
    with pytest.raises(ReportError, match=r"report\.csv cannot be written: "):
        write_report(made, tmp_path / "report.csv")
    assert not (tmp_path / "report.csv.part").exists()
