"""Publishing, pilots, rollbacks and withdrawals, on every database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hq.programmes.refusals import RefusedCode, ReleaseRefused
from hq.programmes.values import Stage, When
from loyalty.programme.reader import content_version
from loyalty.reading.problems import BadFile
from sync.protocol.values import MAX_PROGRAMME_BYTES, FeedProgramme, FeedRelease
from tests.hq.houses import START, House
from tests.hq.programmes.programmes import at, publish, source, till_of

ALMATY, BAKU = "Asia/Almaty", "Asia/Baku"


def refused(house: House, *given: object, **when: object) -> tuple[RefusedCode, str]:
    with pytest.raises(ReleaseRefused) as caught:
        publish(house, *given, **when)  # type: ignore[arg-type]
    return caught.value.code, str(caught.value)


def labels(house: House) -> list[tuple[int, str, Stage, bool]]:
    return [(row.release.number, row.label, row.stage, row.back) for row in house.hq.programmes.history().releases]


def test_what_is_published_begins_now_everywhere_and_tills_are_told(any_house: House) -> None:
    house = any_house
    till = till_of(house, "s1", zone=ALMATY)
    said = publish(house, "v1")
    release = said.row.release
    assert said.fresh
    assert (release.number, release.stores, release.effective, said.row.stage) == (1, (), START, Stage.BEGUN)
    assert release.version == content_version(source("v1"))
    page = house.hq.feed.page(terminal=till.id, epoch=1, after=0)
    assert page.complete
    assert page.rows == (FeedProgramme(version=release.version, source=source("v1")), FeedRelease(release=release))


def test_the_same_content_is_the_same_version_and_the_same_release_is_made_once(house: House) -> None:
    first = publish(house, "v1", date(2026, 4, 1))
    commented = "# a comment\n" + source("v1")
    again = house.hq.programmes.publish(commented, "other.toml", When(effective=date(2026, 4, 1)))
    assert (again.fresh, again.row.release) == (False, first.row.release)
    later = publish(house, "v1", date(2026, 5, 1))
    assert (later.fresh, later.row.release.number) == (False, 1)
    assert len(house.hq.programmes.history().versions) == 1
    assert house.hq.programmes.source(first.row.release.version) == source("v1")


def test_garbage_is_refused_with_every_problem_and_changes_nothing(house: House) -> None:
    bad = source("v1", currency='code = "tenge"').replace('per = "20.00"', "per = 0").replace("units", "unit_s")
    with pytest.raises(BadFile) as caught:
        house.hq.programmes.publish(bad, "bad.toml", When())
    assert len(caught.value.problems) >= 3
    assert all(line.startswith("bad.toml") for line in caught.value.lines())
    assert house.hq.programmes.history().versions == ()


def test_a_source_beyond_the_bound_is_refused(house: House) -> None:
    long = source("v1") + "#" * MAX_PROGRAMME_BYTES
    with pytest.raises(ReleaseRefused, match="at most 262,144 bytes"):
        house.hq.programmes.publish(long, "club.toml", When())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"currency": 'code = "AZN"'}, RefusedCode.CURRENCY_CHANGED),
        ({"currency_scale": "scale = 0"}, RefusedCode.CURRENCY_CHANGED),
        ({"unit_scale": "scale = 1"}, RefusedCode.UNIT_CHANGED),
        ({"unit_scale": 'kind = "stamps"'}, RefusedCode.UNIT_CHANGED),
        ({"unit_scale": "scale = 1", "id": 'id = "other"'}, RefusedCode.UNIT_CHANGED),
        ({"currency": 'code = "AZN"', "id": 'id = "other"'}, None),
    ],
)
def test_what_balances_were_counted_in_does_not_change(
    house: House, changes: dict[str, str], code: RefusedCode | None
) -> None:
    publish(house, "v1")
    new = source("v2", **changes)
    if code is None:
        assert house.hq.programmes.publish(new, "club.toml", When()).fresh
        return
    with pytest.raises(ReleaseRefused, match="another id") as caught:
        house.hq.programmes.publish(new, "club.toml", When())
    assert caught.value.code is code


def test_what_may_not_be_meant_is_warned_of(house: House) -> None:
    assert publish(house, "v1").warnings == ()
    other = (
        source("v1")
        .replace('id = "points"', 'id = "stars"\nnames.en = "stars"')
        .replace("units = 1", 'unit = "stars"\nunits = 1')
    )
    gone, twice = house.hq.programmes.publish(other, "club.toml", When()).warnings
    assert gone.startswith('this version has no unit "points"')
    assert 'has the label "v1" too' in twice


@pytest.mark.parametrize(
    ("key", "warned"),
    [("valid_until = 2026-01-01", "awards nothing: its"), ("valid_from = 2026-06-01", "nothing before")],
)
def test_a_version_that_awards_nothing_when_it_begins_is_warned_of(house: House, key: str, warned: str) -> None:
    idle = source("v1").replace('label = "v1"', f'label = "v1"\n{key}')
    [warning] = house.hq.programmes.publish(idle, "club.toml", When(effective=date(2026, 4, 1))).warnings
    assert warned in warning


def test_hq_knows_what_a_store_should_count_by(house: House) -> None:
    till_of(house, "s1", zone=ALMATY)
    assert house.hq.programmes.in_force("s1", START) is None
    publish(house, "v1", date(2026, 3, 3))
    midnight = at("2026-03-03T00:00+05:00")
    assert house.hq.programmes.in_force("s1", midnight - timedelta(seconds=1)) is None
    found = house.hq.programmes.in_force("s1", midnight)
    assert found is not None
    assert found.label == "v1"
    assert house.hq.programmes.in_force("elsewhere", midnight) is None


def test_a_mistake_that_was_withdrawn_in_time_binds_nobody(house: House) -> None:
    house.hq.programmes.publish(source("v1", unit_scale="scale = 3"), "club.toml", When(effective=date(2026, 4, 1)))
    house.hq.programmes.withdraw(1)
    assert publish(house, "v1").fresh


def test_stores_must_be_known_unless_said_otherwise(house: House) -> None:
    assert refused(house, "v1", None, "s1")[1].endswith("; no till was paired yet")
    till_of(house, "centre", zone=ALMATY)
    code, said = refused(house, "v1", None, "center")
    assert (code, 'did you mean "centre"?' in said) == (RefusedCode.UNKNOWN_STORE, True)
    assert publish(house, "v1", None, "center", new_store=True).row.release.stores == ("center",)
    assert publish(house, "v1", None, "centre").row.release.stores == ("centre",)


def test_a_release_that_begins_before_a_planned_one_of_the_same_stores_is_refused(house: House) -> None:
    for store in ("s1", "s2"):
        till_of(house, store, zone=ALMATY)
    publish(house, "v1")
    publish(house, "v2", date(2026, 4, 1), "s1")
    assert publish(house, "v3", date(2026, 3, 15), "s2").fresh
    code, said = refused(house, "v4", date(2026, 3, 20))
    assert (code, "release 2 begins 2026-04-01 in s1" in said) == (RefusedCode.OUT_OF_ORDER, True)
    assert publish(house, "v4", date(2026, 3, 20), out_of_order=True).fresh
    assert publish(house, "v5", date(2026, 4, 1)).fresh


def test_the_past_is_refused_unless_said(house: House) -> None:
    assert refused(house, "v1", date(2025, 3, 2))[0] is RefusedCode.OUT_OF_ORDER
    assert publish(house, "v1", START.date()).fresh
    assert publish(house, "v2", date(2020, 1, 1), out_of_order=True).row.stage is Stage.BEGUN


def test_a_date_and_an_instant_are_compared_in_the_stores_own_zone(house: House) -> None:
    till_of(house, "west", zone="America/New_York")
    till_of(house, "east", zone=ALMATY)
    publish(house, "v1", date(2026, 3, 3))
    instant = at("2026-03-03T00:30+05:00")
    assert publish(house, "v2", instant, "east").fresh
    assert refused(house, "v2", instant, "west")[0] is RefusedCode.OUT_OF_ORDER


def test_a_rollback_is_a_release_of_the_version_before(house: House) -> None:
    for label in ("v1", "v2", "v3"):
        publish(house, label)
        house.clock.pass_time(hours=1)
    back = house.hq.programmes.rollback(None, When(note="v3 gives too much", by="aida"))
    assert (back.row.label, back.row.note, back.row.by) == ("v2", "v3 gives too much", "aida")
    house.clock.pass_time(hours=1)
    assert house.hq.programmes.rollback(None, When()).row.label == "v1"
    house.clock.pass_time(hours=1)
    with pytest.raises(ReleaseRefused, match="no earlier version"):
        house.hq.programmes.rollback(None, When())
    assert labels(house) == [
        (5, "v1", Stage.BEGUN, True),
        (4, "v2", Stage.BEGUN, True),
        (3, "v3", Stage.BEGUN, False),
        (2, "v2", Stage.BEGUN, False),
        (1, "v1", Stage.BEGUN, False),
    ]


def test_a_rollback_names_a_version_by_label_or_first_digits(house: House) -> None:
    first = publish(house, "v1").row.release.version
    house.clock.pass_time(hours=1)
    publish(house, "v2")
    house.clock.pass_time(hours=1)
    assert house.hq.programmes.rollback("v1", When()).row.release.version == first
    assert not house.hq.programmes.rollback(first[:8], When()).fresh
    for wrong in ("v9", first[:3], "zzzz"):
        with pytest.raises(ReleaseRefused, match="no published version"):
            house.hq.programmes.rollback(wrong, When())


def test_a_label_of_two_versions_names_neither(house: House) -> None:
    publish(house, "v1")
    house.clock.pass_time(hours=1)
    house.hq.programmes.publish(source("v1").replace("units = 1", "units = 2"), "club.toml", When())
    with pytest.raises(ReleaseRefused, match="more than one version") as caught:
        house.hq.programmes.rollback("v1", When())
    assert caught.value.code is RefusedCode.AMBIGUOUS


def test_a_rollback_of_a_pilot_names_its_stores(house: House) -> None:
    for store in ("s1", "s2"):
        till_of(house, store, zone=ALMATY)
    publish(house, "v1")
    house.clock.pass_time(hours=1)
    publish(house, "v2", None, "s1")
    house.clock.pass_time(hours=1)
    with pytest.raises(ReleaseRefused, match="do not all count by the same version"):
        house.hq.programmes.rollback(None, When())
    assert house.hq.programmes.rollback(None, When(stores=("s1",))).row.label == "v1"


def test_a_release_is_withdrawn_before_it_begins_anywhere_and_not_after(any_house: House) -> None:
    house = any_house
    tills = [till_of(house, "s1", zone=ALMATY), till_of(house, "s2", zone=BAKU)]
    publish(house, "v1", date(2026, 4, 1))
    publish(house, "v2", date(2026, 4, 2))
    house.clock.now = at("2026-04-01T18:00+00:00")
    assert house.hq.programmes.withdraw(2).stage is Stage.WITHDRAWN
    again = house.hq.programmes.withdraw(2)
    assert (again.stage, again.withdrawn_at) == (Stage.WITHDRAWN, house.clock.now)
    told = house.hq.feed.page(terminal=tills[0].id, epoch=1, after=0).rows
    assert [(row.release.number, row.withdrawn) for row in told if isinstance(row, FeedRelease)] == [
        (1, False),
        (2, True),
    ]
    publish(house, "v3", date(2026, 4, 2))
    house.clock.now = at("2026-04-01T19:30+00:00")  # midnight was in Almaty, and not yet in Baku
    with pytest.raises(ReleaseRefused, match="has begun in all stores") as caught:
        house.hq.programmes.withdraw(3)
    assert caught.value.code is RefusedCode.BEGUN
    with pytest.raises(ReleaseRefused, match="no release 9"):
        house.hq.programmes.withdraw(9)


def test_the_history_shows_what_each_till_counts_by(any_house: House) -> None:
    house = any_house
    version = publish(house, "v1", date(2026, 4, 1), "s1", new_store=True).row.release.version
    till_of(house, "s1", "Till 1", zone=ALMATY, programme=version)
    till_of(house, "s1", "Till 2", zone=ALMATY, programme="f" * 32, unreadable=version)
    till_of(house, "s2", "Till 1")
    house.clock.now = at("2026-04-02T00:00+00:00")
    told = [
        (till.store, till.name, till.programme, till.label, till.expected, till.unreadable)
        for till in house.hq.programmes.history().tills
    ]
    assert told == [
        ("s1", "Till 1", version, "v1", version, None),
        ("s1", "Till 2", "f" * 32, None, version, version),
        ("s2", "Till 1", None, None, None, None),
    ]
