"""The keyboards of a Linux machine, as sysfs tells them: nothing is opened, so nothing is disturbed.

A scanner that plays a keyboard often has further nodes (media keys, power keys); only those with digits and an Enter
key are keyboards here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.scanners.sources.keys import KEY_ENTER
from drivers.scanners.sources.usb import UsbIdentity

INPUT_CLASS: Final = Path("/sys/class/input")
DEVICE_FOLDER: Final = Path("/dev/input")
_NEEDED_KEYS: Final = (2, 11, KEY_ENTER)
"""The digits 1 and 0, and Enter (input-event-codes.h)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputDevice:
    """A keyboard that is plugged in.

    Attributes:
        path: Its node now, such as ``/dev/input/event5``.
        name: What it calls itself.
        vendor: The vendor's id.
        product: The product's id.
        serial: Its serial number, or empty.
    """

    path: str
    name: str
    vendor: int
    product: int
    serial: str

    def is_named(self, identity: UsbIdentity) -> bool:
        """True if it is one of those that are meant."""
        return identity.names(self.vendor, self.product, self.serial)


def keyboards(input_class: Path = INPUT_CLASS) -> Iterator[InputDevice]:
    """The keyboards that are plugged in now, in order of their nodes; one that goes meanwhile is left out."""
    for node in sorted(input_class.glob("event*"), key=lambda node: (len(node.name), node.name)):
        try:
            described = _described(node)
        except (OSError, ValueError):
            continue
        if described is not None:
            yield described


def _described(node: Path) -> InputDevice | None:
    device = node / "device"
    if not is_keyboard(_text(device / "capabilities" / "key")):
        return None
    return InputDevice(
        path=str(DEVICE_FOLDER / node.name),
        name=_text(device / "name"),
        vendor=int(_text(device / "id" / "vendor"), 16),
        product=int(_text(device / "id" / "product"), 16),
        serial=_text(device / "uniq"),
    )


def is_keyboard(capabilities: str) -> bool:
    """True for the keys of a keyboard, as sysfs writes them: words of bits in hexadecimal, the last with the lowest.

    All keys that are asked for are below 32, so that the width of a word does not matter.
    """
    words = capabilities.split()
    lowest = int(words[-1], 16) if words else 0
    return all(lowest >> key & 1 for key in _NEEDED_KEYS)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip()
