"""Replaying past receipts: receipts a second, against raw commits of the same rows, and memory for ten times the input.

    python -m bench.replay [--receipts 3000] [--rounds 3] [--json]
    python -m bench.replay --file ../shared/data/online_retail_2009_2010.csv.gz --rounds 1

`loyaltill replay` runs in a process of its own: file, plan, till (one durable commit a receipt), upload, HQ and the
comparison at the end. Against it, in turns: the rows of the till's journal and of its idempotency table written with
Python's sqlite3 alone, one durable commit a receipt; the programme alone over the same baskets, without till and disk;
and the file read by Python's csv alone.
"""

import argparse
import csv
import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from random import Random
from typing import TypeAlias

from agent.book.files import migrations
from bench.measuring import ROOT, Benchmark, Figures, Ratio, Report, child_environment, timed
from cli.default_programme import default_programme
from cli.replay.operations import sale_request
from hq.history.choice import choose_mapping
from hq.history.generator import Day, write_day
from hq.history.operations import Sale
from hq.history.plan import build_plan
from loyalty.moment import Moment
from loyalty.programme.reader import read_programme
from loyalty.quote import quote
from loyalty.sale.basket import Basket, make_basket

BUDGET_PER_MINUTE = 100_000
_TIMES_MORE = 10
_DAY = date(2026, 3, 2)
_ABOUT = "replay of a file of receipts through a till and an HQ"
_MB_KIB = 1024
Commit: TypeAlias = list[tuple[str, tuple[object, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One replay in its own process.

    Attributes:
        seconds: From the command's start to its outcome.
        peak_mb: The most memory that was resident, or None where the system does not tell.
    """

    receipts: int
    seconds: float
    peak_mb: float | None
    work_dir: Path


def replay(receipts: Path, cache: Path, folder: Path) -> Run:
    """Replay a file from the beginning."""
    work_dir = Path(tempfile.mkdtemp(dir=folder, prefix="run-"))
    command = [sys.executable, "-m", "cli.main", "replay", "--json", "--receipts", str(receipts)]
    with (work_dir / "out.json").open("w+", encoding="utf-8") as out:
        process = subprocess.Popen(
            [*command, "--work-dir", str(work_dir)],
            cwd=ROOT,
            env=child_environment(cache),
            stdout=out,
            stderr=subprocess.DEVNULL,
        )
        peak_mb = _peak_mb(process)
        if process.wait() != 0:
            raise RuntimeError(f"the replay of {receipts.name} ended with status {process.returncode}")
        out.seek(0)
        outcome = json.load(out)
    return Run(receipts=int(outcome["receipts"]), seconds=float(outcome["seconds"]), peak_mb=peak_mb, work_dir=work_dir)


def _peak_mb(process: subprocess.Popen[bytes]) -> float | None:
    """Wait for a process and give its peak of resident memory."""
    if not hasattr(os, "wait4"):  # Windows
        return None
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return float(usage.ru_maxrss / (_MB_KIB if sys.platform != "darwin" else _MB_KIB * 1024))


def raw_commits(run: Run) -> int:
    """Write what the till wrote for each receipt with sqlite3 alone; gives the nanoseconds of the commits."""
    target = sqlite3.connect(run.work_dir / "raw.db", isolation_level=None)
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        target.execute(f"PRAGMA {setting}")
    for script in migrations():
        target.executescript(script)
    commits = list(_commits(next(run.work_dir.glob("run-*/till/till.db"))))
    taken = timed(lambda: _write(target, commits))
    target.close()
    return taken


def _commits(book: Path) -> Iterator[Commit]:
    """Give the rows of each receipt's commit: an enrolment goes with the sale after it."""
    source = sqlite3.connect(f"{book.as_uri()}?mode=ro", uri=True)
    answers = source.execute("SELECT * FROM idempotency ORDER BY CAST(substr(key, instr(key, ':') + 1) AS INTEGER)")
    commit: Commit = []
    for kind, *entry in source.execute("SELECT kind, * FROM journal ORDER BY sequence"):
        commit.append(_insert("journal", tuple(entry)))
        if kind != "enrol":
            yield [*commit, _insert("idempotency", answers.fetchone())]
            commit = []
    source.close()


def _insert(table: str, row: tuple[object, ...]) -> tuple[str, tuple[object, ...]]:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row


def _write(target: sqlite3.Connection, commits: list[Commit]) -> None:
    for commit in commits:
        target.execute("BEGIN IMMEDIATE")
        for statement, row in commit:
            target.execute(statement, row)
        target.execute("COMMIT")


def programme_alone(receipts: Path, folder: Path) -> tuple[int, int]:
    """Quote every sale of a file without till and disk; gives how many, and the nanoseconds of it."""
    mapping = choose_mapping(receipts)
    plan = build_plan(receipts, mapping, folder)
    programme = read_programme(default_programme(mapping.currency), "the default programme")
    sales = [item for item in plan.operations() if isinstance(item, Sale)]
    asked = [(sale_request(item, mapping.currency.code).sale, item) for item in sales]

    def act() -> None:
        for request, item in asked:
            basket = make_basket(programme.currency, request.lines)
            assert isinstance(basket, Basket)
            quote(programme, basket, None, Moment(at=item.local_at, business_date=item.local_at.date()))

    return len(sales), timed(act)


def read_csv(receipts: Path) -> int:
    """Read a file with Python's csv and do nothing with it; gives the nanoseconds."""

    def act() -> None:
        packed = receipts.suffix == ".gz"
        with (
            gzip.open(receipts) if packed else receipts.open("rb") as file,
            TextIOWrapper(file, encoding="utf-8", newline="") as text,
        ):
            for _ in csv.reader(text):
                pass

    return timed(act)


def generate(path: Path, receipts: int) -> Path:
    """Make up a day of receipts; a third as many members."""
    write_day(path, Day(date=_DAY, receipts=receipts, members=max(1, receipts // 3)), Random(receipts))
    return path


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Replay, then do the baselines on what it left, round by round; then once with ten times the input."""
    cache = folder / "cache"
    receipts = given.file or generate(folder / "receipts.csv", given.receipts)
    if given.rounds > 1:
        replay(generate(folder / "warm-up.csv", 10), cache, folder)  # compiles the modules
    rounds = [_round(receipts, cache, folder) for _ in range(given.rounds)]
    ratios, recorded = _figures(rounds)
    more = None if given.file else replay(generate(folder / "more.csv", given.receipts * _TIMES_MORE), cache, folder)
    if more is not None and more.peak_mb is not None:
        peaks = [one.run.peak_mb for one in rounds if one.run.peak_mb is not None]
        ratios[f"peak memory, {_TIMES_MORE} times the input against once"] = Ratio(
            values=tuple(more.peak_mb / peak for peak in peaks)
        )
        recorded[f"{_TIMES_MORE} times the input"] = _run_in_figures(more)
    return Report(name="replay", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One replay and its baselines; durations in nanoseconds."""

    run: Run
    raw_ns: int
    csv_ns: int
    quotes: int
    quotes_ns: int


def _round(receipts: Path, cache: Path, folder: Path) -> Round:
    run = replay(receipts, cache, folder)
    quotes, quotes_ns = programme_alone(receipts, run.work_dir)
    done = Round(run=run, raw_ns=raw_commits(run), csv_ns=read_csv(receipts), quotes=quotes, quotes_ns=quotes_ns)
    shutil.rmtree(run.work_dir)
    return done


def _figures(rounds: list[Round]) -> tuple[dict[str, Ratio], dict[str, object]]:
    programme_per_minute = tuple(one.quotes / (one.quotes_ns / 60e9) for one in rounds)
    ratios = {
        "time against raw commits of the same rows": Ratio(
            values=tuple(one.run.seconds * 1e9 / one.raw_ns for one in rounds)
        ),
        "time against reading the file as csv": Ratio(
            values=tuple(one.run.seconds * 1e9 / one.csv_ns for one in rounds)
        ),
        "receipts a minute, share of the budget of 100,000": Ratio(
            values=tuple(one.run.receipts / one.run.seconds * 60 / BUDGET_PER_MINUTE for one in rounds), least=1.0
        ),
        "programme alone, receipts a minute, share of 100,000": Ratio(
            values=tuple(rate / BUDGET_PER_MINUTE for rate in programme_per_minute)
        ),
    }
    recorded: dict[str, object] = {
        "runs": [_run_in_figures(one.run) for one in rounds],
        "raw commits, s": [round(one.raw_ns / 1e9, 3) for one in rounds],
        "csv alone, s": [round(one.csv_ns / 1e9, 3) for one in rounds],
        "programme alone, receipts a minute": [round(rate) for rate in programme_per_minute],
    }
    return ratios, recorded


def _run_in_figures(run: Run) -> Figures:
    return {
        "receipts": run.receipts,
        "seconds": run.seconds,
        "receipts_per_second": round(run.receipts / run.seconds, 1),
        "peak_mb": round(run.peak_mb, 1) if run.peak_mb is not None else None,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure, rounds=3)
    benchmark.parser.add_argument("--receipts", type=int, default=3_000, help="receipts to make up (default 3000)")
    benchmark.parser.add_argument("--file", type=Path, metavar="FILE", help="real receipts instead, only once as many")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
