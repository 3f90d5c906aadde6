"""Tills and HQ over a line that fails: they converge, and no balance ever shows anything twice."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from agent.book import sync_state
from agent.errors import BookFull
from agent.keys import TillKeys
from agent.sync_worker import Round, SyncMode, SyncWorker, synchronise
from agent.till.till import Till
from loyalty.journal.chain import first_head
from sync.ports import HqLink
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.values import Acknowledged, Batch, FeedPage, Hello, HelloAnswer
from tests.agent.till.world import Clock, config, goods, line, programme_file, sale, void
from tests.sync.model import IDENTIFIER_KEY, FailingLink, Fault, HqModel

SHARED = "2100000000017"


def open_known(folder: Path, hq: HqModel, seed: int) -> Till:
    """Open a till whose cards are hashed with the model's key, and that the model knows."""
    chance = random.Random(seed)
    cfg = config(folder)
    keys = TillKeys(cfg.data_dir / "keys", terminal_seed=chance.randbytes(32), identifier_key=IDENTIFIER_KEY)
    hq.know(keys.terminal, first_head(keys.public_key, 1))
    ids = random.Random(chance.random() + time.monotonic_ns())
    programme_file(folder)
    return Till(cfg, keys=keys, clock=Clock(), mint=lambda: ids.randbytes(16))


def link(till: Till, hq: HqModel, *faults: int) -> FailingLink:
    return FailingLink(hq=hq, terminal=till.context.keys.terminal, faults=iter(faults))


@pytest.fixture
def hq() -> HqModel:
    return HqModel()


@pytest.fixture
def till(tmp_path: Path, hq: HqModel) -> Iterator[Till]:
    with open_known(tmp_path, hq, 1) as opened:
        yield opened


def state(till: Till) -> sync_state.SyncState:
    with till.context.book.read() as connection:
        return sync_state.state(connection)


def pending(till: Till) -> int:
    with till.context.book.read() as connection:
        found: int = connection.exec_driver_sql("SELECT count(*) FROM pending").scalar_one()
    return found


def test_a_round_brings_both_level(till: Till, hq: HqModel) -> None:
    for number in range(6):
        till.commit(sale(f"k{number}"))
    assert pending(till) == 6
    outcome = synchronise(till.context, link(till, hq))
    assert (outcome.mode, outcome.sent) == (SyncMode.ONLINE, 7)
    assert (pending(till), till.member_balances(SHARED)) == (0, {"points": 72})
    noted = state(till)
    assert (noted.acked, noted.durable, noted.sent_through, noted.hq_epoch) == (7, 7, 7, "hq-1")
    assert noted.as_of is not None
    assert till.identify(SHARED)["as_of"] == noted.as_of
    assert synchronise(till.context, link(till, hq)) == Round(mode=SyncMode.ONLINE)


def test_a_lost_acknowledgement_is_noted_at_the_next_hello(till: Till, hq: HqModel) -> None:
    till.commit(sale())
    synchronise(till.context, link(till, hq, Fault.NONE, Fault.ANSWER_LOST))
    assert (state(till).acked, state(till).sent_through) == (0, 2)
    synchronise(till.context, link(till, hq))
    assert (state(till).acked, state(till).hq_epoch) == (2, "hq-1")


def test_a_level_round_writes_nothing(till: Till, hq: HqModel) -> None:
    till.commit(sale())
    synchronise(till.context, link(till, hq))
    synchronise(till.context, link(till, hq))
    before = state(till)
    with till.context.book.read() as connection:
        version = connection.exec_driver_sql("PRAGMA data_version").scalar()
        synchronise(till.context, link(till, hq))
        assert connection.exec_driver_sql("PRAGMA data_version").scalar() == version
    assert replace(state(till), as_of=None) == replace(before, as_of=None)


def test_sent_through_is_durable_before_the_request_leaves(till: Till, hq: HqModel) -> None:
    till.commit(sale())
    synchronise(till.context, link(till, hq, Fault.NONE, Fault.LOST))
    assert state(till).sent_through == 2


def test_an_incomplete_feed_is_not_shown_and_a_complete_one_drops_what_it_shows(till: Till, hq: HqModel) -> None:
    hq.page_rows = 1
    till.commit(sale())
    cut = synchronise(till.context, link(till, hq, *[Fault.NONE] * 3, Fault.LOST))
    assert (cut.mode, pending(till), till.member_balances(SHARED)) == (SyncMode.OFFLINE, 1, {"points": 12})
    assert state(till).as_of is None
    line_ = link(till, hq)
    synchronise(till.context, line_)
    assert line_.calls[1] != "feed 0"
    assert (pending(till), till.member_balances(SHARED)) == (0, {"points": 12})


def test_a_crash_between_pages_goes_on_where_it_was(tmp_path: Path, hq: HqModel) -> None:
    hq.page_rows = 1
    with open_known(tmp_path, hq, 1) as till:
        till.commit(sale())
        synchronise(till.context, link(till, hq, *[Fault.NONE] * 4, Fault.LOST))
        cursor = state(till).feed_cursor
        assert cursor > 0
    with open_known(tmp_path, hq, 1) as till:
        line_ = link(till, hq)
        synchronise(till.context, line_)
        assert line_.calls[1] == f"feed {cursor}"
        assert (pending(till), till.member_balances(SHARED)) == (0, {"points": 12})


def test_an_hq_that_holds_more_than_the_till_is_a_fork_and_the_till_goes_on_selling(
    tmp_path: Path, hq: HqModel
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with open_known(tmp_path / "a", hq, 1) as till:
        till.commit(sale())
        synchronise(till.context, link(till, hq))
    with open_known(tmp_path / "b", hq, 1) as restored:
        assert synchronise(restored.context, link(restored, hq)).mode is SyncMode.FORKED
        for number in range(5):
            restored.commit(sale(f"other{number}"))
        assert synchronise(restored.context, link(restored, hq)).mode is SyncMode.FORKED
        assert restored.member_balances(SHARED) == {"points": 60}
    assert len(hq.journals[restored.context.keys.terminal].entries) == 2


class Refusing:
    """A line on which every hello is refused."""

    def __init__(self, hq: HqModel, till: Till, code: SyncErrorCode) -> None:
        self.link, self.code = link(till, hq), code
        self.upload, self.feed = self.link.upload, self.link.feed

    def hello(self, _: Hello) -> HelloAnswer:
        raise SyncRefused(self.code)


@pytest.mark.parametrize(
    ("code", "mode"),
    [
        (SyncErrorCode.BUSY, SyncMode.OFFLINE),
        (SyncErrorCode.GAP, SyncMode.OFFLINE),
        (SyncErrorCode.CHAIN_MISMATCH, SyncMode.FORKED),
        (SyncErrorCode.UNAUTHORIZED, SyncMode.REFUSED),
        (SyncErrorCode.REVOKED, SyncMode.REFUSED),
        (SyncErrorCode.PROTOCOL_UNSUPPORTED, SyncMode.REFUSED),
    ],
)
def test_every_refusal_has_its_mode(till: Till, hq: HqModel, code: SyncErrorCode, mode: SyncMode) -> None:
    assert synchronise(till.context, Refusing(hq, till, code)).mode is mode


def test_a_protocol_that_hq_chose_and_the_till_does_not_speak_is_a_refusal_and_takes_no_feed(
    till: Till, hq: HqModel
) -> None:
    hq.protocol = 2
    till.commit(sale())
    line_ = link(till, hq)
    assert synchronise(till.context, line_).mode is SyncMode.REFUSED
    assert line_.calls == ["hello"]


def test_an_hq_restored_from_a_backup_gets_what_it_lost_and_shows_no_balance_that_it_has_not(
    tmp_path: Path, hq: HqModel
) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    with open_known(tmp_path / "a", hq, 1) as first, open_known(tmp_path / "b", hq, 2) as second:
        first.commit(sale("k1"))
        synchronise(first.context, link(first, hq))
        saved = hq.backup()
        first.commit(sale("k2"))
        second.commit(sale("k3", card="2100000000031"))
        for one in (second, first):
            synchronise(one.context, link(one, hq))
        assert first.member_balances("2100000000031") == {"points": 12}
        hq.restore(saved, "hq-2")
        synchronise(first.context, link(first, hq))
        assert (first.member_balances(SHARED), state(first).hq_epoch) == ({"points": 24}, "hq-2")
        assert first.member_balances("2100000000031") == {}
        for one in (second, first):
            synchronise(one.context, link(one, hq))
        assert first.member_balances("2100000000031") == {"points": 12}
        assert second.member_balances(SHARED) == {"points": 24}


def test_a_card_that_enrolled_at_two_tills_offline_becomes_one_member(tmp_path: Path, hq: HqModel) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    with open_known(tmp_path / "a", hq, 1) as first, open_known(tmp_path / "b", hq, 2) as second:
        first.commit(sale("k1"))
        second.commit(sale("k2"))
        synchronise(first.context, link(first, hq))
        second.commit(sale("k3"))
        cut = link(second, hq, Fault.NONE, Fault.ANSWER_LOST)
        synchronise(second.context, cut)
        second.commit(sale("k4"))
        for one in (second, first):
            synchronise(one.context, link(one, hq))
        shown = [one.member_balances(SHARED) for one in (first, second)]
        assert shown == [{"points": 48}, {"points": 48}]
        assert [one.member_count() for one in (first, second)] == [1, 1]


class Shops:
    """Two tills and one HQ, and what each till sold: on a card of its own and on a card that both see."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.chance = chance
        self.hq = HqModel(page_rows=chance.choice((1, 2, 50)), most_entries=chance.choice((1, 3, 500)))
        self.folders = [folder / str(number) for number in range(2)]
        for one in self.folders:
            one.mkdir()
        self.tills = [open_known(one, self.hq, number) for number, one in enumerate(self.folders)]
        self.own, self.shared = [0, 0], [0, 0]
        self.sold: list[list[str]] = [[], []]
        self.backups: list[HqModel] = []
        self.keys = iter(f"k{number}" for number in range(10_000))

    @staticmethod
    def card(number: int) -> str:
        return f"21000000001{number:02d}"

    def points(self, till: Till, card: str) -> int:
        return (till.member_balances(card) or {}).get("points", 0)

    def sell(self, number: int) -> None:
        points = self.chance.randrange(1, 50)
        both = self.chance.random() < 0.3
        card = SHARED if both else self.card(number)
        sold = self.tills[number].commit(sale(next(self.keys), line(1, points * 2_000), card=card))
        if both:
            self.shared[number] += points
        else:
            self.own[number] += points
            self.sold[number].append(sold.values["entry"])

    def undo(self, number: int) -> None:
        if not self.sold[number]:
            return
        entry = self.sold[number].pop(self.chance.randrange(len(self.sold[number])))
        if self.chance.random() < 0.5:
            answer = self.tills[number].void(void(next(self.keys), entry))
        else:
            answer = self.tills[number].return_goods(goods(next(self.keys), entry, (1, 1_000)))
        self.own[number] -= sum(item["amount"] for item in answer.values["reversals"])

    def talk(self, number: int) -> None:
        faults = (self.chance.choice((0, 0, 0, 0, 1, 2, 3, 4)) for _ in range(self.chance.randrange(12)))
        synchronise(self.tills[number].context, link(self.tills[number], self.hq, *faults))

    def crash(self, number: int) -> None:
        self.tills[number].close()
        self.tills[number] = open_known(self.folders[number], self.hq, number)

    def back_up(self, _: int) -> None:
        self.backups.append(self.hq.backup())

    def lose(self, _: int) -> None:
        if self.backups:
            self.hq.restore(self.backups[-1], f"hq-{next(self.keys)}")

    def check_under_way(self, *, lost: bool) -> None:
        """Own sales always show; what both sold shows once at most, and what was sold here at least once.

        After HQ lost entries, those of a member whose enrolment another till has to send again wait at HQ.
        """
        for number, till in enumerate(self.tills):
            assert self.points(till, self.card(number)) == self.own[number]
            assert (0 if lost else self.shared[number]) <= self.points(till, SHARED) <= sum(self.shared)

    def check_at_rest(self) -> None:
        total = sum(self.own) + sum(self.shared)
        for till in self.tills:
            assert [self.points(till, self.card(number)) for number in range(2)] == self.own
            assert self.points(till, SHARED) == sum(self.shared)
            assert (pending(till), till.outstanding("points"), sum(self.hq.balances.values())) == (0, total, total)
            head, held = till.context.book.head, self.hq.journals[till.context.keys.terminal]
            assert state(till).acked == head.sequence == len(held.entries)
            assert held.head_at(head.sequence) == head.hash


@pytest.mark.parametrize("loses", [False, True])
@pytest.mark.parametrize("run", range(10))
def test_any_schedule_of_faults_converges_and_nothing_ever_shows_twice(
    tmp_path: Path, seed: int, run: int, loses: bool
) -> None:
    shops = Shops(tmp_path, random.Random(seed * 1_000 + run))
    acts: list[Callable[[int], None]] = []
    acts += [shops.sell] * 6 + [shops.undo] * 2 + [shops.talk] * 6 + [shops.crash, shops.back_up]
    acts += [shops.lose] if loses else []
    for _ in range(60):
        shops.chance.choice(acts)(shops.chance.randrange(2))
        shops.check_under_way(lost=loses)
    for till in chain(shops.tills, shops.tills):
        assert synchronise(till.context, link(till, shops.hq)).mode is SyncMode.ONLINE
    shops.check_at_rest()
    for till in shops.tills:
        till.close()


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
    """A line on which HQ is never reached, but for the rounds that are named."""

    def __init__(self, real: FailingLink | None = None, well: tuple[int, ...] = ()) -> None:
        self.real, self.well, self.rounds = real, well, 0

    def hello(self, hello: Hello) -> HelloAnswer:
        self.rounds += 1
        if self.real is not None and self.rounds in self.well:
            return self.real.hello(hello)
        raise LinkDown("dead")

    def upload(self, batch: Batch) -> Acknowledged:
        assert self.real is not None
        return self.real.upload(batch)

    def feed(self, after: int) -> FeedPage:
        assert self.real is not None
        return self.real.feed(after)


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


def test_a_round_that_went_well_begins_the_waits_anew(till: Till, hq: HqModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda _, most: most)
    assert waits_of(till, Dead(link(till, hq), well=(4,)), 5) == [1, 2, 4, 1, 2]


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
            answer = till.commit(sale(f"{own}-{number}", card=Shops.card(own))).values
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
    assert [till.member_balances(Shops.card(own)) for own in range(3)] == [{"points": 480}] * 3
