"""Jobs that are stopped in the middle by SIGKILL, and run again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hq.jobs.values import Job
from tests.hq.houses import House
from tests.hq.jobs.shops import run, shop, units

JUNE = "2026-06-01T00:00+05:00"
MEMBERS = 1_500
ROOT = Path(__file__).parents[3]
_RUN = """
import sys
from datetime import datetime
from pathlib import Path
from hq.config import HqConfig
from hq.server import open_hq
with open_hq(HqConfig(data_dir=Path(sys.argv[1]), port=0)) as hq:
    print("running", flush=True)
    print([one.changed for one in hq.jobs.run(datetime.fromisoformat(sys.argv[2]))], flush=True)
"""
TABLES = """
[[tier]]
id = "gold"
names.en = "Gold"
from = "1.00"
[tiers]
by = "spend"
[[rule]]
kind = "per_action"
id = "hello"
units = 7
when.action = "hq"
when.joined_within_days = 400
"""


@pytest.mark.skipif(sys.platform == "win32", reason="platform: no SIGKILL")
def test_jobs_that_are_killed_anywhere_do_the_rest_later_and_nothing_twice(
    build: Callable[..., House], tmp_path: Path
) -> None:
    house = build(data_dir=tmp_path / "hq")
    till = shop(house, TABLES)
    members = [till.enrol(f"8{number:05d}") for number in range(MEMBERS)]
    for start in range(0, MEMBERS, 50):
        some = members[start : start + 50]
        till.add(
            "sale", *(units(one, 10, JUNE) for one in some), *(units(one, 500, None, "tier.progress") for one in some)
        )
    for first in range(1, len(till.entries) + 1, 500):
        house.take(till, first, min(first + 499, len(till.entries)))
    house.hq.close()
    for wait in (0.3, 0.6, 0.9):
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN, str(tmp_path / "hq"), JUNE],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "running"
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    again = build(data_dir=tmp_path / "hq")
    run(again, JUNE)
    assert run(again, JUNE) == [("leases", 0), ("expiry", 0), ("tiers", 0), ("segments", 0), ("offers", 0)]
    assert again.rows("SELECT count(*) FROM balance WHERE unit = 'points' AND amount = 7") == [(MEMBERS,)]
    assert again.rows("SELECT count(*) FROM lot") == [(0,)]
    assert again.rows("SELECT count(*) FROM member WHERE tier = 'gold'") == [(MEMBERS,)]
    assert again.rows("SELECT kind, count(*) FROM entry WHERE kind IN ('expire', 'tier', 'issue') GROUP BY kind") == [
        ("expire", MEMBERS),
        ("issue", MEMBERS),
        ("tier", MEMBERS),
    ]
    assert [one.changed for one in again.hq.jobs.run(only=[Job.EXPIRY])] == [0]
