"""Replaying parked entries: what can be posted now is posted, once, as if it had come so; the rest says why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from hq.attention.parking import ParkReason, park
from hq.reviewing.values import Replayed, Tried, Wanted
from loyalty.holding.lots import lot_of
from loyalty.journal.entry import Opened, Posting
from loyalty.numbers.limits import MAX_BALANCE
from sync.protocol.values import FeedBalance
from tests.hq.houses import House
from tests.hq.reviewing.test_looking import STRANGER, refused, till_with_trouble
from tests.hq.tills import POINTS, FakeTill


def replay(house: House, most: int = 200, till: str = "", reason: str = "") -> Replayed:
    """All slices, as the command asks for them."""
    upto_ms, after = house.hq.reviewing.now_ms(), None
    tried: list[Tried] = []
    while True:
        found = house.hq.reviewing.replay(Wanted(till=till, reason=reason), after=after, upto_ms=upto_ms, most=most)
        assert isinstance(found, Replayed)
        tried += found.tried
        if found.next is None:
            return Replayed(tried=tuple(tried), next=None)
        after = found.next


def told(found: Replayed) -> list[tuple[int, bool, ParkReason]]:
    return [(one.place[2], one.posted, one.reason) for one in found.tried]


def books(house: House) -> dict[str, list[tuple[object, ...]]]:
    """What the entries left in the book, and what the feed tells, without positions."""
    tables = ("ledger", "balance", "lot", "account", "member", "card", "journal", "entry")
    found = {table: sorted(house.rows(f"SELECT * FROM {table}"), key=repr) for table in tables}
    told = {repr(row) for row in house.hq.feed.page(terminal=bytes(16), epoch=1, after=0).rows}
    return {**found, "told": [(row,) for row in sorted(told)]}


def newer_till(house: House) -> FakeTill:
    """A till of a program whose entries this HQ does not know: it earns and spends in entries of a new kind."""
    till = house.till()
    member = till.enrol("7001")
    coupon = house.chance.randbytes(16)
    till.add("lottery", Posting(account=member, unit=POINTS, amount=7), opens=(Opened(account=coupon, kind="coupon"),))
    till.add("lottery", Posting(account=coupon, unit="coupon.x", amount=1, lot=lot_of(None, 1_798_830_000)))
    till.add("lottery", Posting(account=member, unit=POINTS, amount=-2), identifier="7001", member=member)
    return till


@pytest.mark.parametrize("most", [1, 2, 200])
def test_after_an_upgrade_what_was_parked_leaves_the_book_as_if_it_had_come_then(
    any_house: House, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    till = newer_till(any_house)
    any_house.take(till)
    assert told(replay(any_house, most)) == [(sequence, False, ParkReason.UNKNOWN_KIND) for sequence in (2, 3, 4)]
    assert any_house.points("7001") == 0
    monkeypatch.setattr("hq.ingest.arrivals._KINDS", frozenset({"enrol", "lottery"}))
    assert told(replay(any_house, most)) == [(sequence, True, ParkReason.UNKNOWN_KIND) for sequence in (2, 3, 4)]
    assert (any_house.points("7001"), any_house.hq.totals().parked) == (5, 0)
    page = any_house.hq.feed.page(terminal=till.id, epoch=1, after=0)
    assert (page.parked, page.applied) == ((), 4)
    before = books(any_house)
    assert replay(any_house, most).tried == ()
    any_house.take(till)
    assert books(any_house) == before


def test_a_replay_and_a_first_arrival_end_with_the_same_tables(
    build: Callable[..., House], tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, first = (build(data_dir=tmp_path / name) for name in ("late", "first"))
    for house in (late, first):
        with monkeypatch.context() as newer:
            house.chance = Random(seed)
            till = newer_till(house)
            if house is late:
                house.take(till)
            newer.setattr("hq.ingest.arrivals._KINDS", frozenset({"enrol", "lottery"}))
            assert len(replay(house).tried) == (0 if house is first else 3)
            house.take(till)
    tables = ("ledger", "balance", "lot", "account", "member", "journal", "entry")
    assert [books(late)[table] for table in tables] == [books(first)[table] for table in tables]
    assert late.points("7001") == first.points("7001") == 5


def test_an_entry_that_was_not_readable_is_noted_and_posted_once_it_is(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    with monkeypatch.context() as older:
        older.setattr("hq.ingest.arrivals._read_core", lambda data: None)
        any_house.take(till)
        till.sale(member, 9)
        any_house.take(till, 2)
        assert told(replay(any_house)) == [(1, False, ParkReason.MALFORMED), (2, False, ParkReason.MALFORMED)]
        assert any_house.rows("SELECT * FROM entry") == []
    assert told(replay(any_house)) == [(1, True, ParkReason.MALFORMED), (2, True, ParkReason.MALFORMED)]
    assert (any_house.points("7001"), any_house.rows("SELECT count(*) FROM entry")) == (9, [(2,)])


def test_an_unreadable_entry_whose_id_came_from_elsewhere_is_settled_and_not_posted_twice(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    till, other = any_house.till(), any_house.till("Till 2")
    member = till.enrol("7001")
    entry_id = till.sale(member, 9)
    with monkeypatch.context() as older:
        older.setattr("hq.ingest.arrivals._read_core", lambda data: None)
        other.add_raw(till.entries[1].core, till.entries[1].detail)
        other.add("sale", Posting(account=member, unit=POINTS, amount=1_000), entry_id=entry_id)
        any_house.take(other)
    any_house.take(till)
    assert [one.posted for one in replay(any_house).tried] == [True, True]
    assert any_house.points("7001") == 9
    assert any_house.rows("SELECT reason, sequence FROM exception") == [("entry_id_reused", 2)]


def test_what_still_cannot_be_posted_stays_parked_with_the_reason_that_holds_now(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    till_with_trouble(any_house)
    expected = [
        (1, False, ParkReason.MALFORMED),
        (2, False, ParkReason.UNKNOWN_KIND),
        (3, False, ParkReason.UNKNOWN_ACCOUNT),
        (4, False, ParkReason.UNKNOWN_ORIGINAL),
    ]
    before = books(any_house)
    assert told(replay(any_house)) == expected
    assert books(any_house) == before
    till = any_house.till("Till 2")
    till.add("teleport", Posting(account=STRANGER, unit=POINTS, amount=1))
    any_house.take(till)
    monkeypatch.setattr("hq.ingest.arrivals._KINDS", frozenset({"teleport", "sale", "return"}))
    (one,) = replay(any_house, till="Till 2").tried
    assert (one.posted, one.reason) == (False, ParkReason.UNKNOWN_ACCOUNT)
    assert any_house.rows("SELECT waits_for FROM parked WHERE terminal_id = :till", till=till.id) == [(STRANGER,)]


def test_a_balance_that_was_too_full_takes_the_entry_once_there_is_room(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.sale(member, MAX_BALANCE)
    till.sale(member, 5)
    any_house.take(till)
    assert told(replay(any_house)) == [(3, False, ParkReason.AMOUNT_TOO_LARGE)]
    till.sale(member, -10)
    any_house.take(till, 4)
    assert told(replay(any_house, reason="amount_too_large")) == [(3, True, ParkReason.AMOUNT_TOO_LARGE)]
    assert any_house.points("7001") == MAX_BALANCE - 5


def test_an_enrolment_that_was_parked_for_its_postings_makes_no_second_member(any_house: House) -> None:
    till, other = any_house.till(), any_house.till("Till 2")
    friend = other.enrol("7002")
    till.add("enrol", Posting(account=friend, unit=POINTS, amount=3), identifier="7001")
    any_house.take(till)
    assert any_house.rows("SELECT reason FROM parked") == [("unknown_account",)]
    any_house.take(other)
    assert (any_house.points("7002"), any_house.hq.totals().parked) == (3, 0)
    with any_house.hq.book.write() as connection:
        park(connection, (other.id, 1, 1), ParkReason.UNKNOWN_ACCOUNT, at_ms=0, entry_id=friend)
    assert [one.posted for one in replay(any_house).tried] == [True]
    assert any_house.rows("SELECT count(*) FROM member") == [(2,)]


def test_an_enrolment_of_a_replay_brings_what_waited_for_it_and_nothing_is_posted_twice(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    till, other = any_house.till(), any_house.till("Till 2")
    with monkeypatch.context() as older:
        older.setattr("hq.ingest.arrivals._KINDS", frozenset({"sale"}))
        member = till.enrol("7001")
        till.sale(member, 4)
        other.sale(member, 50)
        any_house.take(till)
        any_house.take(other)
        assert any_house.hq.totals().parked == 3
    found = replay(any_house, till="Till 1")
    assert [one.posted for one in found.tried] == [True, True]
    assert (any_house.points("7001"), any_house.hq.totals().parked) == (54, 0)
    told_now = any_house.hq.feed.page(terminal=other.id, epoch=1, after=0)
    assert FeedBalance(account=member, unit=POINTS, amount=54) in told_now.rows


def test_one_is_replayed_by_its_place_and_one_that_is_posted_is_only_looked_at(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    any_house.take(newer_till(any_house))
    monkeypatch.setattr("hq.ingest.arrivals._KINDS", frozenset({"enrol", "lottery"}))
    for _ in range(2):
        found = any_house.hq.reviewing.replay_one("Till 1/1/2")
        assert isinstance(found, Replayed)
        assert told(found) == [(2, True, ParkReason.UNKNOWN_KIND)]
        assert any_house.points("7001") == 7
    assert "no such one" in refused(any_house.hq.reviewing.replay_one("Till 1/1/1"))


def test_entries_that_are_parked_while_a_replay_runs_wait_for_the_next_one(house: House) -> None:
    till = house.till()
    till.add("teleport")
    house.take(till)
    upto_ms = house.hq.reviewing.now_ms()
    house.clock.pass_time(seconds=1)
    till.add("teleport")
    house.take(till, 2)
    found = house.hq.reviewing.replay(Wanted(), upto_ms=upto_ms)
    assert isinstance(found, Replayed)
    assert [one.place[2] for one in found.tried] == [1]
