"""Segments, counted from the journals."""

from __future__ import annotations

from hq.ingest.membership import set_segments
from hq.jobs.figures import Part, add_up
from hq.jobs.values import Job
from loyalty.journal.detail import ReturnedLine
from loyalty.journal.entry import Reference
from sync.protocol.values import FeedMember
from tests.hq.houses import House
from tests.hq.jobs.shops import bought, instant, run, segments, shop

SEGMENTS = """
[[segment]]
id = "big"
names.en = "Big spenders"
least_spend = "100.00"
window = "P1M"
[[segment]]
id = "often"
names.en = "Often"
least_visits = 3
[[segment]]
id = "bakers"
names.en = "Bakers"
favourite_category = "bread"
[[segment]]
id = "away"
names.en = "Away"
absent_days = 20
[[segment]]
id = "vip"
names.en = "Chosen by hand"
external = true
"""


def test_members_are_counted_by_what_they_did_in_each_window(any_house: House) -> None:
    till = shop(any_house, SEGMENTS)
    big, often, away, nothing = (till.enrol(f"700{number}") for number in range(4))
    any_house.clock.now = instant("2026-03-31T12:00+05:00")
    bought(till, big, "2026-03-20", 8_000, "bread")
    bought(till, big, "2026-03-30", 4_000, "milk")
    for day in ("2026-03-02", "2026-03-03", "2026-03-30"):
        bought(till, often, day, 1_000, "milk")
    bought(till, away, "2026-03-05", 20_000, "bread")
    bought(till, nothing, "2026-03-30", 20_000, training=True)
    any_house.take(till)
    with any_house.hq.book.write() as connection:
        set_segments(connection, {away: ["vip", "gone"]})
    cursor = any_house.hq.feed.page(terminal=till.id, epoch=1, after=0).upto
    assert run(any_house, "2026-03-31T03:00+05:00", Job.SEGMENTS) == [("segments", 3)]
    assert segments(any_house, big) == '["bakers", "big"]'
    assert segments(any_house, often) == '["often"]'
    assert segments(any_house, away) == '["away", "bakers", "big", "vip"]'
    assert segments(any_house, nothing) in {None, "[]"}
    told = any_house.hq.feed.page(terminal=till.id, epoch=1, after=cursor).rows
    assert {row.member for row in told if isinstance(row, FeedMember)} == {big, often, away}
    assert run(any_house, "2026-03-31T03:00+05:00", Job.SEGMENTS) == [("segments", 0)]
    run(any_house, "2026-04-10T03:00+05:00", Job.SEGMENTS)
    assert segments(any_house, away) == '["away", "bakers", "vip"]'  # 5 March left the month


def test_what_comes_back_counts_off_and_a_void_is_no_visit(any_house: House) -> None:
    till = shop(any_house, SEGMENTS)
    member = till.enrol("7001")
    any_house.clock.now = instant("2026-03-31T12:00+05:00")
    first = bought(till, member, "2026-03-20", 12_000, "bread")
    second = bought(till, member, "2026-03-21", 9_000, "milk")
    third = bought(till, member, "2026-03-22", 100, "milk")
    half = (ReturnedLine(line=1, quantity_milli=1_000),)
    till.add("return", refs=(Reference(entry_id=first, line=1),), returned=half, member=member)
    whole = (ReturnedLine(line=1, quantity_milli=2_000),)
    till.add("void", refs=(Reference(entry_id=third, line=1),), returned=whole, member=member)
    any_house.take(till)
    run(any_house, "2026-03-31T03:00+05:00", Job.SEGMENTS)
    assert segments(any_house, member) == '["big"]'  # 60.00 of bread and 90.00 of milk, in two visits
    till.add("return", refs=(Reference(entry_id=second, line=1),), returned=half, member=member)
    any_house.take(till, 7)
    run(any_house, "2026-03-31T03:00+05:00", Job.SEGMENTS)
    assert segments(any_house, member) == '["bakers", "big"]'


def test_members_may_be_counted_in_parts(house: House) -> None:
    till = shop(house, SEGMENTS)
    members = [till.enrol(f"70{number:02d}") for number in range(20)]
    for member in members:
        bought(till, member, "2026-03-02", 5_000)
    house.take(till)
    today = instant("2026-03-03T12:00+05:00").date()
    found = [add_up(house.hq.book, {None}, today, Part(number=number, of=3)) for number in range(3)]
    assert sorted(one for part in found for one in part) == sorted(members)
    assert all(sums[None].spend_minor == 5_000 for part in found for sums in part.values())
