"""The simulator emupos, which knows nothing of this program: what it shows of a job is what a printer would print.

It needs Python 3.13 or newer, so it lives in a virtual environment of its own, made once on a machine; where that cannot
be had, the test says why it does not run.
"""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

VERSION = "0.4.0"
LEAST_PYTHON = (3, 13)
_HOME = Path(tempfile.gettempdir()) / f"loyaltill-tests-emupos-{VERSION}"
_INSTALL_S = 300
_START_S = 60
_PROFILE = """\
type: printer
name: of a test
dpi: 203
width_dots: {width_dots}
font_a: {{ width: 12, height: 24 }}
font_b: {{ width: 9, height: 17 }}
code_pages: {{ 0: PC437{code_pages} }}
default_code_page: 0
drawer_sensor_open_level: high
"""
_CONFIG = """\
schema: 1
api: {{ host: 127.0.0.1, port: {api} }}
devices:
  - id: front
    type: printer
    profile: ./printer.yaml
    connections: [ tcp: {{ host: 127.0.0.1, port: {port} }} ]
    receipts_dir: ./receipts
"""


@dataclass(frozen=True)
class Receipt:
    """What came out: the picture file, and its text with ``[image 12x24]`` for each picture."""

    png: Path
    text: str


@dataclass(frozen=True)
class Simulated:
    """A running printer on a loopback port."""

    port: int
    folder: Path
    api: int

    def fault(self, name: str, *, clear: bool = False) -> None:
        """Let it have ``paper-near-end``, ``paper-out``, ``cover-open`` or ``offline``, or no longer."""
        url = f"http://127.0.0.1:{self.api}"
        command = [_program(), "--api", url, "fault", "clear" if clear else "set", "front", name]
        subprocess.run(command, check=True, capture_output=True, timeout=30)

    def printed(self, job: bytes) -> Receipt:
        """Send a job over a connection of its own and give the receipt that came out."""
        before = set(self.folder.glob("*.json"))
        with socket.create_connection(("127.0.0.1", self.port), 10) as connection:
            connection.sendall(job)
        deadline = time.monotonic() + 30
        while not (new := set(self.folder.glob("*.json")) - before):
            assert time.monotonic() < deadline, "no receipt came out"
            time.sleep(0.02)
        (meta,) = new
        return Receipt(png=meta.with_suffix(".png"), text=meta.with_suffix(".txt").read_text(encoding="utf-8"))


@contextmanager
def running(folder: Path, *, width_dots: int, code_pages: Mapping[int, str]) -> Iterator[Simulated]:
    """A printer with these pages, such as ``{17: "PC866"}``."""
    program = _program()
    port, api = _free_port(), _free_port()
    pages = "".join(f", {number}: {name}" for number, name in code_pages.items())
    (folder / "printer.yaml").write_text(_PROFILE.format(width_dots=width_dots, code_pages=pages), encoding="utf-8")
    (folder / "emupos.yaml").write_text(_CONFIG.format(api=api, port=port), encoding="utf-8")
    with (folder / "emupos.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "run", "--config", str(folder / "emupos.yaml")],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(port, process, folder / "emupos.log")
            yield Simulated(port=port, folder=folder / "receipts", api=api)
        finally:
            process.terminate()
            process.wait(30)


@cache
def _program() -> str:
    program = _HOME / "bin" / "emupos"
    if os.name != "posix":
        pytest.skip("platform: emupos is started by these tests on POSIX systems only")
    with _HOME.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # tests run side by side
        if not program.exists() and (fault := _install()):
            shutil.rmtree(_HOME, ignore_errors=True)
            pytest.skip(f"platform: emupos {VERSION} cannot be had here: {fault}")
    return str(program)


def _install() -> str:
    """Make the environment; gives what went wrong."""
    python = _python()
    if python is None:
        return "no Python 3.13 or newer was found"
    for command in (
        [python, "-m", "venv", "--clear", str(_HOME)],
        [str(_HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", "--only-binary=:all:", f"emupos=={VERSION}"],
    ):
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_INSTALL_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            return type(error).__name__
        if done.returncode != 0:
            return f"{' '.join(command[1:4])} ended with status {done.returncode}"
    return ""


def _python() -> str | None:
    """A Python that is new enough: on the path, or one that pyenv keeps."""
    kept = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))]
    found = [shutil.which(f"python3.{minor}") for minor in range(LEAST_PYTHON[1], 20)]
    found += [str(path) for root in kept for path in sorted(root.glob("versions/3.*/bin/python3"))]
    return next((path for path in found if path is not None and _is_new_enough(path)), None)


def _is_new_enough(python: str) -> bool:
    """Whether it runs, which a name that pyenv puts on the path may not, and has venv."""
    ask = "import json, sys, venv; print(json.dumps(sys.version_info[:2]))"
    with suppress(OSError, ValueError, subprocess.TimeoutExpired):
        done = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False, timeout=30)
        return done.returncode == 0 and tuple(json.loads(done.stdout)) >= LEAST_PYTHON
    return False


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")[-2000:]
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    pytest.fail(f"emupos did not listen within {_START_S} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
