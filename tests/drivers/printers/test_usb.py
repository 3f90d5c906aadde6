"""A printer on USB, judged by a stand-in for its device: busy, half full, unplugged, one of two of a kind."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import usb.core

from drivers.errors import PrinterUnavailable
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


class Plugged(Device):
    """As pyusb's: a scanner's interface and a printer's, of which the system has a driver."""

    backend = SimpleNamespace(__module__="usb.backend.libusb1")

    def __init__(self, *, configured: bool = True, claimed: bool = False) -> None:
        super().__init__(busy={})
        self.did: list[str] = []
        self._configured = configured
        self._claimed = claimed
        self._ctx = self

    def get_active_configuration(self) -> list[Interface]:
        if not self._configured:
            raise usb.core.USBError("Configuration not set")
        ends = [SimpleNamespace(bEndpointAddress=address, bmAttributes=2) for address in (0x82, 0x03)]
        return [Interface(0, 3, []), Interface(1, 7, ends)]

    def set_configuration(self) -> None:
        self._configured = True
        self.did.append("configured")

    def reset(self) -> None:
        self.did.append("reset")

    def is_kernel_driver_active(self, interface: int) -> bool:
        return interface == 1

    def detach_kernel_driver(self, interface: int) -> None:
        self.did.append(f"taken {interface}")

    def attach_kernel_driver(self, interface: int) -> None:
        self.did.append(f"given back {interface}")

    def managed_claim_interface(self, _device: object, interface: int) -> None:
        if self._claimed:
            raise usb.core.USBError("Resource busy", errno=16)
        self.did.append(f"claimed {interface}")

    def dispose(self, _device: object) -> None:
        self.did.append("released")


class Interface(list[Any]):
    """An interface with its ends."""

    def __init__(self, number: int, kind: int, ends: list[Any]) -> None:
        super().__init__(ends)
        self.bInterfaceNumber, self.bInterfaceClass = number, kind


@pytest.mark.parametrize("configured", [True, False])
def test_a_printer_is_not_reset_by_the_next_job_while_it_still_prints_the_last(
    monkeypatch: pytest.MonkeyPatch, configured: bool
) -> None:
    plugged = Plugged(configured=configured)
    monkeypatch.setattr(usb.core, "find", lambda **_: plugged)
    opened = UsbPrinter.parse("04b8:0e15").open()
    assert (opened.interface, opened.out_end, opened.in_end) == (1, 0x03, 0x82)
    assert opened.send(b"receipt", 1.0) == 7
    opened.close()
    first = [] if configured else ["configured"]
    assert plugged.did == [*first, "taken 1", "claimed 1", "released", "given back 1"]


def test_a_printer_that_another_program_has_is_busy(monkeypatch: pytest.MonkeyPatch, english: Document) -> None:
    plugged = Plugged(claimed=True)
    monkeypatch.setattr(usb.core, "find", lambda **_: plugged)
    with pytest.raises(PrinterUnavailable, match="another program has the printer"):
        EscposPrinter(UsbPrinter.parse("04b8:0e15"), patience=HASTY).print(english, "sale-1")
    assert plugged.taken == b""
    assert plugged.did[-2:] == ["released", "given back 1"]


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
