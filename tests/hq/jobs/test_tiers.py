"""The review of tiers at HQ."""

from __future__ import annotations

from hq.jobs.values import Job
from sync.protocol.values import FeedMember
from tests.hq.houses import House
from tests.hq.jobs.shops import held, instant, kinds, run, seconds, shop, tier, units

LADDER = """
[[tier]]
id = "basic"
names.en = "Basic"
[[tier]]
id = "silver"
names.en = "Silver"
from = "100.00"
[[tier]]
id = "gold"
names.en = "Gold"
from = "300.00"
[tiers]
by = "spend"
window = "P12M"
"""
NEXT_YEAR = "2027-03-03T00:00+05:00"


def progress(house: House, tables: str, minor: int) -> bytes:
    till = shop(house, tables)
    member = till.enrol("7001")
    till.add("sale", units(member, minor, NEXT_YEAR, "tier.progress"))
    house.take(till)
    return member


def test_who_reached_a_tier_moves_up_and_the_till_is_told(any_house: House) -> None:
    member = progress(any_house, LADDER, 30_000)
    assert run(any_house, "2026-03-03T02:00+05:00", Job.TIERS) == [("tiers", 1)]
    assert tier(any_house, member) == ("gold", None)
    assert run(any_house, "2026-03-03T02:00+05:00", Job.TIERS) == [("tiers", 0)]
    (till,) = any_house.hq.overview.tills()
    page = any_house.hq.feed.page(terminal=till.terminal_id, epoch=1, after=0)
    assert [row.tier for row in page.rows if isinstance(row, FeedMember)] == ["gold"]
    assert kinds(any_house) == ["tier"]


def test_what_left_the_window_moves_down_at_once_without_a_grace(house: House) -> None:
    member = progress(house, LADDER, 30_000)
    run(house, "2026-03-03T02:00+05:00", Job.TIERS)
    assert run(house, NEXT_YEAR) == [("leases", 0), ("expiry", 1), ("tiers", 1), ("segments", 0), ("offers", 0)]
    assert tier(house, member) == ("basic", None)


def test_a_grace_keeps_the_tier_and_then_it_falls_one_step_at_a_time(house: House) -> None:
    member = progress(house, LADDER + 'grace = "P30D"\ndowngrade = "one_step"\n', 30_000)
    run(house, "2026-03-03T02:00+05:00", Job.TIERS)
    run(house, "2027-03-03T02:00+05:00")
    assert tier(house, member) == ("gold", seconds("2027-04-03T00:00+05:00"))
    assert run(house, "2027-04-02T23:59+05:00", Job.TIERS) == [("tiers", 0)]
    assert run(house, "2027-04-03T00:00+05:00", Job.TIERS) == [("tiers", 1)]
    assert tier(house, member) == ("silver", seconds("2027-05-04T00:00+05:00"))
    assert run(house, "2027-04-03T00:00+05:00", Job.TIERS) == [("tiers", 0)]
    run(house, "2027-05-04T00:00+05:00", Job.TIERS)
    assert tier(house, member) == ("basic", None)
    assert run(house, "2027-05-05T00:00+05:00", Job.TIERS) == [("tiers", 0)]


def test_who_buys_again_in_the_grace_keeps_the_tier_without_an_end(house: House) -> None:
    till = shop(house, LADDER + 'grace = "P30D"\n')
    member = till.enrol("7001")
    till.add("sale", units(member, 30_000, NEXT_YEAR, "tier.progress"))
    house.take(till)
    run(house, "2026-03-03T02:00+05:00", Job.TIERS)
    run(house, NEXT_YEAR)
    till.add("sale", units(member, 30_000, "2028-03-10T00:00+05:00", "tier.progress"))
    house.take(till, 3)
    run(house, "2027-03-10T02:00+05:00", Job.TIERS)
    assert tier(house, member) == ("gold", None)


def test_a_ladder_that_only_leads_up_never_leads_down(house: House) -> None:
    member = progress(house, LADDER + 'downgrade = "none"\n', 30_000)
    run(house, "2026-03-03T02:00+05:00", Job.TIERS)
    run(house, "2029-01-01T02:00+05:00")
    assert tier(house, member) == ("gold", None)


YEARLY = """
[[tier]]
id = "one"
names.en = "One"
from = 10
[[tier]]
id = "two"
names.en = "Two"
from = 30
[tiers]
by = "balance"
window = "P365D"
reset_units = true
"""


def test_olo_006_a_tier_by_balance_is_looked_at_again_after_the_window_and_the_points_start_anew(house: House) -> None:
    till = shop(house, YEARLY)
    member = till.enrol("7001")
    till.add("sale", units(member, 30))
    house.take(till)
    run(house, "2026-03-02T23:00+05:00", Job.TIERS)
    ends = "2027-03-03T00:00+05:00"
    assert tier(house, member) == ("two", seconds(ends))
    till.add("sale", units(member, -25))
    house.take(till, 3)
    assert run(house, "2026-12-01T00:00+05:00", Job.TIERS) == [("tiers", 0)]  # kept, although 5 are left
    assert run(house, ends, Job.TIERS) == [("tiers", 1)]
    assert (tier(house, member), held(house, member).balance("points")) == ((None, None), 0)
    assert run(house, ends, Job.TIERS) == [("tiers", 0)]


def test_the_store_where_a_member_joined_decides_whose_programme_and_midnight_count(house: House) -> None:
    member = progress(house, LADDER, 30_000)
    with_pilot = 'downgrade = "none"\n'
    from hq.programmes.values import When
    from tests.hq.jobs.shops import HEAD

    house.hq.programmes.publish(
        HEAD.replace("v1", "v2") + LADDER + with_pilot,
        "club.toml",
        When(effective=instant("2026-03-05T00:00+05:00"), stores=("S1",)),
    )
    run(house, "2026-03-03T02:00+05:00", Job.TIERS)
    run(house, "2029-01-01T02:00+05:00")
    assert tier(house, member) == ("gold", None)
