"""What entries say of members: birthdays, visits, tiers; and segments, which HQ counts."""

from __future__ import annotations

from typing import Any

import pytest

from hq.ingest.membership import set_segments
from loyalty.journal.detail import DetailTier
from sync.protocol.values import MAX_SEGMENTS, FeedMember
from tests.hq.houses import House
from tests.hq.tills import FakeTill

FRIEND = b"\x0f" * 16
TODAY = "2026-03-02"


def told(house: House, till: FakeTill, after: int = 0) -> dict[bytes, FeedMember]:
    rows = house.hq.feed.page(terminal=till.id, epoch=1, after=after).rows
    return {row.member: row for row in rows if isinstance(row, FeedMember)}


def plain(member: bytes, **more: Any) -> FeedMember:
    given: dict[str, Any] = {"canonical": member, "nickname": None, "tier": None, "language": None, "joined_on": TODAY}
    return FeedMember(member=member, **{**given, "home": "S1", **more})


def position(house: House, till: FakeTill) -> int:
    return house.hq.feed.page(terminal=till.id, epoch=1, after=0).upto


def test_an_enrolment_brings_birthday_referrer_and_the_business_date(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001", birthday="02-29", referrer=FRIEND)
    any_house.take(till)
    assert told(any_house, till) == {member: plain(member, birthday="02-29", referrer=FRIEND)}


@pytest.mark.parametrize("said", ["02-30", "2-29", "2000-02-29", "٠٢-٢٩", "", "xx-yy"])
def test_a_birthday_that_is_none_is_not_known(house: House, said: str) -> None:
    till = house.till()
    member = till.enrol("7001", birthday=said)
    house.take(till)
    assert told(house, till) == {member: plain(member)}


@pytest.mark.parametrize(
    ("said", "known"),
    [("2026-02-30", None), ("soon", None), ("2026-03-03", "2026-03-03"), ("2099-01-01", "2026-03-03")],
)
def test_a_business_date_is_a_date_and_at_most_tomorrow(house: House, said: str, known: str | None) -> None:
    till = house.till()
    member = till.enrol("7001", business_date=said)
    house.take(till)
    assert told(house, till) == {member: plain(member, joined_on=known)}


def test_the_latest_business_date_of_a_members_sales_is_the_last_visit(any_house: House) -> None:
    till, other = any_house.till(), any_house.till("Till 2")
    member = till.enrol("7001", business_date="2026-02-01")
    till.add("sale", member=member, business_date="2026-02-03")
    till.add("sale", member=member, business_date="2026-02-02")
    till.add("sale", business_date="2026-02-09")
    any_house.take(till)
    joined = plain(member, joined_on="2026-02-01")
    assert told(any_house, till)[member].last_visit_on == "2026-02-03"
    before = position(any_house, till)
    other.add("sale", member=member, business_date="2026-02-01")
    other.add("sale", member=member, business_date="2026-02-05", training=True)
    other.add("return", member=member, business_date="2026-02-06")
    any_house.take(other)
    assert told(any_house, till, before) == {}
    other.add("sale", member=member, business_date="2026-02-04")
    any_house.take(other, 4)
    assert told(any_house, till, before) == {
        member: plain(member, joined_on=joined.joined_on, last_visit_on="2026-02-04")
    }


def test_a_member_is_at_home_where_the_last_visit_was(any_house: House) -> None:
    till, other = any_house.till(), any_house.till("Till 2", store="S2")
    member = till.enrol("7001", business_date="2026-02-01")
    any_house.take(till)
    assert told(any_house, till)[member].home == "S1"
    other.add("sale", member=member, business_date="2026-02-03")
    any_house.take(other)
    assert told(any_house, till)[member].home == "S2"
    till.add("sale", member=member, business_date="2026-02-02")
    any_house.take(till, 2)
    assert told(any_house, till)[member].home == "S2"
    till.add("sale", member=member, business_date="2026-02-03")
    any_house.take(till, 3)
    assert told(any_house, till)[member].home == "S1"


def test_a_visit_under_an_alias_is_the_members(any_house: House) -> None:
    till, other = any_house.till(), any_house.till("Till 2")
    member = till.enrol("7001")
    any_house.take(till)
    alias = other.enrol("7001")
    other.add("sale", member=alias, business_date="2026-03-01")
    till.add("sale", member=member, business_date="2026-02-20")
    any_house.take(other)
    any_house.take(till)
    found = told(any_house, till)
    assert (found[member].last_visit_on, found[alias].last_visit_on) == ("2026-03-01", None)


def test_a_visit_of_nobody_is_none(house: House) -> None:
    till = house.till()
    till.add("sale", member=FRIEND)
    house.take(till)
    assert told(house, till) == {}


def test_a_tier_entry_moves_its_member_and_the_last_one_holds(any_house: House) -> None:
    till = any_house.till()
    member, other = till.enrol("7001"), till.enrol("7002")
    till.add("tier", member=member, tier=DetailTier(after="silver", until=5))
    till.add("tier", member=other, tier=DetailTier(after="silver"))
    till.add("tier", member=member, tier=DetailTier(before="silver", after="gold", until=1_800_000_000))
    till.add("tier", member=other, tier=DetailTier(before="silver"))
    till.add("tier", member=other, tier=DetailTier(until=2**62))
    till.add("tier", member=other, tier=DetailTier(until=-1))
    till.add("tier", member=FRIEND, tier=DetailTier(after="gold"))
    till.add("tier", member=member)
    till.add("tier")
    any_house.take(till)
    assert told(any_house, till) == {
        member: plain(member, tier="gold", tier_until=1_800_000_000),
        other: plain(other),
    }
    assert any_house.hq.totals().parked == 0


def test_segments_are_kept_sorted_and_told_when_they_change(any_house: House) -> None:
    till = any_house.till()
    members = [till.enrol("7001"), till.enrol("7002")]
    any_house.take(till)
    before = position(any_house, till)
    with any_house.hq.book.write() as connection:
        assert set_segments(connection, {members[0]: ["low", "lapsed", "low"], members[1]: [], FRIEND: ["low"]}) == 1
    assert told(any_house, till, before) == {members[0]: plain(members[0], segments=("lapsed", "low"))}
    before = position(any_house, till)
    with any_house.hq.book.write() as connection:
        assert set_segments(connection, {members[0]: ["low", "lapsed"]}) == 0
        assert set_segments(connection, {members[1]: [f"s{number:02}" for number in range(99)]}) == 1
    assert [len(row.segments) for row in told(any_house, till, before).values()] == [MAX_SEGMENTS]
