"""Standard input is a scanner whose scans are lines."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.errors import DeviceBusy, DeviceGone
from drivers.scanners.gate import GateRefusal
from drivers.scanners.reader import ReaderState
from drivers.scanners.sources.stdin_source import StdinSettings, StdinSource, _Pump
from drivers.scanners.symbols import Symbol
from tests.drivers.scanners.sources.rig import reading, state_is, until

ROOT = Path(__file__).resolve().parents[4]


class Pipe:
    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()

    def end(self) -> None:
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.end()
    os.close(made.read_end)


def test_lines_are_scans_and_the_end_of_the_input_is_the_end_of_the_scanner(pipe: Pipe) -> None:
    heard: list[Symbol | GateRefusal] = []
    with reading(StdinSource(StdinSettings(descriptor=pipe.read_end)), heard) as reader:
        os.write(pipe.write_end, b"]E02112345678900\nLOY-0042\nhalf")
        until(lambda: len(heard) == 2)
        pipe.end()
        until(state_is(reader, ReaderState.ABSENT))
        assert reader.status.detail == "standard input: it has ended"
    assert heard == [Symbol(aim="]E0", text="2112345678900"), Symbol(text="LOY-0042")]
    os.fstat(pipe.read_end)  # whoever opened it closes it


def test_it_is_opened_once_and_read_only_then(pipe: Pipe) -> None:
    source = StdinSource(StdinSettings(descriptor=pipe.read_end))
    with pytest.raises(DeviceGone, match="not open"):
        source.read(1)
    source.open()
    with pytest.raises(DeviceBusy):
        source.open()
    assert source.read(1) == b""
    source.close()
    source.open()
    pipe.end()
    with pytest.raises(DeviceGone, match="ended"):
        source.read(1000)
    source.close()
    with pytest.raises(DeviceGone, match="ended"):
        source.open()


def test_a_descriptor_that_is_not_open_is_no_device() -> None:
    with pytest.raises(DeviceGone, match="there is none"):
        StdinSource(StdinSettings(descriptor=os.sysconf("SC_OPEN_MAX") - 1)).open()
    with pytest.raises(ValueError, match="descriptor"):
        StdinSettings(descriptor=-1)


def test_a_plain_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "scans"
    path.write_bytes(b"A\nB\n")
    script = """
import sys
from drivers.errors import DeviceGone
from drivers.scanners.sources.stdin_source import StdinSource
source = StdinSource()
source.open()
print(source.read(1000))
try:
    source.read(1000)
except DeviceGone as gone:
    print(gone)
"""
    with path.open("rb") as scans:
        done = subprocess.run(
            [sys.executable, "-c", script], stdin=scans, cwd=ROOT, check=True, capture_output=True, text=True
        )
    assert done.stdout == "b'A\\nB\\n'\nstandard input: it has ended\n"


def test_where_one_cannot_wait_for_input_a_thread_reads_it(pipe: Pipe) -> None:
    pump = _Pump(pipe.read_end)
    assert pump.read(1) is None
    os.write(pipe.write_end, b"A\n")
    assert pump.read(5000) == b"A\n"
    threading.Timer(0.05, pump.interrupt).start()
    began = time.monotonic()
    assert pump.read(10_000) is None
    assert time.monotonic() - began < 5
    pipe.end()
    assert pump.read(5000) == b""
