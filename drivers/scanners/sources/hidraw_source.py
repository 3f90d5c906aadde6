"""A USB scanner in HID POS mode, on Linux, through ``/dev/hidraw*``.

The best mode for USB: no keyboard layout, no focus, and the AIM identifier always comes along. Needs read and write access
to the node, which a udev rule gives. The kernel lets any number of programs read a node; a lock (``flock``) keeps out a
second reader of ours, and another program only if it asks for the lock too.

Sources: Linux, ``Documentation/hid/hidraw.rst`` and ``include/uapi/linux/hidraw.h``.
"""

import errno
import os
import struct
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone, DriverError
from drivers.scanners.framing import Frame
from drivers.scanners.sources.hid_pos import (
    HONEYWELL_BEGIN,
    HONEYWELL_VENDORS,
    USUAL_LAYOUT,
    ReportLayout,
    ScanAssembler,
    layout_of,
)
from drivers.scanners.sources.ioctls import READ, WRITE, ioctl, request
from drivers.scanners.sources.usb import UsbIdentity
from drivers.scanners.sources.waiting import Waiting

HIDRAW_CLASS: Final = Path("/sys/class/hidraw")
DEVICE_FOLDER: Final = Path("/dev")
_MOST_DESCRIPTOR_BYTES: Final = 4096
_MOST_REPORT_BYTES: Final = 4096
HIDIOCGRDESCSIZE: Final = request(READ, "H", 0x01, 4)
HIDIOCGRDESC: Final = request(READ, "H", 0x02, 4 + _MOST_DESCRIPTOR_BYTES)
HIDIOCGRAWINFO: Final = request(READ, "H", 0x03, 8)
HIDIOCSFEATURE: Final = request(READ | WRITE, "H", 0x06, len(HONEYWELL_BEGIN))
_INFO: Final = struct.Struct("=IHH")
"""``struct hidraw_devinfo``: bus type, vendor, product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HidrawDevice:
    """A scanner in HID POS mode that is plugged in.

    Attributes:
        path: Its node now, such as ``/dev/hidraw2``.
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


def pos_scanners(hidraw_class: Path = HIDRAW_CLASS) -> Iterator[HidrawDevice]:
    """The scanners in HID POS mode that are plugged in now, told from sysfs; nothing is opened."""
    for node in sorted(hidraw_class.glob("hidraw*"), key=lambda node: (len(node.name), node.name)):
        try:
            if layout_of((node / "device" / "report_descriptor").read_bytes()) is not None:
                yield _described(node)
        except (OSError, ValueError, KeyError):
            continue


def _described(node: Path) -> HidrawDevice:
    lines = (node / "device" / "uevent").read_text(encoding="utf-8", errors="replace").splitlines()
    told = dict(line.partition("=")[::2] for line in lines)
    _, vendor, product = told["HID_ID"].split(":")
    return HidrawDevice(
        path=str(DEVICE_FOLDER / node.name),
        name=told.get("HID_NAME", ""),
        vendor=int(vendor, 16),
        product=int(product, 16),
        serial=told.get("HID_UNIQ", ""),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HidrawSettings:
    """Which scanner is read.

    Attributes:
        device: A path, or ``VID:PID`` or ``VID:PID:SERIAL``, which is looked up at every opening. ``/dev/hidraw2``
            moves when things are plugged in another order; a udev rule can give a path that stays.

    Raises:
        ValueError: It is neither.
    """

    device: str

    def __post_init__(self) -> None:
        if not self.device.startswith("/dev/") and UsbIdentity.read(self.device) is None:
            raise ValueError("device must be a path in /dev, or VID:PID or VID:PID:SERIAL")


class HidrawSource:
    """A :class:`~drivers.scanners.source.ScanSource` of whole scans.

    Args:
        settings: The device.
        name: The name of the device; its path or identity if left out.
        listed: Lists the scanners that there are.
        clock: Monotonic nanoseconds.
    """

    def __init__(
        self,
        settings: HidrawSettings,
        *,
        name: str = "",
        listed: Callable[[], Iterable[HidrawDevice]] = pos_scanners,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._settings = settings
        self._name = name or settings.device
        self._listed = listed
        self._clock = clock
        self._descriptor = -1
        self._waiting = Waiting()
        self._assembler = ScanAssembler(USUAL_LAYOUT)

    @property
    def name(self) -> str:
        """The configured name, or the device."""
        return self._name

    def open(self) -> None:
        """Open the scanner, and make a Honeywell one send its scans this way.

        Raises:
            DeviceGone: It is not plugged in.
            DeviceBusy: Another reader of ours has it.
            DeviceConfig: It is not in HID POS mode, this user may not open it, or more than one is meant.
        """
        if self._descriptor >= 0:
            raise DeviceBusy(self._name, "already open here")
        identity = UsbIdentity.read(self._settings.device)
        path = self._settings.device if identity is None else self._path_of(identity)
        try:
            self._descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
            _lock(self._descriptor)
            self._assembler = ScanAssembler(self._checked_layout(identity), opened_at_ms=self._clock() // 1_000_000)
            self._waiting.begin(self._descriptor)
        except OSError as error:
            self.close()
            raise _translated(self._name, error) from error
        except DriverError:
            self.close()
            raise

    def read(self, timeout_ms: int) -> bytes | Frame:
        """A scan, or ``b""`` if none has come whole.

        Raises:
            DeviceGone: It was unplugged or is not open.
        """
        if self._descriptor < 0:
            raise DeviceGone(self._name, "not open")
        try:
            if not self._waiting.is_readable(timeout_ms):
                return b""
            report = os.read(self._descriptor, _MOST_REPORT_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise DeviceGone(self._name, "unplugged") from error
        if not report:
            raise DeviceGone(self._name, "unplugged")
        return self._assembler.take(report, self._clock() // 1_000_000) or b""

    def interrupt(self) -> None:
        """End the wait of a read, or of the next one."""
        self._waiting.interrupt()

    def close(self) -> None:
        """Release the scanner, and forget what came of a scan."""
        descriptor, self._descriptor = self._descriptor, -1
        self._waiting.end()
        self._assembler.reset()
        if descriptor >= 0:
            with suppress(OSError):
                os.close(descriptor)

    def _path_of(self, identity: UsbIdentity) -> str:
        found = [one.path for one in self._listed() if identity.names(one.vendor, one.product, one.serial)]
        if not found:
            raise DeviceGone(self._name, f"no scanner in HID POS mode of {identity} now")
        if len(found) > 1:
            raise DeviceConfig(self._name, f"{len(found)} scanners are of {identity}; name one by its serial number")
        return found[0]

    def _checked_layout(self, identity: UsbIdentity | None) -> ReportLayout:
        told = bytearray(_INFO.size)
        ioctl(self._descriptor, HIDIOCGRAWINFO, told)
        _, vendor, product = _INFO.unpack(told)
        if identity is not None and (vendor, product) != (identity.vendor, identity.product):
            raise DeviceGone(self._name, "another device has taken its place")
        layout = layout_of(self._report_descriptor())
        if layout is None:
            raise DeviceConfig(self._name, "this is no scanner in HID POS mode (usage page 0x8C)")
        if vendor in HONEYWELL_VENDORS:
            with suppress(OSError):  # a model that lacks this report needs none
                ioctl(self._descriptor, HIDIOCSFEATURE, bytearray(HONEYWELL_BEGIN))
        return layout

    def _report_descriptor(self) -> bytes:
        size = bytearray(4)
        ioctl(self._descriptor, HIDIOCGRDESCSIZE, size)
        told = bytearray(size) + bytearray(_MOST_DESCRIPTOR_BYTES)
        ioctl(self._descriptor, HIDIOCGRDESC, told)
        return bytes(told[4 : 4 + min(int.from_bytes(size, sys.byteorder), _MOST_DESCRIPTOR_BYTES)])


def _lock(descriptor: int) -> None:
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _translated(name: str, error: OSError) -> DriverError:
    if error.errno in {errno.EBUSY, errno.EAGAIN}:
        return DeviceBusy(name, "another program has the scanner")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return DeviceConfig(name, "this user may not open the scanner; a udev rule can allow it")
    if error.errno in {errno.ENOTTY, errno.EINVAL, errno.ENOSYS, errno.EISDIR}:
        return DeviceConfig(name, "this is no hidraw device")
    return DeviceGone(name, f"no such scanner now ({errno.errorcode.get(error.errno or 0, '?')})")
