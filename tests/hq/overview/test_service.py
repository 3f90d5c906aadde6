"""Totals, tills and members as people see them, on every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from hq.attention.parking import HQ_ITSELF, ExceptionReason, raise_exception
from hq.book.schema import exception
from hq.overview.values import ExceptionRow, HqTotals
from loyalty.holding.units import remainder_unit
from loyalty.journal.chain import head_code
from loyalty.journal.entry import Posting
from tests.hq.houses import START, House
from tests.hq.tills import POINTS


def test_a_new_book_has_nothing(any_house: House) -> None:
    nothing = HqTotals(entries=0, members=0, earned={}, reversed={}, outstanding={}, parked=0, exceptions=0)
    assert any_house.hq.totals() == nothing
    assert any_house.hq.overview.tills() == ()
    assert any_house.hq.overview.members(1).rows == ()


def test_tills_are_listed_by_store_and_name_with_their_head(any_house: House) -> None:
    second, first = any_house.till("B"), any_house.till("A")
    first.enrol("7001")
    any_house.take(first)
    rows = any_house.hq.overview.tills()
    assert [(row.name, row.terminal_id, row.entries, row.head_code) for row in rows] == [
        ("A", first.id, 1, head_code(first.heads[-1])),
        ("B", second.id, 0, None),
    ]
    assert rows[0].last_seen_at == START


def test_exceptions_are_listed_with_their_till_the_newest_first_and_settled_ones_are_not(any_house: House) -> None:
    till = any_house.till("A")
    with any_house.hq.book.write() as connection:
        raise_exception(connection, ExceptionReason.FORK, place=(till.id, 1, 7), at_ms=1_000)
        raise_exception(connection, ExceptionReason.HQ_RESTORED, place=(HQ_ITSELF, 0, 1), at_ms=2_000)
    since = datetime(1970, 1, 1, tzinfo=UTC)
    fork = ExceptionRow(reason=ExceptionReason.FORK, till="A", store="S1", raised_at=since + timedelta(seconds=1))
    restored = ExceptionRow(
        reason=ExceptionReason.HQ_RESTORED, till=None, store=None, raised_at=since + timedelta(seconds=2)
    )
    assert any_house.hq.overview.exceptions() == (restored, fork)
    with any_house.hq.book.write() as connection:
        connection.execute(update(exception).values(state="settled"))
    assert any_house.hq.overview.exceptions() == ()


def test_members_come_in_pages_the_newest_first(any_house: House) -> None:
    till = any_house.till()
    ids = [till.enrol(f"7000{n}", local_time=f"2026-01-0{n}T10:00:00+04:00") for n in range(1, 6)]
    till.sale(ids[4], 77)
    any_house.take(till)
    first = any_house.hq.overview.members(1, page_rows=2)
    assert (first.page, first.pages) == (1, 3)
    assert [row.member_id for row in first.rows] == [ids[4], ids[3]]
    assert (first.rows[0].last_four, first.rows[0].balances) == (("0005",), ((POINTS, 77),))
    last = any_house.hq.overview.members(99, page_rows=2)
    assert (last.page, [row.member_id for row in last.rows]) == (3, [ids[0]])


def test_what_a_rule_carried_over_is_not_shown_but_is_known(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    hidden = remainder_unit(POINTS, "base", 100)
    till.add("sale", Posting(account=member, unit=hidden, amount=40), Posting(account=member, unit=POINTS, amount=1))
    any_house.take(till)
    assert any_house.hq.overview.members(1).rows[0].balances == ((POINTS, 1),)
    found = any_house.hq.member_balance("7001")
    assert found is not None
    assert dict(found.balances) == {hidden: 40, POINTS: 1}


def test_nobody_is_found_for_what_is_no_card(any_house: House) -> None:
    assert any_house.hq.member_balance("no such card") is None
    assert any_house.hq.member_balance("404") is None
    assert any_house.hq.member_balance(bytes(16)) is None
