"""A USB device named by what it is and not by where it is plugged in: ``VID:PID`` or ``VID:PID:SERIAL``.

Knows how such a name is written and whether a device bears it; refuses to know how devices are found. Pure.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

_WRITTEN: Final = re.compile(r"([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})(?::(.{1,126}))?")
"""A USB string has at most 126 characters (USB 2.0, 9.6.7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbIdentity:
    """Which devices are meant.

    Attributes:
        vendor: The vendor's id, 0 to 0xFFFF.
        product: The product's id, 0 to 0xFFFF.
        serial: The device's serial number; empty means any.
    """

    vendor: int
    product: int
    serial: str = ""

    @classmethod
    def read(cls, written: str) -> Self | None:
        """Read ``0C2E:0B61`` or ``0c2e:0b61:17164B2F``; None if it is written otherwise, as a path is."""
        match = _WRITTEN.fullmatch(written)
        if match is None:
            return None
        return cls(vendor=int(match[1], 16), product=int(match[2], 16), serial=match[3] or "")

    def names(self, vendor: int | None, product: int | None, serial: str | None) -> bool:
        """True if a device with these ids is meant."""
        return (vendor, product) == (self.vendor, self.product) and (not self.serial or serial == self.serial)

    def __str__(self) -> str:
        written = f"{self.vendor:04X}:{self.product:04X}"
        return f"{written}:{self.serial}" if self.serial else written
