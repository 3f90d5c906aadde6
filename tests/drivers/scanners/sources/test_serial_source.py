"""The serial source asks for what it was told, and its errors have three causes. Real ports: test_serial_on_pty."""

import errno
import os
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
import serial

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone, DriverError
from drivers.scanners.sources.serial_source import SerialSettings, SerialSource
from drivers.serial_ports import port_fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A port as pyserial lists it."""

    device: str
    vid: int | None = None
    pid: int | None = None
    serial_number: str | None = None


LISTED = (
    Listed(device="/dev/none-ttyS0"),
    Listed(device="/dev/none-ttyACM0", vid=0x0C2E, pid=0x0B61, serial_number="A1"),
    Listed(device="/dev/none-ttyACM1", vid=0x0C2E, pid=0x0B61, serial_number="B2"),
    Listed(device="/dev/none-ttyACM2", vid=0x05F9, pid=0x4204, serial_number="A1"),
)


@pytest.mark.parametrize(
    ("port", "opened"),
    [
        ("0c2e:0b61:B2", "/dev/none-ttyACM1"),
        ("05F9:4204", "/dev/none-ttyACM2"),
        ("/dev/none-ttyS0", "/dev/none-ttyS0"),
    ],
)
def test_a_device_is_found_by_what_it_is(monkeypatch: pytest.MonkeyPatch, port: str, opened: str) -> None:
    asked: list[str] = []

    def refuse(path: str, **_: object) -> None:
        asked.append(path)
        raise serial.SerialException(errno.ENOENT, "gone meanwhile")

    monkeypatch.setattr(serial, "Serial", refuse)
    with pytest.raises(DeviceGone):
        SerialSource(SerialSettings(port=port), ports=lambda: LISTED).open()
    assert asked == [opened]


def test_a_device_that_is_not_listed_is_gone_and_two_are_one_too_many() -> None:
    with pytest.raises(DeviceGone, match="counter 1: no port of 0C2E:0B61:C3 now"):
        SerialSource(SerialSettings(port="0C2E:0B61:C3"), name="counter 1", ports=lambda: LISTED).open()
    with pytest.raises(DeviceConfig, match="2 ports are of 0C2E:0B61"):
        SerialSource(SerialSettings(port="0C2E:0B61"), ports=lambda: LISTED).open()


def test_ports_are_listed_by_pyserial_when_nobody_says_otherwise() -> None:
    with pytest.raises(DeviceGone, match="FFFF:FFFE"):
        SerialSource(SerialSettings(port="FFFF:FFFE")).open()


def test_the_settings_reach_the_port_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    class Port:
        def __init__(self, port: str, **settings: Any) -> None:
            asked.update(settings, port=port)

        def fileno(self) -> int:
            return os.open(os.devnull, os.O_RDONLY)

        def close(self) -> None:
            asked["closed"] = True

    fake = ModuleType("serial")
    fake.Serial = Port  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, "serial", fake)
    source = SerialSource(SerialSettings(port="COM5", baud=300, data_bits=7, parity="M", stop_bits=2))
    source.open()
    source.close()
    assert asked == {
        "port": "COM5",
        "baudrate": 300,
        "bytesize": 7,
        "parity": "M",
        "stopbits": 2,
        "exclusive": True,
        "closed": True,
    }


def test_a_port_that_is_not_there_is_gone() -> None:
    with pytest.raises(DeviceGone):
        SerialSource(SerialSettings(port="/dev/serial/by-id/none-such")).open()


def test_reading_a_source_that_is_not_open_says_so() -> None:
    with pytest.raises(DeviceGone, match="not open"):
        SerialSource(SerialSettings(port="/dev/none")).read(1)


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (serial.SerialException(errno.ENOENT, "could not open"), DeviceGone),
        (serial.SerialException(errno.EIO, "could not open"), DeviceGone),
        (serial.SerialException(errno.EBUSY, "could not open"), DeviceBusy),
        (serial.SerialException(errno.EAGAIN, "Could not exclusively lock"), DeviceBusy),
        (serial.SerialException(errno.EACCES, "could not open"), DeviceConfig),
        (serial.SerialException("could not open port 'COM5': PermissionError(13, 'Access is denied.')"), DeviceBusy),
        (serial.SerialException("could not open port 'COM5': FileNotFoundError(2, '...')"), DeviceGone),
        (serial.SerialException("Cannot configure port, something went wrong."), DeviceConfig),
        (ValueError("Not a valid baudrate"), DeviceConfig),
    ],
)
def test_every_cause_becomes_one_of_three_errors(cause: Exception, kind: type[DriverError]) -> None:
    assert type(port_fault("counter 1", cause)) is kind


@pytest.mark.parametrize(
    "wrong", [{"port": ""}, {"baud": 299}, {"data_bits": 5}, {"stop_bits": 3}, {"parity": "X"}], ids=str
)
def test_settings_that_no_port_has_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SerialSettings(**{"port": "/dev/ttyS0", **wrong})
