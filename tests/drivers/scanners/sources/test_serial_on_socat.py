"""The serial source on a cable between two processes: socat holds it, and dies as a cable does."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drivers.scanners.gate import GateRefusal
from drivers.scanners.reader import ReaderState
from drivers.scanners.sources.serial_source import SerialSettings, SerialSource
from drivers.scanners.symbols import Symbol
from tests.apt import need
from tests.drivers.scanners.sources.rig import reading, state_is, until


@contextmanager
def cable(scanner_end: Path, port: Path) -> Iterator[None]:
    """Two ends that are there until the cable is pulled."""
    socat = need("socat", program="socat")
    ends = [f"pty,raw,echo=0,link={end}" for end in (scanner_end, port)]
    running = subprocess.Popen([socat, *ends])
    try:
        until(lambda: scanner_end.exists() and port.exists())
        yield
    finally:
        running.terminate()
        running.wait(10)


def send(scanner_end: Path, data: bytes) -> None:
    descriptor = os.open(scanner_end, os.O_WRONLY | os.O_NOCTTY)
    os.write(descriptor, data)
    os.close(descriptor)


@pytest.fixture
def ends(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "scanner", tmp_path / "usb-scanner-0001"


def test_a_cable_that_is_pulled_in_the_middle_of_a_scan_is_noticed_within_a_second_and_the_half_is_dropped(
    ends: tuple[Path, Path],
) -> None:
    heard: list[Symbol | GateRefusal] = []
    scanner_end, port = ends
    source = SerialSource(SerialSettings(port=str(port)))
    first = cable(scanner_end, port)
    first.__enter__()
    with reading(source, heard) as reader:
        send(scanner_end, b"]E02112345678900\r]E021123")
        until(lambda: len(heard) == 1)
        pulled_at = time.monotonic()
        first.__exit__(None, None, None)
        until(state_is(reader, ReaderState.ABSENT))
        assert time.monotonic() - pulled_at < 1
        with cable(scanner_end, port):
            until(state_is(reader, ReaderState.READY))
            send(scanner_end, b"45678900\r\nLOY-0042\r\n")
            until(lambda: len(heard) == 3)
    assert heard == [Symbol(aim="]E0", text="2112345678900"), Symbol(text="45678900"), Symbol(text="LOY-0042")]


EVERY_FRAMING = [
    b"A1\rB2\r",
    b"A1\nB2\n",
    b"A1\r\nB2\r\n",
    b"A1\tB2\t",
    b"A1\x03B2\x03",
    b"A1\x04B2\x04",
    b"A1\x00B2\x00",
    b"\x02A1\x03\x02B2\x03",
    b"\x02A1\x03\r\n\x02B2\x03\r\n",
    b"\x02A1\rB2\r",
]


@pytest.mark.parametrize("sent", EVERY_FRAMING)
def test_every_framing_that_scanners_have_comes_through_a_port(ends: tuple[Path, Path], sent: bytes) -> None:
    heard: list[Symbol | GateRefusal] = []
    scanner_end, port = ends
    with cable(scanner_end, port), reading(SerialSource(SerialSettings(port=str(port))), heard):
        send(scanner_end, sent)
        until(lambda: len(heard) == 2)
    assert heard == [Symbol(text="A1"), Symbol(text="B2")]


def test_a_scanner_without_terminator_is_read_after_silence(ends: tuple[Path, Path]) -> None:
    heard: list[Symbol | GateRefusal] = []
    scanner_end, port = ends
    with cable(scanner_end, port), reading(SerialSource(SerialSettings(port=str(port))), heard):
        send(scanner_end, b"A1")
        until(lambda: len(heard) == 1)
        send(scanner_end, b"B2")
        until(lambda: len(heard) == 2)
    assert heard == [Symbol(text="A1"), Symbol(text="B2")]
