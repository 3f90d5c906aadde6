"""The feed into a till's book: sorted by key and in random order, against a raw executemany of the same rows.

    python -m bench.feed_apply [--members 100000] [--changes 20000] [--rounds 5] [--json]

A till holds so many members as others. Then so many of them get another balance, in pages of 2,000 rows through
`BookFeed.stage`, durable as they are in a shop, and shown with the last one: once with the rows in order of their accounts, and
once in random order. The baseline writes the same rows with one executemany into a table of the same shape in a file of its
own, in one durable transaction for each page.
"""

import argparse
import random
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from agent.book.book import Book
from agent.book.sync_state import BookFeed
from bench.lookup import People
from bench.measuring import Benchmark, Ratio, Report, timed
from bench.shop import NOON, STORE
from sync.protocol.values import MAX_FEED_ROWS, FeedBalance, FeedPage

_ABOUT = "rows of the feed into a till's book, against a raw executemany of the same rows"
_UNIT, _EPOCH = "points", "bench"


def pages(rows: Sequence[FeedBalance], after: int) -> list[FeedPage]:
    """Cut rows into pages; the last one is complete."""
    starts = range(0, len(rows), MAX_FEED_ROWS)
    return [
        FeedPage(
            hq_epoch=_EPOCH,
            after=after + start,
            upto=after + min(len(rows), start + MAX_FEED_ROWS),
            complete=start == starts[-1],
            applied=0,
            rows=tuple(rows[start : start + MAX_FEED_ROWS]),
            everyone=False,
            unit=_UNIT,
        )
        for start in starts
    ]


class Raw:
    """A file with one table of balances, written with sqlite3 alone."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE base (member BLOB PRIMARY KEY, amount INTEGER) WITHOUT ROWID")

    def write(self, some: Sequence[FeedPage]) -> None:
        """Write the balances of pages, one durable transaction each."""
        for page in some:
            self._connection.execute("BEGIN IMMEDIATE")
            rows = [(row.account, row.amount) for row in page.rows if isinstance(row, FeedBalance)]
            self._connection.executemany("INSERT OR REPLACE INTO base VALUES (?, ?)", rows)
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Apply the same changes in both orders and to the baseline, round by round."""
    people, chance = People(given.members), random.Random(3)
    raw = Raw(folder / "raw.db")
    rounds: list[dict[str, int]] = []
    with Book(folder / "till", bytes(range(32)), b"12345678") as book:
        feed = BookFeed(book, lambda: NOON, STORE)

        def apply(some: Sequence[FeedPage]) -> None:
            for page in some:
                feed.stage(page)

        every = [FeedBalance(account=people.member(place), unit=_UNIT, amount=1) for place in range(people.count)]
        first = pages(every, 0)
        apply(first)
        raw.write(first)
        for number in range(given.rounds):
            rows = [
                FeedBalance(account=people.member(place), unit=_UNIT, amount=number + 2)
                for place in chance.sample(range(people.count), min(given.changes, people.count))
            ]
            ordered = pages(sorted(rows, key=lambda row: row.account), feed.cursor()[1])
            times = {"raw": timed(lambda kept=ordered: raw.write(kept))}  # type: ignore[misc]
            times["sorted"] = timed(lambda kept=ordered: apply(kept))  # type: ignore[misc]
            mixed = pages(rows, feed.cursor()[1])
            times["random"] = timed(lambda kept=mixed: apply(kept))  # type: ignore[misc]
            rounds.append(times)
    raw.close()
    return _report(folder, given, rounds)


def _report(folder: Path, given: argparse.Namespace, rounds: list[dict[str, int]]) -> Report:
    count = min(given.changes, given.members)
    ratios = {
        f"{order} against raw": Ratio(values=tuple(one[order] / one["raw"] for one in rounds))
        for order in ("sorted", "random")
    }
    recorded: dict[str, object] = {
        f"{what}, rows a second": round(count * len(rounds) * 1e9 / sum(one[what] for one in rounds))
        for what in ("sorted", "random", "raw")
    }
    recorded |= {"members": given.members, "changes of a round": count}
    return Report(name="feed_apply", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure)
    benchmark.parser.add_argument("--members", type=int, default=100_000, help="members (default 100000)")
    benchmark.parser.add_argument("--changes", type=int, default=20_000, help="changes of a round (default 20000)")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
