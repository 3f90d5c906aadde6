"""A replay that is killed again and again ends as one that was left in peace."""

from datetime import date
from pathlib import Path
from random import Random

from bench.kill_replay import campaign
from hq.history.generator import Day, write_day


def test_twenty_kills_at_random_moments_change_nothing(tmp_path: Path, seed: int) -> None:
    receipts = tmp_path / "receipts.csv"
    write_day(receipts, Day(date=date(2026, 3, 14), receipts=1_500, members=200), Random(seed))

    found = campaign(receipts, kills=20, seed=seed, work_dir=tmp_path)

    assert found.kills == 20
    assert found.peaceful["agree"] is True
    assert found.killed == found.peaceful
