"""Lots at HQ: what is left of each, by postings of any entry, and what the feed tells of them."""

from __future__ import annotations

from hq.accounts.holdings import holdings
from loyalty.holding.standing import Holdings, LotBalance
from loyalty.journal.entry import Lot, Opened, Posting
from loyalty.numbers.limits import MAX_BALANCE
from sync.protocol.values import FeedBalance, FeedLot, FeedRow
from tests.hq.houses import House
from tests.hq.tills import POINTS, FakeTill

YEAR = Lot(lot_id=b"\x01" * 16, expires_at=2_000)
LATER = Lot(lot_id=b"\x02" * 16, usable_at=1_000, expires_at=3_000)
POOL = b"\x09" * 16


def posted(account: bytes, amount: int, lot: Lot | None = None, unit: str = POINTS) -> Posting:
    return Posting(account=account, unit=unit, amount=amount, lot=lot)


def held(house: House, account: bytes) -> Holdings:
    with house.hq.book.read() as connection:
        return holdings(connection, account)


def told(house: House, till: FakeTill, after: int = 0) -> tuple[FeedRow, ...]:
    return house.hq.feed.page(terminal=till.id, epoch=1, after=after).rows


def test_what_is_left_of_each_lot_is_kept_beside_the_balance(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.add("sale", posted(member, 10, YEAR), posted(member, 5, LATER), posted(member, 3))
    any_house.take(till)
    till.add("sale", posted(member, -4, YEAR), posted(member, -3), posted(member, 1, LATER, "stamps"))
    any_house.take(till, 3)
    assert held(any_house, member) == Holdings(
        balances=(("points", 11), ("stamps", 1)),
        lots=(
            LotBalance(unit="points", lot=YEAR, amount=6),
            LotBalance(unit="points", lot=LATER, amount=5),
            LotBalance(unit="stamps", lot=LATER, amount=1),
        ),
    )


def test_a_lot_of_which_nothing_is_left_is_gone_and_told_with_nothing(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.add("sale", posted(member, 10, YEAR), posted(member, 5, LATER))
    any_house.take(till)
    before = any_house.hq.feed.page(terminal=till.id, epoch=1, after=0).upto
    till.add("sale", posted(member, -10, YEAR))
    any_house.take(till, 3)
    assert held(any_house, member).lots == (LotBalance(unit="points", lot=LATER, amount=5),)
    assert told(any_house, till, before) == (
        FeedBalance(account=member, unit="points", amount=5),
        FeedLot(account=member, unit="points", lot_id=YEAR.lot_id, amount=0),
    )
    assert told(any_house, till)[-3:] == (
        FeedLot(account=member, unit="points", lot_id=LATER.lot_id, amount=5, usable_at=1_000, expires_at=3_000),
        FeedBalance(account=member, unit="points", amount=5),
        FeedLot(account=member, unit="points", lot_id=YEAR.lot_id, amount=0),
    )


def test_a_lot_that_comes_back_has_the_instants_that_its_posting_says(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.add("sale", posted(member, 10, YEAR))
    till.add("sale", posted(member, -10, YEAR))
    any_house.take(till)
    till.add("return", posted(member, 4, YEAR), posted(member, 1, Lot(lot_id=YEAR.lot_id)), refs=())
    till.add("adjust", posted(member, 4, YEAR), posted(member, 1, Lot(lot_id=YEAR.lot_id)))
    any_house.take(till, 4)
    assert held(any_house, member).lots == (LotBalance(unit="points", lot=YEAR, amount=5),)


def test_an_alias_keeps_its_lots_at_the_member_it_stands_for(any_house: House) -> None:
    till, other = any_house.till(), any_house.till("Till 2")
    member = till.enrol("7001")
    any_house.take(till)
    alias = other.enrol("7001")
    other.add("sale", posted(alias, 10, YEAR))
    any_house.take(other)
    till.add("sale", posted(member, -3, YEAR))
    any_house.take(till, 2)
    assert held(any_house, member).lots == (LotBalance(unit="points", lot=YEAR, amount=7),)
    assert held(any_house, alias) == held(any_house, member)


def test_an_entry_that_would_move_a_lot_too_far_is_parked_as_a_whole(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.add("sale", posted(member, MAX_BALANCE, YEAR), posted(member, -MAX_BALANCE, LATER))
    till.add("sale", posted(member, MAX_BALANCE, YEAR), posted(member, -MAX_BALANCE))
    any_house.take(till)
    assert any_house.hq.totals().parked == 1
    assert [one.amount for one in held(any_house, member).lots] == [MAX_BALANCE, -MAX_BALANCE]


class TestOpened:
    """Accounts that entries open."""

    def kinds(self, house: House) -> list[tuple[bytes, str]]:
        return [
            (account, kind)
            for account, kind in house.rows("SELECT account_id, kind FROM account ORDER BY account_id")
            if kind != "member"
        ]

    def test_it_is_there_before_the_postings_and_once(self, any_house: House) -> None:
        till, other = any_house.till(), any_house.till("Till 2")
        for one in (till, other):
            one.add("sale", posted(POOL, -1), opens=(Opened(account=POOL, kind="pool"),))
            one.add("sale", posted(POOL, -1))
        any_house.take(till)
        any_house.take(till)
        any_house.take(other, 1, 1)
        any_house.take(other)
        assert (self.kinds(any_house), held(any_house, POOL).balances) == ([(POOL, "pool")], (("points", -4),))
        assert any_house.hq.totals().parked == 0

    def test_what_waited_for_it_is_posted(self, any_house: House) -> None:
        till, other = any_house.till(), any_house.till("Till 2")
        till.add("sale", posted(POOL, 5, YEAR))
        any_house.take(till)
        assert any_house.hq.totals().parked == 1
        other.add("action", opens=(Opened(account=POOL, kind="gift_card"),))
        any_house.take(other)
        assert any_house.hq.totals().parked == 0
        assert held(any_house, POOL).lots == (LotBalance(unit="points", lot=YEAR, amount=5),)

    def test_a_parked_entry_opens_it_too_and_a_kind_from_the_future_is_kept(self, any_house: House) -> None:
        till = any_house.till()
        till.add("hold", opens=(Opened(account=POOL, kind="locker"),))
        till.add("sale", posted(POOL, 5))
        any_house.take(till)
        assert (self.kinds(any_house), held(any_house, POOL).balances) == ([(POOL, "locker")], (("points", 5),))

    def test_a_member_stays_a_member_and_becomes_one_whatever_was_opened_before(self, any_house: House) -> None:
        till, other = any_house.till(), any_house.till("Till 2")
        member = till.enrol("7001")
        any_house.take(till)
        other.add("sale", posted(member, 5), opens=(Opened(account=member, kind="coupon"),))
        later = b"\x0a" * 16
        other.add("sale", posted(later, 5), opens=(Opened(account=later, kind="coupon"),))
        any_house.take(other)
        assert self.kinds(any_house) == [(later, "coupon")]
        till.add("enrol", entry_id=later, identifier="7002")
        any_house.take(till, 2)
        assert (self.kinds(any_house), any_house.points("7002")) == ([], 5)

    def test_a_kind_that_no_book_can_hold_makes_the_core_unreadable(self, any_house: House) -> None:
        till = any_house.till()
        till.add("sale", posted(POOL, 5), opens=(Opened(account=POOL, kind="p\0ol"),))
        any_house.take(till)
        assert (self.kinds(any_house), any_house.hq.totals().parked) == ([], 1)
