"""The durable commit of a sale by the agent's core against one raw commit of the same rows.

    python -m bench.commit [--sales 300] [--rounds 5] [--json]

A sale of 20 lines by a known member is committed by the till; then the very rows that it wrote (journal, pending
postings, idempotency, print job) are inserted into a second file of the same schema with Python's sqlite3 alone, WAL
and synchronous FULL, in one commit. The two take turns, sale by sale.

Where strace is there, fsyncs are counted, and the comparison is made once more with every fsync made 20 ms slower, as
on the disk of the reference till: a virtual disk with a cache answers in a fraction of a millisecond.
"""

import argparse
import gc
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from agent.book.files import migrations
from agent.till.till import Till
from bench.measuring import ROOT, Benchmark, Figures, Ratio, Report, Series, child_environment, timed
from bench.shop import MEMBERS, open_till, sale

LINES = 20
BUDGET, FSYNC_BUDGET = 2.0, 1.05
SLOW_FSYNC_MS = 20
_SLOW_SALES = 50
_ABOUT = "durable commit of a 20-line sale by the agent's core, against a raw sqlite3 commit of the same rows"
_TABLES = (("journal", "sequence = :sequence"), ("pending", "sequence = :sequence"), ("idempotency", "key = :key"))
_PRINTED = ("print_job", "sequence = :sequence")
Rows = list[tuple[str, tuple[object, ...]]]


class Written:
    """Reads what a commit of the till wrote, as the statements that write the same again."""

    def __init__(self, book: Path) -> None:
        self._connection = sqlite3.connect(f"{book.as_uri()}?mode=ro", uri=True, isolation_level=None)

    def rows(self, sequence: int, key: str) -> Rows:
        """Give the rows of the sale with this sequence and idempotency key; not those of an enrolment before it."""
        found: Rows = []
        for table, where in (*_TABLES, _PRINTED):
            query = f"SELECT * FROM {table} WHERE {where}"
            for row in self._connection.execute(query, {"sequence": sequence, "key": key}).fetchall():
                found.append((f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row))
        return found

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class Raw:
    """A file of the book's schema, written with sqlite3 and nothing else."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA foreign_keys=ON")
        for script in migrations():
            self._connection.executescript(script)

    def commit(self, rows: Rows) -> None:
        """Insert rows in one durable commit."""
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        for statement, row in rows:
            execute(statement, row)
        execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class Turns:
    """The till and the raw file, one sale after another."""

    def __init__(self, till: Till, raw: Raw, written: Written) -> None:
        self._till, self._raw, self._written = till, raw, written
        self._number = 0

    def take(self, sales: int) -> tuple[Series, Series]:
        """Commit so many sales on both; gives the agent's durations and the raw ones."""
        agent, raw = [], []
        for _ in range(sales):
            self._number += 1
            request = sale(self._number, LINES)
            agent.append(timed(lambda asked=request: self._till.commit(asked)))  # type: ignore[misc]
            rows = self._written.rows(self._till.context.book.head.sequence, request.key)
            raw.append(timed(lambda same=rows: self._raw.commit(same)))  # type: ignore[misc]
        return Series(ns=tuple(agent)), Series(ns=tuple(raw))


@contextmanager
def turns(folder: Path) -> Iterator[Turns]:
    """Open both files in ``folder``; the first sales, which make members and fill caches, are done."""
    with open_till(folder) as till:
        written, raw = Written(till.context.book.path), Raw(folder / "raw.db")
        try:
            both = Turns(till, raw, written)
            both.take(MEMBERS)
            gc.freeze()  # as `loyaltill till run` does once everything stands
            yield both
        finally:
            gc.unfreeze()
            written.close()
            raw.close()


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Compare the two, round by round, and count fsyncs."""
    with turns(folder) as both:
        rounds = [both.take(given.sales) for _ in range(given.rounds)]
    agent = Series(ns=tuple(ns for one, _ in rounds for ns in one.ns))
    raw = Series(ns=tuple(ns for _, one in rounds for ns in one.ns))
    ratios = {
        "median": Ratio(values=tuple(a.median_ns / b.median_ns for a, b in rounds), most=BUDGET),
        "mean": Ratio(values=tuple(a.mean_ns / b.mean_ns for a, b in rounds), most=BUDGET),
    }
    counted = None if given.no_strace else fsyncs(folder)
    if counted is not None:
        ratios["fsyncs per commit"] = Ratio(values=(counted,), most=FSYNC_BUDGET)
        ratios[f"median, every fsync {SLOW_FSYNC_MS} ms slower"] = Ratio(values=on_a_slow_disk(folder), most=BUDGET)
    recorded: Figures = {
        "agent": agent.in_ms(),
        "raw": raw.in_ms(),
        "fsyncs": "counted and slowed with strace" if counted is not None else "not counted",
    }
    return Report(name="commit", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


def fsyncs(folder: Path) -> float | None:
    """Count the fsyncs of one commit by the agent, checkpoints included; None where strace cannot be used."""
    if shutil.which("strace") is None:
        return None
    few, many = 100, 500
    try:
        return (_fsyncs(folder, many) - _fsyncs(folder, few)) / (many - few)
    except (OSError, subprocess.CalledProcessError):  # a system may forbid tracing
        return None


def _fsyncs(folder: Path, sales: int) -> int:
    """Count the fsyncs of a process that opens a new till and commits so many sales of known members."""
    place, trace = folder / f"fsyncs-{sales}", folder / f"fsyncs-{sales}.txt"
    place.mkdir()
    strace = ["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", str(trace)]
    command = [*strace, sys.executable, "-m", "bench.commit", "--commit-only", str(sales), "--dir", str(place)]
    subprocess.run(command, cwd=ROOT, env=child_environment(folder / "cache"), check=True, capture_output=True)
    return sum("sync(" in line for line in trace.read_text(encoding="utf-8").splitlines())


def on_a_slow_disk(folder: Path) -> tuple[float, ...]:
    """Compare again with every fsync delayed; gives the median ratio of each of three rounds."""
    place = folder / "slow"
    place.mkdir()
    slow = f"inject=fsync,fdatasync:delay_exit={SLOW_FSYNC_MS * 1_000}"
    strace = ["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-e", slow, "-o", str(folder / "slow.txt")]
    options = ["--no-strace", "--json", "--sales", str(_SLOW_SALES), "--rounds", "3", "--dir", str(place)]
    command = [*strace, sys.executable, "-m", "bench.commit", *options]
    environment = child_environment(folder / "cache")
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    median = json.loads(done.stdout)["ratios"]["median"]
    return median["min"], median["median"], median["max"]


def commit_only(sales: int, folder: Path) -> int:
    """Commit sales and nothing else, for whoever counts from outside."""
    with open_till(folder) as till:
        for number in range(1, MEMBERS + sales + 1):
            till.commit(sale(number, LINES))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure)
    benchmark.parser.add_argument("--sales", type=int, default=300, help="sales of each round (default 300)")
    benchmark.parser.add_argument("--no-strace", action="store_true", help="do not count fsyncs, nor slow them")
    benchmark.parser.add_argument("--commit-only", type=int, default=0, help=argparse.SUPPRESS)
    given = benchmark.parser.parse_args(arguments)
    return commit_only(given.commit_only, given.dir) if given.commit_only else benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
