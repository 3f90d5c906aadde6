"""Coupons issued by hand: to whom, what for, and each once."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from hq.coupons.values import MAX_COUNT, Given, Page
from hq.ingest.membership import set_segments
from loyalty.holding.accounts import coupon_account
from loyalty.holding.lots import lot_of
from loyalty.holding.units import owner_unit
from loyalty.journal.codec import decode_core, decode_detail
from loyalty.journal.detail import DetailIssued, Override
from loyalty.journal.entry import Opened, Posting
from loyalty.refusals import RefusalCode
from tests.hq.coupons.campaigns import COUPONS, ask, refusal
from tests.hq.houses import House
from tests.hq.jobs.shops import held, instant, kinds, seconds, shop, units

SPRING_LOT = lot_of(seconds("2026-03-03T00:00+05:00"), seconds("2026-04-02T00:00+05:00"))


def journal(house: House) -> list[Any]:
    rows = house.rows(
        "SELECT core, detail FROM journal JOIN terminal ON terminal.terminal_id = journal.terminal_id"
        " WHERE role = 'hq' ORDER BY sequence"
    )
    return [(decode_core(core), decode_detail(detail)) for core, detail in rows]


def codes(page: Page) -> list[str]:
    return [one.code for one in page.coupons]


def test_a_card_gets_a_coupon_that_is_an_entry_with_its_dates(any_house: House) -> None:
    till = shop(any_house, COUPONS)
    member = till.enrol("7001")
    any_house.take(till)
    page = ask(any_house.hq, "cards", cards=["7001", "7009"], reason="sorry", by="Aliya")
    (one,) = page.coupons
    assert (page.unknown, page.skipped) == (("7009",), 0)
    assert one == Given(
        code=one.code,
        coupon="spring",
        fresh=True,
        member=member.hex(),
        card="7001",
        usable_at="2026-03-03T00:00:00+05:00",
        expires_at="2026-04-02T00:00:00+05:00",
        last_day="2026-04-01",
    )
    account = coupon_account(one.code)
    ((core, detail),) = journal(any_house)
    assert core.kind == "issue"
    assert core.postings == (Posting(account=account, unit="coupon.spring", amount=1, lot=SPRING_LOT),)
    assert core.opens == (Opened(account=account, kind="coupon"),)
    assert detail.issued == (DetailIssued(coupon="spring", code=one.code, account=account),)
    assert (detail.member, detail.store, detail.override) == (member, "S1", Override(operator="Aliya", reason="sorry"))
    assert held(any_house, account).balances == (("coupon.spring", 1),)


def test_a_personal_coupon_is_bound_to_its_member(any_house: House) -> None:
    till = shop(any_house, COUPONS)
    member = till.enrol("7001")
    any_house.take(till)
    (one,) = ask(any_house.hq, "cards", coupon="own", cards=["7001"]).coupons
    assert (one.usable_at, one.expires_at, one.last_day) == ("", "", "")
    balances = (("coupon.own", 2), (owner_unit(member), 1))
    assert held(any_house, coupon_account(one.code)).balances == balances


def test_the_same_key_issues_once_and_tells_the_same_again(any_house: House) -> None:
    till = shop(any_house, COUPONS)
    for number in range(3):
        till.enrol(f"700{number}")
    any_house.take(till)
    first = ask(any_house.hq, "cards", cards=["7000", "7001"])
    any_house.clock.pass_time(days=3)
    again = ask(any_house.hq, "cards", cards=["7001", "7002", "7001"])
    assert [one.fresh for one in again.coupons] == [False, True]
    assert again.coupons[0] == replace(first.coupons[1], fresh=False)
    assert again.coupons[1].last_day == "2026-04-04"
    other = ask(any_house.hq, "cards", once="another", cards=["7001"])
    assert len({*codes(first), *codes(again), *codes(other)}) == 4
    assert kinds(any_house) == ["issue"] * 4


def test_a_segment_and_a_tier_get_theirs(any_house: House) -> None:
    till = shop(any_house, COUPONS)
    members = [till.enrol(f"70{number:02d}") for number in range(6)]
    till.add("sale", units(members[0], 100_000, None, "tier.progress"))
    any_house.take(till)
    with any_house.hq.book.write() as connection:
        set_segments(connection, {members[1]: ["lapsed"], members[2]: ["lapsed2"], members[3]: ["a", "lapsed"]})
    away = ask(any_house.hq, "segment", once="a", named="lapsed")
    assert {one.member for one in away.coupons} == {members[1].hex(), members[3].hex()}
    gold = ask(any_house.hq, "tier", once="b", named="gold")
    assert [one.member for one in gold.coupons] == [members[0].hex()]
    blue = ask(any_house.hq, "tier", once="c", named="blue")
    assert {one.member for one in blue.coupons} == {one.hex() for one in members[1:]}


def test_members_come_page_by_page_and_none_is_left_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hq.coupons.audience.PAGE", 4)
    till = shop(house, COUPONS)
    members = [till.enrol(f"70{number:02d}") for number in range(12)]
    house.take(till)
    page = ask(house.hq, "tier", named="blue")
    assert [one.member for one in page.coupons] == sorted(one.hex() for one in members)
    assert len(set(codes(page))) == 12


def test_so_many_codes_for_whoever_gets_them(any_house: House) -> None:
    shop(any_house, COUPONS)
    page = ask(any_house.hq, "count", count=730)
    assert len(set(codes(page))) == 730
    assert {(one.member, one.card, one.last_day, one.fresh) for one in page.coupons} == {("", "", "2026-04-01", True)}
    assert kinds(any_house) == ["issue"] * 8
    assert all(len(core.postings) <= 100 for core, _ in journal(any_house))
    again = ask(any_house.hq, "count", count=730)
    assert codes(again) == codes(page)
    assert {one.fresh for one in again.coupons} == {False}
    assert kinds(any_house) == ["issue"] * 8
    assert any_house.rows("SELECT count(*) FROM account WHERE kind = 'coupon'") == [(730,)]


def test_a_key_is_for_one_campaign_only(house: House) -> None:
    till = shop(house, COUPONS)
    till.enrol("7001")
    house.take(till)
    ask(house.hq, "count", count=3)
    for more in (
        {"way": "count", "count": 4},
        {"way": "count", "count": 3, "coupon": "own"},
        {"way": "cards", "cards": ["7001"]},
        {"way": "tier", "named": "blue"},
    ):
        found = refusal(house.hq, **more)
        assert (found.code, found.field) == (RefusalCode.KEY_REUSED, "once")
    assert kinds(house) == ["issue"]


def test_two_coupons_never_share_a_code_however_few_there_are(house: House) -> None:
    short = COUPONS.replace("digits = 10", "digits = 6")
    shop(house, short)
    found = [code for number in range(3) for code in codes(ask(house.hq, "count", once=f"k{number}", count=2_000))]
    assert len(set(found)) == 6_000
    assert house.rows("SELECT count(*) FROM balance WHERE unit = 'coupon.spring' AND amount = 1") == [(6_000,)]


def test_of_several_that_run_the_same_campaign_at_once_each_member_has_one_coupon(any_house: House) -> None:
    till = shop(any_house, COUPONS)
    for number in range(40):
        till.enrol(f"70{number:02d}")
    any_house.take(till)
    pages: list[Page] = []
    threads = [threading.Thread(target=lambda: pages.append(ask(any_house.hq, "tier", named="blue"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({code for page in pages for code in codes(page)}) == 40
    assert sum(one.fresh for page in pages for one in page.coupons) == 40
    assert kinds(any_house) == ["issue"] * 40


def test_who_joined_at_a_store_whose_programme_lacks_the_coupon_is_skipped_and_said(house: House) -> None:
    from hq.programmes.values import When
    from tests.hq.jobs.shops import HEAD
    from tests.hq.programmes.programmes import till_of

    one = shop(house, COUPONS)
    one.enrol("7001")
    house.take(one)
    two = till_of(house, "S2", "Till 2", zone="Asia/Almaty")
    two.enrol("7002")
    house.take(two)
    house.hq.programmes.publish(HEAD.replace('"v1"', '"v2"'), "club.toml", When(stores=("S2",)))
    house.clock.now = instant("2026-03-03T12:00+05:00")
    page = ask(house.hq, "cards", cards=["7001", "7002"])
    assert ([given.card for given in page.coupons], page.skipped) == (["7001"], 1)


@pytest.mark.parametrize(
    ("asked", "code", "field", "says"),
    [
        ({"way": "count", "count": 1, "coupon": "x"}, RefusalCode.COUPON_UNKNOWN, "coupon", "there are: own, spring"),
        ({"way": "segment", "named": "x"}, RefusalCode.BAD_REQUEST, "segment", "there are: lapsed"),
        ({"way": "tier", "named": "x"}, RefusalCode.BAD_REQUEST, "tier", "there are: blue, gold"),
        ({"way": "count", "count": 0}, RefusalCode.BAD_REQUEST, "count", "from 1 to"),
        ({"way": "count", "count": MAX_COUNT + 1}, RefusalCode.BAD_REQUEST, "count", "from 1 to"),
        ({"way": "count", "count": 1, "coupon": "own"}, RefusalCode.BAD_REQUEST, "count", "say whose it is"),
        ({"way": "cards"}, RefusalCode.BAD_REQUEST, "cards", "1 to 500"),
        ({"way": "count", "count": 1, "once": " "}, RefusalCode.BAD_REQUEST, "once", "1 to 100"),
        ({"way": "count", "count": 1, "reason": "x" * 501}, RefusalCode.BAD_REQUEST, "reason", "at most 500"),
    ],
)
def test_each_refusal_names_its_field_and_what_there_is(
    house: House, asked: dict[str, Any], code: RefusalCode, field: str, says: str
) -> None:
    shop(house, COUPONS)
    found = refusal(house.hq, **asked)
    assert (found.code, found.field) == (code, field)
    assert says in found.detail
    assert kinds(house) == []
