"""What printers are plugged in: USB devices of the printer class, device files, serial ports, printers of Windows."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SYSTEM = Path("/sys/bus/usb/devices")
DEVICES = Path("/dev")
_PRINTER_CLASS = "07"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that is, or may be, a printer.

    Attributes:
        kind: As [[printer]] calls the way to it.
        address: As [[printer]] writes it.
        what: What it says of itself; may be empty.
        sure: It is a printer; a serial port may lead to anything.
    """

    kind: str
    address: str
    what: str = ""
    sure: bool = True


def show() -> int:
    """Say what is there, with the lines to paste."""
    found = [*on_usb(), *device_files(), *on_windows(), *serial_ports()]
    for one in found:
        print(f"{one.kind} {one.address}" + (f": {one.what}" if one.what else ""))
    if not found:
        print("no printer and no serial port is there; a printer on the network is not looked for")
        return 0
    print('\nFor config.toml (or kind = "network" and address = "HOST:9100" for one on the network):\n')
    for one in sorted(found, key=lambda one: not one.sure)[:1]:
        print(lines_for(one))
    return 0


def lines_for(found: Found) -> str:
    """The table for config.toml."""
    address = found.address.replace("\\", "\\\\").replace('"', '\\"')
    return f'[[printer]]\nname = "receipts"\nmode = "shared"\nkind = "{found.kind}"\naddress = "{address}"'


def on_usb(system: Path = SYSTEM) -> Iterator[Found]:
    """USB devices with an interface of class 7, from Linux's own list."""
    if not system.is_dir():
        return
    for device in sorted(system.iterdir()):
        interfaces = device.glob("*:*/bInterfaceClass")
        if any(_text(interface) == _PRINTER_CLASS for interface in interfaces):
            vendor, product = _text(device / "idVendor"), _text(device / "idProduct")
            names = (_text(device / name) for name in ("manufacturer", "product"))
            yield Found(kind="usb", address=f"{vendor}:{product}", what=" ".join(name for name in names if name))


def device_files(devices: Path = DEVICES) -> Iterator[Found]:
    """Printers that Linux has a driver for."""
    for pattern in ("usb/lp[0-9]*", "lp[0-9]*"):
        for path in sorted(devices.glob(pattern)):
            yield Found(kind="file", address=str(path), what="a printer with a driver of the system's")


def serial_ports() -> Iterator[Found]:
    """Every serial port; which of them lead to printers, nobody knows without asking."""
    from serial.tools import list_ports

    for port in sorted(list_ports.comports()):
        what = "" if port.description in {None, "n/a"} else str(port.description)
        yield Found(kind="serial", address=port.device, what=what, sure=False)


def on_windows() -> Iterator[Found]:
    """Printers that Windows has set up."""
    if sys.platform == "win32":
        import win32print

        for printer in win32print.EnumPrinters(win32print.PRINTER_ENUM_LOCAL, None, 4):
            yield Found(kind="windows", address=printer["pPrinterName"], what="a printer of Windows")
    yield from ()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
