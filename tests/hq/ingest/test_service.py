"""Hello and batches, on every database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from hq.attention.parking import ExceptionReason
from hq.book.sqlite import BOOK_FILE
from hq.config import DurableRule
from hq.ingest import posting
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.values import Acknowledged, Batch, Hello, TillFacts
from tests.hq.houses import House
from tests.hq.tills import FakeTill


def refused_batch(house: House, till: FakeTill, batch: Batch) -> SyncRefused:
    with pytest.raises(SyncRefused) as caught:
        house.hq.ingest.batch(house.known(till), batch)
    return caught.value


def refused_hello(house: House, till: FakeTill, hello: Hello) -> SyncErrorCode:
    with pytest.raises(SyncRefused) as caught:
        house.hq.ingest.hello(house.known(till), hello)
    return caught.value.code


def stored_state(house: House) -> list[list[tuple[object, ...]]]:
    tables = ("journal", "journal_head", "entry", "ledger", "balance", "feed", "member", "card", "parked")
    return [sorted(house.rows(f"SELECT * FROM {table}"), key=repr) for table in tables]


def test_a_first_hello_is_told_to_begin_at_one(any_house: House) -> None:
    till = any_house.till()
    answer = any_house.hq.ingest.hello(any_house.known(till), till.hello())
    assert (answer.resume_from, answer.held_head) == (1, till.heads[0])


def test_a_later_hello_is_told_what_hq_lacks(any_house: House) -> None:
    till = any_house.till()
    for number in range(5):
        till.enrol(f"70{number}")
    any_house.take(till, 1, 3)
    answer = any_house.hq.ingest.hello(any_house.known(till), till.hello())
    assert (answer.resume_from, answer.held_head) == (4, till.heads[3])
    assert answer.hq_epoch == any_house.hq.hq_epoch


def test_entries_are_stored_verbatim_and_posted(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.sale(member, 120)
    answer = any_house.hq.ingest.batch(any_house.known(till), till.batch())
    assert answer == Acknowledged(acked=2, durable=2)
    stored = any_house.rows("SELECT core, detail, hash FROM journal ORDER BY sequence")
    assert stored == [(sent.core, sent.detail, head) for sent, head in zip(till.entries, till.heads[1:], strict=True)]
    assert any_house.points("7001") == 120
    assert any_house.points(member) == 120


def test_nothing_is_durable_while_only_a_backup_would_count(build: Callable[..., House]) -> None:
    house = build(durable=DurableRule.BACKUP)
    till = house.till()
    till.enrol("7001")
    assert house.hq.ingest.batch(house.known(till), till.batch()) == Acknowledged(acked=1, durable=0)


def test_a_batch_sent_twice_counts_once(any_house: House) -> None:
    till = any_house.till()
    till.sale(till.enrol("7001"), 50)
    any_house.take(till)
    before = stored_state(any_house)
    assert any_house.take(till) == 2
    assert stored_state(any_house) == before


def test_of_an_overlapping_batch_only_the_new_entries_are_taken(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    for _ in range(4):
        till.sale(member, 10)
    any_house.take(till, 1, 3)
    assert any_house.take(till, 2, 5) == 5
    assert any_house.points(member) == 40


def test_an_old_batch_that_comes_late_is_answered_with_what_hq_has(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.sale(member, 10)
    till.sale(member, 20)
    any_house.take(till)
    assert any_house.take(till, 1, 2) == 3


def test_a_gap_is_answered_with_what_is_needed(any_house: House) -> None:
    till = any_house.till()
    for number in range(3):
        till.enrol(f"70{number}")
    fault = refused_batch(any_house, till, till.batch(3))
    assert (fault.code, fault.need) == (SyncErrorCode.GAP, 1)
    assert any_house.rows("SELECT * FROM journal") == []


def test_entries_that_do_not_give_the_head_are_refused_and_nothing_changes(any_house: House) -> None:
    till = any_house.till()
    till.enrol("7001")
    any_house.take(till)
    till.enrol("7002")
    before = stored_state(any_house)
    wrong = till.signed(replace(till.batch(), head=bytes(32)))
    assert refused_batch(any_house, till, wrong).code is SyncErrorCode.HEAD_MISMATCH
    assert stored_state(any_house) == before
    assert any_house.hq.totals().exceptions == 0


def test_another_entry_at_a_common_sequence_is_a_fork_and_only_recorded(any_house: House) -> None:
    till = any_house.till()
    till.enrol("7001")
    any_house.take(till)
    before = stored_state(any_house)
    clone = till.copied(0)
    clone.enrol("7002")
    for _ in range(2):
        assert refused_batch(any_house, till, clone.batch()).code is SyncErrorCode.CHAIN_MISMATCH
    assert any_house.rows("SELECT reason, epoch, sequence FROM exception") == [(ExceptionReason.FORK, 1, 0)]
    assert stored_state(any_house) == before


def test_a_hello_is_told_what_hq_holds_whatever_the_till_has(any_house: House) -> None:
    """Nobody signed it, and it may come late: what differs is for the till to see."""
    till = any_house.till()
    for number in range(3):
        till.enrol(f"70{number}")
    any_house.take(till)
    clone = till.copied(1)
    clone.enrol("7009")
    for one in (till, till.copied(1), clone, till.reopened(9, 1)):
        answer = any_house.hq.ingest.hello(any_house.known(till), one.hello())
        assert (answer.epoch, answer.resume_from, answer.held_head) == (1, 4, till.heads[3])
    assert any_house.hq.totals().exceptions == 0


@pytest.mark.parametrize("change", ["head", "first", "through", "epoch", "signature", "entries", "key"])
def test_what_the_tills_key_did_not_sign_is_refused_before_it_is_looked_at(house: House, change: str) -> None:
    till = house.till()
    for number in range(3):
        till.enrol(f"70{number}")
    before, batch = stored_state(house), till.batch(1, 2)
    changed = {
        "head": replace(batch, head=bytes(32)),
        "first": replace(batch, first=2),
        "through": replace(batch, through=9),
        "epoch": replace(batch, epoch=2),
        "signature": replace(batch, signature=bytes(64)),
        "entries": replace(batch, entries=batch.entries[:1]),
        "key": house.till("Till 2").signed(batch),
    }
    assert refused_batch(house, till, changed[change]).code is SyncErrorCode.SIGNATURE_WRONG
    assert stored_state(house) == before
    assert house.hq.totals().exceptions == 0


def test_what_a_till_said_that_it_sends_is_kept_and_only_grows(any_house: House) -> None:
    till = any_house.till()
    for number in range(4):
        till.enrol(f"70{number}")
    promised = [any_house.rows("SELECT promised FROM journal_head")]
    for first, last, through in ((1, 2, 4), (1, 2, 3), (2, 3, 9), (1, 1, 1)):
        any_house.hq.ingest.batch(any_house.known(till), till.signed(replace(till.batch(first, last), through=through)))
        promised.append(any_house.rows("SELECT promised FROM journal_head"))
    assert promised == [[], [(4,)], [(4,)], [(9,)], [(9,)]]


def test_a_batch_that_promises_less_than_it_brings_is_malformed(house: House) -> None:
    till = house.till()
    till.enrol("7001")
    less = till.signed(replace(till.batch(), through=0))
    assert refused_batch(house, till, less).code is SyncErrorCode.MALFORMED


def test_a_till_cannot_send_for_another(house: House) -> None:
    mine, other = house.till("Till 1"), house.till("Till 2")
    other.enrol("7001")
    assert refused_batch(house, mine, other.batch()).code is SyncErrorCode.TERMINAL_MISMATCH
    assert refused_hello(house, mine, other.hello()) is SyncErrorCode.TERMINAL_MISMATCH
    assert house.rows("SELECT * FROM journal") == []


def test_a_batch_of_an_epoch_that_hq_did_not_open_is_refused(house: House) -> None:
    till = house.till()
    till.enrol("7001")
    assert refused_batch(house, till, till.reopened(2, 0).batch()).code is SyncErrorCode.EPOCH_UNKNOWN
    assert house.rows("SELECT * FROM journal") == []


def test_a_till_of_a_later_protocol_alone_is_refused(house: House) -> None:
    till = house.till()
    later = replace(till.hello(), protocol_min=7, protocol_max=9)
    assert refused_hello(house, till, later) is SyncErrorCode.PROTOCOL_UNSUPPORTED
    newer = replace(till.hello(), protocol_max=9)
    assert house.hq.ingest.hello(house.known(till), newer).protocol == 1


def test_a_crash_between_storing_and_posting_leaves_neither(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    till = any_house.till()
    till.sale(till.enrol("7001"), 30)
    before = stored_state(any_house)

    def crash(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(posting, "record_changes", crash)  # the very last step of posting
        with pytest.raises(RuntimeError):
            any_house.take(till)
    assert stored_state(any_house) == before
    assert any_house.take(till) == 2
    assert any_house.points("7001") == 30


def test_contact_is_noted(house: House) -> None:
    till = house.till()
    assert house.hq.overview.tills()[0].last_seen_at is None
    house.clock.pass_time(minutes=3)
    house.hq.ingest.hello(house.known(till), till.hello())
    assert house.hq.overview.tills()[0].last_seen_at == house.clock.now


def test_a_contact_is_noted_once_a_minute_and_costs_no_write_before(any_house: House) -> None:
    till = any_house.till()

    def seen(**later: float) -> datetime | None:
        any_house.clock.pass_time(**later)
        any_house.hq.ingest.hello(any_house.known(till), till.hello())
        return any_house.hq.overview.tills()[0].last_seen_at

    first = seen()
    assert seen(seconds=59) == first
    assert seen(seconds=1) == any_house.clock.now
    assert seen(days=-1) == any_house.clock.now


def test_from_a_hello_that_is_sent_again_later_nothing_follows(any_house: House) -> None:
    till = any_house.till()
    old = replace(till.hello(), facts=TillFacts(zone="Asia/Almaty", programme="old", mismatch="5"))
    till.sale(till.enrol("7001"), 5)
    any_house.take(till)
    now = replace(till.hello(), facts=TillFacts(zone="Asia/Almaty", programme="new"))
    any_house.hq.ingest.hello(any_house.known(till), now)
    before = stored_state(any_house), any_house.rows("SELECT * FROM till_facts"), any_house.hq.overview.tills()
    any_house.clock.pass_time(days=3)
    answer = any_house.hq.ingest.hello(any_house.known(till), old)
    assert answer.resume_from == 3
    after = stored_state(any_house), any_house.rows("SELECT * FROM till_facts"), any_house.hq.overview.tills()
    assert (after, any_house.rows("SELECT * FROM exception")) == (before, [])


def test_a_hello_that_brings_nothing_new_writes_nothing_to_disk(house: House) -> None:
    till = house.till()
    house.hq.ingest.hello(house.known(till), till.hello())
    log = house.hq.config.data_dir / f"{BOOK_FILE}-wal"
    before = log.read_bytes()
    house.hq.ingest.hello(house.known(till), till.hello())
    assert log.read_bytes() == before
