"""Expiry at HQ: lots, absence, debts; twice, late and in pages."""

from __future__ import annotations

from hq.jobs.values import PAGE, Job
from loyalty.journal.codec import decode_core, decode_detail
from loyalty.journal.entry import Opened
from sync.protocol.values import FeedBalance, FeedLot
from tests.hq.houses import House
from tests.hq.jobs.shops import held, instant, kinds, run, shop, units

JUNE, JULY = "2026-06-01T00:00+05:00", "2026-07-01T00:00+05:00"


def test_what_is_over_is_taken_once_and_tills_are_told(any_house: House) -> None:
    till = shop(any_house)
    member = till.enrol("7001")
    till.add("sale", units(member, 10, JUNE), units(member, 5, JULY), units(member, 3))
    any_house.take(till)
    cursor = any_house.hq.feed.page(terminal=till.id, epoch=1, after=0).upto
    assert run(any_house, "2026-05-31T23:59+05:00", Job.EXPIRY) == [("expiry", 0)]
    assert run(any_house, JUNE, Job.EXPIRY) == [("expiry", 1)]
    assert held(any_house, member).balances == (("points", 8),)
    assert [one.amount for one in held(any_house, member).lots] == [5]
    rows = any_house.hq.feed.page(terminal=till.id, epoch=1, after=cursor).rows
    assert FeedBalance(account=member, unit="points", amount=8) in rows
    assert [row.amount for row in rows if isinstance(row, FeedLot)] == [0]
    assert run(any_house, JUNE, Job.EXPIRY) == [("expiry", 0)]
    assert run(any_house, "2027-01-01T00:00+05:00", Job.EXPIRY) == [("expiry", 1)]
    assert held(any_house, member).balances == (("points", 3),)
    assert kinds(any_house) == ["expire", "expire"]


def test_an_expiry_is_an_entry_that_says_whose_where_and_by_which_version(house: House) -> None:
    till = shop(house)
    member = till.enrol("7001")
    till.add("sale", units(member, 10, JUNE))
    house.take(till)
    run(house, "2026-06-03T21:00+00:00", Job.EXPIRY)
    ((core, detail),) = house.rows(
        "SELECT core, detail FROM journal JOIN terminal ON terminal.terminal_id = journal.terminal_id WHERE role = 'hq'"
    )
    said, told = decode_detail(detail), decode_core(core)
    assert (said.member, said.store, said.business_date, said.currency) == (member, "S1", "2026-06-04", "KZT")
    assert said.local_time == "2026-06-04T02:00:00+05:00"
    assert told.programme == house.hq.programmes.history().versions[0].version
    assert [(one.amount, one.lot) for one in told.postings] == [(-10, units(member, 1, JUNE).lot)]


def test_what_ends_pays_what_is_owed_first(house: House) -> None:
    till = shop(house)
    member = till.enrol("7001")
    till.add("sale", units(member, 10, JUNE))
    till.add("return", units(member, -4), refs=())
    till.add("adjust", units(member, -4))
    house.take(till)
    assert held(house, member).balances == (("points", 6),)
    run(house, JUNE, Job.EXPIRY)
    assert held(house, member).balances == (("points", 0),)
    assert held(house, member).lots == ()


def test_units_that_come_late_to_a_lot_that_is_over_end_with_the_next_days_run(house: House) -> None:
    till = shop(house)
    member = till.enrol("7001")
    till.add("sale", units(member, 10, JUNE))
    house.take(till)
    run(house, JUNE, Job.EXPIRY)
    till.add("sale", units(member, 10, JUNE))  # the same again, from a till that was offline
    house.take(till, 3)
    run(house, JUNE, Job.EXPIRY)
    assert held(house, member).balances == (("points", 10),)
    run(house, "2026-06-02T00:00+05:00", Job.EXPIRY)
    assert held(house, member).balances == (("points", 0),)


def test_coupons_end_and_progress_leaves_its_window_too(house: House) -> None:
    till = shop(house)
    member, coupon = till.enrol("7001"), b"\x0c" * 16
    till.add(
        "sale",
        units(coupon, 1, JUNE, "coupon.cake"),
        units(member, 500, JUNE, "tier.progress"),
        opens=(Opened(account=coupon, kind="coupon"),),
    )
    house.take(till)
    assert run(house, JUNE, Job.EXPIRY) == [("expiry", 2)]
    assert held(house, coupon).balances == (("coupon.cake", 0),)
    assert held(house, member).balances == (("tier.progress", 0),)


IDLE = '[[unit]]\nid = "points"\nexpires_when_idle = "P6M"\n'


def test_who_stays_away_too_long_loses_everything(any_house: House) -> None:
    till = shop(any_house, IDLE)
    away, here, joined = till.enrol("7001"), till.enrol("7002"), till.enrol("7003")
    for member, day in ((away, "2026-03-10"), (here, "2026-04-01")):
        till.add(
            "sale", units(member, 10, "2030-01-01T00:00+05:00"), units(member, 5), member=member, business_date=day
        )
    till.add("adjust", units(joined, 7))
    any_house.clock.now = instant("2026-04-02T12:00+05:00")
    any_house.take(till)
    assert run(any_house, "2026-09-10T23:00+05:00", Job.EXPIRY) == [("expiry", 1)]  # who joined on 2 March
    assert held(any_house, joined).balance("points") == 0
    assert run(any_house, "2026-09-11T00:00+05:00", Job.EXPIRY) == [("expiry", 1)]
    assert (held(any_house, away).balance("points"), held(any_house, here).balance("points")) == (0, 15)
    assert held(any_house, away).lots == ()
    assert run(any_house, "2026-09-11T12:00+05:00", Job.EXPIRY) == [("expiry", 0)]


def test_more_accounts_than_a_page_and_no_programme_at_all(house: House) -> None:
    till = house.till()
    members = [till.enrol(f"8{number:05d}") for number in range(PAGE + 20)]
    for first in range(0, len(members), 100):
        till.add("sale", *(units(member, 4, JUNE) for member in members[first : first + 100]))
    house.take(till, 1, 500)
    house.take(till, 501)
    assert run(house, JUNE) == [("leases", 0), ("expiry", len(members)), ("tiers", 0), ("segments", 0), ("offers", 0)]
    assert house.hq.totals().outstanding.get("points", 0) == 0
