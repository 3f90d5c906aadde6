"""A USB scanner in HID POS mode, on Windows, through the package hidapi.

The extra ``hid-windows`` brings the package, which is loaded when a scanner is opened. Tested with a stand-in for it and
not on Windows. The package ``hid`` takes the same import name and is another library; it is told apart.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone
from drivers.scanners.framing import Frame
from drivers.scanners.sources.hid_pos import (
    HONEYWELL_BEGIN,
    HONEYWELL_VENDORS,
    USAGE_PAGE,
    USUAL_LAYOUT,
    ReportLayout,
    ScanAssembler,
    layout_of,
)
from drivers.scanners.sources.usb import UsbIdentity

_MOST_REPORT_BYTES: Final = 4096
_MOST_WAIT_MS: Final = 250
"""The library cannot be interrupted, so no read waits longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HidapiSettings:
    """Which scanner is read.

    Attributes:
        device: ``VID:PID`` or ``VID:PID:SERIAL``, looked up at every opening.

    Raises:
        ValueError: It is written otherwise.
    """

    device: str

    def __post_init__(self) -> None:
        self.identity  # noqa: B018 - the check

    @property
    def identity(self) -> UsbIdentity:
        """The device as it is looked up."""
        identity = UsbIdentity.read(self.device)
        if identity is None:
            raise ValueError("device must be VID:PID or VID:PID:SERIAL")
        return identity


class HidapiSource:
    """A :class:`~drivers.scanners.source.ScanSource` of whole scans.

    Args:
        settings: The device.
        name: The name of the device; its identity if left out.
        clock: Monotonic nanoseconds.
    """

    def __init__(
        self, settings: HidapiSettings, *, name: str = "", clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._settings = settings
        self._name = name or settings.device
        self._clock = clock
        self._device: Any = None
        self._interrupted = threading.Event()
        self._assembler = ScanAssembler(USUAL_LAYOUT)

    @property
    def name(self) -> str:
        """The configured name, or the device."""
        return self._name

    def open(self) -> None:
        """Open the scanner, and make a Honeywell one send its scans this way.

        Raises:
            DeviceGone: It is not plugged in.
            DeviceBusy: Another program keeps it to itself.
            DeviceConfig: The package is missing, or more than one scanner is meant.
        """
        if self._device is not None:
            raise DeviceBusy(self._name, "already open here")
        hid = self._library()
        path = self._path(hid)
        device = hid.device()
        try:
            device.open_path(path)
        except OSError as error:
            raise DeviceBusy(self._name, "the scanner does not open; another program may keep it to itself") from error
        self._device = device
        self._interrupted.clear()
        self._assembler = ScanAssembler(_layout(device), opened_at_ms=self._clock() // 1_000_000)
        if self._settings.identity.vendor in HONEYWELL_VENDORS:
            with suppress(OSError, ValueError):  # a model that lacks this report needs none
                device.send_feature_report(list(HONEYWELL_BEGIN))

    def read(self, timeout_ms: int) -> bytes | Frame:
        """A scan, or ``b""`` if none has come whole.

        Raises:
            DeviceGone: It was unplugged or is not open.
        """
        if self._device is None:
            raise DeviceGone(self._name, "not open")
        if self._interrupted.is_set():
            self._interrupted.clear()
            return b""
        try:
            report = self._device.read(_MOST_REPORT_BYTES, min(max(timeout_ms, 1), _MOST_WAIT_MS))
        except (OSError, ValueError) as error:
            raise DeviceGone(self._name, "unplugged") from error
        return (self._assembler.take(bytes(report), self._clock() // 1_000_000) or b"") if report else b""

    def interrupt(self) -> None:
        """Make the next read answer at once; one that waits now ends within 250 ms."""
        self._interrupted.set()

    def close(self) -> None:
        """Release the scanner, and forget what came of a scan."""
        device, self._device = self._device, None
        self._assembler.reset()
        if device is not None:
            with suppress(OSError, ValueError):
                device.close()

    def _library(self) -> Any:
        try:
            import hid
        except ImportError as error:
            raise DeviceConfig(self._name, "the package hidapi is missing; install the extra hid-windows") from error
        if not hasattr(hid, "device"):
            raise DeviceConfig(self._name, "the package hid is in the way of hidapi; uninstall hid")
        return hid

    def _path(self, hid: Any) -> bytes:
        identity = self._settings.identity
        found = [
            one["path"]
            for one in hid.enumerate(identity.vendor, identity.product)
            if one["usage_page"] == USAGE_PAGE
            and identity.names(one["vendor_id"], one["product_id"], one["serial_number"])
        ]
        if not found:
            raise DeviceGone(self._name, f"no scanner in HID POS mode of {identity} now")
        if len(found) > 1:
            raise DeviceConfig(self._name, f"{len(found)} scanners are of {identity}; name one by its serial number")
        path: bytes = found[0]
        return path


def _layout(device: Any) -> ReportLayout:
    """What the scanner's descriptor says, where the library can tell it, else the usual layout."""
    with suppress(OSError, ValueError, AttributeError):
        return layout_of(bytes(device.get_report_descriptor())) or USUAL_LAYOUT
    return USUAL_LAYOUT
