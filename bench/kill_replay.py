"""Kill a replay with SIGKILL at random moments, restart it each time, and compare with a run left in peace.

    python -m bench.kill_replay --receipts FILE [--kills 20] [--seed N] [--work-dir DIR]

Prints one JSON object: seed, kills, runs, the outcome in peace and after the kills, and whether they are equal.
Ends with status 1 when they differ. On Windows the process is terminated, which is as sudden.
"""

import argparse
import json
import random
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_NOT_COMPARED = frozenset({"seconds"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What came of the kills. ``peaceful`` and ``killed`` are both outcomes, but for how long they took."""

    seed: int
    kills: int
    runs: int
    peaceful: dict[str, object]
    killed: dict[str, object]

    @property
    def equal(self) -> bool:
        """Whether the kills changed nothing."""
        return self.peaceful == self.killed


def campaign(receipts: Path, kills: int, seed: int, work_dir: Path) -> Campaign:
    """Run in peace, then with ``kills`` kills; each kill falls anywhere in the first quarter of a peaceful run.

    Since every restart goes on where the last one was killed, the kills fall on every phase: planning, replaying,
    uploading, comparing.
    """
    begun = time.monotonic()
    peaceful = _outcome(_start(receipts, work_dir / "peaceful"))
    took = time.monotonic() - begun
    rng = random.Random(seed)
    done, runs = 0, 0
    while done < kills:
        runs += 1
        process = _start(receipts, work_dir / "killed")
        try:
            process.wait(timeout=rng.uniform(0.05, 1.0) * took / 4 + 0.2)
        except subprocess.TimeoutExpired:
            process.kill()
            done += 1
        process.communicate()
    killed = _outcome(_start(receipts, work_dir / "killed"))
    return Campaign(seed=seed, kills=done, runs=runs + 1, peaceful=peaceful, killed=killed)


def _start(receipts: Path, work_dir: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cli.main", "replay", "--json", "--receipts", str(receipts)]
    return subprocess.Popen(
        [*command, "--work-dir", str(work_dir)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _outcome(process: subprocess.Popen[str]) -> dict[str, object]:
    out, err = process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the replay ended with status {process.returncode}: {err.strip()[-2000:]}")
    outcome = json.loads(out)
    return {name: figure for name, figure in outcome.items() if name not in _NOT_COMPARED}


def main() -> int:
    """Run one campaign from the command line."""
    parser = argparse.ArgumentParser(description="Kill a replay at random moments and compare.")
    parser.add_argument("--receipts", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--work-dir", type=Path, default=None)
    given = parser.parse_args()
    seed = secrets.randbelow(2**32) if given.seed is None else given.seed
    print(f"seed {seed}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="loyaltill-") as temporary:
        found = campaign(given.receipts, given.kills, seed, given.work_dir or Path(temporary))
    figures = {"seed": found.seed, "kills": found.kills, "runs": found.runs, "equal": found.equal}
    print(json.dumps({**figures, "peaceful": found.peaceful, "killed": found.killed}))
    return 0 if found.equal else 1


if __name__ == "__main__":
    sys.exit(main())
