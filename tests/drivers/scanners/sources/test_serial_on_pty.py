"""The serial source and its reader against real pseudo-terminals and real pyserial."""

import errno
import os
import random
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone
from drivers.scanners.framing import DEFAULT_IDLE_MS, FramingSettings
from drivers.scanners.gate import GateRefusal
from drivers.scanners.reader import ReaderState
from drivers.scanners.sources.serial_source import SerialSettings, SerialSource
from drivers.scanners.symbols import Symbol
from tests.drivers.scanners.sources.rig import reading, state_is, until

if sys.platform == "win32":
    pytest.skip("platform: pseudo-terminals exist on POSIX only", allow_module_level=True)

import pty
import termios
import tty


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


def test_the_kernel_refuses_a_program_that_asks_for_no_lock_until_the_port_is_closed(pair: Pty) -> None:
    Path(pair.path).chmod(0o666)
    script = """if True:
        import os, sys
        os.geteuid() or os.setuid(65534)  # the kernel lets root through
        os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
    """

    def answer() -> tuple[int, str]:
        done = subprocess.run([sys.executable, "-c", script, pair.path], check=False, capture_output=True, text=True)
        return done.returncode, done.stderr.splitlines()[-1].partition("]")[0] if done.stderr else ""

    source = SerialSource(SerialSettings(port=pair.path))
    source.open()
    assert answer() == (1, f"OSError: [Errno {errno.EBUSY}")
    source.close()
    assert answer() == (0, "")


def test_a_scanner_of_30_ms_a_character_is_read_whole(pair: Pty) -> None:
    heard: list[Symbol | GateRefusal] = []
    with reading(SerialSource(SerialSettings(port=pair.path)), heard):
        for byte in b"]E02112345678900\r":
            pair.send(bytes([byte]))
            time.sleep(0.03)
        until(lambda: bool(heard))
    assert heard == [Symbol(aim="]E0", text="2112345678900")]


def test_garbage_costs_no_more_than_the_scans_in_it(pair: Pty, seed: int) -> None:
    heard: list[Symbol | GateRefusal] = []
    garbage = random.Random(seed).randbytes(20_000)
    with reading(SerialSource(SerialSettings(port=pair.path)), heard) as reader:
        pair.send(garbage)
        time.sleep(DEFAULT_IDLE_MS / 1000)
        pair.send(b"\r]E02112345678900\r")
        until(lambda: bool(heard) and heard[-1] == Symbol(aim="]E0", text="2112345678900"))
        assert reader.status.state is ReaderState.READY


def test_a_flood_of_10_mb_takes_bounded_memory_and_the_scans_behind_it_are_read(pair: Pty) -> None:
    heard: list[Symbol | GateRefusal] = []
    with reading(SerialSource(SerialSettings(port=pair.path)), heard) as reader:
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(2500):
            pair.send(b"9" * 4000)
        pair.send(b"\r]E02112345678900\r")
        until(lambda: bool(heard), timeout_s=60)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert reader.status.misread == 1
    assert heard == [Symbol(aim="]E0", text="2112345678900")]
    assert most - before < 500_000


def test_a_scanner_on_usb_comes_back_under_another_name(pair: Pty) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Listed:
        device: str
        vid: int | None = 0x0C2E
        pid: int | None = 0x0B61
        serial_number: str | None = "17164B2F"

    plugged: list[Pty] = [pair]
    source = SerialSource(
        SerialSettings(port="0C2E:0B61:17164B2F"), ports=lambda: [Listed(device=one.path) for one in plugged]
    )
    heard: list[Symbol | GateRefusal] = []
    with reading(source, heard) as reader:
        pair.send(b"half a sc")
        plugged.clear()
        pair.unplug()
        until(state_is(reader, ReaderState.ABSENT))
        again = Pty()
        plugged.append(again)
        until(state_is(reader, ReaderState.READY))
        again.send(b"LOY-0042\r")
        until(lambda: bool(heard))
    again.unplug()
    assert heard == [Symbol(text="LOY-0042")]


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
    with reading(SerialSource(SerialSettings(port=str(by_id)), name="counter 1"), heard) as reader:
        for byte in b"]E02112345678900\r":
            os.write(first[0], bytes([byte]))
        until(lambda: len(heard) == 1)
        os.write(first[0], b"half a sc")
        for descriptor in first:
            os.close(descriptor)
        until(state_is(reader, ReaderState.ABSENT))
        second = plug_in()
        until(state_is(reader, ReaderState.READY))
        os.write(second[0], b"LOY-0042\r\n")
        until(lambda: len(heard) == 2)
    for descriptor in second:
        os.close(descriptor)
    assert heard == [Symbol(aim="]E0", text="2112345678900"), Symbol(text="LOY-0042")]


def test_the_rest_of_a_scan_that_began_before_the_port_was_opened_is_no_scan(pair: Pty) -> None:
    heard: list[Symbol | GateRefusal] = []
    pair.send(b"46070")
    with reading(SerialSource(SerialSettings(port=pair.path)), heard, framing=FramingSettings(joined=True)) as reader:
        pair.send(b"96385074\r")
        until(lambda: reader.status.misread == 1)
        pair.send(b"2112345678900\r")
        until(lambda: len(heard) == 1)
    assert heard == [Symbol(text="2112345678900")]
