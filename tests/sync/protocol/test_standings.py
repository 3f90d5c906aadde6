"""Members, balances and lots as feed rows."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.numbers.limits import INT64_MAX
from sync.protocol import wire
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.values import MAX_FEED_ROWS, MAX_PAGE_BYTES, MAX_SEGMENTS, FeedLot, FeedMember, FeedPage, FeedRow

ONE, TWO = "01" * 16, "02" * 16
MEMBER = FeedMember(
    member=bytes.fromhex(ONE),
    canonical=bytes.fromhex(ONE),
    nickname="Әлия",
    tier="gold",
    language="kk",
    birthday="02-29",
    joined_on="2026-01-31",
    last_visit_on="2026-03-01",
    segments=("lapsed", "low"),
    tier_until=1_800_000_000,
    referrer=bytes.fromhex(TWO),
    home="S1",
)
LOT = FeedLot(
    account=bytes.fromhex(ONE), unit="points", lot_id=bytes.fromhex(TWO), amount=5, usable_at=None, expires_at=9
)

ids = st.binary(min_size=16, max_size=16)
int64 = st.integers(-INT64_MAX - 1, INT64_MAX)
dates = st.none() | st.dates().map(str)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=64)
members = st.builds(
    FeedMember,
    member=ids,
    canonical=ids,
    nickname=st.none() | texts,
    tier=st.none() | texts,
    language=st.none() | texts,
    birthday=st.none() | st.dates().map(lambda day: str(day)[5:]),
    joined_on=dates,
    last_visit_on=dates,
    segments=st.lists(texts, max_size=MAX_SEGMENTS).map(tuple),
    tier_until=st.none() | st.integers(0, 253_402_300_799),
    referrer=st.none() | ids,
    home=st.none() | texts,
)
lots = st.builds(
    FeedLot,
    account=ids,
    unit=texts,
    lot_id=ids,
    amount=int64,
    usable_at=st.none() | int64,
    expires_at=st.none() | int64,
    common=st.booleans(),
)


def page(*rows: FeedRow) -> FeedPage:
    return FeedPage(hq_epoch="e", after=0, upto=len(rows), complete=True, applied=0, rows=rows)


@given(st.lists(members | lots, max_size=5))
def test_members_and_lots_come_back_as_they_went(rows: list[FeedRow]) -> None:
    assert wire.decode_feed_page(wire.encode_feed_page(page(*rows))) == page(*rows)


def test_members_and_lots_have_exactly_these_bytes() -> None:
    plain = FeedMember(member=MEMBER.member, canonical=MEMBER.member, nickname=None, tier=None, language=None)
    assert json.loads(wire.encode_feed_page(page(MEMBER, plain, LOT)))["rows"] == [
        [
            *("member", ONE, ONE, "Әлия", "gold", "kk"),
            *("02-29", "2026-01-31", "2026-03-01", ["lapsed", "low"], 1_800_000_000, TWO, "S1"),
        ],
        ["member", ONE, ONE, None, None, None],
        ["lot", ONE, "points", TWO, 5, None, 9],
    ]


def test_a_page_of_the_largest_members_is_within_its_bound() -> None:
    large = FeedMember(
        member=MEMBER.member,
        canonical=MEMBER.member,
        nickname="😀" * 64,
        tier="t" * 40,
        language="x" * 16,
        birthday="12-31",
        joined_on="2026-12-31",
        last_visit_on="2026-12-31",
        segments=("s" * 40,) * MAX_SEGMENTS,
        tier_until=253_402_300_799,
        referrer=MEMBER.member,
        home="😀" * 64,
    )
    full = page(*[large] * MAX_FEED_ROWS)
    assert len(wire.encode_feed_page(full)) < MAX_PAGE_BYTES
    assert wire.decode_feed_page(wire.encode_feed_page(full)) == full


def with_member(place: int, value: object) -> list[object]:
    row: list[object] = ["member", ONE, ONE, None, None, None, None, None, None, [], None, None, None]
    return [*row[:place], value, *row[place + 1 :]]


@pytest.mark.parametrize(
    "row",
    [
        with_member(6, "2-29"),
        with_member(6, "١٢-٢٩"),
        with_member(6, "02-30"),
        with_member(6, 5),
        with_member(7, "2026-02-29"),
        with_member(7, "0000-01-01"),
        with_member(7, "2026-1-1"),
        with_member(7, "2026-01-01T00:00"),
        with_member(8, 20260101),
        with_member(9, None),
        with_member(9, "low"),
        with_member(9, [5]),
        with_member(9, [""]),
        with_member(9, ["s" * 65]),
        with_member(9, ["\0"]),
        with_member(9, ["s"] * (MAX_SEGMENTS + 1)),
        with_member(10, "5"),
        with_member(10, -1),
        with_member(10, 253_402_300_800),
        with_member(11, "01"),
        with_member(12, ""),
        with_member(12, "s" * 65),
        ["member", ONE, ONE, None, None, None, None],
        [*with_member(10, 5), None],
        ["lot", ONE, "points", TWO, 5, None],
        ["lot", ONE, "", TWO, 5, None, None],
        ["lot", ONE, "points", "02", 5, None, None],
        ["lot", ONE, "points", TWO, None, None, None],
        ["lot", ONE, "points", TWO, 5, True, None],
        ["lot", ONE, "points", TWO, 5, None, 1.0],
        ["lot", ONE, "points", TWO, 5, None, None, None],
        ["lot", ONE, "points", TWO, 5, None, None, False],
        ["balance", ONE, "points", 5, 1],
        ["balance", ONE, "points", 5, True, True],
        ["balance", ONE, "points"],
        ["balance", ONE, None, 5],
    ],
)
def test_a_row_of_another_shape_is_refused(row: object) -> None:
    said = {
        "hq_epoch": "e",
        "after": 0,
        "upto": 1,
        "complete": True,
        "applied": 0,
        "rows": [row],
        "parked": [],
        "told": [],
    }
    with pytest.raises(SyncRefused) as caught:
        wire.decode_feed_page(json.dumps(said).encode())
    assert caught.value.code is SyncErrorCode.MALFORMED
