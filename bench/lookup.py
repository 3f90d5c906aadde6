"""From a scan to a member's standing with ten million members in the till's book.

    python -m bench.lookup [--members 10000000] [--own 20000] [--scans 20000] [--rounds 5] [--json]

The members are made up: random ids, one card each whose key is a real keyed hash's size, balances of up to 200,000 points,
four tiers. They go into the file that a till takes from HQ (`hq.feed.replica`), and some of them become the till's own by a
page of the feed, with two balances and a lot each. Then `by_card` and `standing` run in a read of
the book, as `identify` does, for members who are others, for own ones and for cards of nobody, in turns with two baselines:
a flat sorted array in memory with bisect, and one SELECT by an integer key with sqlite3 alone on a file of the same size.
What others do on the machine counts in the times on the wall, not in the processor's.
"""

import argparse
import random
import sqlite3
import sys
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from math import gcd
from pathlib import Path

from agent.book import members
from agent.book.book import Book
from agent.book.sync_state import BookFeed
from bench.measuring import Benchmark, Ratio, Report, Series, timed
from bench.shop import NOON, STORE
from hq.feed.replica import About, ReplicaWriter
from sync.protocol.replica import worth
from sync.protocol.values import MAX_WANTED, FeedBalance, FeedCard, FeedLot, FeedMember, FeedPage, FeedRow

BUDGET_MS, BASE_BYTES, CARD_BYTES, OWN_BYTES = 1.0, 30.0, 20.0, 200.0
_OWN_TABLES = {"standing": ("member", "posted", "posted_lot"), "card": ("card",)}
_ABOUT = "scan to standing with so many members in the till's book"
_TIERS = ("bronze", "silver", "gold", "platinum")
_UNIT, _EPOCH = "points", "bench"
_ID_BYTES = 16
_SORTED = 1 << 20
"""Ids are drawn in buckets of their first bytes, so that millions come sorted without being held."""


class People:
    """So many members, the same for the same seed: ids in order, and cards whose keys are in order of nothing."""

    def __init__(self, count: int, seed: int = 1) -> None:
        self.count = count
        self._chance = random.Random(seed)
        self._ids = bytearray()
        for start in range(0, count, _SORTED):
            some = min(_SORTED, count - start)
            low, high = (start << 128) // count, ((start + some) << 128) // count
            drawn = sorted(self._chance.randrange(low, high) for _ in range(some))
            for one in drawn:
                self._ids += one.to_bytes(_ID_BYTES, "big")
        keys = sorted({self._chance.getrandbits(64) - (1 << 63) for _ in range(count)})
        self.keys = array("q", keys)
        self._step = _coprime(count)

    def member(self, place: int) -> bytes:
        """Give the id of the member at a place in their order."""
        return bytes(self._ids[place * _ID_BYTES : (place + 1) * _ID_BYTES])

    def owner(self, place: int) -> bytes:
        """Give the member of the card at a place in the order of keys; each member has one."""
        return self.member(place * self._step % self.count)

    def members(self) -> Iterator[tuple[bytes, int]]:
        """Give every member with its worth, in order."""
        for place in range(self.count):
            yield self.member(place), worth(place * 7_919 % 200_000, place % (len(_TIERS) + 1))

    def cards(self) -> Iterator[tuple[int, bytes]]:
        """Give every card with its member, in order of keys."""
        for place, key in enumerate(self.keys):
            yield key, self.owner(place)


def _coprime(count: int) -> int:
    return next(step for step in range(int(count * 0.618) + 1, 2 * count + 2) if gcd(step, count) == 1)


def build(path: Path, people: People) -> tuple[float, float]:
    """Write the file; gives its bytes per member and per card."""
    with ReplicaWriter(path, About(hq_epoch=_EPOCH, position=1, unit=_UNIT)) as writer:
        writer.tiers(_TIERS)
        writer.members(people.members())
        writer.cards(people.cards())
        writer.finish()
    return per_row(path, "base", people.count), per_row(path, "base_card", people.count)


def per_row(path: Path, table: str, rows: int) -> float:
    """Give the bytes of the pages of a table, shared out over its rows."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    (used,) = connection.execute("SELECT sum(pgsize) FROM dbstat WHERE name = ?", (table,)).fetchone()
    connection.close()
    return float(used) / rows


def own_page(people: People, after: int, places: Sequence[int]) -> FeedPage:
    """Give the page that makes the members of some cards the till's own."""
    rows = [row for place in places for row in _own_rows(people, place)]
    told = tuple(people.owner(place) for place in places)
    return FeedPage(
        hq_epoch=_EPOCH, after=after, upto=after + 1, complete=True, applied=0,
        rows=tuple(rows), everyone=False, unit=_UNIT, told=told,
    )  # fmt: skip


def _own_rows(people: People, place: int) -> Iterator[FeedRow]:
    member = people.owner(place)
    yield FeedMember(
        member=member, canonical=member, nickname="Айгүл", tier="gold", language="kk", joined_on="2025-03-02",
        last_visit_on="2026-02-27", home=STORE,
    )  # fmt: skip
    yield FeedCard(card_key=people.keys[place], member=member)
    yield FeedBalance(account=member, unit=_UNIT, amount=place % 5_000)
    yield FeedBalance(account=member, unit="visit.count", amount=place % 90)
    yield FeedLot(account=member, unit=_UNIT, lot_id=bytes(_ID_BYTES), amount=10, expires_at=1_800_000_000)


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Build the book, weigh it, and look members up round by round."""
    people = People(given.members)
    with Book(folder / "till", bytes(range(32)), b"12345678") as book:
        name = "members-bench.db"
        built: list[tuple[float, float]] = []
        built_ns = timed(lambda: built.append(build(folder / "till" / name, people)))
        stand_on(book, name)
        chance = random.Random(2)
        own = chance.sample(range(people.count), min(given.own, people.count // 2))
        before = {of: _bytes(book, *tables) for of, tables in _OWN_TABLES.items()}
        make_own(book, people, own)
        own_bytes = {of: (_bytes(book, *tables) - before[of]) / max(1, len(own)) for of, tables in _OWN_TABLES.items()}
        baseline = Baseline(folder / "bare.db", people)
        rounds = [_round(book, people, baseline, own, given.scans, chance) for _ in range(given.rounds)]
        baseline.close()
    return _report(folder, given, built[0], own_bytes, built_ns, rounds)


def stand_on(book: Book, name: str) -> None:
    """Make the file the one that the book stands on, as a snapshot that was shown does."""
    with book.write() as writing:
        writing.connection.exec_driver_sql(
            "UPDATE reach SET everyone = 0, unit = ?, stage_unit = ?, file = ?", (_UNIT, _UNIT, name)
        )
        writing.connection.exec_driver_sql("UPDATE sync_state SET feed_epoch = ?, feed_cursor = 1", (_EPOCH,))


def make_own(book: Book, people: People, places: Sequence[int]) -> None:
    """Make members the till's own by the feed."""
    feed = BookFeed(book, lambda: NOON + timedelta(days=1), STORE)
    for start in range(0, len(places), MAX_WANTED):
        feed.stage(own_page(people, feed.cursor()[1], places[start : start + MAX_WANTED]))


def _bytes(book: Book, *tables: str) -> int:
    with book.read() as connection:
        marks = ", ".join("?" * len(tables))
        query = f"SELECT ifnull(sum(pgsize), 0) FROM dbstat WHERE name IN ({marks})"
        used: int = connection.exec_driver_sql(query, tables).scalar_one()
    return used


class Baseline:
    """The same cards in a flat sorted array, and in an SQLite file with an integer key."""

    def __init__(self, path: Path, people: People) -> None:
        self._people = people
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE flat (card_key INTEGER PRIMARY KEY, member BLOB, worth INTEGER)")
        self._connection.execute("BEGIN")
        rows = ((key, member, 5) for key, member in people.cards())
        self._connection.executemany("INSERT INTO flat VALUES (?, ?, ?)", rows)
        self._connection.execute("COMMIT")

    def bisect(self, key: int) -> bytes:
        """Find a card in memory."""
        return self._people.owner(bisect_left(self._people.keys, key))

    def select(self, key: int) -> object:
        """Find a card with one SELECT."""
        return self._connection.execute("SELECT member, worth FROM flat WHERE card_key = ?", (key,)).fetchone()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _round(
    book: Book, people: People, baseline: Baseline, own: Sequence[int], scans: int, chance: random.Random
) -> dict[str, Series]:
    others = [people.keys[chance.randrange(people.count)] for _ in range(scans)]
    known = [people.keys[chance.choice(own)] for _ in range(scans)] if own else others
    nobody = [chance.getrandbits(64) - (1 << 63) for _ in range(scans)]
    looked: dict[str, tuple[Callable[[int], object], list[int]]] = {
        "others": (lambda key: _scan(book, key), others),
        "own": (lambda key: _scan(book, key), known),
        "nobody": (lambda key: _scan(book, key), nobody),
        "select": (baseline.select, others),
        "bisect": (baseline.bisect, others),
    }
    for act, keys in looked.values():  # warm: the pages of these very keys were read
        for key in keys:
            act(key)
    found = {}
    for what, (act, keys) in looked.items():
        both = list(_each(act, keys))
        found[what] = Series(ns=tuple(ns for ns, _ in both))
        found[f"{what}, on the wall"] = Series(ns=tuple(ns for _, ns in both))
    return found


def _each(act: Callable[[int], object], keys: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Give how long each took, by the processor and by the clock on the wall."""
    for key in keys:
        begun, wall = time.thread_time_ns(), time.perf_counter_ns()
        act(key)
        yield time.thread_time_ns() - begun, time.perf_counter_ns() - wall


def _scan(book: Book, key: int) -> object:
    with book.read() as connection:
        member = members.by_card(connection, key)
        return members.standing(connection, member) if member is not None else None


def _report(
    folder: Path,
    given: argparse.Namespace,
    built: tuple[float, float],
    own_bytes: dict[str, float],
    built_ns: int,
    rounds: list[dict[str, Series]],
) -> Report:
    def p99_ms(one: Series) -> float:
        return float(str(one.in_ms()["p99_ms"]))

    ratios = {
        f"p99 of {what} by the processor, ms": Ratio(values=tuple(p99_ms(one[what]) for one in rounds), most=BUDGET_MS)
        for what in ("others", "own", "nobody")
    }
    ratios |= {
        f"median, others against one {what}": Ratio(
            values=tuple(one["others"].median_ns / one[what].median_ns for one in rounds)
        )
        for what in ("select", "bisect")
    }
    ratios["bytes a member"] = Ratio(values=(built[0],), most=BASE_BYTES)
    ratios["bytes a card"] = Ratio(values=(built[1],), most=CARD_BYTES)
    if own_bytes["standing"]:  # a handful of members needs no page more
        ratios["bytes of an own member's standing"] = Ratio(values=(own_bytes["standing"],), most=OWN_BYTES)
    recorded: dict[str, object] = {
        what: Series(ns=tuple(ns for one in rounds for ns in one[what].ns)).in_ms() for what in rounds[0]
    }
    recorded["bytes of an own member's card"] = round(own_bytes["card"], 1)
    recorded["members"] = given.members
    recorded["built, s"] = round(built_ns / 1e9, 1)
    return Report(name="lookup", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure)
    benchmark.parser.add_argument("--members", type=int, default=1_000_000, help="members (default 1000000)")
    benchmark.parser.add_argument("--own", type=int, default=20_000, help="own members (default 20000)")
    benchmark.parser.add_argument("--scans", type=int, default=20_000, help="scans of a round (default 20000)")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
