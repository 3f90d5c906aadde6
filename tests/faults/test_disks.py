"""The disk of a till or of HQ is full, breaks, or cannot be written: what cannot be kept is refused whole, with a clear
answer; reading goes on; and once the disk is mended everything goes on, with nothing lost or doubled."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Self

import pytest

from bench.faults import audit
from bench.faults.pos import Pos, Told
from bench.faults.processes import Answered, HqProcess, TillProcess
from bench.measuring import ROOT
from tests.faults.disks import Limit, SmallDisk

PROGRAMME = ROOT / "programmes" / "grocery.toml"
MOST_SALES = 3_000
LINES = [{"line": 1, "item": "1", "quantity_milli": 1_000, "amount_minor": 45_000, "name": "x" * 200}]
SALE: dict[str, object] = {"currency": "KZT", "card": "2900000000001", "business_date": "2026-03-14", "lines": LINES}


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path)
    yield disk
    disk.close()


@pytest.fixture(params=[SmallDisk, Limit])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallDisk | Limit]:
    made: SmallDisk | Limit = request.param(tmp_path)
    yield made
    made.close()


class Shop:
    """One real HQ and one real till; what a test puts on another disk is given by its folder."""

    def __init__(self, folder: Path, seed: int, hq: Path | None = None, till: Path | None = None) -> None:
        self.hq = HqProcess(folder, data=hq)
        self.till = TillProcess(folder, "one", self.hq.url, PROGRAMME, data=till)
        self.pos = Pos(self.till, seed, per_second=50)

    def __enter__(self) -> Self:
        for process in (self.hq, self.till):
            process.start()
        for process in (self.hq, self.till):
            process.wait_until_ready()
        self.till.pair(self.hq.pairing_code())
        self.serve(20)
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self.till, self.hq):
            process.kill()

    def serve(self, customers: int) -> None:
        for _ in range(customers):
            self.pos.serve()

    def sell_until_refused(self) -> tuple[str, bytes, Answered]:
        """Sell until the till cannot keep a sale; gives that sale's key and body, and the answer."""
        for number in range(MOST_SALES):
            key, body = f"full-{number}", json.dumps({**SALE, "check_id": f"full-{number}"}).encode()
            answer = self.till.ask("POST", "/v1/commit", body, key)
            if answer.status != 200:
                return key, body, answer
            self.pos.told.append(Told(key=key, path="/v1/commit", body=body, answer=answer, tries=1))
        raise AssertionError("the disk never ran full")

    def sell_again(self, key: str, body: bytes) -> None:
        answer = self.till.ask("POST", "/v1/commit", body, key)
        assert answer.status == 200, answer
        self.pos.told.append(Told(key=key, path="/v1/commit", body=body, answer=answer, tries=2))

    def hq_is_busy(self) -> bool:
        """Sell, and tell whether HQ has answered a till that it is busy."""
        self.serve(5)
        return "code=busy" in self.hq.log.read_text(encoding="utf-8")

    def level(self) -> None:
        book, hq_book = self.till.data / "till.db", self.hq.data / "hq.sqlite3"
        wait_for(lambda: self.till.status()["pending"] == 0 and audit.has_heard_all(book, hq_book))

    def faults(self) -> list[str]:
        """End both, and audit what they left."""
        for process in (self.till, self.hq):
            process.end()
        book, hq = self.till.data / "till.db", self.hq.data / "hq.sqlite3"
        damaged = [str(path) for path in (book, hq) if integrity(path) != "ok"]
        return damaged + audit.faults(audit.read_hq(hq), {"one": (audit.read_till("one", book), self.pos.told)})


def integrity(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def wait_for(true: Callable[[], bool], longest_s: float = 120) -> None:
    deadline = time.monotonic() + longest_s
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.1)


def refused_whole_and_reads(shop: Shop, answer: Answered) -> None:
    """The refusal is one that a POS and a cashier understand, and what only reads is answered."""
    said = json.loads(answer.body)
    assert (answer.status, said["error"]) == (503, "unavailable")
    assert "nothing was recorded" in said["detail"]
    assert said["text"]
    quote = shop.till.ask("POST", "/v1/quote", json.dumps(SALE).encode())
    inquiry = shop.till.ask("POST", "/v1/inquire", json.dumps({"scan": SALE["card"]}).encode())
    assert (quote.status, inquiry.status) == (200, 200)
    assert json.loads(quote.body)["awards"]


def test_a_sale_on_a_full_disk_is_refused_whole_and_the_till_goes_on_once_there_is_room(
    disk: SmallDisk | Limit, tmp_path: Path, seed: int
) -> None:
    with Shop(tmp_path, seed, till=disk.folder / "till") as shop:
        shop.pos.change("enrol", {"card": SALE["card"]})
        disk.fill(shop.till.pid)
        key, body, answer = shop.sell_until_refused()
        refused_whole_and_reads(shop, answer)
        sequence = shop.till.status()["sequence"]

        disk.free(shop.till.pid)
        assert shop.till.status()["sequence"] == sequence
        shop.sell_again(key, body)
        shop.serve(20)
        shop.level()
        assert shop.faults() == []


def test_hq_on_a_full_disk_answers_busy_and_takes_everything_once_there_is_room(
    disk: SmallDisk | Limit, tmp_path: Path, seed: int
) -> None:
    with Shop(tmp_path, seed, hq=disk.folder / "hq") as shop:
        disk.fill(shop.hq.pid)
        wait_for(shop.hq_is_busy)
        assert shop.till.status()["mode"] == "offline"

        disk.free(shop.hq.pid)
        shop.serve(10)
        shop.level()
        assert shop.faults() == []
        assert "Traceback" not in shop.hq.log.read_text(encoding="utf-8")


def test_a_till_whose_disk_breaks_refuses_sales_and_goes_on_with_the_disk_mended(
    small: SmallDisk, tmp_path: Path, seed: int
) -> None:
    with Shop(tmp_path, seed, till=small.folder / "till") as shop:
        shop.sell_again("before", json.dumps({**SALE, "check_id": "before"}).encode())
        small.break_down()
        key, body, answer = shop.sell_until_refused()
        assert key == "full-0"
        refused_whole_and_reads(shop, answer)

        shop.till.kill()
        small.mend()
        shop.till.start()
        shop.till.wait_until_ready()
        shop.sell_again(key, body)
        shop.serve(20)
        shop.level()
        assert shop.faults() == []


def test_hq_whose_disk_breaks_answers_busy_and_goes_on_with_the_disk_mended(
    small: SmallDisk, tmp_path: Path, seed: int
) -> None:
    with Shop(tmp_path, seed, hq=small.folder / "hq") as shop:
        shop.level()
        small.break_down()
        wait_for(shop.hq_is_busy)

        shop.hq.kill()
        small.mend()
        shop.hq.start()
        shop.hq.wait_until_ready()
        shop.level()
        assert shop.faults() == []


def test_what_starts_on_a_disk_that_cannot_be_written_says_so_and_ends(
    small: SmallDisk, tmp_path: Path, seed: int
) -> None:
    with Shop(tmp_path, seed, hq=small.folder / "hq", till=small.folder / "till") as shop:
        shop.level()
        for process in (shop.till, shop.hq):
            process.end()
        small.lock()
        for process in (shop.till, shop.hq):
            process.start()
            with pytest.raises(RuntimeError, match="ended with status 1"):
                process.wait_until_ready()
            said = process.log.read_text(encoding="utf-8")
            assert "read-only" in said.lower()
            assert "Traceback" not in said
        small.mend()
        for process in (shop.hq, shop.till):
            process.start()
            process.wait_until_ready()
        shop.serve(5)
        shop.level()
        assert shop.faults() == []
