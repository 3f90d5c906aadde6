"""A till's first feed of everybody, by pages and by segment files, over loopback in the same run.

    python -m bench.feed_files [--members 100000] [--rounds 1] [--json]

HQ's book gets made-up members, each with a card and a balance, straight into its tables and its log: three rows a member. HQ closes
them into segment files once. Then a till that has nothing fetches everything through HQ's own server and shows it, once by
pages of 2,000 rows and once by files. Bytes are those of the bodies on the wire.
"""

import argparse
import shutil
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.book import members
from agent.book.book import Book
from agent.book.sync_state import BookFeed
from bench.journals import Journal
from bench.lookup import People
from bench.measuring import Benchmark, Ratio, Report, timed
from bench.shop import NOON, STORE
from bench.snapshot import fill
from hq.book.sqlite import BOOK_FILE
from hq.config import HqConfig
from hq.feed.log import CARD_KEY_BYTES, Entity
from hq.feed.segments import Kept
from hq.server import ServerThread, open_hq
from sync.download import download
from sync.links.http import HttpLink

_ABOUT = "a first feed of so many members, by segment files against pages"
_ROWS = 3
"""A member, a card and a balance of each."""


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Fill HQ's book, close its log into files, and begin at new tills both ways, round by round."""
    people = People(given.members)
    with ExitStack() as stack:
        config = HqConfig(data_dir=folder / "hq", port=0, everyone_up_to=given.members, merchant="bench")
        hq = stack.enter_context(open_hq(config))
        fill(folder / "hq" / BOOK_FILE, people)
        fill_log(folder / "hq" / BOOK_FILE, people)
        kept = list[Kept]()
        closing = timed(lambda: kept.append(hq.segments.run(datetime.now(UTC))))
        server = stack.enter_context(ServerThread(hq))
        answer = hq.pairing.pair(Journal(seed=1).pair_request(hq.make_pairing_code()))
        rounds = list[dict[str, int]]()
        for _ in range(given.rounds):
            times = dict[str, int]()
            for way in ("pages", "files"):
                with HttpLink(server.url, answer.token) as link:
                    times |= _begin(folder / way, link, way, people)
            rounds.append(times)
    return _report(folder, given.members, closing, kept[0], rounds)


def fill_log(book: Path, people: People) -> None:
    """Put everything into the log as an import of members leaves it: of each member all rows together."""
    connection = sqlite3.connect(book, isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("DELETE FROM feed")
    keys = [people.keys[place].to_bytes(CARD_KEY_BYTES, "big", signed=True) for place in range(people.count)]
    for number, (entity, found) in enumerate(
        (
            (Entity.MEMBER, (people.member(place) for place in range(people.count))),
            (Entity.CARD, keys),
            (Entity.BALANCE, (people.member(place) + b"points" for place in range(people.count))),
        ),
        start=1,
    ):
        rows = ((int(entity), key, place * _ROWS + number) for place, key in enumerate(found))
        connection.executemany("INSERT INTO feed (entity, key, position) VALUES (?, ?, ?)", rows)
    connection.execute("UPDATE feed_head SET position = ?", (people.count * _ROWS,))
    connection.execute("COMMIT")
    connection.close()


def _begin(folder: Path, link: HttpLink, way: str, people: People) -> dict[str, int]:
    sizes = list[int]()

    def weigh(answer: Any, **_: object) -> None:
        sizes.append(int(answer.headers["Content-Length"]))

    link._session.hooks["response"].append(weigh)  # noqa: SLF001
    with Book(folder, bytes(range(32)), b"12345678") as book:
        feed, rows = BookFeed(book, lambda: NOON, STORE), list[int]()
        worked = time.process_time_ns()
        taken = timed(lambda: rows.append(download(feed, link, None, link if way == "files" else None)))
        worked = time.process_time_ns() - worked
        with book.read() as connection:
            assert members.by_card(connection, people.keys[0]) == people.owner(0)
    assert rows == [people.count * _ROWS]
    shutil.rmtree(folder)
    return {f"{way}, ns": taken, f"{way}, ns of the processor": worked, f"{way}, bytes": sum(sizes)}


def _report(folder: Path, count: int, closing: int, kept: Kept, rounds: list[dict[str, int]]) -> Report:
    ratios = {
        "files against pages, time": Ratio(values=tuple(one["files, ns"] / one["pages, ns"] for one in rounds)),
        "files against pages, processor of both ends": Ratio(
            values=tuple(one["files, ns of the processor"] / one["pages, ns of the processor"] for one in rounds)
        ),
        "files against pages, bytes": Ratio(values=tuple(one["files, bytes"] / one["pages, bytes"] for one in rounds)),
    }
    recorded: dict[str, object] = {"members": count, "rows": count * _ROWS, "files": kept.files}
    recorded["closing, rows a second"] = round(kept.rows * 1e9 / closing)
    for way in ("pages", "files"):
        recorded[f"{way}, rows a second"] = round(
            count * _ROWS * len(rounds) * 1e9 / sum(one[f"{way}, ns"] for one in rounds)
        )
        recorded[f"{way}, bytes"] = rounds[0][f"{way}, bytes"]
    return Report(name="feed_files", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure, rounds=1)
    benchmark.parser.add_argument("--members", type=int, default=100_000, help="members (default 100000)")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
