"""HQ's ingest on SQLite against a bare executemany of the same rows.

    python -m bench.ingest [--batches 20] [--members 5000] [--rounds 5] [--json]
    python -m bench.ingest --postgres [--balances 10000000] [--data DIR]

A till's batches of 500 sales are taken in by HQ (chain recomputed, entries read, stored, posted, feed told, one durable
transaction a batch); then the very rows that this wrote, in every table, go into a second file of the same tables with
Python's sqlite3 and executemany alone, also one durable transaction a batch. The two take turns, batch by batch.
HTTP, packing and the till are not in it. With --postgres the same is asked of PostgreSQL: see `bench.postgres`.
"""

import argparse
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.journals import Journal
from bench.measuring import Benchmark, Ratio, Report, Series, timed
from hq.book.sqlite import BOOK_FILE
from hq.config import HqConfig
from hq.pairing.terminals import authenticate
from hq.server import open_hq
from sync.protocol.values import MAX_BATCH_ENTRIES, Batch

_ABOUT = "HQ's ingest of batches of 500 sales on SQLite, against a bare executemany of the same rows"
_WRITTEN = {
    "journal": "sequence BETWEEN :first AND :last",
    "entry": "sequence BETWEEN :first AND :last",
    "ledger": "entry_id IN (SELECT entry_id FROM entry WHERE sequence BETWEEN :first AND :last)",
    "journal_head": "TRUE",
    "balance": "account_id IN (SELECT account_id FROM ledger JOIN entry USING (entry_id)"
    " WHERE sequence BETWEEN :first AND :last)",
    "feed": "position > :told",
    "feed_head": "TRUE",
}
Rows = dict[str, list[tuple[object, ...]]]


class Written:
    """Reads from HQ's book what one batch wrote."""

    def __init__(self, book: Path) -> None:
        self._book = sqlite3.connect(f"{book.as_uri()}?mode=ro", uri=True, isolation_level=None)
        self._told = 0

    def tables(self) -> list[str]:
        """Give the statements that make the tables and indexes that a batch writes to."""
        query = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name = ?"
        return [sql for table in _WRITTEN for (sql,) in self._book.execute(query, (table,))]

    def rows(self, batch: Batch) -> Rows:
        """Give the rows of each table after ``batch``, the last one that HQ took."""
        places = {"first": batch.first, "last": batch.first + len(batch.entries) - 1, "told": self._told}
        found = {
            table: self._book.execute(f"SELECT * FROM {table} WHERE {where}", places).fetchall()
            for table, where in _WRITTEN.items()
        }
        (self._told,) = self._book.execute("SELECT position FROM feed_head").fetchone()
        return found

    def close(self) -> None:
        """Close the book."""
        self._book.close()


class Bare:
    """A file with the same tables, written with sqlite3 alone."""

    def __init__(self, path: Path, tables: list[str]) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for setting in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536"):
            self._connection.execute(f"PRAGMA {setting}")
        for statement in tables:
            self._connection.execute(statement)

    def take(self, rows: Rows) -> None:
        """Write rows in one durable transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        for table, some in rows.items():
            if some:
                places = ", ".join("?" * len(some[0]))
                self._connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({places})", some)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Compare the two, round by round."""
    if given.postgres:
        from bench.postgres import measure_postgres

        return measure_postgres(given, folder)
    journal = Journal(seed=1)
    with open_hq(HqConfig(data_dir=folder / "hq", merchant="bench")) as hq:
        till = authenticate(hq.book, hq.pairing.pair(journal.pair_request(hq.make_pairing_code())).token)
        written = Written(folder / "hq" / BOOK_FILE)
        bare = Bare(folder / "bare.db", written.tables())

        def take(batch: Batch) -> tuple[int, int]:
            taken = timed(lambda: hq.ingest.batch(till, batch))
            rows = written.rows(batch)
            return taken, timed(lambda: bare.take(rows))

        for _ in range(max(1, given.members // MAX_BATCH_ENTRIES)):
            take(journal.enrolments(MAX_BATCH_ENTRIES))
        take(journal.sales(MAX_BATCH_ENTRIES))  # fills caches
        rounds = [[take(journal.sales(MAX_BATCH_ENTRIES)) for _ in range(given.batches)] for _ in range(given.rounds)]
        written.close()
        bare.close()
    return _report(folder, rounds)


def _report(folder: Path, rounds: list[list[tuple[int, int]]]) -> Report:
    taken = Series(ns=tuple(ns for one in rounds for ns, _ in one))
    bare = Series(ns=tuple(ns for one in rounds for _, ns in one))
    ratio = Ratio(values=tuple(sum(ns for ns, _ in one) / sum(ns for _, ns in one) for one in rounds))
    recorded = {
        "ingest, a batch": taken.in_ms(),
        "bare, a batch": bare.in_ms(),
        "ingest, entries a second": round(MAX_BATCH_ENTRIES * 1e9 / taken.mean_ns),
        "bare, entries a second": round(MAX_BATCH_ENTRIES * 1e9 / bare.mean_ns),
    }
    return Report(name="ingest", about=_ABOUT, folder=folder, ratios={"time": ratio}, recorded=recorded)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure)
    benchmark.parser.add_argument("--batches", type=int, default=20, help="batches of each round (default 20)")
    benchmark.parser.add_argument("--members", type=int, default=5_000, help="members (default 5000)")
    benchmark.parser.add_argument("--postgres", action="store_true", help="on PostgreSQL, against a bare COPY")
    benchmark.parser.add_argument("--balances", type=int, default=10_000_000, help="its balances (default 10000000)")
    benchmark.parser.add_argument(
        "--data", type=Path, metavar="DIR", help="where its data go (default: as Python's tempfile)"
    )
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
