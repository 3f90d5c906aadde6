"""How the tests of the command line run it: in a process of its own, and with a config to begin from."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random

from hq.history.generator import Day, write_day

ROOT = Path(__file__).parents[2]
PROGRAMME = f'[programme]\nfile = "{(ROOT / "programmes" / "grocery.toml").as_posix()}"\n'
STORE = '[store]\nid = "s1"\nname = "Shop"\ntime_zone = "Asia/Almaty"\n'


def write_config(folder: Path, *tables: str, store: str = STORE) -> Path:
    """Write a config.toml with more tables, and with the store and its programme unless there is none."""
    path = folder / "config.toml"
    path.write_text("\n".join((store, *tables, PROGRAMME if store else "")), encoding="utf-8")
    return path


def write_receipts(folder: Path, *, receipts: int = 60, members: int = 20, seed: int = 7) -> Path:
    """Write a made-up day."""
    path = folder / "receipts.csv"
    write_day(path, Day(date=date(2026, 3, 14), receipts=receipts, members=members), Random(seed))
    return path


def command(*arguments: str | Path) -> list[str]:
    """The command as an argument list."""
    return [sys.executable, "-m", "cli.main", *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    """This process's, with the checkout importable from any folder."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **more}


def run_it(
    *arguments: str | Path, cwd: Path, timeout_s: int = 60, before: Sequence[str] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; ``before`` stands in front of it."""
    return subprocess.run(
        [*before, *command(*arguments)],
        cwd=cwd,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout_s,
        check=False,
    )


def start(*arguments: str | Path, cwd: Path) -> subprocess.Popen[str]:
    """Start the command."""
    return subprocess.Popen(
        command(*arguments),
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def wait_for(process: subprocess.Popen[str], said: str, *, longest_s: float = 60) -> str:
    """Read standard output up to the line that contains ``said``; gives that line. A silent process is killed."""
    assert process.stdout is not None
    assert process.stderr is not None
    ending = threading.Timer(longest_s, process.kill)
    ending.start()
    try:
        for line in process.stdout:
            if said in line:
                return line
    finally:
        ending.cancel()
    raise AssertionError(f"it ended without saying {said!r}: {process.stderr.read()}")


def interrupt(process: subprocess.Popen[str], *, longest_s: float = 20) -> tuple[int, str, str]:
    """Send Ctrl-C and wait for the end; gives status, output and errors."""
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=longest_s + 10)
    assert time.monotonic() - begun < longest_s
    return process.returncode, out, err
