"""What is plugged in that may be a scanner or a card reader, and under which name it is found again.

Knows where systems list devices; opens none, so nothing is disturbed and no right is needed. Whether a keyboard is a
scanner cannot be known from outside: only people who make scanners write so into its name.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from drivers.errors import DriverError
from drivers.scanners.sources import input_devices
from drivers.scanners.sources.hidraw_source import pos_scanners
from drivers.scanners.sources.serial_source import ListedPort, listed_ports
from drivers.scanners.sources.usb import UsbIdentity

SERIAL, WEDGE, HID_POS, PCSC = "serial", "wedge", "hid_pos", "pcsc"
_SCANNERISH: Final = re.compile(
    r"scan|bar ?code|symbol|honeywell|zebra|datalogic|newland|magtek|swipe|reader|rfid", re.IGNORECASE
)
_DEVICES: Final = Path("/dev")
_CLASSES: Final = Path("/sys/class")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that is plugged in.

    Attributes:
        kind: As ``[[scanner]]`` has it: ``serial``, ``wedge``, ``hid_pos`` or ``pcsc``.
        device: The name under which it is found again, whatever else is plugged in; else the one of now.
        label: What it calls itself.
        likely: Whether it is a scanner or a card reader, as far as its name or its usage page tells.
        stays: Whether ``device`` stays the same when it is plugged in elsewhere or later.
    """

    kind: str
    device: str
    label: str
    likely: bool
    stays: bool


class DescribedPort(ListedPort, Protocol):
    """A port with what it calls itself."""

    @property
    def description(self) -> str:
        """The system's words for it."""


def described_ports() -> Iterable[DescribedPort]:
    """The ports of this machine."""
    ports: Iterable[DescribedPort] = listed_ports()  # type: ignore[assignment]  # pyserial's have a description
    return ports


def find_all() -> tuple[Found, ...]:
    """Everything on this machine, likely ones first."""
    found = [*serial_ports(), *hid_pos_scanners(), *card_readers(), *keyboards()]
    return tuple(sorted(found, key=lambda one: not one.likely))


def serial_ports(
    ports: Callable[[], Iterable[DescribedPort]] = described_ports, devices: Path = _DEVICES
) -> Iterator[Found]:
    """Ports of this machine; pseudo-terminals are never among them."""
    links = _links(devices / "serial" / "by-id")
    for port in sorted(ports(), key=lambda port: port.device):
        known = port.vid is not None and port.pid is not None
        device = links.get(port.device) or (_identity(port.vid, port.pid, port.serial_number) if known else port.device)
        yield Found(kind=SERIAL, device=device, label=port.description, likely=known, stays=device != port.device)


def keyboards(classes: Path = _CLASSES, devices: Path = _DEVICES) -> Iterator[Found]:
    """Devices with digits and Enter: people's keyboards, and scanners that type like one. Linux only."""
    by_node = {Path(node).name: link for node, link in _links(devices / "input" / "by-id", "*-event-kbd").items()}
    for keyboard in input_devices.keyboards(classes / "input"):
        on_usb = _identity(keyboard.vendor, keyboard.product, keyboard.serial) if keyboard.vendor else keyboard.path
        device = by_node.get(Path(keyboard.path).name) or on_usb
        likely = bool(_SCANNERISH.search(keyboard.name))
        yield Found(kind=WEDGE, device=device, label=keyboard.name, likely=likely, stays=device != keyboard.path)


def hid_pos_scanners(classes: Path = _CLASSES) -> Iterator[Found]:
    """USB scanners in HID POS mode, told by their report descriptor. Linux only."""
    for scanner in pos_scanners(classes / "hidraw"):
        device = _identity(scanner.vendor, scanner.product, scanner.serial)
        yield Found(kind=HID_POS, device=device, label=scanner.name, likely=True, stays=True)


def card_readers(readers: Callable[[], Iterable[str]] | None = None) -> Iterator[Found]:
    """Card readers that PC/SC knows; none where it is not installed or does not run."""
    try:
        for name in (readers or _pcsc_readers)():
            yield Found(kind=PCSC, device=name, label=name, likely=True, stays=True)
    except DriverError:
        return


def _pcsc_readers() -> Iterable[str]:
    from drivers.scanners.sources.pcsc.pcsc_source import readers

    return readers()


def _identity(vendor: int | None, product: int | None, serial: str | None) -> str:
    return str(UsbIdentity(vendor=vendor or 0, product=product or 0, serial=serial or ""))


def _links(folder: Path, pattern: str = "*") -> dict[str, str]:
    """The links of a folder that stay, by the device that each leads to now."""
    return {str(link.resolve()): str(link) for link in sorted(folder.glob(pattern))}
