"""The feed in pages, on every database."""

from __future__ import annotations

import pytest

from hq.feed import telling
from hq.feed.reader import FeedReader
from loyalty.journal.entry import Lot, Opened, Posting
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.values import FeedBalance, FeedCard, FeedLot, FeedMember, FeedPage, FeedRow
from tests.hq.houses import House
from tests.hq.programmes.programmes import publish
from tests.hq.tills import POINTS, FakeTill


def page(house: House, till: FakeTill, after: int = 0) -> FeedPage:
    return house.hq.feed.page(terminal=till.id, epoch=1, after=after)


def walk(house: House, till: FakeTill, page_rows: int) -> list[FeedPage]:
    reader = FeedReader(house.hq.book, hq_epoch=house.hq.hq_epoch, tell=lambda _: None, page_rows=page_rows)
    pages = [reader.page(terminal=till.id, epoch=1, after=0)]
    while not pages[-1].complete:
        pages.append(reader.page(terminal=till.id, epoch=1, after=pages[-1].upto))
    return pages


def values(pages: list[FeedPage]) -> list[FeedRow]:
    return [row for one in pages for row in one.rows]


def test_an_empty_feed_is_complete(any_house: House) -> None:
    till = any_house.till()
    told = page(any_house, till)
    assert told == FeedPage(
        hq_epoch=any_house.hq.hq_epoch, after=0, upto=0, complete=True, applied=0, rows=(), check=told.check
    )
    assert told.check is not None
    assert told.check[1] == 0


def test_a_page_tells_members_cards_and_balances_and_how_far_the_till_is_posted(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001", nickname="Aida", language="kk")
    till.sale(member, 9)
    any_house.take(till)
    told = page(any_house, till)
    assert (told.upto, told.complete, told.applied) == (3, True, 2)
    key = any_house.rows("SELECT card_key FROM card")[0][0]
    assert told.rows == (
        FeedMember(
            member=member,
            canonical=member,
            nickname="Aida",
            tier=None,
            language="kk",
            joined_on="2026-03-02",
            home="S1",
        ),
        FeedCard(card_key=key, member=member),
        FeedBalance(account=member, unit=POINTS, amount=9),
    )


def test_after_the_end_there_is_nothing_new(any_house: House) -> None:
    till = any_house.till()
    till.enrol("7001")
    any_house.take(till)
    told = page(any_house, till, after=page(any_house, till).upto)
    assert (told.rows, told.complete, told.applied) == ((), True, 1)


def test_a_thing_that_changes_often_is_told_once_as_it_is_now(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    any_house.take(till)
    for amount in (1, 2, 3):
        till.sale(member, amount)
        any_house.take(till, len(till.entries))
    told = page(any_house, till)
    assert told.upto == 5
    assert [row for row in told.rows if isinstance(row, FeedBalance)] == [
        FeedBalance(account=member, unit=POINTS, amount=6)
    ]


def test_pages_of_any_size_tell_the_same_and_only_the_last_says_what_is_applied(any_house: House) -> None:
    till = any_house.till()
    for number in range(7):
        till.sale(till.enrol(f"70{number}"), number)
    any_house.take(till)
    whole = walk(any_house, till, 1_000)
    for size in (1, 3, 21):
        pages = walk(any_house, till, size)
        assert values(pages) == values(whole)
        assert [one.applied for one in pages] == [0] * (len(pages) - 1) + [14]
        assert all(len(one.rows) <= size for one in pages)


def test_a_merged_member_is_told_with_its_canonical_one_and_the_card_anew(any_house: House) -> None:
    one, two = any_house.till("Till 1"), any_house.till("Till 2")
    first, second = one.enrol("7001"), two.enrol("7001")
    any_house.take(one)
    cursor = page(any_house, two).upto
    any_house.take(two)
    told = page(any_house, two, cursor).rows
    assert [(row.member, row.canonical) for row in told if isinstance(row, FeedMember)] == [(second, first)]
    assert [row.member for row in told if isinstance(row, FeedCard)] == [first]


def test_a_cursor_that_hq_never_gave_is_refused(any_house: House) -> None:
    till = any_house.till()
    with pytest.raises(SyncRefused) as caught:
        page(any_house, till, after=1)
    assert caught.value.code is SyncErrorCode.CURSOR_AHEAD


def test_another_till_is_told_its_own_progress(any_house: House) -> None:
    one, two = any_house.till("Till 1"), any_house.till("Till 2")
    one.enrol("7001")
    any_house.take(one)
    assert (page(any_house, one).applied, page(any_house, two).applied) == (1, 0)


def test_what_hq_parked_is_named_until_it_is_posted(any_house: House) -> None:
    one, two = any_house.till("Till 1"), any_house.till("Till 2")
    member = one.enrol("7001")
    two.enrol("7002")
    two.sale(member, 5)
    two.add("return")
    any_house.take(two)
    told = page(any_house, two)
    assert (told.complete, told.applied, told.parked, page(any_house, one).parked) == (True, 3, (2,), ())
    any_house.take(one)
    later = page(any_house, two, told.upto)
    assert (later.applied, later.parked) == (3, ())
    assert FeedBalance(account=member, unit=POINTS, amount=5) in later.rows


def test_a_page_that_is_not_complete_names_nothing_parked(any_house: House) -> None:
    till = any_house.till()
    for number in range(3):
        till.enrol(f"70{number}")
    till.sale(bytes(16), 1)
    any_house.take(till)
    assert [one.parked for one in walk(any_house, till, 3)] == [(), (4,)]


def test_a_page_names_a_bounded_number_of_parked_entries(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hq.feed.reader.MAX_PARKED", 2)
    till = house.till()
    for _ in range(3):
        till.sale(bytes(16), 1)
    house.take(till)
    assert page(house, till).parked == (1, 2)


def test_a_complete_page_tells_all_of_the_members_that_are_wanted(any_house: House) -> None:
    till = any_house.till()
    member, other = till.enrol("7001", nickname="Aida"), till.enrol("7002")
    till.sale(member, 9)
    any_house.take(till)
    end = page(any_house, till).upto
    stranger = b"?" * 16
    told = any_house.hq.feed.page(terminal=till.id, epoch=1, after=end, wanted=(member, stranger))
    (key,) = any_house.rows("SELECT card_key FROM card WHERE member_id = :one", one=member)[0]
    assert told.told == (member, stranger)
    assert told.rows == (
        FeedMember(
            member=member,
            canonical=member,
            nickname="Aida",
            tier=None,
            language=None,
            joined_on="2026-03-02",
            home="S1",
        ),
        FeedCard(card_key=key, member=member),
        FeedBalance(account=member, unit=POINTS, amount=9),
    )
    assert told.upto == end
    assert other not in told.told


def test_who_became_another_is_told_with_that_one(any_house: House) -> None:
    one, two = any_house.till("Till 1"), any_house.till("Till 2")
    first, second = one.enrol("7001"), two.enrol("7001")
    one.sale(first, 5)
    any_house.take(one)
    any_house.take(two)
    end = page(any_house, two).upto
    told = any_house.hq.feed.page(terminal=two.id, epoch=1, after=end, wanted=(second,))
    assert told.told == (second, first)
    assert {row.member: row.canonical for row in told.rows if isinstance(row, FeedMember)} == {
        first: first,
        second: first,
    }
    assert [row for row in told.rows if isinstance(row, FeedBalance)] == [
        FeedBalance(account=first, unit=POINTS, amount=5)
    ]


def test_an_incomplete_page_tells_nobody_and_a_full_one_only_whom_it_can_hold(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = house.till()
    members = [till.enrol(f"70{number}") for number in range(3)]
    for member in members:
        till.sale(member, 5)
    house.take(till)
    reader = FeedReader(house.hq.book, hq_epoch=house.hq.hq_epoch, tell=lambda _: None, page_rows=8)
    first = reader.page(terminal=till.id, epoch=1, after=0, wanted=tuple(members))
    assert (first.complete, first.told) == (False, ())
    monkeypatch.setattr(telling, "MAX_FEED_ROWS", 7)
    assert reader.page(terminal=till.id, epoch=1, after=8, wanted=tuple(members)).told == tuple(members[:2])
    monkeypatch.setattr(telling, "MAX_FEED_ROWS", 2)
    large = reader.page(terminal=till.id, epoch=1, after=9, wanted=tuple(members))
    assert (large.told, large.rows) == (tuple(members), ())
    wide = FeedReader(house.hq.book, hq_epoch=house.hq.hq_epoch, tell=lambda _: None)
    changed = wide.page(terminal=till.id, epoch=1, after=0, wanted=tuple(members))
    assert (changed.complete, changed.told) == (True, ()), "their member rows would be taken for everything"


def test_with_more_members_than_every_till_may_hold_pages_say_so(any_house: House) -> None:
    till = any_house.till()
    for number in range(3):
        till.enrol(f"70{number}")
    any_house.take(till)
    for most, everyone in ((3, True), (2, False)):
        reader = FeedReader(any_house.hq.book, hq_epoch="e", tell=lambda _: None, everyone_up_to=most)
        assert reader.page(terminal=till.id, epoch=1, after=0).everyone is everyone


def test_the_unit_of_the_base_is_the_first_releases_points(any_house: House) -> None:
    till = any_house.till()
    assert page(any_house, till).unit is None
    publish(any_house, "v1")
    assert page(any_house, till).unit == POINTS


def test_accounts_that_are_no_members_are_common(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.add("issue", Posting(account=b"P" * 16, unit="stock", amount=3, lot=Lot(lot_id=b"L" * 16, expires_at=9)),
             Posting(account=member, unit=POINTS, amount=1), opens=(Opened(account=b"P" * 16, kind="pool"),))  # fmt: skip
    any_house.take(till)
    assert {
        (type(row), row.account): row.common
        for row in page(any_house, till).rows
        if isinstance(row, (FeedBalance, FeedLot))
    } == {(FeedBalance, b"P" * 16): True, (FeedLot, b"P" * 16): True, (FeedBalance, member): False}
