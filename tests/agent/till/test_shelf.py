"""The shelf as a schedule: what HQ released begins at its instant in its stores, and nothing else does."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.till.requests import Provenance
from agent.till.till import Till
from loyalty.programme.reader import content_version
from sync.protocol.values import FeedProgramme
from tests.agent.till.releasing import NEWER, TRIPLE, page, programme, release, rows, tell
from tests.agent.till.world import DOUBLE, NOON, PROGRAMME, Clock, basket, open_till, sale

ROOT = Path(__file__).parents[3]
MIDNIGHT = datetime(2026, 3, 3, tzinfo=ZoneInfo("Asia/Almaty")).astimezone(UTC)
SECOND = timedelta(seconds=1)


def points(till: Till) -> int:
    """What the basket of the tests earns now: 12 by the first programme, 24 by the double one, 36 by the triple one."""
    return int(till.quote(basket())["awards"][0]["amount"])


def test_the_file_of_the_settings_counts_until_a_release_begins(tmp_path: Path) -> None:
    clock = Clock()
    with open_till(tmp_path, clock=clock) as till:
        tell(till, page(0, programme(DOUBLE), release(1, DOUBLE, "2026-03-03")))
        assert points(till) == 12
        clock.now = MIDNIGHT - SECOND
        assert points(till) == 12
        clock.now = MIDNIGHT
        assert points(till) == 24
        assert till.context.facts().programme == content_version(DOUBLE)


def test_a_schedule_is_there_after_a_restart_and_without_hq(tmp_path: Path) -> None:
    clock = Clock()
    with open_till(tmp_path, clock=clock) as till:
        tell(till, page(0, programme(DOUBLE), release(1, DOUBLE, "2026-03-03")))
    clock.now = MIDNIGHT
    with open_till(tmp_path, clock=clock) as till:
        assert points(till) == 24


@pytest.mark.parametrize(("stores", "earned"), [((), 24), (("S1", "S2"), 24), (("S2",), 12), (("s1",), 12)])
def test_a_pilot_begins_in_its_stores_only(tmp_path: Path, stores: tuple[str, ...], earned: int) -> None:
    with open_till(tmp_path) as till:
        tell(till, page(0, programme(DOUBLE), release(1, DOUBLE, "2026-03-02", *stores)))
        assert points(till) == earned


def test_a_rollback_is_a_later_release_of_the_earlier_version(tmp_path: Path) -> None:
    clock = Clock()
    with open_till(tmp_path, clock=clock) as till:
        began = [release(1, DOUBLE, "2026-03-01"), release(2, TRIPLE, "2026-03-02")]
        tell(till, page(0, programme(DOUBLE), programme(TRIPLE), *began))
        assert points(till) == 36
        tell(till, page(4, release(3, DOUBLE, clock.now + timedelta(hours=1))))
        assert points(till) == 36
        clock.now += timedelta(hours=1)
        assert points(till) == 24


def test_what_is_withdrawn_does_not_begin(tmp_path: Path) -> None:
    clock = Clock()
    with open_till(tmp_path, clock=clock) as till:
        tell(till, page(0, programme(DOUBLE), release(1, DOUBLE, "2026-03-03")))
        tell(till, page(2, release(1, DOUBLE, "2026-03-03", withdrawn=True)))
        clock.now = MIDNIGHT
        assert points(till) == 12


def test_a_release_far_in_the_past_counts_at_once(tmp_path: Path) -> None:
    with open_till(tmp_path) as till:
        tell(till, page(0, programme(DOUBLE), release(1, DOUBLE, date(1999, 1, 1))))
        assert points(till) == 24


def test_a_sale_that_is_reported_late_counts_by_the_programme_of_its_instant(tmp_path: Path) -> None:
    clock = Clock(MIDNIGHT + timedelta(hours=2))
    with open_till(tmp_path, clock=clock) as till:
        tell(till, page(0, programme(DOUBLE), release(1, DOUBLE, "2026-03-03")))
        late = till.commit(sale("late", provenance=Provenance(happened_at=MIDNIGHT - SECOND)))
        now = till.commit(sale("now"))
        assert [sold.values["programme"] for sold in (late, now)] == [
            content_version(PROGRAMME),
            content_version(DOUBLE),
        ]


def test_a_commit_after_the_switch_keeps_the_version_of_its_quote(tmp_path: Path) -> None:
    clock = Clock(MIDNIGHT - SECOND)
    with open_till(tmp_path, clock=clock) as till:
        tell(till, page(0, programme(DOUBLE), release(1, DOUBLE, "2026-03-03")))
        quoted = till.quote(basket())
        clock.now = MIDNIGHT + SECOND
        kept, fresh = till.commit(sale("k1", quote=quoted["quote"])), till.commit(sale("k2"))
        assert [one.values["awards"][0]["amount"] for one in (kept, fresh)] == [12, 24]
        assert kept.values["programme"] == content_version(PROGRAMME)


def test_a_programme_of_a_newer_program_stays_out_of_force_and_is_said(tmp_path: Path) -> None:
    clock = Clock()
    with open_till(tmp_path, clock=clock) as till:
        tell(till, page(0, programme(DOUBLE), release(1, DOUBLE, "2026-03-01")))
        assert till.context.facts().unreadable is None
        newer = content_version(NEWER)
        tell(till, page(2, programme(NEWER), release(2, NEWER, "2026-03-03")))
        assert (points(till), till.context.facts().unreadable) == (24, newer)
        clock.now = MIDNIGHT
        assert (points(till), till.context.facts().unreadable) == (24, newer)
        tell(till, page(4, programme(TRIPLE), release(3, TRIPLE, MIDNIGHT)))
        assert (points(till), till.context.facts().unreadable) == (36, None)


def test_a_source_that_is_another_versions_never_counts(tmp_path: Path) -> None:
    with open_till(tmp_path) as till:
        wrong = FeedProgramme(version=content_version(DOUBLE), source=TRIPLE)
        tell(till, page(0, wrong, release(1, DOUBLE, "2026-03-02")))
        assert points(till) == 12


def test_a_restored_hq_says_anew_what_is_released(tmp_path: Path) -> None:
    with open_till(tmp_path) as till:
        tell(till, page(0, programme(DOUBLE), release(1, DOUBLE, "2026-03-02")))
        tell(till, page(0, programme(TRIPLE), release(1, TRIPLE, "2026-03-02"), hq_epoch="hq-2"))
        assert points(till) == 36
        tell(till, page(0, hq_epoch="hq-3"))
        assert points(till) == 12


def test_nothing_begins_before_the_feed_is_complete(tmp_path: Path) -> None:
    with open_till(tmp_path) as till:
        source, released = rows()
        tell(till, page(0, source, complete=False), page(1, released, complete=False))
        assert points(till) == 12
        tell(till, page(2))
        assert points(till) == 24


@pytest.mark.parametrize("staged", ["programme", "release"])
def test_a_kill_between_two_pages_loses_nothing(tmp_path: Path, staged: str) -> None:
    command = [sys.executable, "-m", "tests.agent.till.releasing", str(tmp_path), staged]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "staged\n"
        process.kill()
    with open_till(tmp_path) as till:
        assert points(till) == 12
        _, released = rows()
        tell(till, page(1, released) if staged == "programme" else page(2))
        assert points(till) == 24


def test_every_version_is_kept_for_ever(tmp_path: Path) -> None:
    with open_till(tmp_path) as till:
        tell(till, page(0, programme(DOUBLE), release(1, DOUBLE, "2026-03-01", withdrawn=True)))
        kept = till.context.shelf.version(content_version(DOUBLE))
        assert kept is not None
        assert kept.label == "second"
        assert till.context.shelf.version("0" * 32) is None
        assert till.context.shelf.at(NOON).label == "first"
