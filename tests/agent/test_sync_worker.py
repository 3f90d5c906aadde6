"""Tills and HQ over a line that fails: they converge, and no balance ever shows anything twice."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from agent.sync_worker import Round, SyncMode, synchronise
from agent.till.till import Till
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.values import Hello, HelloAnswer
from tests.agent.syncing import SHARED, link, open_known, pending, state
from tests.agent.till.world import goods, line, sale, void
from tests.sync.model import Fault, HqModel


@pytest.fixture
def hq() -> HqModel:
    return HqModel()


@pytest.fixture
def till(tmp_path: Path, hq: HqModel) -> Iterator[Till]:
    with open_known(tmp_path, hq, 1) as opened:
        yield opened


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


def test_an_hq_that_holds_more_than_the_till_is_a_fork_that_the_till_mends_and_nothing_is_lost_or_doubled(
    tmp_path: Path, hq: HqModel
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with open_known(tmp_path / "a", hq, 1) as till:
        till.commit(sale())
        synchronise(till.context, link(till, hq))
    with open_known(tmp_path / "b", hq, 1) as restored:
        assert synchronise(restored.context, link(restored, hq)).mode is SyncMode.ONLINE
        assert (restored.context.book.head.epoch, restored.member_balances(SHARED)) == (2, {"points": 12})
        for number in range(5):
            restored.commit(sale(f"other{number}"))
        assert synchronise(restored.context, link(restored, hq)) == Round(mode=SyncMode.ONLINE, sent=5, received=1)
        assert restored.member_balances(SHARED) == {"points": 72}
    held = hq.tills[restored.context.keys.terminal].journals
    assert {epoch: len(one.entries) for epoch, one in held.items()} == {1: 2, 2: 5}


class Refusing:
    """A line on which every hello is refused."""

    def __init__(self, hq: HqModel, till: Till, code: SyncErrorCode) -> None:
        self.link, self.code = link(till, hq), code
        self.upload, self.feed = self.link.upload, self.link.feed
        self.hash_at, self.open_epoch, self.leases = self.link.hash_at, self.link.open_epoch, self.link.leases

    def hello(self, _: Hello) -> HelloAnswer:
        raise SyncRefused(self.code)


@pytest.mark.parametrize(
    ("code", "mode"),
    [
        (SyncErrorCode.BUSY, SyncMode.OFFLINE),
        (SyncErrorCode.GAP, SyncMode.OFFLINE),
        (SyncErrorCode.CHAIN_MISMATCH, SyncMode.FORKED),
        (SyncErrorCode.EPOCH_UNKNOWN, SyncMode.FORKED),
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
            head, held = till.context.book.head, self.hq.held(till.context.keys.terminal)
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
