"""Programs and files that tests need and that come from Debian, such as emulators of devices: installed where that may be.

Nothing is installed by hand: the first test that needs a package installs it, if this is root on a system with apt-get.
Elsewhere the test says why it does not run.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

_TURN = Path(tempfile.gettempdir()) / "loyaltill-tests-apt.lock"
_TIMEOUT_S = 300
_FACE = {"DEBIAN_FRONTEND": "noninteractive"}


def need(*packages: str, program: str) -> str:
    """Give the path of ``program``, from Debian's ``packages``; the test is skipped where it cannot be had."""
    return _needed(packages, program, lambda: shutil.which(program))


def need_file(*packages: str, path: str) -> str:
    """Give ``path``, a file of Debian's ``packages``, such as a font; the test is skipped where it cannot be had."""
    return _needed(packages, path, lambda: path if Path(path).exists() else None)


def _needed(packages: tuple[str, ...], what: str, found: Callable[[], str | None]) -> str:
    path = found() or _installed(packages, found)
    if path is None:
        pytest.skip(f"platform: {what} is not here, and {' '.join(packages)} cannot be installed (no root or no apt)")
    return path


def need_packages(*packages: str) -> None:
    """Have ``packages`` that bring no program of their own, such as bindings; the test is skipped where they cannot be.

    What they are for runs under the system's own Python, ``/usr/bin/python3``.
    """
    _needed(packages, "what it is for", lambda: "here" if _are_here(packages) else None)


def _are_here(packages: tuple[str, ...]) -> bool:
    return shutil.which("dpkg-query") is not None and _ran(["dpkg-query", "--show", *packages])


def _installed(packages: tuple[str, ...], found: Callable[[], str | None]) -> str | None:
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    with _TURN.open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # tests run side by side, and apt serves one at a time
        if (path := found()) is not None:
            return path
        install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
        if not _ran(install):  # lists of packages that are missing or old
            _ran(["apt-get", "update"])
            _ran(install)
    return found()


def _ran(command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command,
            env=os.environ | _FACE,
            check=False,
            capture_output=True,
            timeout=_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
