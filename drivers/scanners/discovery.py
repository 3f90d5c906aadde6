"""What is plugged in that may be a scanner or a card reader, and under which name it is found again.

Knows where systems list devices; opens none, so nothing is disturbed and no right is needed. Whether a keyboard is a
scanner cannot be known from outside: only people who make scanners write so into its name.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

SERIAL, WEDGE, HID_POS, PCSC = "serial", "wedge", "hid_pos", "pcsc"
HID_POS_PAGE: Final = 0x8C
"""Bar Code Scanner Page (HID Point of Sale Usage Tables 1.02)."""
_SCANNERISH: Final = re.compile(
    r"scan|bar ?code|symbol|honeywell|zebra|datalogic|newland|magtek|swipe|reader|rfid", re.IGNORECASE
)
_ENTER_AND_DIGITS: Final = (2, 11, 28)
"""KEY_1, KEY_0 and KEY_ENTER (linux/input-event-codes.h)."""
_USAGE_PAGE: Final = 0x04
_LONG_ITEM: Final = 0xFE
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


class ListedPort(Protocol):
    """A port as pyserial's ``list_ports`` tells it."""

    device: str
    description: str
    vid: int | None
    pid: int | None
    serial_number: str | None


def find_all() -> tuple[Found, ...]:
    """Everything on this machine, likely ones first."""
    found = [*serial_ports(), *hid_pos_scanners(), *card_readers(), *keyboards()]
    return tuple(sorted(found, key=lambda one: not one.likely))


def serial_ports(ports: Callable[[], Iterable[ListedPort]] | None = None, devices: Path = _DEVICES) -> Iterator[Found]:
    """Ports of this machine; pseudo-terminals are never among them."""
    links = _links(devices / "serial" / "by-id")
    for port in sorted((ports or _listed_ports)(), key=lambda port: port.device):
        known = port.vid is not None and port.pid is not None
        device = links.get(port.device) or (_identity(port.vid, port.pid, port.serial_number) if known else port.device)
        yield Found(kind=SERIAL, device=device, label=port.description, likely=known, stays=device != port.device)


def keyboards(classes: Path = _CLASSES, devices: Path = _DEVICES) -> Iterator[Found]:
    """Devices with digits and Enter: people's keyboards, and scanners that type like one. Linux only."""
    links = _links(devices / "input" / "by-id", "*-event-kbd")
    for node in _nodes(classes / "input", "event*"):
        about = node / "device"
        if not _types_numbers(_text(about / "capabilities" / "key")):
            continue
        label, path = _text(about / "name"), str(devices / "input" / node.name)
        vendor, product = _text(about / "id" / "vendor"), _text(about / "id" / "product")
        on_usb = bool(vendor and product and int(vendor, 16))
        device = links.get(path) or (f"{vendor}:{product}".upper() if on_usb else path)
        yield Found(
            kind=WEDGE, device=device, label=label, likely=bool(_SCANNERISH.search(label)), stays=device != path
        )


def hid_pos_scanners(classes: Path = _CLASSES, devices: Path = _DEVICES) -> Iterator[Found]:
    """USB scanners in HID POS mode, told by the usage page in their report descriptor. Linux only."""
    for node in _nodes(classes / "hidraw", "hidraw*"):
        try:
            descriptor = (node / "device" / "report_descriptor").read_bytes()
        except OSError:
            continue
        if HID_POS_PAGE not in usage_pages(descriptor):
            continue
        told = dict(line.split("=", 1) for line in _text(node / "device" / "uevent").splitlines() if "=" in line)
        ids = [int(part, 16) for part in told.get("HID_ID", "").split(":") if part]
        known = len(ids) == 3
        path = str(devices / node.name)
        device = _identity(ids[1], ids[2], told.get("HID_UNIQ")) if known else path
        yield Found(kind=HID_POS, device=device, label=told.get("HID_NAME", ""), likely=True, stays=known)


def card_readers(readers: Callable[[], Iterable[str]] | None = None) -> Iterator[Found]:
    """Card readers that PC/SC knows; none where it is not installed or does not run."""
    from drivers.errors import DriverError

    try:
        for name in (readers or _pcsc_readers)():
            yield Found(kind=PCSC, device=name, label=name, likely=True, stays=True)
    except DriverError:
        return


def usage_pages(descriptor: bytes) -> frozenset[int]:
    """The usage pages that a HID report descriptor names (HID 1.11, section 6.2.2)."""
    pages, place = set(), 0
    while place < len(descriptor):
        head = descriptor[place]
        if head == _LONG_ITEM:
            place += 3 + (descriptor[place + 1] if place + 1 < len(descriptor) else 0)
            continue
        size = (0, 1, 2, 4)[head & 0x03]
        if head & 0xFC == _USAGE_PAGE:
            pages.add(int.from_bytes(descriptor[place + 1 : place + 1 + size], "little"))
        place += 1 + size
    return frozenset(pages)


def _listed_ports() -> Iterable[ListedPort]:
    from serial.tools.list_ports import comports

    ports: Iterable[ListedPort] = comports()
    return ports


def _pcsc_readers() -> Iterable[str]:
    from drivers.scanners.sources.pcsc.pcsc_source import readers

    return readers()


def _identity(vendor: int | None, product: int | None, serial: str | None) -> str:
    written = f"{vendor or 0:04X}:{product or 0:04X}"
    return f"{written}:{serial}" if serial else written


def _links(folder: Path, pattern: str = "*") -> dict[str, str]:
    """The links of a folder that stay, by the device that each leads to now."""
    return {str(link.resolve()): str(link) for link in sorted(folder.glob(pattern))}


def _nodes(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern), key=lambda node: (len(node.name), node.name))


def _types_numbers(capabilities: str) -> bool:
    """Words of bits in hexadecimal, the last with the lowest; the keys are all below 32."""
    words = capabilities.split()
    lowest = int(words[-1], 16) if words else 0
    return all(lowest >> key & 1 for key in _ENTER_AND_DIGITS)


def _text(path: Path) -> str:
    """What a file of the system's says; empty if the device has just gone."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
