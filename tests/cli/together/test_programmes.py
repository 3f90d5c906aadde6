"""A programme published at a real HQ reaches real tills, and each switches by itself where and when it should."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from agent.book import releases
from agent.book.sync_state import BookFeed
from agent.config.values import CardsConfig, StoreConfig, TillConfig
from agent.pairing import pair
from agent.sync_worker import Round, SyncMode, synchronise
from agent.till.requests import QuoteRequest
from agent.till.till import Till
from hq.config import HqConfig
from hq.feed.log import head_position
from hq.programmes.refusals import ReleaseRefused
from hq.programmes.values import Stage, When
from hq.server import Hq, ServerThread, open_hq
from loyalty.programme.reader import content_version
from loyalty.programme.schedule import Release, parse_effective
from loyalty.sale.basket import BasketLine
from sync.links.http import HttpLink
from sync.protocol.errors import LinkDown
from sync.protocol.values import FeedPage
from tests.hq.programmes.programmes import source

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
ALMATY_MIDNIGHT = datetime(2026, 3, 2, 19, tzinfo=UTC)
BAKU_MIDNIGHT = ALMATY_MIDNIGHT + timedelta(hours=1)
SECOND = timedelta(seconds=1)
BASKET = QuoteRequest(
    currency="KZT", lines=(BasketLine(line=1, item="i1", quantity_milli=1_000, amount_minor=100_000),), card=None
)


class World:
    """One HQ, tills in two zones, and one clock over all of them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack, self.now = folder, stack, START
        self.file = folder / "own.toml"
        self.file.write_text(source("own"), encoding="utf-8")
        self.hq: Hq = stack.enter_context(open_hq(HqConfig(data_dir=folder / "hq", port=0), clock=lambda: self.now))
        self.server = stack.enter_context(ServerThread(self.hq))

    def till(self, store: str, zone: str) -> Till:
        config = TillConfig(
            data_dir=self.folder / store,
            programme_file=self.file,
            name=f"till of {store}",
            store=StoreConfig(id=store, name=store, zone=ZoneInfo(zone)),
            cards=CardsConfig(),
        )
        till = self.stack.enter_context(Till(config, clock=lambda: self.now))
        pair(till.context, self.server.url, self.hq.make_pairing_code())
        assert self.sync(till).mode is SyncMode.ONLINE
        return till

    def sync(self, till: Till) -> Round:
        with HttpLink(self.server.url, till.context.keys.token or "") as link:
            return synchronise(till.context, link)

    def publish(self, label: str, effective: str | None, *stores: str) -> None:
        begins = parse_effective(effective) if effective is not None else None
        self.hq.programmes.publish(source(label), "club.toml", When(effective=begins, stores=stores))

    def counts(self, till: Till) -> str:
        """The label of the version by which a till quotes now."""
        version = till.quote(BASKET)["programme"]
        return next(label for label in ("own", "v1", "v2") if content_version(source(label)) == version)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(tmp_path, stack)


def test_two_stores_switch_at_their_own_midnight_without_hq(world: World) -> None:
    almaty, baku = world.till("almaty", "Asia/Almaty"), world.till("baku", "Asia/Baku")
    world.publish("v1", "2026-03-03")
    for till in (almaty, baku):
        world.sync(till)
    world.server.stop()
    seen = []
    for instant in (ALMATY_MIDNIGHT - SECOND, ALMATY_MIDNIGHT, BAKU_MIDNIGHT - SECOND, BAKU_MIDNIGHT):
        world.now = instant
        seen.append((world.counts(almaty), world.counts(baku)))
    assert seen == [("own", "own"), ("v1", "own"), ("v1", "own"), ("v1", "v1")]
    assert world.sync(almaty).mode is SyncMode.OFFLINE


def test_a_pilot_a_release_for_all_and_a_rollback(world: World) -> None:
    almaty, baku = world.till("almaty", "Asia/Almaty"), world.till("baku", "Asia/Baku")
    seen = []

    def look() -> None:
        for till in (almaty, baku):
            assert world.sync(till).mode is SyncMode.ONLINE
        seen.append((world.counts(almaty), world.counts(baku)))
        world.now += timedelta(hours=1)

    world.publish("v1", None)
    look()
    world.publish("v2", None, "baku")
    look()
    world.publish("v2", None)
    look()
    world.hq.programmes.rollback(None, When())
    look()
    assert seen == [("v1", "v1"), ("v1", "v2"), ("v2", "v2"), ("v1", "v1")]


def test_a_till_that_was_away_over_the_switch_counts_right_from_its_first_contact(world: World) -> None:
    almaty = world.till("almaty", "Asia/Almaty")
    world.publish("v1", "2026-03-03")
    world.now = ALMATY_MIDNIGHT + timedelta(days=3)
    assert world.counts(almaty) == "own"
    world.sync(almaty)
    assert world.counts(almaty) == "v1"


def test_hq_shows_what_each_till_counts_by(world: World) -> None:
    almaty = world.till("almaty", "Asia/Almaty")
    world.publish("v1", "2026-03-03")
    world.sync(almaty)
    world.now = ALMATY_MIDNIGHT
    [before] = world.hq.programmes.history().tills
    world.sync(almaty)
    [after] = world.hq.programmes.history().tills
    own, new = (content_version(source(label)) for label in ("own", "v1"))
    assert (before.programme, before.label, before.expected) == (own, None, new)
    assert (after.programme, after.label, after.expected, after.unreadable) == (new, "v1", new, None)


class CutLink(HttpLink):
    """A way to HQ that breaks after the first page of the feed."""

    pages = 0

    def feed(self, after: int, epoch: int, wanted: Sequence[bytes] = ()) -> FeedPage:
        if self.pages:
            raise LinkDown("cut")
        self.pages += 1
        return super().feed(after, epoch, wanted)


def test_a_feed_that_is_cut_in_the_middle_goes_on_where_it_was(world: World) -> None:
    almaty = world.till("almaty", "Asia/Almaty")
    world.hq.feed._page_rows = 1
    world.publish("v1", None)
    with CutLink(world.server.url, almaty.context.keys.token or "") as link:
        assert synchronise(almaty.context, link).mode is SyncMode.OFFLINE
    assert world.counts(almaty) == "own"
    assert world.sync(almaty).received == 1
    assert world.counts(almaty) == "v1"


def live(hq: Hq) -> set[Release]:
    return {row.release for row in hq.programmes.history().releases if row.stage is not Stage.WITHDRAWN}


def test_whatever_is_published_and_withdrawn_a_till_and_hq_agree(world: World, seed: int) -> None:
    chance = Random(seed)
    almaty = world.till("almaty", "Asia/Almaty")
    feed = BookFeed(almaty.context.book, almaty.context.clock)

    def publish() -> None:
        begins = (world.now + timedelta(hours=chance.randrange(-30, 90))).replace(microsecond=0)
        effective = chance.choice([None, begins, begins.date()])
        stores = chance.choice([(), (), ("almaty",), ("elsewhere",), ("almaty", "elsewhere")])
        asked = When(effective=effective, stores=stores, new_store=True, out_of_order=True)
        world.hq.programmes.publish(source(f"v{chance.randrange(4)}"), "club.toml", asked)

    def withdraw() -> None:
        with suppress(ReleaseRefused):
            world.hq.programmes.withdraw(chance.randrange(1, 40))

    def a_page() -> None:
        world.hq.feed._page_rows = chance.randrange(1, 4)
        terminal = almaty.context.keys.terminal
        feed.stage(world.hq.feed.page(terminal=terminal, epoch=1, after=feed.cursor()[1]))
        almaty.context.shelf.refresh()

    for _ in range(150):
        chance.choice([publish, withdraw, a_page, a_page])()
        world.now += timedelta(minutes=chance.randrange(90))
    while feed.cursor()[1] < head_of(world.hq):
        a_page()
    with almaty.context.book.read() as connection:
        assert set(releases.every(connection)) == live(world.hq)
    for _ in range(40):
        instant = world.now + timedelta(hours=chance.randrange(-200, 200))
        expected = world.hq.programmes.in_force("almaty", instant)
        at_till = almaty.context.shelf.at(instant).version
        assert at_till == (expected.version if expected is not None else content_version(source("own")))


def head_of(hq: Hq) -> int:
    with hq.book.read() as connection:
        return head_position(connection)
