"""What HQ gives by the date: once for each occasion, within its limits."""

from __future__ import annotations

from hq.jobs.values import Job
from loyalty.holding.accounts import coupon_account
from loyalty.journal.codec import decode_detail
from tests.hq.houses import House
from tests.hq.jobs.shops import bought, held, instant, kinds, run, shop

BIRTHDAY = """
[[coupon]]
id = "cake"
names.en = "A cake"
lasts = "P14D"
[[rule]]
kind = "issue_coupon"
id = "birthday"
coupon = "cake"
when.action = "hq"
when.birthday_days_before = 7
when.birthday_days_after = 0
"""


def issued(house: House) -> list[tuple[str, bytes, str]]:
    """(rule, account, code) of each coupon that HQ gave out."""
    rows = house.rows(
        "SELECT detail FROM journal JOIN terminal ON terminal.terminal_id = journal.terminal_id"
        " WHERE role = 'hq' ORDER BY sequence"
    )
    coupons = [one for (detail,) in rows for one in decode_detail(detail).issued]
    return [(one.rule or "", one.account, one.code) for one in coupons]


def test_a_birthday_coupon_comes_once_a_year(any_house: House) -> None:
    till = shop(any_house, BIRTHDAY)
    till.enrol("7001", birthday="06-10")
    till.enrol("7002")
    any_house.take(till)
    assert run(any_house, "2026-06-02T03:00+05:00", Job.OFFERS) == [("offers", 0)]
    assert run(any_house, "2026-06-03T03:00+05:00", Job.OFFERS) == [("offers", 1)]
    ((rule, account, code),) = issued(any_house)
    assert (rule, account) == ("birthday", coupon_account(code))
    assert held(any_house, account).balances == (("coupon.cake", 1),)
    for day in ("2026-06-03", "2026-06-04", "2026-06-10", "2026-06-11"):
        assert run(any_house, f"{day}T03:00+05:00", Job.OFFERS) == [("offers", 0)]
    assert run(any_house, "2027-06-05T03:00+05:00", Job.OFFERS) == [("offers", 1)]
    assert len({code for _, _, code in issued(any_house)}) == 2


def test_a_birthday_early_in_january_is_known_in_december(house: House) -> None:
    till = shop(house, BIRTHDAY)
    till.enrol("7001", birthday="01-02")
    till.enrol("7002", birthday="02-29")
    house.take(till)
    assert run(house, "2026-12-28T03:00+05:00", Job.OFFERS) == [("offers", 1)]
    assert run(house, "2027-01-02T03:00+05:00", Job.OFFERS) == [("offers", 0)]
    assert run(house, "2027-02-28T03:00+05:00", Job.OFFERS) == [("offers", 1)]


WIN_BACK = """
[[rule]]
kind = "per_action"
id = "come-back"
units = 50
pending_days = 0
expires = "P30D"
when.action = "hq"
when.absent_days = 60
uses.in_all = 2
"""


def test_who_stayed_away_is_won_back_once_an_absence(any_house: House) -> None:
    till = shop(any_house, WIN_BACK)
    members = [till.enrol(f"700{number}") for number in range(4)]
    for member in members[:3]:
        bought(till, member, "2026-03-02", 1_000)
    any_house.take(till)
    assert run(any_house, "2026-04-30T03:00+05:00", Job.OFFERS) == [("offers", 0)]
    assert run(any_house, "2026-05-01T03:00+05:00", Job.OFFERS) == [("offers", 2)]  # of three, since two are the most
    assert sorted(held(any_house, one).balance("points") for one in members) == [0, 0, 50, 50]
    assert run(any_house, "2026-05-02T03:00+05:00", Job.OFFERS) == [("offers", 0)]
    assert kinds(any_house) == ["issue", "issue"]


def test_another_absence_is_another_occasion(house: House) -> None:
    till = shop(house, WIN_BACK.replace("uses.in_all = 2\n", ""))
    member = till.enrol("7001")
    bought(till, member, "2026-03-02", 1_000)
    house.take(till)
    assert run(house, "2026-05-01T03:00+05:00", Job.OFFERS) == [("offers", 1)]
    house.clock.now = instant("2026-06-01T12:00+05:00")
    bought(till, member, "2026-06-01", 1_000)
    house.take(till, 3)
    assert run(house, "2026-07-01T03:00+05:00", Job.OFFERS) == [("offers", 0)]
    assert run(house, "2026-08-01T03:00+05:00", Job.OFFERS) == [("offers", 1)]
    assert held(house, member).balance("points") == 100


def test_a_till_never_fires_a_rule_of_hqs_own(house: House) -> None:
    from loyalty.programme.reader import read_programme
    from loyalty.quote import Quote, quote
    from tests.hq.jobs.shops import HEAD
    from tests.loyalty.shop import NOW, basket, standing

    answer = quote(
        read_programme(HEAD + WIN_BACK.replace("absent_days = 60", 'weekdays = ["sat"]'), "p"),
        basket(1_000),
        standing(),
        NOW,
    )
    assert isinstance(answer, Quote)
    assert answer.awards == ()
