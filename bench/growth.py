"""What ten times the members, the entries and the tills do to a commit, to HQ's ingest and to a page of the feed.

    python -m bench.growth [--members 1000] [--entries 1000] [--tills 5] [--rounds 5] [--json]

A small world and one of ten times its size stand side by side, and the same work is done in them in turns: a sale of 20 lines by a
till that holds so many members and entries; a batch of 500 sales that HQ takes in from one of so many tills; a page of the feed
that HQ makes for it. The processor's time of the large world against that of the small one says what size costs.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median

from agent.till.requests import CommitRequest
from agent.till.till import Till
from bench.journals import Journal
from bench.measuring import Benchmark, Ratio, Report
from bench.shop import open_till, sale
from hq.config import HqConfig
from hq.feed.log import head_position
from hq.pairing.terminals import authenticate
from hq.server import Hq, open_hq
from sync.protocol.values import MAX_BATCH_ENTRIES

TIMES = 10
GROWTH = 1.25
_LINES = 20
_BATCHES = 4
_SALES = 100
_CHANGES = 500
_ABOUT = (
    "a commit, an ingested batch and a page of the feed with ten times the members, entries and tills, against one time"
)


class Shop:
    """A till that sold so often to so many."""

    def __init__(self, till: Till, *, members: int, entries: int) -> None:
        self._till, self._members, self._number = till, members, 0
        for _ in range(max(members, entries)):
            self.sell(1)

    def sell(self, lines: int = _LINES) -> None:
        """Commit the next sale; members come in turns."""
        self._number += 1
        self._till.commit(self._request(lines))

    def _request(self, lines: int) -> CommitRequest:
        asked = sale(self._number, lines)
        return replace(asked, sale=replace(asked.sale, card=f"29{self._number % self._members:011}"))


class House:
    """An HQ with so many tills, each with its part of the members and one batch of sales."""

    def __init__(self, hq: Hq, *, members: int, tills: int) -> None:
        self._hq = hq
        self._journals = [Journal(seed=number) for number in range(tills)]
        self._tills = [
            authenticate(hq.book, hq.pairing.pair(one.pair_request(hq.make_pairing_code())).token)
            for one in self._journals
        ]
        for journal, till in zip(self._journals, self._tills, strict=True):
            hq.ingest.batch(till, journal.enrolments(max(1, min(MAX_BATCH_ENTRIES, members // tills))))
            hq.ingest.batch(till, journal.sales(MAX_BATCH_ENTRIES))

    def take(self) -> Callable[[], object]:
        """Make the first till's next batch; gives what takes it in."""
        batch = self._journals[0].sales(MAX_BATCH_ENTRIES)
        return lambda: self._hq.ingest.batch(self._tills[0], batch)

    def page(self) -> None:
        """Make a page of the feed for the first till: what changed last, as many rows in each world."""
        with self._hq.book.read() as connection:
            after = head_position(connection) - _CHANGES
        self._hq.feed.page(terminal=self._tills[0].terminal_id, epoch=self._tills[0].epoch, after=max(0, after))


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Do the same in both worlds, in turns."""
    with ExitStack() as stack:
        shops, houses = [], []
        for times in (1, TIMES):
            place = folder / str(times)
            place.mkdir()
            till = stack.enter_context(open_till(place))
            shops.append(Shop(till, members=given.members * times, entries=given.entries * times))
            hq = stack.enter_context(open_hq(HqConfig(data_dir=place / "hq", merchant="bench")))
            houses.append(House(hq, members=given.members * times, tills=given.tills * times))
        work: dict[str, Callable[[], tuple[float, float]]] = {
            "commit": lambda: _turns([shop.sell for shop in shops], _SALES),
            "ingest, a batch": lambda: _each_turn([house.take for house in houses], _BATCHES),
            "feed, a page": lambda: _turns([house.page for house in houses], _BATCHES),
        }
        found = {name: [both() for _ in range(given.rounds)] for name, both in work.items()}
    ratios = {
        f"{name}: ten times against one": Ratio(values=tuple(large / small for small, large in rounds), most=GROWTH)
        for name, rounds in found.items()
    }
    recorded = {
        f"{name}, ms of the processor": round(median(s for s, _ in rounds), 3) for name, rounds in found.items()
    }
    return Report(name="growth", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


def _turns(both: Sequence[Callable[[], object]], times: int) -> tuple[float, float]:
    """Do one and the other so often; gives the median milliseconds of each."""
    return _each_turn([lambda act=act: act for act in both], times)  # type: ignore[misc]


def _each_turn(both: Sequence[Callable[[], Callable[[], object]]], times: int) -> tuple[float, float]:
    """Do the same where each turn has to be made ready first, which does not count."""
    took: tuple[list[int], list[int]] = ([], [])
    for _ in range(times):
        for make, durations in zip(both, took, strict=True):
            act = make()
            begun = time.process_time_ns()
            act()
            durations.append(time.process_time_ns() - begun)
    small, large = (median(one) / 1e6 for one in took)
    return small, large


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure)
    benchmark.parser.add_argument(
        "--members", type=int, default=1_000, help="members of the small world (default 1000)"
    )
    benchmark.parser.add_argument("--entries", type=int, default=1_000, help="sales of its till (default 1000)")
    benchmark.parser.add_argument("--tills", type=int, default=5, help="tills of its HQ (default 5)")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
