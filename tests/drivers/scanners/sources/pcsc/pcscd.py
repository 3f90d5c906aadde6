"""A real pcscd with vsmartcard's virtual reader. A system has room for one, so whoever runs one holds a lock."""

import fcntl
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from drivers.errors import DriverError
from drivers.scanners.sources.pcsc.pcsc_source import readers
from tests.apt import need, need_packages

_TURN = Path(tempfile.gettempdir()) / "loyaltill-tests-pcscd.lock"
_DRIVERS = ("/usr/lib/pcsc/drivers/serial/libifdvpcd.so", "/usr/lib/*/pcsc/drivers/serial/libifdvpcd.so")
_STARTS_S, _ENDS_S = 20, 10
READER = "Virtual PCD * 00"
"""The driver has two slots; the first one is used."""


class Daemon:
    """One pcscd, in the foreground, with a configuration of its own and the virtual reader on a free port."""

    def __init__(self, program: str, folder: Path) -> None:
        self.port = _free_pair()
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.plug()

    def plug(self) -> None:
        """The reader is there at the next start."""
        lines = (
            'FRIENDLYNAME "Virtual PCD"',
            f"DEVICENAME /dev/null:0x{self.port:04X}",
            f"LIBPATH {_driver()}",
            f"CHANNELID 0x{self.port:04X}",
        )
        (self._folder / "vpcd").write_text("\n".join(lines) + "\n", encoding="ascii")

    def unplug(self) -> None:
        """No reader is there at the next start."""
        (self._folder / "vpcd").unlink()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "--foreground", "--critical", "--config", str(self._folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _STARTS_S
        while not self._answers():
            assert self._process.poll() is None, "pcscd ended"
            assert time.monotonic() < deadline, "pcscd does not answer"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it without a farewell, as a crash does."""
        self._end(subprocess.Popen.kill)

    def stop(self) -> None:
        self._end(subprocess.Popen.terminate)

    def cpu_s(self) -> float:
        """Processor time that it has used."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _end(self, how: "object") -> None:
        process, self._process = self._process, None
        if process is not None:
            how(process)  # type: ignore[operator]
            process.wait(_ENDS_S)

    def _answers(self) -> bool:
        try:
            readers()
        except DriverError:
            return False
        return True


@contextmanager
def running(folder: Path) -> Iterator[Daemon]:
    """A pcscd that runs, until the end of the block; the test is skipped where there can be none."""
    program = need("pcscd", "vsmartcard-vpcd", program="pcscd")
    need_packages("vsmartcard-vpcd")
    if os.geteuid() != 0:
        pytest.skip("platform: pcscd runs as root only")
    if _driver() is None:
        pytest.skip("platform: vsmartcard-vpcd is not installed")
    with _TURN.open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if _runs_already():
            pytest.skip("platform: a pcscd runs here already, and a system has room for one")
        daemon = Daemon(program, folder)
        daemon.start()
        try:
            yield daemon
        finally:
            daemon.stop()


def _runs_already() -> bool:
    try:
        readers()
    except DriverError:
        return False
    return True


def _driver() -> str | None:
    return next((str(path) for pattern in _DRIVERS for path in Path("/").glob(pattern[1:])), None)


def _free_pair() -> int:
    """A free port that the next one after it is free too: each slot of the driver has one."""
    for _ in range(50):
        with socket.socket() as first, socket.socket() as second, suppress(OSError):
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            second.bind(("127.0.0.1", port + 1))
            return port
    raise AssertionError("no two free ports beside each other")
