"""Which release is in force where and when: dates, instants, pilots, ties, and that the order of arrival is nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.programme.schedule import (
    BadEffective,
    Effective,
    Release,
    begins_at,
    effective_text,
    in_force,
    in_order,
    parse_effective,
)

ALMATY, BAKU = ZoneInfo("Asia/Almaty"), ZoneInfo("Asia/Baku")
DECEMBER = date(2026, 12, 1)
SECOND = timedelta(seconds=1)


def release(number: int, version: str, effective: Effective, *stores: str) -> Release:
    return Release(number=number, programme="club", version=version, effective=effective, stores=stores)


def utc(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def version(releases: list[Release], at: datetime, store: str = "a", zone: ZoneInfo = ALMATY) -> str | None:
    found = in_force(releases, store, zone, at)
    return found.version if found is not None else None


def test_a_date_begins_at_each_stores_own_midnight() -> None:
    releases = [release(1, "old", date(2026, 1, 1)), release(2, "new", DECEMBER)]
    for zone, midnight in ((ALMATY, utc(2026, 11, 30, 19)), (BAKU, utc(2026, 11, 30, 20))):
        assert version(releases, midnight - SECOND, zone=zone) == "old"
        assert version(releases, midnight, zone=zone) == "new"


def test_an_instant_is_the_same_in_every_zone() -> None:
    releases = [release(1, "new", parse_effective("2026-12-01T06:00+05:00"))]
    for zone in (ALMATY, BAKU):
        assert version(releases, utc(2026, 12, 1, 1) - SECOND, zone=zone) is None
        assert version(releases, utc(2026, 12, 1, 1), zone=zone) == "new"


def test_a_midnight_that_the_zone_skips_is_the_first_instant_after_it() -> None:
    beirut = ZoneInfo("Asia/Beirut")  # clocks went from 23:59 to 01:00 on that day
    assert begins_at(date(2026, 3, 29), beirut) == utc(2026, 3, 28, 22)
    assert begins_at(date(2026, 3, 29), beirut).astimezone(beirut).hour == 1


def test_a_pilot_begins_in_its_stores_only_and_ends_with_the_next_release_for_all() -> None:
    releases = [
        release(1, "old", date(2026, 1, 1)),
        release(2, "pilot", date(2026, 2, 1), "a", "b"),
        release(3, "new", date(2026, 3, 1)),
    ]
    assert [version(releases, utc(2026, 2, 15), store) for store in "abc"] == ["pilot", "pilot", "old"]
    assert [version(releases, utc(2026, 3, 15), store) for store in "abc"] == ["new"] * 3


def test_of_two_that_begin_at_once_the_one_published_later_counts() -> None:
    releases = [release(2, "new", DECEMBER), release(1, "old", DECEMBER)]
    assert version(releases, utc(2026, 12, 5)) == "new"


def test_what_cannot_be_read_does_not_begin() -> None:
    releases = [release(1, "old", date(2026, 1, 1)), release(2, "new", DECEMBER)]
    found = in_force(releases, "a", ALMATY, utc(2027, 1, 1), readable=lambda wanted: wanted != "new")
    assert found == releases[0]


def test_before_the_first_release_nothing_is_in_force() -> None:
    assert in_force([release(1, "new", DECEMBER)], "a", ALMATY, utc(2026, 11, 1)) is None
    assert in_force([], "a", ALMATY, utc(2026, 11, 1)) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "expected a date"),
        ("tomorrow", "expected a date"),
        ("2026-13-01", "expected a date"),
        ("01.12.2026", "expected a date"),
        ("2026-12-01T06:00", "expected the offset"),
        ("0001-01-01", "expected a year"),
        ("9999-12-31T23:59-14:00", "expected a year"),
    ],
)
def test_what_says_no_instant_is_refused(text: str, fault: str) -> None:
    with pytest.raises(BadEffective, match=fault):
        parse_effective(text)


def test_bugs_stop() -> None:
    with pytest.raises(ValueError, match="aware"):
        in_force([], "a", ALMATY, datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware"):
        release(1, "x", datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="count from 1"):
        release(0, "x", DECEMBER)


DATES = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))
INSTANTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5)), BAKU]),
)
STORES = st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(tuple)


@st.composite
def published(draw: st.DrawFn) -> list[Release]:
    begins = draw(st.lists(st.tuples(st.one_of(DATES, INSTANTS), STORES, st.sampled_from("vwxyz")), max_size=8))
    return [
        release(number, version, effective, *stores) for number, (effective, stores, version) in enumerate(begins, 1)
    ]


@given(
    releases=published(),
    store=st.sampled_from("abc"),
    zone=st.sampled_from([ALMATY, BAKU]),
    at=INSTANTS,
    more=st.data(),
)
def test_arrival_order_and_repetition_change_nothing(
    releases: list[Release], store: str, zone: ZoneInfo, at: datetime, more: st.DataObject
) -> None:
    shuffled = more.draw(st.permutations(releases + releases[:2]))
    found = in_force(releases, store, zone, at)
    assert in_force(shuffled, store, zone, at) == found
    assert in_order(shuffled, store, zone) == in_order(releases, store, zone)
    if found is not None:
        assert found.covers(store)
        assert begins_at(found.effective, zone) <= at


@given(effective=st.one_of(DATES, INSTANTS))
def test_an_effective_instant_reads_back_as_it_was_written(effective: Effective) -> None:
    read = parse_effective(effective_text(effective))
    assert read == (effective.astimezone(UTC) if isinstance(effective, datetime) else effective)
    assert isinstance(read, datetime) == isinstance(effective, datetime)
