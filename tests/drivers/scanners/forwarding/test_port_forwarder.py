"""Forwarding into one end of a pair of ports; the pair is two pseudo-terminals of socat, as COM pairs are Windows only."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial

from drivers.scanners.forwarding.port_forwarder import PortForwarder
from tests.apt import need

if sys.platform == "win32":
    pytest.skip("platform: pseudo-terminals exist on POSIX only", allow_module_level=True)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "nothing happened within 20 s"
        time.sleep(0.005)


@contextmanager
def paired(folder: Path) -> Iterator[tuple[Path, Path, subprocess.Popen[bytes]]]:
    socat, ours, theirs = need("socat", program="socat"), folder / "ours", folder / "theirs"
    command = [socat, f"pty,raw,echo=0,link={ours}", f"pty,raw,echo=0,link={theirs}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
        until(lambda: ours.exists() and theirs.exists())
        yield ours, theirs, running
        running.terminate()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    with paired(tmp_path) as (ours, theirs, _):
        yield ours, theirs


def test_scans_come_out_of_the_other_end(pair: tuple[Path, Path]) -> None:
    forwarder = PortForwarder("counter", str(pair[0]))
    forwarder.start()
    with serial.Serial(str(pair[1]), 9600, timeout=10) as port:
        until(lambda: forwarder.status.working)
        forwarder.forward(b"\x02first\x03")
        forwarder.forward(b"second\r\n")
        assert port.read(15) == b"\x02first\x03second\r\n"
        until(lambda: forwarder.status.sent == 2)
        assert forwarder.status.reader is None
    forwarder.stop()
    assert not forwarder.status.detail


def test_a_full_pair_blocks_nobody_and_old_scans_are_given_up(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.scanners.forwarding.port_forwarder.KEPT_MS", 50)
    forwarder = PortForwarder("counter", str(pair[0]))
    forwarder.start()
    until(lambda: forwarder.status.working)
    began = time.monotonic()
    for _ in range(60):
        forwarder.forward(b"x" * 4_000 + b"\r")
    assert time.monotonic() - began < 1
    until(lambda: forwarder.status.dropped > 0)
    forwarder.stop()


def test_a_scan_that_is_being_written_when_the_pair_goes_is_counted_as_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with paired(tmp_path) as (ours, _, running):
        forwarder = PortForwarder("counter", str(ours))
        forwarder.start()
        until(lambda: forwarder.status.working)
        for _ in range(60):
            forwarder.forward(b"x" * 1_000 + b"\r")
        time.sleep(0.3)  # until the pair is full, and one scan is in the middle of being written
        running.terminate()
        until(lambda: not forwarder.status.working)
        monkeypatch.setattr("drivers.scanners.forwarding.backlog.KEPT_MS", 50)
        until(lambda: forwarder.status.waiting == 0)
        assert forwarder.status.sent + forwarder.status.dropped == 60
        forwarder.stop()


def test_a_pair_that_is_not_there_is_told_and_tried_again(tmp_path: Path) -> None:
    forwarder = PortForwarder("counter", str(tmp_path / "none"))
    forwarder.start()
    until(lambda: "does not open" in forwarder.status.detail)
    assert not forwarder.status.working
    forwarder.stop()
