"""What the doctor says of the programmes that HQ released."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.till.till import Till
from cli.doctor.findings import Finding, Level
from loyalty.programme.reader import content_version
from tests.agent.till.releasing import NEWER, page, programme, release, tell
from tests.agent.till.world import DOUBLE
from tests.cli.doctor.looking import about

Examined = Callable[[Path], list[Finding]]


def test_what_hq_released_is_said_also_beside_an_agent_at_work(config: Path, till: Till, examined: Examined) -> None:
    soon = datetime.now(UTC) + timedelta(days=2)
    tell(till, page(0, programme(DOUBLE), release(1, DOUBLE, "2026-03-01"), release(2, DOUBLE, soon)))
    [own, counts, begins] = about(examined(config), "programme")
    assert [own[0], counts[0], begins[0]] == [Level.OK] * 3
    version = content_version(DOUBLE)[:12]
    assert counts[1] == f'HQ\'s "club" (second), version {version}, counts in this store, and the file no more'
    assert begins[1].startswith(f'HQ\'s "club" (second), version {version}, begins ')


def test_what_this_program_cannot_read_is_said(config: Path, till: Till, examined: Examined) -> None:
    tell(till, page(0, programme(NEWER), release(1, NEWER, "2026-03-01"), release(2, NEWER, "2998-01-01")))
    [_, counts, begins] = about(examined(config), "programme")
    assert (counts[0], "the file of the settings goes on instead" in counts[1]) == (Level.FAIL, True)
    assert (begins[0], "so it will not count" in begins[1]) == (Level.WARN, True)


def test_without_releases_only_the_file_is_said(config: Path, till: Till, examined: Examined) -> None:
    tell(till, page(0, programme(DOUBLE), release(1, DOUBLE, "2026-03-01", "another-store")))
    assert len(about(examined(config), "programme")) == 1
