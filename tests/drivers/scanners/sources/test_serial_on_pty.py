"""The serial source and its reader against real pseudo-terminals and real pyserial."""

import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal
from drivers.scanners.reader import ReaderSettings, ReaderState, ScanReader
from drivers.scanners.sources.serial_source import SerialSettings, SerialSource
from drivers.scanners.symbols import Symbol

if sys.platform == "win32":
    pytest.skip("platform: pseudo-terminals exist on POSIX only", allow_module_level=True)

import pty
import termios
import tty

QUICK = ReaderSettings(first_retry_ms=5, last_retry_ms=20)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "nothing happened within 10 s"
        time.sleep(0.002)


class Pty:
    """A scanner's end (master) and the port that a program opens."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)

    def send(self, data: bytes) -> None:
        os.write(self.master, data)

    def unplug(self) -> None:
        for descriptor in (self.master, self.slave):
            if descriptor >= 0:
                os.close(descriptor)
        self.master = self.slave = -1


@pytest.fixture
def pair() -> Iterator[Pty]:
    made = Pty()
    yield made
    made.unplug()


def read_all(source: SerialSource, size: int) -> bytes:
    data = b""
    deadline = time.monotonic() + 5
    while len(data) < size and time.monotonic() < deadline:
        data += source.read(50)
    return data


def test_bytes_come_through_as_they_are(pair: Pty) -> None:
    source = SerialSource(SerialSettings(port=pair.path))
    source.open()
    every_byte = bytes(range(256))
    pair.send(every_byte)
    assert read_all(source, 256) == every_byte
    source.close()


def test_silence_is_an_empty_read_after_the_timeout(pair: Pty) -> None:
    source = SerialSource(SerialSettings(port=pair.path))
    source.open()
    started = time.monotonic()
    assert source.read(60) == b""
    assert time.monotonic() - started >= 0.05
    source.close()


def test_an_unplug_is_noticed_at_once(pair: Pty) -> None:
    source = SerialSource(SerialSettings(port=pair.path), name="counter 1")
    source.open()
    pair.unplug()
    started = time.monotonic()
    with pytest.raises(DeviceGone, match="counter 1"):
        source.read(900)
    assert time.monotonic() - started < 0.5
    source.close()
    with pytest.raises(DeviceGone):
        source.open()


def test_a_second_opener_finds_the_port_busy(pair: Pty) -> None:
    first, second = (SerialSource(SerialSettings(port=pair.path)) for _ in range(2))
    first.open()
    with pytest.raises(DeviceBusy):
        second.open()
    with pytest.raises(DeviceBusy):
        first.open()
    first.close()
    second.open()
    second.close()


def test_a_setting_that_the_port_refuses_is_a_configuration_error(monkeypatch: pytest.MonkeyPatch, pair: Pty) -> None:
    def refuse(*_: object) -> None:
        raise termios.error(errno.EINVAL, "Invalid argument")

    source = SerialSource(SerialSettings(port=pair.path, data_bits=7, parity="E"))
    with monkeypatch.context() as patch:
        patch.setattr(termios, "tcsetattr", refuse)
        with pytest.raises(DeviceConfig, match="settings"):
            source.open()
    source.open()
    source.close()


def test_a_scanner_on_a_cable_is_read_unplugged_and_read_again_under_its_stable_name(tmp_path: Path) -> None:
    heard: list[Symbol | GateRefusal] = []
    by_id = tmp_path / "usb-scanner-0001"

    def plug_in() -> tuple[int, int]:
        master, slave = pty.openpty()
        tty.setraw(slave)
        by_id.unlink(missing_ok=True)
        by_id.symlink_to(os.ttyname(slave))
        return master, slave

    first = plug_in()
    source = SerialSource(SerialSettings(port=str(by_id)), name="counter 1")
    reader = ScanReader(source, Gate(device="counter 1", kind=DeviceKind.BARCODE), heard.append, settings=QUICK)
    reader.start()
    try:
        until(lambda: reader.status.state is ReaderState.READY)
        for byte in b"]E02112345678900\r":
            os.write(first[0], bytes([byte]))
        until(lambda: len(heard) == 1)
        os.write(first[0], b"half a sc")
        for descriptor in first:
            os.close(descriptor)
        until(lambda: reader.status.state is ReaderState.ABSENT)
        second = plug_in()
        until(lambda: reader.status.state is ReaderState.READY)
        os.write(second[0], b"LOY-0042\r\n")
        until(lambda: len(heard) == 2)
    finally:
        assert reader.stop()
    for descriptor in second:
        os.close(descriptor)
    assert heard == [Symbol(aim="]E0", text="2112345678900"), Symbol(text="LOY-0042")]
