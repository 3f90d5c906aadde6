"""A till's epochs at HQ: what both share, the next one opened once, both branches kept, a person told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hq.attention.parking import ExceptionReason
from sync.protocol.epochs import EpochOpened, EpochRequest, HashAnswer, HashAsked
from sync.protocol.errors import SyncErrorCode, SyncRefused
from tests.hq.houses import House
from tests.hq.tills import FakeTill


def sold(house: House, entries: int = 5) -> tuple[FakeTill, bytes]:
    """A till whose HQ holds an enrolment and sales of 10 points each."""
    till = house.till()
    member = till.enrol("7001")
    for _ in range(entries - 1):
        till.sale(member, 10)
    house.take(till)
    return till, member


def opened(house: House, till: FakeTill, request: EpochRequest) -> int:
    return house.hq.epochs.open_epoch(house.known(till), request).epoch


def refused(house: House, till: FakeTill, request: EpochRequest) -> SyncRefused:
    with pytest.raises(SyncRefused) as caught:
        opened(house, till, request)
    return caught.value


def exceptions(house: House) -> list[tuple[str, int]]:
    return [
        (reason, epoch) for reason, epoch in house.rows("SELECT reason, epoch FROM exception ORDER BY epoch, reason")
    ]


def stored(house: House) -> list[list[tuple[object, ...]]]:
    tables = ("journal", "journal_head", "entry", "ledger", "balance", "epoch_opening", "terminal", "exception")
    return [sorted(house.rows(f"SELECT * FROM {table}"), key=repr) for table in tables]


def test_a_till_hears_which_hash_hq_holds_of_each_of_its_epochs(any_house: House) -> None:
    till, _ = sold(any_house)

    def asked(epoch: int, sequence: int) -> HashAnswer:
        question = HashAsked(terminal=till.id, epoch=epoch, sequence=sequence)
        return any_house.hq.epochs.hash_at(any_house.known(till), question)

    assert [asked(1, place) for place in (0, 3, 5)] == [HashAnswer(held=5, hash=till.heads[n]) for n in (0, 3, 5)]
    assert asked(1, 2**63 - 1) == HashAnswer(held=5, hash=till.heads[5])
    assert asked(2, 7) == HashAnswer(held=0, hash=till.reopened(2, 0).heads[0])


def test_a_restored_disk_goes_on_in_the_next_epoch_and_both_branches_stay(any_house: House) -> None:
    till, member = sold(any_house)
    before = any_house.rows("SELECT * FROM journal ORDER BY sequence")
    restored = till.copied(3)
    restored.sale(member, 700)
    assert opened(any_house, till, restored.epoch_request(2, 3)) == 2
    later = restored.reopened(2, 3)
    assert any_house.hq.ingest.hello(any_house.known(till), later.hello()).epoch == 2
    assert any_house.take(later) == 1
    assert any_house.points("7001") == 40 + 700
    journal = any_house.rows("SELECT * FROM journal ORDER BY epoch, sequence")
    assert (journal[: len(before)], len(journal)) == (before, len(before) + 1)
    assert exceptions(any_house) == [(ExceptionReason.FORK, 1)]


def test_an_entry_that_comes_again_in_the_new_epoch_counts_once(any_house: House) -> None:
    """The disk was copied with entries that had not gone up, and both disks sent them."""
    till, member = sold(any_house)
    shared = till.sale(member, 5)
    clone = till.copied(6)
    any_house.take(till)
    till.sale(member, 1)
    any_house.take(till)
    clone.sale(member, 2_000)
    assert opened(any_house, till, clone.epoch_request(2, 3)) == 2
    assert any_house.take(clone.reopened(2, 3)) == 4
    assert any_house.points("7001") == 40 + 5 + 1 + 2_000
    count = any_house.rows("SELECT count(*) FROM ledger WHERE entry_id = :shared", shared=shared)
    assert count == [(1,)]
    sums = any_house.rows("SELECT account_id, unit, SUM(amount) FROM ledger GROUP BY account_id, unit")
    assert sums == any_house.rows("SELECT account_id, unit, amount FROM balance")


def test_the_same_request_again_is_answered_and_does_nothing_even_after_more_has_happened(any_house: House) -> None:
    till, member = sold(any_house)
    restored = till.copied(3)
    request = restored.epoch_request(2, 3)
    opened(any_house, till, request)
    before = stored(any_house)
    assert any_house.hq.epochs.open_epoch(any_house.known(till), request) == EpochOpened(epoch=2)
    assert stored(any_house) == before
    later = restored.reopened(2, 3)
    later.sale(member, 9)
    any_house.take(later)
    before = stored(any_house)
    assert opened(any_house, till, request) == 2
    assert stored(any_house) == before


def test_a_till_whose_answer_was_lost_takes_the_next_number_and_a_person_hears_once(any_house: House) -> None:
    till, member = sold(any_house)
    restored = till.copied(3)
    opened(any_house, till, restored.epoch_request(2, 3))
    restored.sale(member, 9)
    assert opened(any_house, till, restored.epoch_request(3, 3)) == 3
    any_house.take(restored.reopened(3, 3))
    assert exceptions(any_house) == [(ExceptionReason.FORK, 1)]


def test_two_disks_that_live_under_one_name_are_told_as_a_clone_once_and_lose_nothing(any_house: House) -> None:
    till, member = sold(any_house)
    clone, expected = till.copied(3), 40
    one, other = till, clone
    for turn in range(6):
        one.sale(member, 1)
        other.sale(member, 100)
        expected += 101
        for mine in ("one", "other"):
            now = one if mine == "one" else other
            takes = any_house.hq.ingest.hello(any_house.known(till), now.hello()).epoch
            if turn or mine == "other":
                held = any_house.hq.epochs.hash_at(
                    any_house.known(till), HashAsked(terminal=till.id, epoch=now.epoch, sequence=len(now.entries))
                ).held
                common = 3 if (turn, mine) == (0, "other") else held
                opened(any_house, till, now.epoch_request(takes + 1, common))
                now = now.reopened(takes + 1, common)
            any_house.take(now)
            one, other = (now, other) if mine == "one" else (one, now)
    assert any_house.points("7001") == expected
    assert exceptions(any_house) == [(ExceptionReason.FORK, 1), (ExceptionReason.CLONE, 2), (ExceptionReason.FORK, 2)]


def test_an_hq_that_was_restored_to_before_an_epoch_opens_one_behind_what_it_still_has_and_tells_of_no_fork(
    any_house: House,
) -> None:
    till, _ = sold(any_house, entries=3)
    till.enrol("7009")
    ahead = till.reopened(7, 4)
    asked = till.epoch_request(8, 3, epoch=7, head=ahead.heads[-1])
    assert opened(any_house, till, asked) == 8
    assert any_house.take(till.reopened(8, 3)) == 1
    assert exceptions(any_house) == []


def test_entries_that_nobody_has_are_told_to_a_person(any_house: House) -> None:
    till, _ = sold(any_house)
    opened(any_house, till, till.epoch_request(2, 5, missing=12, through=14))
    assert exceptions(any_house) == [(ExceptionReason.ENTRIES_MISSING, 1)]
    (note,) = any_house.rows("SELECT note FROM exception")
    assert note == ("12 entries behind sequence 5 of epoch 1 are gone",)


def test_what_a_till_has_behind_the_common_entry_is_promised_from_the_beginning_of_an_epoch(any_house: House) -> None:
    till, member = sold(any_house)
    restored = till.copied(3)
    for _ in range(4):
        restored.sale(member, 1)
    opened(any_house, till, restored.epoch_request(2, 3))
    assert any_house.rows("SELECT epoch, sequence, promised FROM journal_head ORDER BY epoch") == [(1, 5, 5), (2, 0, 4)]


WRONG: dict[str, tuple[Callable[[FakeTill], EpochRequest], SyncErrorCode]] = {
    "a signature of nobody": (
        lambda till: replace(till.epoch_request(2, 3), signature=bytes(64)),
        SyncErrorCode.SIGNATURE_WRONG,
    ),
    "changed after it was signed": (
        lambda till: replace(till.epoch_request(2, 3), common=2, common_hash=till.heads[2]),
        SyncErrorCode.SIGNATURE_WRONG,
    ),
    "an epoch that is taken": (lambda till: till.epoch_request(1, 3), SyncErrorCode.EPOCH_UNKNOWN),
    "an epoch before the till's own": (lambda till: till.epoch_request(5, 3, epoch=5), SyncErrorCode.EPOCH_UNKNOWN),
    "another hash": (lambda till: till.epoch_request(2, 3, common_hash=bytes(32)), SyncErrorCode.CHAIN_MISMATCH),
    "more than HQ holds": (
        lambda till: till.epoch_request(2, 3, common=9, common_hash=till.heads[3]),
        SyncErrorCode.CHAIN_MISMATCH,
    ),
    "an epoch that HQ has nothing of": (
        lambda till: till.epoch_request(9, 1, common_epoch=4),
        SyncErrorCode.CHAIN_MISMATCH,
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_request_that_cannot_be_is_refused_and_nothing_changes(any_house: House, what: str) -> None:
    till, _ = sold(any_house)
    ask, code = WRONG[what]
    before = stored(any_house)
    assert refused(any_house, till, ask(till)).code is code
    assert stored(any_house) == before


def test_a_taken_epoch_is_answered_with_the_number_that_would_do(any_house: House) -> None:
    till, _ = sold(any_house)
    opened(any_house, till, till.copied(3).epoch_request(6, 3))
    fault = refused(any_house, till, till.copied(2).epoch_request(6, 2))
    assert (fault.code, fault.need) == (SyncErrorCode.EPOCH_UNKNOWN, 7)


def test_no_till_opens_an_epoch_of_another_or_hears_of_its_journal(house: House) -> None:
    till, _ = sold(house)
    other = house.till("Till 2")
    before = stored(house)
    assert refused(house, other, till.epoch_request(2, 3)).code is SyncErrorCode.TERMINAL_MISMATCH
    forged = other.epoch_request(2, 0, terminal=till.id)
    assert refused(house, other, forged).code is SyncErrorCode.TERMINAL_MISMATCH
    assert refused(house, till, forged).code is SyncErrorCode.SIGNATURE_WRONG
    with pytest.raises(SyncRefused) as caught:
        house.hq.epochs.hash_at(house.known(other), HashAsked(terminal=till.id, epoch=1, sequence=1))
    assert caught.value.code is SyncErrorCode.TERMINAL_MISMATCH
    assert stored(house) == before


def test_an_old_batch_that_is_played_again_after_a_new_epoch_is_refused_and_changes_nothing(any_house: House) -> None:
    till, _ = sold(any_house)
    old = till.batch(2, 4)
    opened(any_house, till, till.copied(3).epoch_request(2, 3))
    before = stored(any_house)
    with pytest.raises(SyncRefused) as caught:
        any_house.hq.ingest.batch(any_house.known(till), old)
    assert caught.value.code is SyncErrorCode.EPOCH_UNKNOWN
    assert stored(any_house) == before
