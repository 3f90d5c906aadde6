"""A coupon by its code: every state that it can be in, and taking it back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hq.coupons.values import Shown, State
from hq.jobs.values import Job
from loyalty.holding.accounts import coupon_account
from loyalty.holding.lots import lot_of
from loyalty.journal.entry import Posting
from loyalty.refusals import Refusal, RefusalCode
from sync.protocol.leases import LeaseState
from tests.hq.coupons.campaigns import COUPONS, ask
from tests.hq.houses import House
from tests.hq.jobs.shops import held, instant, run, seconds, shop
from tests.hq.leasing.exchanges import Line, all_leases

LOT = lot_of(seconds("2026-03-03T00:00+05:00"), seconds("2026-04-02T00:00+05:00"))


def state(house: House, code: str) -> tuple[str, str]:
    shown = house.hq.coupons.show(code)
    assert isinstance(shown, Shown)
    return shown.state.value, shown.left


def test_a_coupon_says_its_kind_its_dates_and_what_became_of_it(any_house: House) -> None:
    till = shop(any_house, COUPONS)
    (one,) = ask(any_house.hq, "count", count=1).coupons
    assert any_house.hq.coupons.show(one.code) == Shown(
        coupon="spring",
        state=State.NOT_YET,
        left="1",
        usable_at="2026-03-03T00:00:00+05:00",
        expires_at="2026-04-02T00:00:00+05:00",
        last_day="2026-04-01",
        history=(("2026-03-02T11:00:00+05:00", "issue", "1"),),
    )
    any_house.clock.now = instant("2026-03-05T12:00+05:00")
    assert state(any_house, one.code) == ("usable", "1")
    used = Posting(account=coupon_account(one.code), unit="coupon.spring", amount=-1, lot=LOT)
    till.add("sale", used, local_time="2026-03-05T12:00:00+05:00")
    any_house.take(till)
    assert state(any_house, one.code) == ("used up", "0")


def test_a_coupon_whose_time_is_over_says_so_before_and_after_it_expires(house: House) -> None:
    shop(house, COUPONS)
    (one,) = ask(house.hq, "count", count=1).coupons
    house.clock.now = instant("2026-04-02T00:00+05:00")
    assert state(house, one.code) == ("over", "1")
    assert run(house, "2026-04-02T03:00+05:00", Job.EXPIRY) == [("expiry", 1)]
    assert state(house, one.code) == ("over", "0")


def test_what_is_taken_back_is_gone_and_only_once(any_house: House) -> None:
    till = shop(any_house, COUPONS)
    member = till.enrol("7001")
    any_house.take(till)
    (one,) = ask(any_house.hq, "cards", coupon="own", cards=["7001"]).coupons
    shown = any_house.hq.coupons.withdraw(one.code, "lost", "Aliya")
    assert isinstance(shown, Shown)
    assert (shown.state, shown.left, shown.member) == (State.WITHDRAWN, "0", member.hex())
    assert [(kind, uses) for _, kind, uses in shown.history] == [("issue", "2"), ("adjust", "-2")]
    again = any_house.hq.coupons.withdraw(one.code, "lost", "Aliya")
    assert isinstance(again, Refusal)
    assert again.code is RefusalCode.COUPON_USED_UP


def test_who_holds_a_right_to_what_is_taken_back_is_asked_for_it(any_house: House) -> None:
    line = Line(any_house, shop(any_house, COUPONS))
    any_house.clock.now = instant("2026-03-05T12:00+05:00")
    (one,) = ask(any_house.hq, "count", count=1).coupons
    any_house.clock.now = instant("2026-03-07T12:00+05:00")
    account = coupon_account(one.code)
    line.granted(account, 1, unit="coupon.spring")
    rung: list[bytes] = []
    coupons = replace(any_house.hq.coupons, ring=rung.extend)
    assert isinstance(coupons.withdraw(one.code, "stolen"), Shown)
    assert [kept.lease.state for kept in all_leases(any_house)] == [LeaseState.RECALLED]
    assert rung == [line.till.id]


def test_one_with_dates_is_taken_back_with_its_lot(house: House) -> None:
    shop(house, COUPONS)
    (one,) = ask(house.hq, "count", count=1).coupons
    assert isinstance(house.hq.coupons.withdraw(one.code, "lost"), Shown)
    assert held(house, coupon_account(one.code)).lots == ()
    house.clock.now = instant("2026-03-05T12:00+05:00")
    assert state(house, one.code) == ("withdrawn", "0")


@pytest.mark.parametrize("code", ["S00000000000", "", "x" * 500, "\udc80"])
def test_a_code_that_nobody_issued_is_not_known(house: House, code: str) -> None:
    shop(house, COUPONS)
    for answer in (house.hq.coupons.show(code), house.hq.coupons.withdraw(code, "lost")):
        assert isinstance(answer, Refusal)
        assert answer.code is RefusalCode.COUPON_UNKNOWN


def test_nothing_is_taken_back_without_a_reason(house: House) -> None:
    shop(house, COUPONS)
    answer = house.hq.coupons.withdraw("S00000000000", " ")
    assert isinstance(answer, Refusal)
    assert answer.field == "reason"
