"""A new till's snapshot of ten million members: made, fetched over loopback, proven and shown.

    python -m bench.snapshot [--members 10000000] [--rounds 1] [--json]

HQ's book gets made-up members, each with a card and a balance, straight into its tables. Then HQ makes its snapshot, and a till
that has nothing fetches it through HQ's own server, proves it and shows it with the page behind it: everything that a new
till waits for, and what the budget is for; HQ makes a snapshot by its job, once for all tills. The baseline is to copy a file
of the same bytes, with an fsync, and to hash it, in the same run.
"""

import argparse
import hashlib
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from agent.book import base, members
from agent.book.book import Book
from agent.book.snapshots import BookSnapshot
from agent.book.sync_state import BookFeed
from bench.journals import Journal
from bench.lookup import People
from bench.measuring import Benchmark, Ratio, Report, timed
from bench.shop import CURRENCY, NOON, STORE
from cli.default_programme import default_programme
from hq.asking import snapshot
from hq.book.sqlite import BOOK_FILE
from hq.config import HqConfig
from hq.feed.snapshot import Made
from hq.programmes.values import When
from hq.server import ServerThread, open_hq
from sync.download import download
from sync.links.http import HttpLink
from sync.snapshot import take

BUDGET_S = 60.0
_ABOUT = "a snapshot of so many members made, fetched, proven and shown at a new till"
_PAGE_ROWS = 10
"""So few that a till at the beginning has more than one page before it, whatever the number of members."""


def fill(book: Path, people: People) -> None:
    """Write members, accounts, balances and cards into HQ's tables."""
    connection = sqlite3.connect(book, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-2097152")  # KiB: the index of cards by member is filled in no order
    connection.execute("BEGIN")
    ids = [people.member(place) for place in range(people.count)]
    connection.executemany(
        "INSERT INTO member (member_id, canonical_id, tier, joined_at_ms) VALUES (?, ?, ?, 0)",
        ((one, one, ("gold", None, "silver")[place % 3]) for place, one in enumerate(ids)),
    )
    connection.executemany("INSERT INTO account VALUES (?, ?, 'member')", ((one, one) for one in ids))
    connection.executemany(
        "INSERT INTO balance VALUES (?, 'points', ?)", ((one, place * 7_919 % 200_000) for place, one in enumerate(ids))
    )
    connection.executemany("INSERT INTO card (card_key, member_id, last_four) VALUES (?, ?, '0000')", people.cards())
    rows = _log(people, ids)
    connection.executemany("INSERT INTO feed (entity, key, position) VALUES (?, ?, ?)", rows)
    connection.execute("UPDATE feed_head SET position = (SELECT max(position) FROM feed)")
    connection.execute("COMMIT")
    connection.close()


def _log(people: People, ids: Sequence[bytes]) -> Iterator[tuple[int, bytes, int]]:
    """Give some of the log; a till that takes the snapshot reads no more of it than where it ends."""
    some = min(1_000, people.count)
    return ((1, ids[place], 1_000_000 + place) for place in range(some))


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Fill HQ's book, make the snapshot, and begin with it at a new till, round by round."""
    people = People(given.members)
    with ExitStack() as stack:
        config = HqConfig(data_dir=folder / "hq", port=0, everyone_up_to=1, merchant="bench")
        hq = stack.enter_context(open_hq(config))
        hq.programmes.publish(default_programme(CURRENCY), "programme.toml", When())
        fill(folder / "hq" / BOOK_FILE, people)
        hq.feed._page_rows = _PAGE_ROWS  # noqa: SLF001
        server = stack.enter_context(ServerThread(hq))
        answer = hq.pairing.pair(Journal(seed=1).pair_request(hq.make_pairing_code()))
        rounds, made = list[dict[str, int]](), list[Made]()
        for number in range(given.rounds):
            made.clear()
            worked = time.process_time_ns()
            times = {"make": timed(lambda: made.append(snapshot(config)))}
            times["make, by the processor"] = time.process_time_ns() - worked
            with HttpLink(server.url, answer.token) as link:
                times |= _begin(folder / f"till-{number}", link, answer.hq_key, people)
            times |= _copy(folder, made[0].manifest.plain)
            rounds.append(times)
    return _report(folder, given.members, made[0], rounds)


def _begin(folder: Path, link: HttpLink, key: bytes, people: People) -> dict[str, int]:
    with Book(folder, bytes(range(32)), b"12345678") as book:
        feed, sink = BookFeed(book, lambda: NOON, STORE), BookSnapshot(book, key)
        worked = time.process_time_ns()
        begun = timed(lambda: download(feed, link, lambda: take(sink, link)))
        worked = time.process_time_ns() - worked
        with book.read() as connection:
            found = members.by_card(connection, people.keys[0])
            assert base.reach_of(connection).file is not None
            assert found == people.owner(0)
    shutil.rmtree(folder)
    return {"begin": begun, "begin, by the processor": worked}


def _copy(folder: Path, size: int) -> dict[str, int]:
    """Copy a file of so many bytes, and hash it."""
    source, target = folder / "source", folder / "target"
    with source.open("wb") as file:
        file.write(bytes(range(256)) * (size // 256 + 1))

    def both() -> None:
        shutil.copyfile(source, target)
        with target.open("rb") as file:
            hashlib.file_digest(file, "sha256")

    taken = timed(both)
    source.unlink()
    target.unlink()
    return {"copy": taken}


def _report(folder: Path, count: int, made: Made, rounds: list[dict[str, int]]) -> Report:
    packed = sum(frame.packed for frame in made.manifest.frames)
    ratios = {
        "bootstrap of a new till, s": Ratio(values=tuple(one["begin"] / 1e9 for one in rounds), most=BUDGET_S),
        "beginning, against copying and hashing the same bytes": Ratio(
            values=tuple(one["begin"] / one["copy"] for one in rounds)
        ),
        "making, against the same": Ratio(values=tuple(one["make"] / one["copy"] for one in rounds)),
    }
    recorded: dict[str, object] = {f"{name}, s": [round(one[name] / 1e9, 2) for one in rounds] for name in rounds[0]}
    recorded |= {"members": count, "bytes": made.manifest.plain, "bytes on the wire": packed}
    recorded["bytes on the wire, a member"] = round(packed / count, 2)
    return Report(name="snapshot", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure, rounds=1)
    benchmark.parser.add_argument("--members", type=int, default=1_000_000, help="members (default 1000000)")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
