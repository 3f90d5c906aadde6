"""Seeds: fresh ones hold, the same one is the same everywhere, and every planted fault is caught at its own."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from cli.simulation.farm import run_everywhere, run_here
from cli.simulation.planted import PLANTED
from cli.simulation.run import LONG, SHORT

ROOT = Path(__file__).resolve().parents[3]
JOBS = os.cpu_count() or 1
FRESH, LONG_ONE_IN = 300, 4
FAILED_ONCE = (780, 50024, 50148, 1036, 1078, 7000608, 977814470, 226339345, 779189200)
"""Why each failed.

780: a basket was held, and its member merged into another before it was paid.
50024: a till that was away for longer than tombstones live kept lots that had ended.
50148: a lease was drawn upon by an entry that HQ had parked.
1036: a hold was paid with the units of a gift card whose sale had been voided.
1078: a clock ahead by more than a lease lasts ended leases as they came, and asked again, for ever.
7000608: of two images put back, one after the other, only the first one was behind HQ.
977814470: a lease that HQ had forgotten was taken in again whole, after what was drawn of it had been posted.
226339345: units that a till had not sent paid what their member owed by a return, as HQ heard of them and of their sale.
779189200: a lease was taken in again before the journal that had earned its units.
"""
ONE_RUN = "from cli.simulation.farm import run_here; print(run_here([{seed}], {steps})[0].trace)"


def test_fresh_seeds_hold() -> None:
    base = int(os.environ.get("LOYALTILL_SIM_BASE", secrets.randbelow(10**9)))
    sys.stderr.write(f"seeds from {base} on: LOYALTILL_SIM_BASE={base} runs them again\n")
    runs = ((range(base, base + FRESH, LONG_ONE_IN), LONG), (short_ones(base), SHORT))
    outcomes = [one for seeds, steps in runs for one in run_everywhere(seeds, steps, JOBS)]
    assert [one for one in outcomes if one.fault] == []
    assert sorted(one.seed for one in outcomes) == list(range(base, base + FRESH))
    assert min(one.steps for one in outcomes) >= SHORT
    assert sum(one.steps >= LONG for one in outcomes) >= FRESH // LONG_ONE_IN


def short_ones(base: int) -> list[int]:
    return [seed for seed in range(base, base + FRESH) if (seed - base) % LONG_ONE_IN]


def test_seeds_that_once_failed_hold() -> None:
    assert [one for one in run_everywhere(FAILED_ONCE, LONG, JOBS) if one.fault] == []


def test_the_seeds_of_planted_faults_hold_without_them() -> None:
    seeds = sorted({fault.seed for fault in PLANTED})
    assert [one for one in run_everywhere(seeds, LONG, JOBS) if one.fault] == []


def test_a_seed_gives_the_same_trace_again_also_after_others_and_in_another_process() -> None:
    first, _, again = run_here([11, 12, 11], LONG)
    assert first == again
    for hash_seed in ("0", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", ONE_RUN.format(seed=11, steps=LONG)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=120,
        )
        assert done.stdout.strip() == first.trace


def test_seeds_differ() -> None:
    assert len({one.trace for one in run_here([1, 2, 3], 60)}) == 3


def test_the_command_catches_every_planted_fault_at_its_recorded_seed_and_ends_with_one_line_of_json() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.simulation.command", "--seeds", "2", "--base", "5", "--steps", "60"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=240,
    )
    said = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0, done.stderr
    assert said == {
        "seeds": 2,
        "steps": 60,
        "seconds": said["seconds"],
        "failures": 0,
        "planted": len(PLANTED),
        "planted_caught": len(PLANTED),
    }, done.stderr
    assert len(PLANTED) >= 16
    assert "2 seeds from 5 on" in done.stderr


@pytest.mark.parametrize("given", [("--seeds", "many"), ("--seed", "-1"), ("--unknown",)])
def test_what_cannot_be_used_is_said(given: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.simulation.command", *given],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: loyaltill-sim" in done.stderr
