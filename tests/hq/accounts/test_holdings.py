"""What accounts have at HQ, and whose lots are over."""

from __future__ import annotations

import sqlite3

import pytest

from hq.accounts.holdings import accounts_with_ended_lots, holdings, holdings_of
from hq.accounts.lots import lots_at
from loyalty.holding.standing import NOTHING, Holdings, LotBalance
from loyalty.journal.entry import Lot, Posting
from tests.hq.houses import House
from tests.hq.tills import POINTS

YEAR = Lot(lot_id=b"\x01" * 16, expires_at=2_000)
LATER = Lot(lot_id=b"\x02" * 16, usable_at=1_000, expires_at=3_000)
POOL = b"\x09" * 16


def posted(account: bytes, amount: int, lot: Lot, unit: str = POINTS) -> Posting:
    return Posting(account=account, unit=unit, amount=amount, lot=lot)


def test_nothing_is_held_by_an_account_that_hq_does_not_have(house: House) -> None:
    with house.hq.book.read() as connection:
        assert holdings(connection, POOL) == NOTHING
        assert holdings_of(connection, [POOL]) == {POOL: NOTHING}


@pytest.mark.parametrize(("at", "most", "found"), [(1_999, 5, 0), (2_000, 5, 2), (2_000, 1, 1), (9_999, 5, 3)])
def test_accounts_whose_lots_are_over_are_found_in_order(house: House, at: int, most: int, found: int) -> None:
    till = house.till()
    members = [till.enrol(card) for card in ("7001", "7002", "7003")]
    for member, lot in zip(members, (YEAR, YEAR, LATER), strict=True):
        till.add("sale", posted(member, 10, lot), posted(member, 10, lot, "stamps"))
    house.take(till)
    over = sorted(members[:2]) if at == 2_000 else sorted(members)
    with house.hq.book.read() as connection:
        assert accounts_with_ended_lots(connection, at, most=most) == over[:found]
        if found:
            assert accounts_with_ended_lots(connection, at, after=over[0], most=most) == over[1 : 1 + most]


def test_several_accounts_are_read_at_once(any_house: House) -> None:
    till = any_house.till()
    members = [till.enrol(card) for card in ("7001", "7002")]
    till.add("sale", posted(members[1], 5, LATER), posted(members[0], 4, YEAR), posted(members[1], 3, YEAR))
    any_house.take(till)
    with any_house.hq.book.read() as connection:
        found = holdings_of(connection, members)
    of_first = LotBalance(unit=POINTS, lot=YEAR, amount=4)
    of_second = LotBalance(unit=POINTS, lot=YEAR, amount=3), LotBalance(unit=POINTS, lot=LATER, amount=5)
    assert found == {
        members[0]: Holdings(balances=((POINTS, 4),), lots=(of_first,)),
        members[1]: Holdings(balances=((POINTS, 8),), lots=of_second),
    }


def test_neither_lots_nor_ends_are_found_by_reading_every_lot(house: House) -> None:
    said: list[str] = []
    with house.hq.book.read() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.set_trace_callback(said.append)
        accounts_with_ended_lots(connection, 5, after=POOL)
        list(lots_at(connection, [(POOL, POINTS, POOL), (POOL, POINTS, YEAR.lot_id)]))
        raw.set_trace_callback(None)
        plans = [str(raw.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()) for query in said if "FROM" in query]
    assert len(plans) == 2
    assert ["SEARCH lot USING" in plan and "SCAN lot" not in plan for plan in plans] == [True, True]
