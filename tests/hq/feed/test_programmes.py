"""Programmes and releases in the feed: large sources are parted over pages, and releases never come before them."""

from __future__ import annotations

from datetime import date

import pytest

from hq.feed import programmes
from hq.feed.reader import FeedReader
from hq.programmes.values import When
from sync.protocol.values import MAX_PROGRAMME_BYTES, FeedPage, FeedProgramme, FeedRelease
from sync.protocol.wire import decode_feed_page, encode_feed_page
from tests.hq.houses import House
from tests.hq.programmes.programmes import publish, source
from tests.hq.tills import FakeTill


def walk(house: House, till: FakeTill) -> list[FeedPage]:
    reader = FeedReader(house.hq.book, hq_epoch=house.hq.hq_epoch, tell=lambda _: None)
    pages = [reader.page(terminal=till.id, epoch=1, after=0)]
    while not pages[-1].complete:
        pages.append(reader.page(terminal=till.id, epoch=1, after=pages[-1].upto))
    return pages


def test_large_sources_are_parted_over_pages_that_every_till_takes(any_house: House) -> None:
    till = any_house.till()
    for number in range(9):
        large = source(f"v{number}")
        large += '#"Дүкен"\n' * ((MAX_PROGRAMME_BYTES - len(large.encode())) // len('#"Дүкен"\n'.encode()))
        any_house.hq.programmes.publish(large, "club.toml", When())
    pages = walk(any_house, till)
    assert len(pages) > 1
    assert all(decode_feed_page(encode_feed_page(page)) == page for page in pages)
    rows = [row for page in pages for row in page.rows]
    known: set[str] = set()
    for row in rows:
        if isinstance(row, FeedProgramme):
            known.add(row.version)
        elif isinstance(row, FeedRelease):
            assert row.release.version in known
    assert len(rows) == 18


def test_a_row_beyond_the_bound_still_comes_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programmes, "MOST_SOURCE_BYTES", 10)
    till = house.till()
    publish(house, "v1")
    publish(house, "v2", date(2026, 4, 1))
    till.enrol("7001")
    house.take(till)
    pages = walk(house, till)
    assert [len(page.rows) for page in pages] == [1, 1, 1, 3]
    assert [page.complete for page in pages] == [False, False, False, True]
