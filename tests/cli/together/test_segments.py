"""Tills that take segment files end with exactly what tills have that take pages, whatever happens in between."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from agent.sync_worker import SyncMode, synchronise
from agent.till.requests import CommitRequest
from agent.till.till import Till
from hq.book.schema import card as cards
from hq.feed.chain import FOLDER
from hq.feed.log import card_change, record_changes
from hq.feed.segments import SegmentKeeper
from hq.server import open_hq
from loyalty.cards import card_key
from sync.protocol import wire
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.values import FeedPage
from tests.cli.together.chains import Chain
from tests.cli.together.direct import DirectLink

CARDS = [f"2900000001{number:02d}" for number in range(14)]
TABLES = ("member", "card", "posted", "posted_lot", "base", "base_card")


@dataclass
class FilesLink(DirectLink):
    """A line on which files come too, and fail as told."""

    chance: random.Random | None = None
    files: int = 0
    refused: int = 0

    def feed_since(
        self, after: int, epoch: int, since: int, wanted: Sequence[bytes] = (), *, segments: bool = True
    ) -> FeedPage:
        till = self._till()
        try:
            page = self.hq.feed.page(
                terminal=till.terminal_id, epoch=epoch, after=after, wanted=wanted, since=since, segments=segments
            )
        except SyncRefused as refused:
            self.refused += refused.code is SyncErrorCode.CURSOR_TOO_OLD
            raise
        return wire.decode_feed_page(wire.encode_feed_page(page))

    def segment(self, name: str) -> bytes:
        self.files += 1
        data = self.hq.feed.segment(name).read_bytes()
        match self.chance.randrange(12) if self.chance is not None else None:
            case 0:
                raise LinkDown("cut")
            case 1:
                return data[: len(data) // 2]
            case 2:
                return bytes([data[0] ^ 1]) + data[1:]
            case 3:
                raise SyncRefused(SyncErrorCode.NO_SEGMENT)
        return data


class Tills:
    """A chain whose first till sells; one more takes files, and one pages."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.stack = stack
        self.chain = Chain(folder, stack, tills=1)
        self.chain.hq.feed._page_rows = 5
        self.by_files, self.by_pages = self.chain.add("files", "s9"), self.chain.add("pages", "s9")
        self.link = FilesLink(self.chain.hq, self.chain.links[1].token)

    def keep(self) -> None:
        hq = self.chain.hq
        keeper = SegmentKeeper(hq.book, hq.config.data_dir, hq.hq_epoch, least_rows=10, most_rows=7)
        keeper.run(self.chain.now)

    def fetch(self) -> SyncMode:
        return synchronise(self.by_files.context, self.link, None, self.link).mode

    def withdraw(self, number: str) -> None:
        """As a person at HQ would."""
        key = card_key(number, self.by_files.context.keys.identifier_key)
        with self.chain.hq.book.write() as connection:
            own = sqlalchemy.update(cards).where(cards.c.card_key == key)
            if connection.execute(own.values(member_id=None)).rowcount:
                record_changes(connection, [card_change(key)])

    def level(self) -> None:
        """Let both fetch everything on good lines."""
        self.link.chance = None
        assert self.fetch() is SyncMode.ONLINE
        self.chain.talk(2)


def tables(till: Till) -> dict[str, list[tuple[Any, ...]]]:
    with till.context.book.read() as connection:
        return {
            name: sorted(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {name}").all()), key=repr)
            for name in TABLES
        }


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Tills]:
    with ExitStack() as stack:
        yield Tills(tmp_path, stack)


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("everyone", [True, False])
def test_files_and_pages_end_the_same_after_any_history(shop: Tills, seed: int, number: int, *, everyone: bool) -> None:
    chance = random.Random(seed + number)
    shop.link.chance = random.Random(seed - number)
    shop.chain.hq.feed._reach._most = 1_000 if everyone else 2
    for _ in range(60):
        match chance.choice(["sell"] * 6 + ["keep", "keep", "files", "pages", "withdraw", "time"]):
            case "sell":
                shop.chain.buy(0, card=chance.choice(CARDS))
                shop.chain.talk(0)
            case "keep":
                shop.keep()
            case "files":
                shop.fetch()
            case "pages":
                shop.chain.talk(2)
            case "withdraw":
                shop.withdraw(chance.choice(CARDS))
            case "time":
                shop.chain.later(hours=chance.choice([1, 25]))
    shop.keep()
    shop.level()
    assert tables(shop.by_files) == tables(shop.by_pages)


def test_the_property_sees_files(shop: Tills) -> None:
    for card in CARDS:
        shop.chain.buy(0, card=card)
    shop.chain.talk(0)
    shop.keep()
    shop.level()
    assert shop.link.files >= 4
    assert len(tables(shop.by_files)["card"]) == len(CARDS)
    assert tables(shop.by_files) == tables(shop.by_pages)


def test_compaction_while_a_till_fetches_harms_nothing(shop: Tills, monkeypatch: pytest.MonkeyPatch) -> None:
    for card in CARDS:
        shop.chain.buy(0, card=card)
    shop.chain.talk(0)
    shop.keep()
    real, before = shop.link.segment, set((shop.chain.hq.config.data_dir / FOLDER).iterdir())

    def meanwhile(name: str) -> bytes:
        data = real(name)
        if shop.link.files < 4:
            for card in CARDS:
                shop.chain.buy(0, card=card)
            shop.chain.talk(0)
            shop.keep()
            shop.chain.later(hours=25)
            shop.keep()  # and the old files go
        return data

    monkeypatch.setattr(shop.link, "segment", meanwhile)
    shop.level()
    assert not before <= set((shop.chain.hq.config.data_dir / FOLDER).iterdir())
    assert tables(shop.by_files) == tables(shop.by_pages)


def test_a_till_that_was_away_for_longer_than_tombstones_stay_holds_no_withdrawn_card(shop: Tills) -> None:
    for card in CARDS:
        shop.chain.buy(0, card=card)
    shop.chain.talk(0)
    shop.level()
    mine = "290000000999"
    shop.chain.cut(1)
    assert shop.by_files.commit(sold(shop.chain, mine)).refused is None
    shop.withdraw(CARDS[0])
    shop.keep()
    for _ in range(92):
        shop.chain.later(days=1)
        shop.keep()
    for _ in range(6):
        for card in CARDS[1:]:
            shop.chain.buy(0, card=card)
        shop.chain.talk(0)
        shop.keep()
    page = shop.chain.hq.feed.page(terminal=bytes(16), epoch=1, after=0)
    assert page.horizon > 0, "the tombstone is forgotten"
    assert shop.by_files.member_balances(CARDS[0]) is not None
    shop.chain.cut(1, on=False)
    assert shop.fetch() is SyncMode.ONLINE
    assert shop.link.refused == 1
    assert shop.by_files.member_balances(CARDS[0]) is None
    assert all(shop.by_files.member_balances(card) is not None for card in (*CARDS[1:], mine))


def test_an_hq_that_was_restored_mixes_no_old_files_in(shop: Tills) -> None:
    for card in CARDS[:8]:
        shop.chain.buy(0, card=card)
    shop.chain.talk(0)
    shop.keep()
    old = {path.name for path in (shop.chain.hq.config.data_dir / FOLDER).iterdir()}
    shop.level()
    hq = shop.chain.hq
    config, seeds = hq.config, shop.chain.chance
    hq.close()
    restored = open_hq(config, clock=shop.chain.clock, randomness=seeds.randbytes, restored=True)
    shop.stack.enter_context(restored)
    shop.chain.hq = restored
    restored.feed._page_rows = 5
    for link in (*shop.chain.links, shop.link):
        link.hq = restored
    assert restored.feed.page(terminal=bytes(16), epoch=1, after=0, segments=True).segments == ()
    for card in CARDS[4:]:
        shop.chain.buy(0, card=card)
    shop.chain.talk(0)
    shop.keep()
    named = restored.feed.page(terminal=bytes(16), epoch=1, after=0, segments=True).segments
    assert named
    assert not {ref.name for ref in named} & old
    files = shop.link.files
    shop.level()
    assert shop.link.files > files
    assert tables(shop.by_files) == tables(shop.by_pages)


def sold(chain: Chain, card: str) -> Any:
    return CommitRequest(key="own", check_id="own", sale=chain.sale(card=card))
