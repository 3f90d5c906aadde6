"""The checksums of HQ's balances: whatever was posted, they are those of the balances that stand there."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from hq.feed.sums import note_balances, sum_of
from loyalty.journal.entry import Posting
from sync.protocol.sums import BUCKETS, MODULUS, bucket_of, term_of
from sync.protocol.values import TillFacts
from tests.hq.houses import House


def of_balances(house: House, unit: str | None) -> list[int]:
    sums: Counter[int] = Counter()
    for account, of, amount in house.rows("SELECT account_id, unit, amount FROM balance"):
        if unit in (None, of):
            sums[bucket_of(account)] += term_of(account, of, amount)
    return [sums[bucket] % MODULUS for bucket in range(BUCKETS)]


def kept(house: House, unit: str | None) -> list[int]:
    with house.hq.book.read() as connection:
        return [sum_of(connection, bucket, unit) for bucket in range(BUCKETS)]


def test_the_checksums_follow_every_posting(any_house: House) -> None:
    till, chance = any_house.till(), random.Random(7)
    members = [till.enrol(f"70{number}") for number in range(20)]
    any_house.take(till)
    assert kept(any_house, None) == [0] * BUCKETS
    for _ in range(4):
        first = len(till.entries) + 1
        for _ in range(30):
            unit = chance.choice(["points", "stamps", "visit.count"])
            till.add("sale", Posting(account=chance.choice(members), unit=unit, amount=chance.randint(-3, 3) or 1))
        any_house.take(till, first)
        for asked in (None, "points", "stamps", "visit.count", "none"):
            assert kept(any_house, asked) == of_balances(any_house, asked)
    assert any(kept(any_house, "points"))


def test_a_balance_that_stays_as_it_is_writes_nothing(house: House) -> None:
    with house.hq.book.write() as connection:
        note_balances(connection, [(bytes(16), "points", 5, 5)])
    assert house.rows("SELECT * FROM feed_sum") == []


def test_complete_pages_tell_one_bucket_after_another(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.sale(member, 9)
    any_house.take(till)
    told = [any_house.hq.feed.page(terminal=till.id, epoch=1, after=0).check for _ in range(BUCKETS)]
    expected = dict(enumerate(of_balances(any_house, None)))
    assert dict(one for one in told if one is not None) == expected


def test_each_till_comes_round_to_all_buckets_whoever_asks_in_between(any_house: House) -> None:
    tills = [any_house.till(f"Till {number}") for number in range(4)]
    told: dict[bytes, set[int]] = {till.id: set() for till in tills}
    for _ in range(BUCKETS):
        for till in tills:
            check = any_house.hq.feed.page(terminal=till.id, epoch=1, after=0).check
            assert check is not None
            told[till.id].add(check[0])
    assert [len(buckets) for buckets in told.values()] == [BUCKETS] * len(tills)


def test_a_till_that_looks_at_some_pages_only_comes_round_to_all_buckets_too(house: House) -> None:
    till = house.till()
    told = [house.hq.feed.page(terminal=till.id, epoch=1, after=0).check for _ in range(3_000)]
    for passed in (2, 4):  # at most a page a minute is compared; by default four come
        assert len({check[0] for check in told[::passed] if check}) == BUCKETS


def test_a_till_whose_balances_differ_is_an_exception_once_for_each_bucket(any_house: House) -> None:
    till = any_house.till()
    for bucket in ("5", "5", None, "5", "63", "x"):
        facts = TillFacts(zone="Asia/Almaty", programme="p", mismatch=bucket)
        any_house.hq.ingest.hello(any_house.known(till), replace(till.hello(), facts=facts))
    assert any_house.rows("SELECT sequence, reason FROM exception ORDER BY sequence") == [
        (0, "balances_differ"),
        (5, "balances_differ"),
        (63, "balances_differ"),
    ]
