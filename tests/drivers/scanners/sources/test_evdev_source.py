"""The keyboard source on a pipe that plays the kernel's end. A real grab and unplug: test_evdev_on_umockdev."""

import errno
import os
import struct
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone, DriverError
from drivers.scanners.sources import evdev_source
from drivers.scanners.sources.evdev_source import EVENT_32, EVENT_64, EvdevSettings, EvdevSource
from drivers.scanners.sources.input_devices import InputDevice, is_keyboard, keyboards
from tests.drivers.scanners.sources.typed import typed

if not sys.platform.startswith("linux"):
    pytest.skip("platform: evdev is Linux", allow_module_level=True)

SCANNER = InputDevice(path="/dev/input/event5", name="Scanner", vendor=0x0C2E, product=0x0B61, serial="A1")
DIGITS = (0b1111111110 | 1 << 10 | 1 << 11).to_bytes(96, "little")


class Kernel:
    """The other end of one device: events go in, and every ioctl is noted."""

    def __init__(self) -> None:
        self.descriptor, self.writer = os.pipe()
        self.asked: list[Any] = []
        self.opened: list[str] = []
        self.refuses: dict[int, int] = {}

    def open(self, path: str) -> int:
        self.opened.append(path)
        return os.dup(self.descriptor)

    def ioctl(self, _: int, number: int, argument: bytearray | int) -> int:
        if number in self.refuses:
            raise OSError(self.refuses[number], os.strerror(self.refuses[number]))
        if isinstance(argument, int):
            self.asked.append((number, argument))
            return 0
        answer = {
            evdev_source.EVIOCGID: struct.pack("=HHHH", 3, 0x0C2E, 0x0B61, 1),
            evdev_source.EVIOCGBIT_KEY: DIGITS,
        }.get(number, b"")
        argument[: len(answer)] = answer
        return 0

    def give(self, text: str, event: struct.Struct) -> None:
        os.write(self.writer, b"".join(event.pack(1, 0, 1, code, value) for code, value in typed(text)))


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    made = Kernel()
    monkeypatch.setattr(evdev_source, "_open", made.open)
    monkeypatch.setattr(evdev_source, "ioctl", made.ioctl)
    yield made
    os.close(made.descriptor)
    os.close(made.writer)


def source(event: struct.Struct = EVENT_64) -> EvdevSource:
    return EvdevSource(EvdevSettings(device="0C2E:0B61"), listed=lambda: [SCANNER], event=event)


@pytest.mark.parametrize(("event", "size"), [(EVENT_64, 24), (EVENT_32, 16)])
def test_events_of_both_sizes_are_read_in_any_pieces(kernel: Kernel, event: struct.Struct, size: int) -> None:
    assert event.size == size
    reading = source(event)
    reading.open()
    kernel.give("]E0", event)
    data = b"".join(event.pack(1, 0, 1, code, value) for code, value in typed("2112\r"))
    read = reading.read(1000)
    for start in range(0, len(data), 7):
        os.write(kernel.writer, data[start : start + 7])
        read += reading.read(1000)
    reading.close()
    assert read == b"]E02112\r"


def test_silence_is_an_empty_read(kernel: Kernel) -> None:
    reading = source()
    reading.open()
    assert reading.read(10) == b""
    reading.close()


def test_a_wait_is_ended_from_another_thread(kernel: Kernel) -> None:
    reading = source()
    reading.interrupt()
    reading.open()
    threading.Timer(0.05, reading.interrupt).start()
    started = time.monotonic()
    assert reading.read(10_000) == b""
    assert time.monotonic() - started < 5
    reading.close()


def test_the_grab_is_given_back_when_the_device_is_closed_and_only_then(kernel: Kernel) -> None:
    reading = source()
    reading.open()
    assert kernel.asked == [(evdev_source.EVIOCGRAB, 1)]
    with pytest.raises(DeviceBusy):
        reading.open()
    reading.close()
    reading.close()
    assert kernel.asked == [(evdev_source.EVIOCGRAB, 1), (evdev_source.EVIOCGRAB, 0)]
    assert kernel.opened == ["/dev/input/event5"]
    with pytest.raises(DeviceGone, match="not open"):
        reading.read(1)


def test_an_unplugged_keyboard_is_gone_in_the_same_words_whether_the_kernel_ends_it_or_refuses_it(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = source()
    reading.open()
    os.close(kernel.writer)
    with pytest.raises(DeviceGone, match=r"^0C2E:0B61: unplugged$"):
        reading.read(1000)
    with monkeypatch.context() as patched:
        patched.setattr(os, "read", no_device)
        with pytest.raises(DeviceGone, match=r"^0C2E:0B61: unplugged$"):
            reading.read(1000)
    reading.close()
    kernel.writer = os.open(os.devnull, os.O_WRONLY)


def no_device(*_: int) -> bytes:
    raise OSError(errno.ENODEV, "No such device")


@pytest.mark.parametrize(
    ("call", "refused", "kind"),
    [
        (evdev_source.EVIOCGRAB, errno.EBUSY, DeviceBusy),
        (evdev_source.EVIOCGID, errno.ENOTTY, DeviceConfig),
        (evdev_source.EVIOCGID, errno.ENODEV, DeviceGone),
        (evdev_source.EVIOCGBIT_KEY, errno.EPERM, DeviceConfig),
    ],
)
def test_what_the_kernel_refuses_becomes_one_of_three_errors_and_nothing_stays_open(
    kernel: Kernel, call: int, refused: int, kind: type[DriverError]
) -> None:
    kernel.refuses[call] = refused
    reading = source()
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(DriverError) as raised:
        reading.open()
    assert type(raised.value) is kind
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    kernel.refuses.clear()
    reading.open()
    reading.close()


def test_a_path_that_is_no_input_device_is_a_configuration_error_and_a_missing_one_is_gone() -> None:
    with pytest.raises(DeviceConfig, match="no input device"):
        EvdevSource(EvdevSettings(device=os.devnull)).open()
    with pytest.raises(DeviceGone, match="ENOENT"):
        EvdevSource(EvdevSettings(device="/dev/input/by-id/none")).open()


@pytest.mark.parametrize("device", ["", "event5", "0C2E", "C2E:0B61"])
def test_a_device_that_is_named_by_neither_path_nor_identity_is_refused(device: str) -> None:
    with pytest.raises(ValueError, match="VID:PID"):
        EvdevSettings(device=device)


def test_keyboards_are_listed_from_sysfs_and_other_input_devices_are_not(tmp_path: Path) -> None:
    def plug(event: int, keys: str, **said: str) -> None:
        device = tmp_path / f"event{event}" / "device"
        for name, text in {"name": "Scanner", "uniq": "A1", "id/vendor": "0c2e", "id/product": "0b61", **said}.items():
            (device / name).parent.mkdir(parents=True, exist_ok=True)
            (device / name).write_text(text + "\n")
        (device / "capabilities").mkdir()
        (device / "capabilities" / "key").write_text(keys + "\n")

    plug(10, "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe", uniq="")
    plug(2, "70000 0 0 0 0")
    plug(5, "e080ffdf01cfffff fffffffffffffffe")
    plug(6, "not hexadecimal at all")
    plug(7, "e080ffdf01cfffff fffffffffffffffe", **{"id/vendor": "?"})
    (tmp_path / "event8").mkdir()
    (tmp_path / "mouse0").mkdir()
    assert list(keyboards(tmp_path)) == [
        SCANNER,
        InputDevice(path="/dev/input/event10", name="Scanner", vendor=0x0C2E, product=0x0B61, serial=""),
    ]


def test_a_machine_without_input_devices_has_no_keyboards(tmp_path: Path) -> None:
    assert list(keyboards(tmp_path / "none")) == []


@pytest.mark.parametrize(("keys", "answer"), [("", False), ("fffffffe", True), ("1 fffffffe", True), ("1 0", False)])
def test_words_of_32_bits_tell_a_keyboard_too(keys: str, answer: bool) -> None:
    assert is_keyboard(keys) is answer
