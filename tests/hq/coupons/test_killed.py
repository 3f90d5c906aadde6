"""A campaign that is stopped in the middle by SIGKILL, and run again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hq.coupons.campaigns import COUPONS, ask
from tests.hq.houses import House
from tests.hq.jobs.shops import shop

MEMBERS = 3_000
_RUN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import hq.coupons.audience
from hq.config import HqConfig
from hq.server import open_hq
from tests.hq.coupons.campaigns import ask
hq.coupons.audience.PAGE = 50
with open_hq(HqConfig(data_dir=Path(sys.argv[1]), port=0), clock=lambda: datetime(2026, 3, 2, 6, tzinfo=UTC)) as opened:
    print("running", flush=True)
    ask(opened, "tier", named="blue")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="platform: no SIGKILL")
def test_a_campaign_that_is_killed_anywhere_is_finished_later_and_nobody_gets_two(
    build: Callable[..., House], tmp_path: Path
) -> None:
    house = build(data_dir=tmp_path / "hq")
    till = shop(house, COUPONS)
    members = [till.enrol(f"8{number:05d}") for number in range(MEMBERS)]
    for first in range(1, len(till.entries) + 1, 500):
        house.take(till, first, min(first + 499, len(till.entries)))
    house.hq.close()
    for wait in (0.1, 0.25, 0.5):
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN, str(tmp_path / "hq")], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "running"
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    again = build(data_dir=tmp_path / "hq")
    before = again.rows("SELECT count(*) FROM entry WHERE kind = 'issue'")[0][0]
    page = ask(again.hq, "tier", named="blue")
    assert sorted(one.member for one in page.coupons) == sorted(one.hex() for one in members)
    assert sum(not one.fresh for one in page.coupons) == before
    assert again.rows("SELECT count(*) FROM entry WHERE kind = 'issue'") == [(MEMBERS,)]
    assert again.rows("SELECT count(*), sum(amount) FROM balance WHERE unit = 'coupon.spring'") == [(MEMBERS, MEMBERS)]
    assert ask(again.hq, "tier", named="blue").coupons[0].fresh is False
