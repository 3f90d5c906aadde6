"""The audit of HQ's whole book on SQLite against reading its two large tables once.

    python -m bench.audit [--entries 100000] [--members 5000] [--rounds 5] [--json]

A till's enrolments and sales of one posting are taken in by HQ. Then the book is audited, in turns with Python's sqlite3 alone
that reads every row of the journal and the ledger; first with a tenth of the sales, then with all of them.
"""

import argparse
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bench.journals import Journal
from bench.measuring import Benchmark, Ratio, Report, Series, timed
from hq.auditing.service import audit
from hq.book.looking import book_of
from hq.book.sqlite import BOOK_FILE
from hq.config import HqConfig
from hq.pairing.terminals import authenticate
from hq.server import open_hq
from loyalty.numbers.limits import require
from sync.protocol.values import MAX_BATCH_ENTRIES, Batch

_ABOUT = "an audit of HQ's book on SQLite, against reading journal and ledger once with sqlite3 alone"
_TABLES = ("journal", "ledger")
_TEN = 10
_MILLION = 1_000_000


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Fill the book and compare, small and large."""
    config = HqConfig(data_dir=folder / "hq", merchant="bench")
    journal = Journal(seed=1)
    sales = max(_TEN, given.entries // MAX_BATCH_ENTRIES)
    with open_hq(config) as hq:
        till = authenticate(hq.book, hq.pairing.pair(journal.pair_request(hq.make_pairing_code())).token)

        def take(batches: Iterator[Batch]) -> None:
            for batch in batches:
                hq.ingest.batch(till, batch)

        take(journal.enrolments(MAX_BATCH_ENTRIES) for _ in range(max(1, given.members // MAX_BATCH_ENTRIES)))
        take(journal.sales(MAX_BATCH_ENTRIES) for _ in range(sales // _TEN))
        small = [_both(config) for _ in range(given.rounds)]
        take(journal.sales(MAX_BATCH_ENTRIES) for _ in range(sales - sales // _TEN))
        large = [_both(config) for _ in range(given.rounds)]
    before, after = sales // _TEN * MAX_BATCH_ENTRIES, sales * MAX_BATCH_ENTRIES
    return _report(folder, small, large, before, after)


def _both(config: HqConfig) -> tuple[int, int]:
    """Audit and read; gives how long each took, in nanoseconds."""
    return timed(lambda: _audit(config)), timed(lambda: _read(config.data_dir / BOOK_FILE))


def _audit(config: HqConfig) -> None:
    with book_of(config) as connection:
        require(audit(connection, datetime.now(UTC)).well, "the book is well")


def _read(book: Path) -> None:
    with closing(sqlite3.connect(f"{book.as_uri()}?mode=ro", uri=True)) as connection:
        for table in _TABLES:
            for _ in connection.execute(f"SELECT * FROM {table}"):
                pass


def _report(
    folder: Path, small: list[tuple[int, int]], large: list[tuple[int, int]], before: int, after: int
) -> Report:
    audited, read = (Series(ns=tuple(one[side] for one in large)) for side in range(2))
    growth = (more[0] / after / (less[0] / before) for less, more in zip(small, large, strict=True))
    ratios = {
        "time": Ratio(values=tuple(own / plain for own, plain in large)),
        "ten times the sales, time of one": Ratio(values=tuple(growth)),
    }
    recorded = {
        "sales": after,
        "audit": audited.in_ms(),
        "reading": read.in_ms(),
        "audit, seconds for a million sales": round(audited.median_ns * _MILLION / after / 1e9, 1),
    }
    return Report(name="audit", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure)
    benchmark.parser.add_argument("--entries", type=int, default=100_000, help="sales (default 100000)")
    benchmark.parser.add_argument("--members", type=int, default=5_000, help="members (default 5000)")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
