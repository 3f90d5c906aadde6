"""Granting: never more than there is, once for each request, and back when somebody waits for it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hq.adjusting.service import Adjustment
from hq.book.schema import lease as lease_table
from hq.leases.writing_off import KEPT, WritingOff
from hq.leasing import granting
from loyalty.holding.accounts import pool_account
from loyalty.holding.lots import lot_of
from loyalty.journal.entry import Opened, Posting
from loyalty.refusals import Refusal, RefusalCode
from sync.protocol import leases
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.leases import MAX_SLICES, LeaseRequest, LeaseState, is_sealed
from tests.hq.houses import House
from tests.hq.jobs.shops import shop
from tests.hq.leasing.exchanges import (
    DAY_S,
    LATER,
    NOW,
    PENDING,
    SOON,
    Line,
    all_leases,
    balance,
    lines,
    member,
    piece,
    points,
    redeem,
)
from tests.hq.programmes.programmes import till_of

POOLS = """
[[budget]]
id = "all"
most = "1000.00"
[[rule]]
kind = "per_visit"
id = "visit"
units = 1
uses.in_all = 100
uses.budget = "all"
[[event]]
id = "evening"
names.en = "Evening"
seats = 30
[[reward]]
kind = "gift"
id = "mug"
items = ["MUG"]
stock = true
"""


def test_slices_are_cut_in_the_order_in_which_lots_pay(any_house: House) -> None:
    (line,) = lines(any_house, 1)
    account = member(line, points(5), points(10, LATER), points(20, SOON), points(40, PENDING))
    first, second = line.granted(account, 25), line.granted(account, 100)
    assert first.slices == (piece(20, SOON), piece(5, LATER))
    assert second.slices == (piece(5, LATER), piece(5))
    assert (first.terminal, first.epoch, first.account, first.unit, first.expires_at) == (
        line.till.id,
        1,
        account,
        "points",
        NOW + 7 * DAY_S,
    )
    assert line.refused(line.want(account, 1)) == "not_enough"


def test_what_tills_are_granted_is_never_more_than_there_is(any_house: House, seed: int) -> None:
    chance, tills = random.Random(seed), lines(any_house, 3)
    account = member(tills[0], points(60), points(40, SOON), points(30, LATER))
    for _ in range(30):
        line = chance.choice(tills)
        least = chance.randint(1, 20)
        line.ask(line.want(account, chance.randint(least, 40), least))
        mine = [kept.lease for kept in all_leases(any_house) if kept.lease.terminal == line.till.id]
        if mine and chance.random() < 0.3:  # some are given back
            line.till.add("close", closes=(chance.choice(mine).lease_id,))
            line.send()
        counted = [kept for kept in all_leases(any_house) if kept.lease.state.counts]
        assert sum(kept.left for kept in counted) <= 130
        for lot_id, there in ((None, 60), (SOON.lot_id, 40), (LATER.lot_id, 30)):  # type: ignore[union-attr]
            assert sum(one.left for kept in counted for one in kept.lease.slices if one.lot_id == lot_id) <= there


def test_the_same_request_gets_the_same_lease_whatever_became_of_it(any_house: House) -> None:
    (line,) = lines(any_house, 1)
    account = member(line, points(10))
    want = line.want(account, 10)
    (granted,) = line.ask(want).changes
    assert line.ask(want).changes == (granted,)
    redeem(line, granted.lease, 10)
    line.send()
    (spent,) = line.ask(want).changes
    assert (spent.lease.lease_id, spent.lease.state, spent.lease.spent) == (
        granted.lease.lease_id,
        LeaseState.SPENT,
        10,
    )
    assert spent.number > granted.number
    assert len(all_leases(any_house)) == 1


def test_less_than_helps_is_not_granted(any_house: House) -> None:
    (line,) = lines(any_house, 1)
    account = member(line, points(10))
    assert line.refused(line.want(account, 20, 11)) == "not_enough"
    assert all_leases(any_house) == []
    assert line.granted(account, 20, 10).amount == 10


def test_of_an_account_that_hq_does_not_have_nothing_is_granted(any_house: House) -> None:
    (line,) = lines(any_house, 1)
    assert line.refused(line.want(bytes(16), 1)) == "unknown_pool"
    assert line.refused(line.want(None, 1, pool="budget.all", unit="budget.all")) == "unknown_pool"


def test_an_end_frees_nothing_but_a_close_does(any_house: House) -> None:
    holder, other = lines(any_house)
    account = member(holder, points(10))
    lease = holder.granted(account, 8)
    any_house.clock.pass_time(days=30)
    assert other.refused(other.want(account, 10, 3)) == "not_enough"
    redeem(holder, lease, 5)
    holder.send()
    assert other.refused(other.want(account, 10, 3)) == "not_enough"
    holder.till.add("close", closes=(lease.lease_id,))
    holder.send()
    assert other.granted(account, 10, 3).amount == 5


def test_what_a_sale_waits_for_is_asked_back_from_others(any_house: House) -> None:
    holder, waiting = lines(any_house)
    account = member(holder, points(10))
    lease = holder.granted(account, 8)
    known = holder.ask().upto
    assert waiting.refused(waiting.want(account, 9, 3)) == "not_enough"
    assert holder.ask(known=known).changes == ()
    want = waiting.want(account, 9, 3, urgent=True)
    assert waiting.refused(want) == "recalling"
    (recalled,) = holder.ask(known=known).changes
    assert (recalled.lease.lease_id, recalled.lease.state) == (lease.lease_id, LeaseState.RECALLED)
    assert waiting.refused(want) == "recalling"
    holder.till.add("close", closes=(lease.lease_id,))
    holder.send()
    (granted,) = waiting.ask(want).changes
    assert (granted.lease.amount, granted.lease.expires_at) == (9, NOW + 3_600)


def test_nothing_is_asked_back_that_would_not_help(any_house: House) -> None:
    holder, waiting = lines(any_house)
    account = member(holder, points(10))
    holder.granted(account, 8)
    assert waiting.refused(waiting.want(account, 20, 11, urgent=True)) == "not_enough"
    assert [kept.lease.state for kept in all_leases(any_house)] == [LeaseState.OPEN]


def test_what_is_on_its_way_is_granted_to_nobody(any_house: House) -> None:
    busy, other = lines(any_house)
    account = member(busy, card="7001")
    busy.till.sale(account, 10)
    busy.till.sale(account, -10)
    any_house.take(busy.till, 2, 2)
    assert balance(any_house, account) == 10
    assert other.refused(other.want(account, 1)) == "not_enough"
    any_house.take(busy.till, 3)
    assert other.refused(other.want(account, 1)) == "not_enough"
    busy.till.sale(account, 7)
    busy.send()
    assert other.granted(account, 10).amount == 7


def test_a_lease_on_a_lot_that_is_over_holds_it_until_it_closes(any_house: House) -> None:
    holder, other = lines(any_house)
    account = member(holder, points(10, SOON), points(10))
    lease = holder.granted(account, 4)
    any_house.clock.pass_time(hours=2)
    assert other.granted(account, 100).slices == (piece(10),)
    redeem(holder, lease, 4, SOON)
    holder.send()
    assert balance(any_house, account) == 16
    assert [(kept.lease.state, kept.left) for kept in all_leases(any_house)] == [
        (LeaseState.OPEN, 10),
        (LeaseState.SPENT, 0),
    ]


def test_a_pool_of_the_programme_is_shared_by_the_tills(any_house: House) -> None:
    till = shop(any_house, POOLS)
    first = Line(any_house, till)
    second = Line(any_house, till_of(any_house, "S1", "Till 2"))
    used = pool_account("club", "budget.all")
    till.add(
        "sale", Posting(account=used, unit="budget.all", amount=20_000), opens=(Opened(account=used, kind="pool"),)
    )
    first.send()
    budget: dict[str, Any] = {"pool": "budget.all", "unit": "budget.all"}
    lease = first.granted(None, 100_000, **budget)
    assert (lease.account, lease.slices) == (used, (piece(20_000),))  # of 80,000, half for two tills
    assert second.granted(None, 100_000, **budget).amount == 15_000
    assert second.granted(None, 100_000, 30_000, **budget).amount == 30_000
    assert first.granted(None, 100_000, urgent=True, **budget).amount == 15_000
    assert first.refused(first.want(None, 1, **budget)) == "not_enough"
    assert first.granted(None, 100, pool="uses.visit", unit="uses.visit").amount == 25
    assert first.granted(None, 100, pool="seats.evening", unit="seats.evening").amount == 7
    assert first.refused(first.want(None, 1, pool="seats.morning", unit="seats.morning")) == "unknown_pool"


def test_seats_that_are_given_back_count_again(any_house: House) -> None:
    line = Line(any_house, shop(any_house, POOLS))
    account = pool_account("club", "seats.evening")
    for amount in (-4, 1):
        line.till.add(
            "sale",
            Posting(account=account, unit="seats.evening", amount=amount),
            opens=(Opened(account=account, kind="pool"),),
        )
    line.send()
    wanted: dict[str, Any] = {"pool": "seats.evening", "unit": "seats.evening"}
    assert line.granted(None, 100, urgent=True, **wanted).amount == 27


def test_stock_of_the_tills_own_store_is_leased(any_house: House) -> None:
    first = Line(any_house, shop(any_house, POOLS))
    other = Line(any_house, till_of(any_house, "S2", "Till 2"))
    pool: dict[str, Any] = {"pool": "stock.mug/MUG/S1", "unit": "stock.mug"}
    account = pool_account("club", "stock.mug/MUG/S1")
    first.till.add(
        "adjust",
        Posting(account=account, unit="stock.mug", amount=20_000),
        opens=(Opened(account=account, kind="pool"),),
    )
    first.send()
    assert first.granted(None, 100_000, urgent=True, **pool).amount == 20_000
    assert other.refused(other.want(None, 1, **pool)) == "unknown_pool"


def test_a_till_holds_no_more_leases_than_one_may(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(granting, "MAX_HELD", 2)
    (line,) = lines(any_house, 1)
    account = member(line, points(10))
    lease = line.granted(account, 1)
    line.granted(account, 1)
    assert line.refused(line.want(account, 1)) == "too_many"
    line.till.add("close", closes=(lease.lease_id,))
    line.send()
    assert line.granted(account, 1).amount == 1


def test_a_lease_covers_as_many_lots_as_a_sale_may_draw_on_and_no_more(any_house: House) -> None:
    line, other = lines(any_house)
    lots = [lot_of(None, NOW + day * DAY_S) for day in range(1, MAX_SLICES + 2)]
    account = line.till.enrol("7001")
    for half in (lots[:600], lots[600:]):
        line.till.add("sale", *(Posting(account=account, unit="points", amount=1, lot=lot) for lot in half))
    line.send()
    assert line.refused(line.want(account, MAX_SLICES + 1, MAX_SLICES + 1)) == "not_enough"
    lease = line.granted(account, MAX_SLICES, MAX_SLICES)
    assert lease.slices == tuple(piece(1, lot) for lot in lots[:-1])
    assert other.granted(account, 9).amount == 1


def test_leases_of_many_slices_are_told_in_parts(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "MAX_SLICES_TOLD", 5)
    (line,) = lines(any_house, 1)
    account = member(line, *(points(1, lot_of(None, NOW + day * DAY_S)) for day in range(1, 16)))
    for many in (2, 3, 1, 9):
        line.ask(line.want(account, many, many))
    parts, known, more = [], 0, True
    while more:
        answer = line.ask(known=known)
        parts.append([one.number for one in answer.changes])
        known, more = answer.upto, answer.more
    assert parts == [[1, 2], [3], [4]]


def test_changes_are_told_in_order_and_in_parts(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "MAX_TOLD", 2)
    line, other = lines(any_house)
    account = member(line, points(10))
    for _ in range(3):
        line.ask(line.want(account, 2))
    other.ask(other.want(account, 2))
    first = line.ask()
    second = line.ask(known=first.upto)
    assert [one.number for one in (*first.changes, *second.changes)] == [1, 2, 3]
    assert [(one.upto, one.more) for one in (first, second, line.ask(known=3))] == [(2, True), (3, False), (3, False)]
    assert all(is_sealed(any_house.hq.leasing.settings.own_key, one.lease) for one in (*first.changes, *second.changes))


def test_what_a_till_knew_under_another_epoch_of_hq_is_told_anew(any_house: House) -> None:
    (line,) = lines(any_house, 1)
    lease = line.granted(member(line, points(10)), 2)
    request = LeaseRequest(terminal=line.till.id, epoch=1, known=99, hq_epoch="another")
    answer = any_house.hq.leasing.exchange(any_house.known(line.till), request)
    assert [one.lease for one in answer.changes] == [lease]


def test_a_till_asks_for_itself_and_in_the_epoch_that_hq_takes(any_house: House) -> None:
    line, other = lines(any_house)
    told: dict[str, Any] = {"known": 0, "hq_epoch": None}
    for terminal, epoch, code in (
        (other.till.id, 1, SyncErrorCode.TERMINAL_MISMATCH),
        (line.till.id, 2, SyncErrorCode.EPOCH_UNKNOWN),
    ):
        with pytest.raises(SyncRefused) as caught:
            any_house.hq.leasing.exchange(
                any_house.known(line.till),
                LeaseRequest(terminal=terminal, epoch=epoch, **told),
            )
        assert caught.value.code is code


def test_leases_of_an_epoch_that_ended_freeze_and_free_nothing(any_house: House) -> None:
    holder, other = lines(any_house)
    account = member(holder, points(10))
    lease = holder.granted(account, 8)
    holder.till.sale(account, 1)
    holder.send()
    copy = holder.till.copied(2)
    copy.sale(account, 3)
    any_house.hq.epochs.open_epoch(any_house.known(holder.till), copy.epoch_request(2, 2))
    assert [(kept.lease.lease_id, kept.lease.state) for kept in all_leases(any_house)] == [
        (lease.lease_id, LeaseState.FROZEN)
    ]
    assert other.refused(other.want(account, 9, 4, urgent=True)) == "not_enough"
    assert other.granted(account, 9, 3).amount == 3


def test_nothing_is_granted_to_an_epoch_that_ended_while_its_till_waited(any_house: House) -> None:
    holder, _ = lines(any_house)
    account = member(holder, points(10))
    known = any_house.known(holder.till)
    any_house.hq.epochs.open_epoch(known, holder.till.copied(2).epoch_request(2, 2))
    with pytest.raises(SyncRefused) as caught:
        any_house.hq.leasing.exchange(known, holder.request(holder.want(account, 8)))
    assert caught.value.code is SyncErrorCode.EPOCH_UNKNOWN
    assert all_leases(any_house) == []


def test_what_is_on_its_way_is_taken_by_no_person(any_house: House) -> None:
    busy = Line(any_house, shop(any_house, '[[unit]]\nid = "points"\n'))
    account = member(busy, card="7001")
    asked = Adjustment(card="7001", unit="points", amount="-1", reason="a mistake")
    busy.till.sale(account, 10)
    busy.till.sale(account, -10)
    any_house.take(busy.till, 2, 2)
    answer = any_house.hq.adjusting.adjust(asked)
    assert isinstance(answer, Refusal)
    assert (answer.code, "more to send" in answer.detail) == (RefusalCode.INSUFFICIENT_UNITS, True)
    busy.till.sale(account, 7)
    busy.send()
    assert not isinstance(any_house.hq.adjusting.adjust(asked), Refusal)


def test_a_frozen_lease_is_written_off_by_policy_though_its_till_lives_on(any_house: House) -> None:
    holder, _ = lines(any_house)
    lease = holder.granted(member(holder, points(10)), 8)
    any_house.hq.epochs.open_epoch(any_house.known(holder.till), holder.till.copied(2).epoch_request(2, 2))
    policy = WritingOff(book=any_house.hq.book, clock=any_house.clock, after_days=1)
    any_house.clock.now = datetime.fromtimestamp(lease.expires_at, UTC) + timedelta(days=1, seconds=1)
    with any_house.hq.book.write() as connection:
        now_ms = int(any_house.clock.now.timestamp() * 1000)
        connection.exec_driver_sql(f"UPDATE terminal SET last_seen_at_ms = {now_ms}")
    assert policy.due(any_house.clock.now) == (1, 1)
    assert [kept.lease.state for kept in all_leases(any_house)] == [LeaseState.WRITTEN_OFF]


def test_leases_that_are_over_for_long_are_forgotten_and_no_others(any_house: House) -> None:
    line, _ = lines(any_house)
    account = member(line, points(20))
    closed, spent, waits, late = (line.granted(account, 4) for _ in range(4))
    line.till.add("close", closes=(closed.lease_id, late.lease_id))
    redeem(line, spent, 4)
    line.send()
    with any_house.hq.book.write() as connection:
        connection.execute(
            update(lease_table).where(lease_table.c.lease_id == late.lease_id).values(expires_at_s=late.expires_at + 1)
        )
    at = datetime.fromtimestamp(closed.expires_at, UTC) + KEPT
    assert any_house.hq.leases.forget_ended(at - timedelta(seconds=1)) == 0
    assert any_house.hq.leases.forget_ended(at) == 1
    left = {kept.lease.lease_id for kept in all_leases(any_house)}
    assert left == {spent.lease_id, waits.lease_id, late.lease_id}
    assert any_house.rows("SELECT count(*) FROM lease_slice") == [(3,)]
