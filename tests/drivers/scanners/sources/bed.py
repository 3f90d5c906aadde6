"""Runs a scan reader inside umockdev's kernel (umockdev_bed.py), and tells what it heard and what it asked for."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.apt import need, need_packages

ROOT = Path(__file__).resolve().parents[4]
READER = """
import json, sys, threading
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal
from drivers.scanners.reader import ReaderSettings, ScanReader
from drivers.scanners.sources import {module}

def tell(**what):
    sys.stdout.write(json.dumps(what) + chr(10))
    sys.stdout.flush()

def heard(outcome):
    if isinstance(outcome, GateRefusal):
        tell(refused=outcome.reason.value)
    else:
        tell(aim=outcome.aim, text=outcome.text)

source = {module}.{source}({module}.{settings}(device=sys.argv[1]), name="counter 1")
settings = ReaderSettings(first_retry_ms=5, last_retry_ms=20)
reader = ScanReader(source, Gate(device="counter 1", kind=DeviceKind.WEDGE), heard, settings=settings)
become = reader._become
reader._become = lambda state, detail="": (tell(state=state.value, detail=detail), become(state, detail))
reader.start()
threading.Event().wait()
"""


class Bed:
    """The running kernel and the reader in it; ``said`` is every line of both, in order."""

    def __init__(self, running: subprocess.Popen[str]) -> None:
        self._running = running
        self.said: list[dict[str, Any]] = []
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def do(self, **command: Any) -> None:
        """Give a command of umockdev_bed.py."""
        assert self._running.stdin is not None
        self._running.stdin.write(json.dumps(command) + "\n")
        self._running.stdin.flush()

    def wait_for(self, what: Callable[[dict[str, Any]], bool], *, times: int = 1) -> dict[str, Any]:
        """The line that is the ``times``-th of its kind."""
        deadline = time.monotonic() + 15
        while True:
            found = [line for line in list(self.said) if what(line)]
            if len(found) >= times:
                return found[times - 1]
            assert time.monotonic() < deadline, f"not within 15 s; said so far: {self.said[-20:]}"
            time.sleep(0.005)

    @property
    def scans(self) -> list[str]:
        """What was heard, AIM identifiers and all."""
        return [line["aim"] + line["text"] for line in list(self.said) if "text" in line]

    def wait_for_scans(self, count: int) -> list[str]:
        """The first ``count`` scans and any more that have come."""
        self.wait_for(lambda line: "text" in line, times=count)
        return self.scans

    def wait_for_state(self, state: str, *, times: int = 1) -> dict[str, Any]:
        """The line in which the reader became so."""
        return self.wait_for(lambda line: line.get("state") == state, times=times)

    def end(self) -> None:
        """Stop the reader and the kernel."""
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        with suppress(BrokenPipeError):
            self._running.stdin.close()
        self._running.wait(20)
        self._listening.join(20)
        self._running.stdout.close()

    def _listen(self) -> None:
        assert self._running.stdout is not None
        for line in self._running.stdout:
            self.said.append(json.loads(line))


@contextmanager
def bed(*devices: dict[str, Any], reader: dict[str, str], device: str) -> Iterator[Bed]:
    """A kernel in which ``devices`` are plugged, and a reader of ``device`` in it.

    Args:
        devices: What umockdev_bed.py knows of a device.
        reader: ``module``, ``source`` and ``settings``: names in drivers.scanners.sources.
        device: As it is configured.
    """
    need_packages("umockdev", "gir1.2-umockdev-1.0", "python3-gi")
    wrapper = need("umockdev", program="umockdev-wrapper")
    running = subprocess.Popen(
        [wrapper, "/usr/bin/python3", str(Path(__file__).with_name("umockdev_bed.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    made = Bed(running)
    try:
        for one in devices:
            made.do(plug=one)
        made.do(run=[sys.executable, "-c", READER.format(**reader), device])
        yield made
    finally:
        made.end()
