"""Whatever is damaged in a till's book is healed by one bucket from HQ, in few bytes, whatever happens in between."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agent.book import base, refetch, sums
from agent.sync_worker import SyncMode, synchronise
from agent.till.till import Till
from hq.feed import sums as hq_sums
from hq.members.values import Merge
from hq.server import open_hq
from sync.protocol import wire
from sync.protocol.buckets import BucketPage, decode_bucket_page, encode_bucket_page
from sync.protocol.errors import LinkDown, NoSuchAddress, SyncErrorCode, SyncRefused
from sync.protocol.sums import BUCKETS, bounds_of, bucket_of
from sync.protocol.values import FeedPage
from tests.cli.together.chains import CLUB, Chain
from tests.cli.together.direct import DirectLink

CARDS = [f"2900000001{number:02d}" for number in range(14)]
LOTS = '[[unit]]\nid = "points"\nexpires = "P1Y"\n'
KINDS = pytest.mark.parametrize("everyone", [True, False])


@dataclass
class BucketsLink(DirectLink):
    """A line on which buckets come too; it is weighed, and fails as told."""

    chance: random.Random | None = None
    old: bool = False
    asked: list[int] = field(default_factory=list)
    """Bytes of each page of a bucket."""
    whole: int = 0
    """Bytes of all pages of the feed."""

    def feed_since(
        self, after: int, epoch: int, since: int, wanted: Sequence[bytes] = (), *, segments: bool = True
    ) -> FeedPage:
        self._fail()
        till = self._till()
        page = self.hq.feed.page(terminal=till.terminal_id, epoch=epoch, after=after, wanted=wanted, since=since)
        data = wire.encode_feed_page(page)
        self.whole += len(data)
        return wire.decode_feed_page(data)

    def segment(self, name: str) -> bytes:
        raise AssertionError(name)

    def bucket(self, first: bytes) -> BucketPage:
        self._fail()
        if self.old:
            raise NoSuchAddress("HQ answered 404")
        data = encode_bucket_page(self.hq.feed.bucket(first))
        self.asked.append(len(data))
        return decode_bucket_page(data)

    def _fail(self) -> None:
        if self.chance is not None and self.chance.randrange(4) == 0:
            raise LinkDown("cut") if self.chance.randrange(3) else SyncRefused(SyncErrorCode.BUSY)


class Shop:
    """A chain whose first till sells, and whose second is damaged."""

    def __init__(self, folder: Path, stack: ExitStack, *, everyone: bool) -> None:
        self.stack, self.everyone = stack, everyone
        self.chain = Chain(folder, stack, CLUB + LOTS)
        self.limit()
        self.west = self.chain.tills[1]
        self.link = BucketsLink(self.chain.hq, self.chain.links[1].token)

    def limit(self) -> None:
        self.chain.hq.feed._page_rows = 12
        self.chain.hq.feed._reach._most = 1_000 if self.everyone else 2

    def sell(self, card: str) -> None:
        self.chain.buy(0, card=card)

    def sync(self) -> SyncMode:
        return synchronise(self.west.context, self.link, None, self.link, buckets=self.link).mode

    def level(self) -> None:
        self.chain.talk(0)
        assert self.sync() is SyncMode.ONLINE

    def scan(self, card: str) -> None:
        """Make the member an own one of the west."""
        self.chain.buy(1, card=card)
        for _ in range(2):
            assert self.sync() is SyncMode.ONLINE

    def come_round(self) -> None:
        """Let HQ tell every bucket, wherever in one of its rounds it stands."""
        for _ in range(2 * BUCKETS - 1):
            self.chain.later(minutes=1)
            assert self.sync() is SyncMode.ONLINE

    def damage(self, *statements: str, card: str = CARDS[0]) -> None:
        with self.west.context.book.write() as writing:
            for statement in statements:
                done = writing.connection.exec_driver_sql(statement, {"member": self.chain.member(card)})
                assert done.rowcount > 0

    def noted(self) -> int | None:
        with self.west.context.book.read() as connection:
            found: int | None = connection.exec_driver_sql("SELECT mismatch FROM reach").scalar_one()
            return found

    def differs(self) -> set[int]:
        with self.west.context.book.read() as own, self.chain.hq.book.read() as hqs:
            held = base.reach_of(own)
            unit = None if held.everyone else held.unit
            return {
                bucket for bucket in range(BUCKETS) if sums.sum_of(own, bucket) != hq_sums.sum_of(hqs, bucket, unit)
            }


@pytest.fixture
def shop(tmp_path: Path, everyone: bool) -> Iterator[Shop]:
    with ExitStack() as stack:
        made = Shop(tmp_path, stack, everyone=everyone)
        for card in CARDS:
            made.sell(card)
        made.level()
        made.scan(CARDS[0])
        assert made.differs() == set()
        yield made


def held(till: Till) -> dict[str, list[tuple[Any, ...]]]:
    """What a till shows, but for zeros and for what follows from how it came."""
    queries = {
        "posted": "SELECT account, unit, amount FROM posted WHERE amount <> 0",
        "posted_lot": "SELECT * FROM posted_lot",
        "base": "SELECT member, amount FROM base",
        "member": "SELECT member, canonical FROM member",
    }
    with till.context.book.read() as connection:
        return {
            name: sorted(map(tuple, connection.exec_driver_sql(query).all()), key=repr)
            for name, query in queries.items()
        }


OWN = "UPDATE posted SET amount = amount + 1 WHERE account = :member AND unit = 'points'"


@KINDS
@pytest.mark.parametrize(
    "damage",
    [
        (OWN,),
        ("DELETE FROM posted WHERE account = :member AND unit = 'points'",),
        (OWN, "UPDATE posted_lot SET amount = amount + 1 WHERE account = :member"),
        (OWN, "DELETE FROM posted_lot WHERE account = :member"),
        (OWN, "INSERT INTO posted_lot VALUES (:member, 'points', x'" + "77" * 16 + "', 900, NULL, NULL)"),
        (OWN, "INSERT INTO posted VALUES (:member, 'visit.count', 9)"),
    ],
)
def test_one_damaged_row_is_healed_by_its_bucket_alone(shop: Shop, damage: tuple[str, ...]) -> None:
    right = held(shop.west)
    assert right["posted_lot"]
    shop.damage(*damage)
    bucket = bucket_of(shop.chain.member(CARDS[0]))
    assert shop.differs() == {bucket}
    sent = shop.link.whole
    shop.come_round()
    assert (held(shop.west), shop.differs()) == (right, set())
    rows = shop.chain.hq.feed.bucket(bounds_of(bucket)[0]).rows
    assert 0 < len(rows) < 12, "a page held it"
    assert len(shop.link.asked) == 1
    assert sum(shop.link.asked) < 1_000
    assert shop.link.whole - sent < (2 * BUCKETS + 3) * 1_000, "and the feed never began anew"
    shop.come_round()
    assert (len(shop.link.asked), shop.noted()) == (1, None)
    query = "SELECT reason, sequence FROM exception"
    with shop.chain.hq.book.read() as connection:
        assert [tuple(row) for row in connection.exec_driver_sql(query).all()] == [("balances_differ", bucket)]


@pytest.mark.parametrize("everyone", [False])
def test_what_is_held_of_another_is_healed_by_its_bucket_alone(shop: Shop) -> None:
    right = held(shop.west)
    shop.damage("UPDATE base SET amount = amount + 1 WHERE member = :member", card=CARDS[5])
    shop.come_round()
    assert (held(shop.west), shop.differs(), len(shop.link.asked)) == (right, set(), 1)


@KINDS
def test_an_hq_that_tells_no_bucket_is_asked_for_everything_once_a_day(shop: Shop) -> None:
    shop.link.old = True
    shop.damage(OWN)
    shop.come_round()
    assert shop.differs() == set()
    assert shop.link.asked == []
    shop.damage(OWN)
    shop.come_round()
    assert shop.differs() != set(), "not twice in a day"
    shop.chain.later(days=1)
    shop.come_round()
    assert shop.differs() == set()


@KINDS
def test_an_hq_that_is_restored_in_the_middle_of_a_bucket_ends_it(shop: Shop) -> None:
    shop.damage(OWN)
    with shop.west.context.book.write() as writing:
        refetch.begin(writing.connection, bucket_of(shop.chain.member(CARDS[0])), "2026-03-02")
    hq = shop.chain.hq
    hq.close()
    restored = open_hq(hq.config, clock=shop.chain.clock, randomness=shop.chain.chance.randbytes, restored=True)
    shop.chain.hq = shop.stack.enter_context(restored)
    for link in (*shop.chain.links, shop.link):
        link.hq = restored
    shop.limit()
    shop.chain.talk(0)
    for _ in range(2):
        assert shop.sync() is SyncMode.ONLINE
    with shop.west.context.book.read() as connection:
        assert refetch.first(connection) is None
    assert shop.link.asked == []
    assert shop.differs() == set()


@pytest.mark.parametrize("number", range(4))
@KINDS
def test_after_any_history_with_damage_a_till_holds_what_hq_does(shop: Shop, seed: int, number: int) -> None:
    chance = random.Random(seed + number)
    shop.link.chance = random.Random(seed - number)
    happens = [sell, sell, sell, talk, sync, sync, sync, rounds, damage, merge, day]
    for _ in range(60):
        chance.choice(happens)(shop, chance)
    shop.link.chance = None
    shop.level()
    for _ in range(3):
        shop.come_round()
        shop.chain.later(days=1)
    assert (shop.differs(), shop.noted()) == (set(), None)
    asked = len(shop.link.asked)
    shop.damage(
        "UPDATE posted SET amount = amount + 7 WHERE account = (SELECT max(account) FROM posted) AND unit = 'points'"
    )
    shop.come_round()
    assert shop.differs() == set()
    assert len(shop.link.asked) > asked
    fresh = shop.chain.add("fresh", "s2")
    link = BucketsLink(shop.chain.hq, shop.chain.links[-1].token)
    assert synchronise(fresh.context, link, None, link).mode is SyncMode.ONLINE
    for card in CARDS:
        assert shop.west.member_balances(card) == fresh.member_balances(card)
    if shop.everyone:
        assert held(shop.west) == held(fresh)


def sell(shop: Shop, chance: random.Random) -> None:
    shop.chain.buy(chance.randrange(2), card=chance.choice(CARDS))


def talk(shop: Shop, _: random.Random) -> None:
    shop.chain.talk(0)


def sync(shop: Shop, _: random.Random) -> None:
    shop.sync()


def rounds(shop: Shop, chance: random.Random) -> None:
    for _ in range(chance.randrange(BUCKETS)):
        shop.chain.later(minutes=1)
        shop.sync()


def day(shop: Shop, _: random.Random) -> None:
    shop.chain.later(days=1)


def damage(shop: Shop, chance: random.Random) -> None:
    statement = chance.choice(
        [
            "UPDATE posted SET amount = amount + 7 WHERE account = :member AND unit = 'points'",
            "DELETE FROM posted WHERE account = :member",
            "UPDATE base SET amount = amount + 7 WHERE member = :member",
            "UPDATE base SET amount = 0 WHERE member = :member",
        ]
    )
    with shop.west.context.book.write() as writing:
        found = shop.chain.hq.member_balance(chance.choice(CARDS))
        if found is not None:
            writing.connection.exec_driver_sql(statement, {"member": found.member_id})


def merge(shop: Shop, chance: random.Random) -> None:
    gone, stays = chance.sample(CARDS, 2)
    if shop.chain.member(gone) != shop.chain.member(stays):
        shop.chain.hq.merging.merge(Merge(card=gone, into=stays, reason="twice"))
