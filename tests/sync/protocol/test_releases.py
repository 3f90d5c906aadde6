"""Programmes and releases as feed rows, and what a till says of itself in its hello."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from loyalty.programme.schedule import Release
from sync.protocol import wire
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.values import (
    MAX_PROGRAMME_BYTES,
    MAX_RELEASE_STORES,
    FeedPage,
    FeedProgramme,
    FeedRelease,
    FeedRow,
    Hello,
    TillFacts,
)

VERSION = "0123456789abcdef" * 2
MIDNIGHT = Release(number=1, programme="club", version=VERSION, effective=date(2026, 12, 1), stores=("s1", "Дүкен"))
INSTANT = Release(number=2, programme="club", version=VERSION, effective=datetime(2026, 12, 1, 1, tzinfo=UTC))


def page(*rows: FeedRow) -> FeedPage:
    return FeedPage(hq_epoch="e", after=0, upto=len(rows), complete=True, applied=0, rows=rows)


def test_programmes_and_releases_come_back_as_they_went() -> None:
    told = page(
        FeedProgramme(version=VERSION, source='[programme]\nid = "клуб"\n'),
        FeedRelease(release=MIDNIGHT),
        FeedRelease(release=INSTANT, withdrawn=True),
    )
    assert wire.decode_feed_page(wire.encode_feed_page(told)) == told


def test_a_release_row_has_exactly_these_bytes() -> None:
    said = wire.encode_feed_page(page(FeedRelease(release=MIDNIGHT), FeedRelease(release=INSTANT, withdrawn=True)))
    assert json.loads(said)["rows"] == [
        ["release", 1, "club", VERSION, "2026-12-01", ["s1", "Дүкен"], False],
        ["release", 2, "club", VERSION, "2026-12-01T01:00:00+00:00", [], True],
    ]


def test_four_of_the_largest_sources_fit_a_page() -> None:
    source = '"\n' * (MAX_PROGRAMME_BYTES // 2)
    told = page(*(FeedProgramme(version=f"{number:032x}", source=source) for number in range(4)))
    assert wire.decode_feed_page(wire.encode_feed_page(told)) == told


@pytest.mark.parametrize(
    "row",
    [
        ["programme", VERSION],
        ["programme", VERSION[1:], "x"],
        ["programme", VERSION.upper(), "x"],
        ["programme", VERSION, None],
        ["programme", VERSION, "x" * (MAX_PROGRAMME_BYTES + 1)],
        ["programme", VERSION, "\0"],
        ["release", 0, "club", VERSION, "2026-12-01", [], False],
        ["release", True, "club", VERSION, "2026-12-01", [], False],
        ["release", 1, "", VERSION, "2026-12-01", [], False],
        ["release", 1, "club", "v1", "2026-12-01", [], False],
        ["release", 1, "club", VERSION, "soon", [], False],
        ["release", 1, "club", VERSION, "2026-12-01T01:00", [], False],
        ["release", 1, "club", VERSION, 5, [], False],
        ["release", 1, "club", VERSION, "2026-12-01", None, False],
        ["release", 1, "club", VERSION, "2026-12-01", [""], False],
        ["release", 1, "club", VERSION, "2026-12-01", ["s"] * (MAX_RELEASE_STORES + 1), False],
        ["release", 1, "club", VERSION, "2026-12-01", [], 0],
        ["release", 1, "club", VERSION, "2026-12-01", []],
    ],
)
def test_a_row_of_another_shape_is_refused(row: object) -> None:
    said = {"hq_epoch": "e", "after": 0, "upto": 1, "complete": True, "applied": 0, "rows": [row], "parked": []}
    with pytest.raises(SyncRefused, match="a feed row of another shape"):
        wire.decode_feed_page(json.dumps(said).encode())


def hello(facts: TillFacts) -> Hello:
    return Hello(
        protocol_min=1,
        protocol_max=1,
        terminal=bytes(16),
        epoch=1,
        sequence=0,
        head=bytes(32),
        hq_epoch_seen=None,
        facts=facts,
    )


@pytest.mark.parametrize(
    "facts",
    [
        TillFacts(),
        TillFacts(zone="Asia/Almaty"),
        TillFacts(zone="UTC", programme="a" * 32, unreadable="b" * 32),
        TillFacts(clock_ahead_s=-86_400),
    ],
)
def test_what_a_till_says_of_itself_comes_back_as_it_went(facts: TillFacts) -> None:
    assert wire.decode_hello(wire.encode_hello(hello(facts))).facts == facts


@pytest.mark.parametrize("value", ["", 5, ["UTC"], "x" * 65, "\0"])
def test_what_is_no_short_text_is_malformed(value: object) -> None:
    said = {**json.loads(wire.encode_hello(hello(TillFacts()))), "zone": value}
    with pytest.raises(SyncRefused) as caught:
        wire.decode_hello(json.dumps(said).encode())
    assert caught.value.code is SyncErrorCode.MALFORMED


@pytest.mark.parametrize("value", ["5", 1.5, True, [5], 2**40, -(2**40)])
def test_what_is_no_number_of_seconds_is_malformed(value: object) -> None:
    said = {**json.loads(wire.encode_hello(hello(TillFacts()))), "clock_ahead_s": value}
    with pytest.raises(SyncRefused) as caught:
        wire.decode_hello(json.dumps(said).encode())
    assert caught.value.code is SyncErrorCode.MALFORMED
