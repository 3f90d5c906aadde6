"""The sync worker's thread: when it begins a round, how long it waits, and what it makes of faults."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent import sync_worker
from agent.errors import BookFull
from agent.sync_worker import SyncMode, SyncWorker, synchronise
from agent.till.till import Till
from sync.ports import HqLink
from sync.protocol.epochs import EpochOpened, EpochRequest, HashAnswer, HashAsked
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.leases import LeaseAnswer, LeaseRequest
from sync.protocol.values import Acknowledged, Batch, FeedPage, Hello, HelloAnswer
from tests.agent.syncing import link, open_known, pending, state
from tests.agent.till.world import sale
from tests.sync.model import FailingLink, Fault, HqModel


@pytest.fixture
def hq() -> HqModel:
    return HqModel()


@pytest.fixture
def till(tmp_path: Path, hq: HqModel) -> Iterator[Till]:
    with open_known(tmp_path, hq, 1) as opened:
        yield opened


def card(number: int) -> str:
    return f"21000000001{number:02d}"


class Recording(FailingLink):
    """A line that says when a round begins."""

    def hello(self, hello: Hello) -> HelloAnswer:
        self.begun.release()
        return super().hello(hello)

    begun: threading.Semaphore


def recording(till: Till, hq: HqModel, *faults: int) -> Recording:
    made = Recording(hq=hq, terminal=till.context.keys.terminal, faults=iter(faults))
    made.begun = threading.Semaphore(0)
    return made


def wait_for(true: Callable[[], bool], timeout_s: float = 10.0) -> None:
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.005)


def test_the_worker_sends_a_backlog_without_a_new_sale(till: Till, hq: HqModel) -> None:
    till.commit(sale())
    worker = SyncWorker(till.context, link(till, hq), interval_s=60)
    worker.start()
    wait_for(lambda: worker.last.mode is SyncMode.ONLINE)
    worker.stop()
    assert state(till).acked == 2


def test_a_nudge_begins_a_round_at_once(till: Till, hq: HqModel) -> None:
    line_ = recording(till, hq)
    worker = SyncWorker(till.context, line_, interval_s=600)
    worker.start()
    wait_for(lambda: worker.last.mode is SyncMode.ONLINE)
    till.commit(sale())
    worker.nudge()
    wait_for(lambda: state(till).acked == 2)
    worker.stop()


def test_after_a_fault_the_worker_tries_again_and_heals(
    till: Till, hq: HqModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.sync_worker._FIRST_WAIT_S", 0.01)
    till.commit(sale())
    worker = SyncWorker(till.context, link(till, hq, *[Fault.LOST] * 4, Fault.NONE, Fault.ANSWER_LOST), interval_s=0.01)
    worker.start()
    wait_for(lambda: pending(till) == 0 and worker.last.mode is SyncMode.ONLINE)
    worker.stop()
    assert state(till).acked == 2


def test_no_fault_ends_the_worker(till: Till, hq: HqModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.sync_worker._FIRST_WAIT_S", 0.01)
    line_ = link(till, hq)
    real, failed = line_.hello, threading.Event()

    def broken(hello: Hello) -> HelloAnswer:
        if not failed.is_set():
            failed.set()
            raise ZeroDivisionError
        return real(hello)

    monkeypatch.setattr(line_, "hello", broken)
    worker = SyncWorker(till.context, line_, interval_s=60)
    worker.start()
    wait_for(lambda: failed.is_set() and worker.last.mode is SyncMode.ONLINE)
    worker.stop()


class Dead:
    """A line on which HQ is never reached, but for the rounds that are named; whoever answers may ask to stay away."""

    def __init__(
        self, real: FailingLink | None = None, well: tuple[int, ...] = (), fault: Exception | None = None
    ) -> None:
        self.real, self.well, self.rounds = real, well, 0
        self.fault = fault or LinkDown("dead")

    def hello(self, hello: Hello) -> HelloAnswer:
        self.rounds += 1
        if self.real is not None and self.rounds in self.well:
            return self.real.hello(hello)
        raise self.fault

    def upload(self, batch: Batch) -> Acknowledged:
        assert self.real is not None
        return self.real.upload(batch)

    def hash_at(self, asked: HashAsked) -> HashAnswer:
        raise LinkDown("dead")

    def open_epoch(self, request: EpochRequest) -> EpochOpened:
        raise LinkDown("dead")

    def leases(self, request: LeaseRequest) -> LeaseAnswer:
        assert self.real is not None
        return self.real.leases(request)

    def feed(self, after: int, epoch: int, wanted: Sequence[bytes] = ()) -> FeedPage:
        assert self.real is not None
        return self.real.feed(after, epoch, wanted)


class Counted(threading.Event):
    """Notes how long the worker would have waited, and ends it after so many waits."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most, self.waits = most, list[float | None]()

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        if len(self.waits) == self.most:
            self.set()
        return self.is_set()


def waits_of(till: Till, line_: HqLink, most: int) -> list[float | None]:
    worker = SyncWorker(till.context, line_, interval_s=0.001)
    worker._stop = stop = Counted(most)
    worker._run()
    return stop.waits


def test_after_every_failure_the_worker_waits_twice_as_long_up_to_five_minutes(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "uniform", lambda _, most: most)
    assert waits_of(till, Dead(), 11) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_a_wait_is_jittered_so_that_tills_do_not_come_all_at_once(till: Till) -> None:
    waits = waits_of(till, Dead(), 8)
    assert all(wait is not None and 2**place / 2 <= wait <= 2**place for place, wait in enumerate(waits))
    assert waits != waits_of(till, Dead(), 8)


@pytest.mark.parametrize(
    "fault",
    [LinkDown("full", retry_after_s=6), SyncRefused(SyncErrorCode.BUSY, "full", retry_after_s=6)],
    ids=["a proxy", "hq"],
)
def test_a_worker_that_is_asked_to_stay_away_waits_at_least_so_long(
    till: Till, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    monkeypatch.setattr(random, "uniform", lambda least, _: least)
    assert waits_of(till, Dead(fault=fault), 6) == [6, 6, 6, 6, 8, 16]


def test_tills_that_are_asked_to_stay_away_do_not_come_back_all_at_once(till: Till) -> None:
    waits = waits_of(till, Dead(fault=LinkDown("full", retry_after_s=600)), 8)
    assert all(wait is not None and 600 <= wait <= 900 for wait in waits)
    assert len(set(waits)) > 1


def test_a_round_that_went_well_begins_the_waits_anew(till: Till, hq: HqModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda _, most: most)
    assert waits_of(till, Dead(link(till, hq), well=(4,)), 5) == [1, 2, 4, 1, 2]


@pytest.mark.parametrize("jump_s", [-3_600.0, 3_600.0], ids=["back", "forward"])
def test_a_monotonic_clock_that_jumps_holds_up_no_round(
    till: Till, hq: HqModel, monkeypatch: pytest.MonkeyPatch, jump_s: float
) -> None:
    read = iter(jump_s * place for place in range(1_000))
    monkeypatch.setattr(sync_worker, "time", SimpleNamespace(monotonic=lambda: next(read)))
    worker = SyncWorker(till.context, link(till, hq), interval_s=0.001)
    worker._stop = stop = Counted(3)
    worker._wake.set()
    worker._wake.clear = lambda: None  # type: ignore[method-assign]  # a sale after each round
    worker._run()
    assert stop.waits == [1.0 if jump_s < 0 else 0.0] * 3


def test_many_nudges_begin_one_round_a_second(till: Till, hq: HqModel) -> None:
    line_ = recording(till, hq)
    worker = SyncWorker(till.context, line_, interval_s=600)
    worker.start()
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        worker.nudge()
        time.sleep(0.01)
    worker.stop()
    assert sum(call == "hello" for call in line_.calls) <= 3


@pytest.mark.parametrize("fault", [BookFull("the disk is full"), ZeroDivisionError("secret")])
def test_a_fault_of_the_till_is_none_of_the_line_and_is_logged_once(
    till: Till, hq: HqModel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr("agent.sync_worker.upload", fail)
    worker = SyncWorker(till.context, link(till, hq), interval_s=1)
    for _ in range(3):
        assert worker._guarded().mode is SyncMode.FAULT
    traces = [record for record in caplog.records if record.exc_info]
    said = [record.getMessage() for record in caplog.records if not record.exc_info]
    if isinstance(fault, BookFull):
        assert (len(traces), said) == (0, ["sync is fault: the disk is full"])
    else:
        assert (len(traces), said) == (1, ["sync is fault: ZeroDivisionError"])


def test_a_worker_that_never_began_can_be_stopped(till: Till, hq: HqModel) -> None:
    SyncWorker(till.context, link(till, hq), interval_s=1).stop()


def test_stopping_ends_a_wait_at_once(till: Till) -> None:
    worker = SyncWorker(till.context, Dead(), interval_s=600)
    worker.start()
    wait_for(lambda: worker.last.detail == "dead")
    begun = time.monotonic()
    worker.stop()
    assert time.monotonic() - begun < 1
    assert not worker._thread.is_alive()


def test_selling_and_syncing_at_once_lose_nothing_and_double_nothing(till: Till, hq: HqModel, seed: int) -> None:
    chance = random.Random(seed)
    faults = [chance.choice((0, 0, 0, 1, 2, 3)) for _ in range(60)]
    stop, wrong = threading.Event(), list[object]()

    def sell(own: int) -> None:
        for number in range(40):
            answer = till.commit(sale(f"{own}-{number}", card=card(own))).values
            if answer["balances"] != {"points": 12 * (number + 1)}:
                wrong.append(answer)

    def talk() -> None:
        line_ = link(till, hq, *faults)
        while not stop.is_set():
            synchronise(till.context, line_)

    threads = [threading.Thread(target=sell, args=(own,)) for own in range(3)]
    talker = threading.Thread(target=talk)
    talker.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    talker.join()
    assert wrong == []
    assert synchronise(till.context, link(till, hq)).mode is SyncMode.ONLINE
    assert (pending(till), till.outstanding("points"), state(till).acked) == (0, 3 * 40 * 12, 3 * 41)
    assert [till.member_balances(card(own)) for own in range(3)] == [{"points": 480}] * 3


@pytest.mark.parametrize("ahead_s", [-86_400, 86_400])
def test_a_clock_that_is_a_day_off_is_said_once_and_hq_is_told(
    till: Till, hq: HqModel, ahead_s: int, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[int | None] = []

    class Line(FailingLink):
        def hello(self, hello: Hello) -> HelloAnswer:
            told.append(hello.facts.clock_ahead_s)
            now_ms = round(till.context.clock().timestamp() * 1000)
            return replace(super().hello(hello), hq_time=now_ms - self.off_s * 1000)

        off_s: int

    line = Line(hq=hq, terminal=till.context.keys.terminal, faults=iter(()))
    line.off_s = ahead_s
    worker = SyncWorker(till.context, line, 30.0)
    with caplog.at_level("INFO"):
        for _ in range(3):
            worker._guarded()  # one round, without the thread
        assert (worker.clock_ahead_s, told) == (ahead_s, [None, ahead_s, ahead_s])
        line.off_s = 300
        worker._guarded()
        worker._guarded()
    said = [record.getMessage() for record in caplog.records if "clock" in record.getMessage()]
    assert len(said) == 2
    assert "86400 seconds" in said[0]
    assert (worker.clock_ahead_s, told[-1]) == (300, None)
