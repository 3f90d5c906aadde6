"""One bucket told by itself, on every database: pages of whole accounts that hold all that HQ has."""

from __future__ import annotations

import random

import pytest

from hq.feed.reader import FeedReader
from loyalty.journal.entry import Lot, Opened, Posting
from sync.protocol.buckets import BucketPage, decode_bucket_page, encode_bucket_page
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.sums import BUCKETS, bounds_of, bucket_of
from sync.protocol.values import FeedBalance, FeedLot
from tests.hq.houses import House
from tests.hq.programmes.programmes import publish
from tests.hq.tills import POINTS


def filled(house: House) -> None:
    """Members of several units and lots, accounts of nobody, and balances that came to nothing."""
    publish(house, "v1")
    till, chance = house.till(), random.Random(3)
    pools = [b"P" + bytes([number]) * 15 for number in range(6)]
    for pool in pools:
        lot = Lot(lot_id=b"L" * 16, expires_at=9)
        till.add(
            "issue", Posting(account=pool, unit="stock", amount=3, lot=lot), opens=(Opened(account=pool, kind="pool"),)
        )
    members = [till.enrol(f"70{number}") for number in range(40)]
    for number, member in enumerate(members):
        till.sale(member, 5)
        till.add("sale", Posting(account=member, unit="visit.count", amount=1))
        for _ in range(chance.randrange(4)):
            lot = Lot(lot_id=chance.randbytes(16), usable_at=1, expires_at=chance.randrange(2, 99))
            till.add("sale", Posting(account=member, unit=POINTS, amount=2, lot=lot))
        if number % 5 == 0:
            till.add("sale", Posting(account=member, unit="visit.count", amount=-1))
    house.take(till)


def reader(house: House, *, most: int = 4, everyone: bool = True) -> FeedReader:
    up_to = 1_000 if everyone else 3
    return FeedReader(house.hq.book, hq_epoch="e", tell=lambda _: None, page_rows=most, everyone_up_to=up_to)


def walk(feed: FeedReader, bucket: int) -> list[BucketPage]:
    first: bytes | None = bounds_of(bucket)[0]
    pages = list[BucketPage]()
    while first is not None:
        pages.append(feed.bucket(first))
        assert (pages[-1].first, pages[-1].hq_epoch) == (first, "e")
        assert decode_bucket_page(encode_bucket_page(pages[-1])) == pages[-1]
        first = pages[-1].next
    return pages


def held(house: House, *, everyone: bool) -> set[FeedBalance | FeedLot]:
    nobodys = {row[0] for row in house.rows("SELECT account_id FROM account WHERE kind <> 'member'")}
    balances = house.rows("SELECT account_id, unit, amount FROM balance WHERE amount <> 0")
    lots = house.rows("SELECT account_id, unit, lot_id, amount, usable_at_s, expires_at_s FROM lot")
    return {
        FeedBalance(account=account, unit=unit, amount=amount, common=account in nobodys)
        for account, unit, amount in balances
        if everyone or account in nobodys or unit == POINTS
    } | {
        FeedLot(
            account=account, unit=unit, lot_id=lot_id, amount=amount,
            usable_at=usable_at, expires_at=expires_at, common=account in nobodys,
        )
        for account, unit, lot_id, amount, usable_at, expires_at in lots
        if everyone or account in nobodys
    }  # fmt: skip


@pytest.mark.parametrize("everyone", [True, False])
def test_the_pages_of_all_buckets_hold_all_that_there_is_once_and_accounts_whole(
    any_house: House, everyone: bool
) -> None:
    filled(any_house)
    for most in (4, 1_000):
        feed = reader(any_house, most=most, everyone=everyone)
        pages = {bucket: walk(feed, bucket) for bucket in range(BUCKETS)}
        rows = [row for found in pages.values() for page in found for row in page.rows]
        assert len(rows) == len(set(rows))
        assert set(rows) == held(any_house, everyone=everyone)
        assert len([row for row in rows if row.common]) == 12
        accounts = [{row.account for row in page.rows} for found in pages.values() for page in found]
        assert sum(map(len, accounts)) == len(set.union(*accounts))
        assert (max(map(len, pages.values())) == 1) is (most == 1_000)
        assert {(page.everyone, page.unit) for found in pages.values() for page in found} == {(everyone, POINTS)}


def test_a_page_says_as_of_which_position_it_is_and_that_is_witnessed_first(any_house: House) -> None:
    filled(any_house)
    told = list[int]()
    feed = FeedReader(any_house.hq.book, hq_epoch="e", tell=told.append)
    head = any_house.rows("SELECT position FROM feed_head")[0][0]
    assert feed.bucket(bounds_of(5)[0]).position == head
    assert told == [head]


def test_an_account_with_more_rows_than_a_page_holds_is_refused(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    for number in range(5):
        till.add("sale", Posting(account=member, unit=POINTS, amount=1, lot=Lot(lot_id=bytes([number]) * 16)))
    any_house.take(till)
    first = bounds_of(bucket_of(member))[0]
    assert len(reader(any_house, most=5).bucket(first).rows) == 6
    with pytest.raises(SyncRefused) as caught:
        reader(any_house, most=4).bucket(first)
    assert caught.value.code is SyncErrorCode.TOO_LARGE
