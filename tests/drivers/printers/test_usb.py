"""A printer on USB, judged by a stand-in for its device: busy, half full, unplugged, one of two of a kind."""

from __future__ import annotations

from typing import Any

import pytest
import usb.core

from drivers.printers.delivery import Patience
from drivers.printers.document import Document
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.port import PrintState
from drivers.printers.transports.transport import FASTER_THAN_PAPER
from drivers.printers.transports.usb import UsbPrinter, UsbTransport
from tests.drivers.printers.printing import HASTY, SENT, job


class Device:
    """As pyusb's: a write gives how many bytes were taken, and raises where none were within the time."""

    def __init__(self, *, busy: dict[int, int | Exception]) -> None:
        self.taken = b""
        self.writes = 0
        self._busy = busy

    def write(self, end: int, data: bytes, timeout_ms: int) -> int:
        self.writes += 1
        outcome = self._busy.get(self.writes, len(data))
        if isinstance(outcome, Exception):
            raise outcome
        self.taken += data[:outcome]
        return outcome

    def attach_kernel_driver(self, interface: int) -> None:
        raise NotImplementedError


class Opened:
    """As python-escpos' class, opened."""

    def __init__(self, device: Device) -> None:
        self.device = device

    def close(self) -> None:
        pass


class Settings:
    bytes_per_s = FASTER_THAN_PAPER

    def __init__(self, device: Device) -> None:
        self._device = device

    def open(self) -> UsbTransport:
        return UsbTransport(Opened(self._device), interface=0, out_end=1, in_end=None)

    def check(self) -> None:
        pass


def printed(device: Device, document: Document, patience: Patience = HASTY) -> PrintState:
    return EscposPrinter(Settings(device), patience=patience).print(document, "sale-1").state


def test_a_printer_that_is_busy_for_a_while_or_takes_a_part_gets_each_byte_once(english: Document) -> None:
    late = usb.core.USBTimeoutError("Operation timed out")
    device = Device(busy={2: late, 3: late, 4: 64, 5: late, 6: 512})
    assert printed(device, english) is SENT.state
    assert device.taken == job(english, FASTER_THAN_PAPER)


def test_a_printer_that_stays_busy_breaks_the_job_off(english: Document) -> None:
    late = usb.core.USBTimeoutError("Operation timed out")
    device = Device(busy=dict.fromkeys(range(3, 1_000_000), late))
    assert printed(device, english) is PrintState.UNKNOWN
    assert device.writes > 3


def test_a_printer_that_is_unplugged_breaks_the_job_off(english: Document) -> None:
    device = Device(busy={3: usb.core.USBError("No such device", errno=19)})
    assert printed(device, english) is PrintState.UNKNOWN
    assert device.writes == 3


@pytest.mark.parametrize(("address", "found"), [("04b8:0e15/B", True), ("04b8:0e15/C", False), ("04b8:0e15", True)])
def test_a_check_looks_for_the_printer_with_the_serial_number(
    monkeypatch: pytest.MonkeyPatch, address: str, found: bool
) -> None:
    plugged = [
        {"idVendor": 0x04B8, "idProduct": 0x0E15, "serial_number": "A"},
        {"idVendor": 0x04B8, "idProduct": 0x0E15, "serial_number": "B"},
    ]

    def find(**wanted: Any) -> object:
        return next((one for one in plugged if wanted.items() <= one.items()), None)

    monkeypatch.setattr(usb.core, "find", find)
    printer = UsbPrinter.parse(address)
    if found:
        printer.check()
    else:
        with pytest.raises(FileNotFoundError, match="no such printer is plugged in"):
            printer.check()
