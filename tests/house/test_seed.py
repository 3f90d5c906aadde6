"""One seed serves a whole run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_header_prints_the_seed_and_the_environment_sets_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-vv", __file__],
        cwd=ROOT,
        env={**os.environ, "LOYALTILL_SEED": "4711"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "LOYALTILL_SEED=4711" in done.stdout


def test_the_seed_fixture_is_the_seed_of_the_run(seed: int) -> None:
    assert 0 <= seed < 2**64
