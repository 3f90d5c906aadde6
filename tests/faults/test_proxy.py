"""Between a till and HQ stands a proxy that drops, delays, cuts, repeats and lies: nothing is lost or doubled, and a
till that is told to stay away does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.config.values import CardsConfig, StoreConfig, SyncConfig, TillConfig
from agent.pairing import pair
from agent.sync_worker import SyncMode, SyncWorker, synchronise
from agent.till.requests import CommitRequest, QuoteRequest, VoidRequest
from agent.till.till import Till
from bench.faults import audit
from bench.faults.pos import Pos, Told
from bench.faults.processes import Answered, HqProcess, TillProcess
from bench.measuring import ROOT
from drivers.scanners.cards import CardRange
from hq.web.api import PAIR_BURST
from loyalty.sale.basket import BasketLine
from sync.links.http import HttpLink
from tests.faults.proxy import FAULTS, RETRY_AFTER_S, Fault, FaultyProxy

PROGRAMME = ROOT / "programmes" / "grocery.toml"
TILLS = 20


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[HqProcess]:
    served = HqProcess(tmp_path)
    served.start()
    try:
        served.wait_until_ready()
        yield served
    finally:
        served.end()


class Shop:
    """Tills of this process beside an HQ of its own, each with what it answered."""

    def __init__(self, hq: HqProcess, folder: Path, stack: ExitStack) -> None:
        self.hq, self._folder, self._stack = hq, folder, stack
        self.tills: dict[str, tuple[Till, list[Told]]] = {}

    def open(self, name: str, hq_url: str) -> Till:
        config = TillConfig(
            data_dir=self._folder / name,
            programme_file=PROGRAMME,
            name=name,
            store=StoreConfig(id="s1", name="Shop", zone=ZoneInfo("Asia/Almaty")),
            cards=CardsConfig(ranges=(CardRange(prefix="29", min_length=12, max_length=12),)),
            sync=SyncConfig(hq_url=hq_url),
        )
        till = self._stack.enter_context(Till(config))
        if (
            self.tills and len(self.tills) % PAIR_BURST == 0
        ):  # HQ pairs no more than so many at once; a new one begins anew
            self.hq.end()
            self.hq.start()
            self.hq.wait_until_ready()
        pair(till.context, self.hq.url, self.hq.pairing_code())
        self.tills[name] = till, []
        return till

    def link(self, till: Till, url: str) -> HttpLink:
        return self._stack.enter_context(HttpLink(url, till.context.keys.token or ""))

    def sell(self, name: str, number: int, card: int) -> str:
        till, told = self.tills[name]
        line = BasketLine(line=1, item="1", quantity_milli=1_000, amount_minor=10_000 + number)
        sale = QuoteRequest(currency="KZT", lines=(line,), card=f"29{card:010}")
        recorded = till.commit(CommitRequest(key=f"k{number}", check_id=str(number), sale=sale))
        told.append(_told(f"k{number}", "/v1/commit", recorded.body))
        return str(recorded.values["entry"])

    def void(self, name: str, number: int, entry: str) -> None:
        till, told = self.tills[name]
        told.append(_told(f"v{number}", "/v1/void", till.void(VoidRequest(key=f"v{number}", sale=entry)).body))

    def faults(self) -> list[str]:
        """End everything and audit it."""
        self._stack.close()
        self.hq.end()
        books = {
            name: (audit.read_till(name, self._folder / name / "till.db"), told)
            for name, (_, told) in self.tills.items()
        }
        return audit.faults(audit.read_hq(self.hq.data / "hq.sqlite3"), books)


def _told(key: str, path: str, body: bytes) -> Told:
    return Told(key=key, path=path, body=b"", answer=Answered(status=200, body=body), tries=1)


@pytest.fixture
def shop(hq: HqProcess, tmp_path: Path) -> Iterator[Shop]:
    with ExitStack() as stack:
        yield Shop(hq, tmp_path, stack)


def test_hundreds_of_sales_cross_a_line_that_does_everything_wrong(shop: Shop, seed: int) -> None:
    with FaultyProxy(shop.hq.port, seed, chance=0.5) as proxy:
        till, other = shop.open("one", proxy.url), shop.open("two", proxy.url)
        lines = {till: shop.link(till, proxy.url), other: shop.link(other, proxy.url)}
        modes = set()
        for number in range(220):
            name, here = ("one", till) if number % 2 else ("two", other)
            entry = shop.sell(name, number, number % 17)
            if number % 11 == 0:
                shop.void(name, number, entry)
            modes.add(synchronise(here.context, lines[here]).mode)
        proxy.chance = 0.0
        last = [synchronise(one.context, lines[one]) for one in (till, other, till, other)]

    assert [one.mode for one in last] == [SyncMode.ONLINE] * 4, last
    assert modes == {SyncMode.ONLINE, SyncMode.OFFLINE}
    assert set(proxy.met) == {Fault.NONE, *FAULTS}
    assert shop.faults() == []


def test_a_real_till_behind_such_a_line_comes_level_by_itself(hq: HqProcess, tmp_path: Path, seed: int) -> None:
    with FaultyProxy(hq.port, seed, chance=0.3) as proxy:
        till = TillProcess(tmp_path, "one", proxy.url, PROGRAMME)
        till.start()
        try:
            till.wait_until_ready()
            proxy.chance = 0.0
            till.pair(hq.pairing_code())
            proxy.chance = 0.3
            pos = Pos(till, seed, per_second=30)
            for _ in range(200):
                pos.serve()
            proxy.chance = 0.0
            deadline = time.monotonic() + 120
            book, hq_book = till.data / "till.db", hq.data / "hq.sqlite3"
            while till.status()["pending"] or not audit.has_heard_all(book, hq_book):
                assert time.monotonic() < deadline, till.status()
                time.sleep(0.1)
        finally:
            till.end()
    hq.end()
    assert proxy.met.total() > 10
    assert audit.faults(audit.read_hq(hq_book), {"one": (audit.read_till("one", book), pos.told)}) == []


def test_after_an_outage_of_the_whole_chain_every_till_drains_and_none_comes_before_it_was_told(
    shop: Shop, seed: int
) -> None:
    """Twenty tills have sold while HQ was away. All come back at once, to a front that turns half of their requests away for a while."""
    with FaultyProxy(shop.hq.port, seed, chance=0.5, faults=(Fault.BUSY,)) as proxy, ExitStack() as stack:
        names = [f"t{number:02}" for number in range(TILLS)]
        workers = {}
        for place, name in enumerate(names):
            till = shop.open(name, proxy.url)
            for number in range(12):
                shop.sell(name, place * 100 + number, number % 5)
            workers[name] = SyncWorker(till.context, shop.link(till, proxy.url), interval_s=600)
        for worker in workers.values():
            worker.start()
            stack.callback(worker.stop)
        deadline = time.monotonic() + 120
        while proxy.met[Fault.BUSY] < 2 * TILLS and time.monotonic() < deadline:
            time.sleep(0.05)
        proxy.chance = 0.0
        while late := [name for name, worker in workers.items() if worker.last.mode is not SyncMode.ONLINE]:
            assert time.monotonic() < deadline, late
            time.sleep(0.05)
        stack.close()
        assert proxy.met[Fault.BUSY] >= 2 * TILLS
        early = [back - told for told, back in proxy.away if back - told < RETRY_AFTER_S]
        assert early == []
        for name in names:
            till, _ = shop.tills[name]
            assert synchronise(till.context, shop.link(till, proxy.url)).mode is SyncMode.ONLINE
    assert shop.faults() == []
