"""A merchant with more members than every till may hold, an HQ and tills in two stores, all real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.book import base, releases, sums
from agent.config.values import CardsConfig, StoreConfig, TillConfig
from agent.pairing import pair
from agent.sync_worker import SyncMode, synchronise
from agent.till.requests import CommitRequest, QuoteRequest
from agent.till.till import Till
from cli.default_programme import default_programme
from drivers.scanners.cards import CardRange
from hq.asking import snapshot
from hq.config import HqConfig
from hq.feed import sums as hq_sums
from hq.feed.snapshot import FOLDER, Made
from hq.programmes.values import When
from hq.server import ServerThread, open_hq
from loyalty.numbers.currency import Currency
from loyalty.sale.basket import BasketLine
from sync.links.http import HttpLink
from sync.protocol.errors import LinkDown
from sync.protocol.snapshots import Manifest
from sync.protocol.sums import BUCKETS
from sync.snapshot import SnapshotLink

CARDS = [f"29000000000{number}" for number in range(6)]
MOST = 3


class Chain:
    """One HQ and two tills, each in a store of its own."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.programme = folder / "programme.toml"
        self.programme.write_text(default_programme(Currency(code="KZT", scale=2)), encoding="utf-8")
        self.hq = stack.enter_context(open_hq(HqConfig(data_dir=folder / "hq", port=0, everyone_up_to=MOST)))
        self.hq.programmes.publish(self.programme.read_text(encoding="utf-8"), "programme.toml", When())
        self.server = stack.enter_context(ServerThread(self.hq))
        self.links: dict[str, HttpLink] = {}

    def till(self, store: str) -> Till:
        config = TillConfig(
            data_dir=self.folder / store,
            programme_file=self.programme,
            name=store,
            store=StoreConfig(id=store, name=store, zone=ZoneInfo("Asia/Almaty")),
            cards=CardsConfig(ranges=(CardRange(prefix="29", min_length=12, max_length=12),)),
        )
        till = self.stack.enter_context(Till(config))
        pair(till.context, self.server.url, self.hq.make_pairing_code())
        self.links[store] = self.stack.enter_context(HttpLink(self.server.url, till.context.keys.token or ""))
        return till

    def sync(self, till: Till, line: SnapshotLink | None = None) -> SyncMode:
        link = self.links[till.context.config.store.id]
        return synchronise(till.context, link, line or link).mode

    def small_pages(self) -> None:
        self.hq.feed._page_rows = 5

    def snapshot(self) -> Made:
        return snapshot(self.hq.config)


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with ExitStack() as stack:
        yield Chain(tmp_path, stack)


def sell(till: Till, check: str, card: str) -> None:
    line = BasketLine(line=1, item="1", quantity_milli=1_000, amount_minor=100_000)
    sale = QuoteRequest(currency="KZT", lines=(line,), card=card)
    assert till.commit(CommitRequest(key=check, check_id=check, sale=sale)).refused is None


def own(till: Till) -> int:
    with till.context.book.read() as connection:
        found: int = connection.exec_driver_sql("SELECT count(*) FROM member").scalar_one()
    return found


def test_a_till_holds_its_own_stores_members_and_of_others_the_balance_until_they_come(chain: Chain) -> None:
    east, west = chain.till("east"), chain.till("west")
    for number, card in enumerate(CARDS):
        sell(east, f"c{number}", card)
    assert (chain.sync(east), chain.sync(west)) == (SyncMode.ONLINE, SyncMode.ONLINE)
    assert (own(east), own(west)) == (6, 0)
    assert [west.member_balances(card) for card in CARDS] == [{"points": 1_000}] * 6
    assert west.member_count() == 6
    told = west.identify(CARDS[0])
    assert told["balances"] == {"points": 1_000}
    sell(west, "w1", CARDS[0])
    assert west.member_balances(CARDS[0]) == {"points": 2_000}
    chain.sync(west)
    assert (own(west), west.unshown(), west.member_balances(CARDS[0])) == (6, 0, {"points": 2_000})
    assert agrees(chain, west)
    chain.sync(east)
    assert east.member_balances(CARDS[0]) == {"points": 2_000}


class Cut:
    """The way to HQ's snapshot with something wrong on it."""

    def __init__(self, link: HttpLink, *, after: int | None = None, flip: bool = False) -> None:
        self.link, self.after, self.flip = link, after, flip
        self.parts: list[int] = []

    def snapshot(self) -> Manifest:
        return self.link.snapshot()

    def snapshot_part(self, name: str, first: int, size: int) -> bytes:
        if self.after is not None and len(self.parts) >= self.after:
            raise LinkDown("cut")
        self.parts.append(first)
        data = self.link.snapshot_part(name, first, size)
        return bytes([data[0] ^ 1]) + data[1:] if self.flip else data


def stands_on(till: Till) -> str | None:
    with till.context.book.read() as connection:
        return base.reach_of(connection).file


def prepared(chain: Chain) -> tuple[Till, Till]:
    """A till that sold to everybody, and a new one that HQ has a snapshot for."""
    east, west = chain.till("east"), chain.till("west")
    for number, card in enumerate(CARDS):
        sell(east, f"c{number}", card)
    assert chain.sync(east) is SyncMode.ONLINE
    chain.small_pages()
    return east, west


def agrees(chain: Chain, till: Till) -> bool:
    """Whether what the till holds has HQ's checksum in every bucket."""
    with till.context.book.read() as own, chain.hq.book.read() as hqs:
        held = base.reach_of(own)
        unit = None if held.everyone else held.unit
        return [sums.sum_of(own, bucket) for bucket in range(BUCKETS)] == [
            hq_sums.sum_of(hqs, bucket, unit) for bucket in range(BUCKETS)
        ]


def test_a_new_till_begins_with_the_snapshot_and_goes_on_with_the_feed_behind_it(chain: Chain) -> None:
    east, west = prepared(chain)
    made = chain.snapshot()
    assert made.members == 6
    sell(east, "later", CARDS[0])
    assert chain.sync(east) is SyncMode.ONLINE
    assert chain.sync(west) is SyncMode.ONLINE
    assert stands_on(west) == f"members-{made.manifest.name}.db"
    assert (own(west), west.member_count()) == (0, 6)
    assert [west.member_balances(card) for card in CARDS] == [{"points": 2_000}, *[{"points": 1_000}] * 5]
    assert west.outstanding("points") == 7_000
    with west.context.book.read() as connection:
        assert releases.has_any(connection)
    assert agrees(chain, west)
    assert chain.sync(west) is SyncMode.ONLINE
    assert own(west) == 6
    assert agrees(chain, west)
    assert agrees(chain, east)
    with west.context.book.write() as writing:
        writing.connection.exec_driver_sql("UPDATE posted SET amount = amount + 1 WHERE unit = 'points'")
    assert not agrees(chain, west)


def test_a_download_goes_on_where_it_was_cut(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hq.feed.snapshot.FRAME_BYTES", 4_096)
    _, west = prepared(chain)
    frames = chain.snapshot().manifest.frames
    assert len(frames) > 5
    first, second = Cut(chain.links["west"], after=3), Cut(chain.links["west"])
    assert chain.sync(west, first) is SyncMode.OFFLINE
    (part,) = west.context.book.path.parent.glob("members-*.part")
    part.write_bytes(part.read_bytes() + b"torn")
    assert west.member_balances(CARDS[0]) is None
    assert chain.sync(west, second) is SyncMode.ONLINE
    assert (len(first.parts), len(second.parts)) == (3, len(frames) - 3)
    assert west.member_balances(CARDS[0]) == {"points": 1_000}


def test_what_a_disk_damaged_of_a_part_is_fetched_again(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hq.feed.snapshot.FRAME_BYTES", 4_096)
    _, west = prepared(chain)
    chain.snapshot()
    assert chain.sync(west, Cut(chain.links["west"], after=3)) is SyncMode.OFFLINE
    (part,) = west.context.book.path.parent.glob("members-*.part")
    part.write_bytes(bytes([255]) + part.read_bytes()[1:])
    assert chain.sync(west) is SyncMode.OFFLINE
    assert not part.exists()
    assert chain.sync(west) is SyncMode.ONLINE
    assert west.member_balances(CARDS[0]) == {"points": 1_000}


def test_a_part_that_is_not_what_hq_described_is_not_kept(chain: Chain) -> None:
    _, west = prepared(chain)
    chain.snapshot()
    assert chain.sync(west, Cut(chain.links["west"], flip=True)) is SyncMode.OFFLINE
    assert [path.stat().st_size for path in west.context.book.path.parent.glob("members-*")] == [0]
    assert chain.sync(west) is SyncMode.ONLINE


def test_a_snapshot_that_hq_did_not_sign_is_refused(chain: Chain) -> None:
    _, west = prepared(chain)
    chain.snapshot()
    west.context.keys.keep_hq_key(west.context.keys.public_key)
    assert chain.sync(west) is SyncMode.REFUSED
    assert list(west.context.book.path.parent.glob("members-*")) == []


def test_a_snapshot_that_is_replaced_during_the_download_is_left_for_the_new_one(chain: Chain) -> None:
    east, west = prepared(chain)
    old = new = chain.snapshot().manifest
    assert chain.sync(west, Cut(chain.links["west"], after=0)) is SyncMode.OFFLINE
    new = old
    for number in range(2):
        sell(east, f"d{number}", CARDS[0])
        assert chain.sync(east) is SyncMode.ONLINE
        new = chain.snapshot().manifest
    folder = chain.hq.config.data_dir / FOLDER
    assert not (folder / f"{old.name}.frames").exists()

    class Stale(Cut):
        def snapshot(self) -> Manifest:
            self.after, given = None, old if self.after == 0 else self.link.snapshot()
            return given

    assert chain.sync(west, Stale(chain.links["west"], after=0)) is SyncMode.ONLINE
    assert stands_on(west) == f"members-{new.name}.db"
    assert [path.name for path in west.context.book.path.parent.glob("members-*")] == [f"members-{new.name}.db"]
    assert west.member_balances(CARDS[0]) == {"points": 3_000}


def test_a_till_that_lost_the_file_takes_the_snapshot_again(chain: Chain) -> None:
    _, west = prepared(chain)
    chain.snapshot()
    assert chain.sync(west) is SyncMode.ONLINE
    file = west.context.book.path.parent / (stands_on(west) or "")
    file.unlink()
    assert chain.sync(west) is SyncMode.ONLINE
    assert file.exists()
    assert west.member_balances(CARDS[3]) == {"points": 1_000}


def test_own_members_are_told_anew_after_a_snapshot_and_never_show_less_than_they_have(chain: Chain) -> None:
    east, west = prepared(chain)
    chain.snapshot()
    assert chain.sync(west) is SyncMode.ONLINE
    sell(west, "w", CARDS[0])
    assert west.member_balances(CARDS[0]) == {"points": 2_000}
    assert chain.sync(west) is SyncMode.ONLINE
    assert own(west) == 1
    sell(east, "e", CARDS[0])
    assert chain.sync(east) is SyncMode.ONLINE
    chain.snapshot()
    with west.context.book.write() as writing:
        writing.connection.exec_driver_sql("UPDATE sync_state SET feed_cursor = 0")
    assert chain.sync(west, Cut(chain.links["west"])) is SyncMode.ONLINE
    assert (own(west), west.member_balances(CARDS[0])) == (1, {"points": 3_000})
