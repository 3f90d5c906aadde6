"""The serial source asks for what it was told, and its errors have three causes. Real ports: test_serial_on_pty."""

import errno
import os
from types import ModuleType
from typing import Any

import pytest
import serial

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone, DriverError
from drivers.scanners.sources.serial_source import SerialSettings, SerialSource, _translated


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
    source = SerialSource(SerialSettings(port="COM5", baud=300, data_bits=7, parity="M", stop_bits=2, xonxoff=True))
    source.open()
    source.close()
    assert asked == {
        "port": "COM5",
        "baudrate": 300,
        "bytesize": 7,
        "parity": "M",
        "stopbits": 2,
        "rtscts": False,
        "xonxoff": True,
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
    assert type(_translated("counter 1", cause)) is kind


@pytest.mark.parametrize(
    "wrong", [{"port": ""}, {"baud": 299}, {"data_bits": 5}, {"stop_bits": 3}, {"parity": "X"}], ids=str
)
def test_settings_that_no_port_has_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SerialSettings(**{"port": "/dev/ttyS0", **wrong})
