"""One damaged balance at a till healed by its bucket alone, over loopback, against everything anew in the same run.

    python -m bench.bucket [--members 100000] [--rounds 1] [--json]

HQ's book gets made-up members, each with a card and a balance. A till that holds everyone begins by segment files, and one that
holds a balance of each by the snapshot: that is what everything anew takes. Then one balance of each till is changed behind its
back, and its bucket is fetched and shown. Bytes are those of the bodies on the wire.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from agent.book import base, members, refetch, sums
from agent.book.book import Book
from agent.book.snapshots import BookSnapshot
from agent.book.sync_state import BookFeed
from bench.feed_files import fill_log
from bench.journals import Journal
from bench.lookup import People
from bench.measuring import Benchmark, Ratio, Report, timed
from bench.shop import CURRENCY, NOON, STORE
from bench.snapshot import fill
from cli.default_programme import default_programme
from hq.asking import snapshot
from hq.book.schema import balance
from hq.book.sqlite import BOOK_FILE
from hq.config import HqConfig
from hq.feed.sums import note_balances
from hq.programmes.values import When
from hq.server import ServerThread, open_hq
from sync.bucket import fetch_bucket
from sync.download import download
from sync.links.http import HttpLink
from sync.protocol.sums import bucket_of
from sync.snapshot import take

_ABOUT = "a damaged balance healed by its bucket alone, against everything anew"
_DAMAGE = {
    True: "UPDATE posted SET amount = amount + 1 WHERE account = ?",
    False: "INSERT INTO base (member, amount) VALUES (?, 999999)",
}


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Begin at a till of either kind, damage it and heal it, round by round."""
    people = People(given.members)
    rounds = list[dict[str, int]]()
    for _ in range(given.rounds):
        rounds.append({})
        for everyone in (True, False):
            rounds[-1] |= _with_hq(folder, people, everyone=everyone)
    ratios = {
        f"bucket against everything, {kind}: {what}": Ratio(
            values=tuple(one[f"{kind}, bucket, {what}"] / one[f"{kind}, everything, {what}"] for one in rounds)
        )
        for kind in ("all held", "others")
        for what in ("bytes", "ns")
    }
    recorded: dict[str, object] = {"members": given.members, **rounds[0]}
    return Report(name="bucket", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


def _with_hq(folder: Path, people: People, *, everyone: bool) -> dict[str, int]:
    config = HqConfig(data_dir=folder / "hq", port=0, everyone_up_to=people.count if everyone else 1, merchant="bench")
    with ExitStack() as stack:
        hq = stack.enter_context(open_hq(config))
        hq.programmes.publish(default_programme(CURRENCY), "programme.toml", When())
        fill(folder / "hq" / BOOK_FILE, people)
        fill_log(folder / "hq" / BOOK_FILE, people)
        with hq.book.write() as connection:
            balances = connection.execute(select(balance)).all()
            note_balances(connection, ((row.account_id, row.unit, 0, row.amount) for row in balances))
        if everyone:
            hq.segments.run(datetime.now(UTC))
        else:
            snapshot(config)
        server = stack.enter_context(ServerThread(hq))
        answer = hq.pairing.pair(Journal(seed=1).pair_request(hq.make_pairing_code()))
        link = stack.enter_context(HttpLink(server.url, answer.token))
        figures = _heal(folder / "till", link, answer.hq_key, people, everyone=everyone)
    shutil.rmtree(folder / "hq")
    shutil.rmtree(folder / "till")
    return {f"{'all held' if everyone else 'others'}, {name}": value for name, value in figures.items()}


def _heal(folder: Path, link: HttpLink, key: bytes, people: People, *, everyone: bool) -> dict[str, int]:
    sizes = list[int]()

    def weigh(answer: Any, **_: object) -> None:
        sizes.append(int(answer.headers["Content-Length"]))

    def taken(what: Callable[[], object]) -> tuple[int, int]:
        sizes.clear()
        ns = timed(what)
        return ns, sum(sizes)

    link._session.hooks["response"].append(weigh)  # noqa: SLF001
    who = people.owner(0)
    bucket = bucket_of(who)
    with Book(folder, bytes(range(32)), b"12345678") as book:
        feed, sink = BookFeed(book, lambda: NOON, STORE), BookSnapshot(book, key)
        way = (None, link) if everyone else (partial(take, sink, link), None)
        begun = taken(lambda: download(feed, link, *way))
        with book.read() as connection:
            right = sums.sum_of(connection, bucket)
            assert (base.reach_of(connection).file is None) is everyone
        with book.write() as writing:
            writing.connection.exec_driver_sql(_DAMAGE[everyone], (who,))
            refetch.begin(writing.connection, bucket, NOON.date().isoformat())
        healed = taken(lambda: download(feed, link, None, None, partial(fetch_bucket, feed, link)))
        with book.read() as connection:
            assert members.by_card(connection, people.keys[0]) == who
            assert sums.sum_of(connection, bucket) == right
    return {
        "everything, ns": begun[0],
        "everything, bytes": begun[1],
        "bucket, ns": healed[0],
        "bucket, bytes": healed[1],
        "bucket, requests": len(sizes),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure, rounds=1)
    benchmark.parser.add_argument("--members", type=int, default=100_000, help="members (default 100000)")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
