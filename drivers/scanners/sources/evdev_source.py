"""A scanner that plays a USB keyboard, on Linux, read by its key codes and kept from everybody else.

The device is grabbed: what it types reaches nobody but this program, whatever window has the focus. Only the configured
device is ever opened. Needs read access to ``/dev/input/event*``, which the group ``input`` has on Debian.

Sources: Linux, ``include/uapi/linux/input.h`` and ``Documentation/input/event-codes.rst``.
"""

import errno
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone, DriverError
from drivers.scanners.sources.input_devices import InputDevice, keyboards
from drivers.scanners.sources.ioctls import READ, WRITE, ioctl, request
from drivers.scanners.sources.key_events import EV_KEY, EV_LED, EV_SYN, SYN_REPORT, InputEvent, Typing
from drivers.scanners.sources.usb import UsbIdentity
from drivers.scanners.sources.waiting import Waiting

EVENT_64: Final = struct.Struct("=qqHHi")
"""``struct input_event`` where a ``long`` has 64 bits: seconds, microseconds, type, code, value; 24 bytes."""
EVENT_32: Final = struct.Struct("=IIHHi")
"""The same where a ``long`` has 32 bits, as on a 32-bit kernel or in a 32-bit program: 16 bytes."""
NATIVE_EVENT: Final = EVENT_64 if struct.calcsize("l") == 8 else EVENT_32

LED_CAPS_LOCK: Final = 1

_KEY_BYTES: Final = 96
"""KEY_MAX is 0x2FF (input-event-codes.h)."""
EVIOCGRAB: Final = request(WRITE, "E", 0x90, 4)
EVIOCGID: Final = request(READ, "E", 0x02, 8)
EVIOCGKEY: Final = request(READ, "E", 0x18, _KEY_BYTES)
EVIOCGLED: Final = request(READ, "E", 0x19, 8)
EVIOCGBIT_KEY: Final = request(READ, "E", 0x20 + EV_KEY, _KEY_BYTES)
_ID: Final = struct.Struct("=HHHH")
"""``struct input_id``: bus type, vendor, product, version."""

_EVENTS_PER_READ: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class EvdevSettings:
    """Which keyboard is the scanner.

    Attributes:
        device: A path that stays, ``/dev/input/by-id/...-event-kbd``, or ``VID:PID`` or ``VID:PID:SERIAL``, which is
            looked up at every opening.

    Raises:
        ValueError: It is neither.
    """

    device: str

    def __post_init__(self) -> None:
        if not self.device.startswith("/dev/") and UsbIdentity.read(self.device) is None:
            raise ValueError("device must be a path in /dev/input/by-id, or VID:PID or VID:PID:SERIAL")


class EvdevSource:
    """A :class:`~drivers.scanners.source.ScanSource` of the keys of one keyboard.

    Args:
        settings: The device.
        name: The name of the device; its path or identity if left out.
        listed: Lists the keyboards that there are.
        event: The shape of an event.
    """

    def __init__(
        self,
        settings: EvdevSettings,
        *,
        name: str = "",
        listed: Callable[[], Iterable[InputDevice]] = keyboards,
        event: struct.Struct = NATIVE_EVENT,
    ) -> None:
        self._settings = settings
        self._name = name or settings.device
        self._listed = listed
        self._event = event
        self._descriptor = -1
        self._waiting = Waiting()
        self._grabbed = False
        self._typing = Typing(lambda: iter(()))
        self._caps_was_lit = False
        self._rest = b""

    @property
    def name(self) -> str:
        """The configured name, or the device."""
        return self._name

    def open(self) -> None:
        """Open the keyboard and grab it.

        Raises:
            DeviceGone: It is not plugged in.
            DeviceBusy: Another program has grabbed it.
            DeviceConfig: This user may not open it, it is no keyboard, more than one is meant, or this is not Linux.
        """
        if self._descriptor >= 0:
            raise DeviceBusy(self._name, "already open here")
        if os.name != "posix":
            raise DeviceConfig(self._name, "keyboards can be read this way on Linux only")
        identity = UsbIdentity.read(self._settings.device)
        path = self._settings.device if identity is None else self._path_of(identity)
        try:
            self._descriptor = _open(path)
            self._check(identity)
            ioctl(self._descriptor, EVIOCGRAB, 1)
            self._grabbed = True
            self._waiting.begin(self._descriptor)
        except OSError as error:
            self.close()
            raise _translated(self._name, error) from error
        except DriverError:
            self.close()
            raise
        self._typing = Typing(self._held_keys)
        self._rest = b""
        self._put_out_caps_lock()

    def read(self, timeout_ms: int) -> bytes:
        """What has been typed.

        Raises:
            DeviceGone: It was unplugged or is not open.
        """
        if self._descriptor < 0:
            raise DeviceGone(self._name, "not open")
        try:
            if not self._waiting.is_readable(timeout_ms):
                return b""
            data = os.read(self._descriptor, self._event.size * _EVENTS_PER_READ)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise DeviceGone(self._name, "unplugged") from error
        if not data:
            raise DeviceGone(self._name, "unplugged")
        return b"".join(self._typing.take(event) for event in self._events(data))

    def interrupt(self) -> None:
        """End the wait of a read, or of the next one."""
        self._waiting.interrupt()

    def close(self) -> None:
        """Let the keyboard go, to whoever had it before."""
        descriptor, self._descriptor = self._descriptor, -1
        self._waiting.end()
        if descriptor < 0:
            return
        with suppress(OSError):
            if self._caps_was_lit:
                self._light_caps_lock(descriptor, lit=True)
        with suppress(OSError):
            if self._grabbed:
                ioctl(descriptor, EVIOCGRAB, 0)
        self._caps_was_lit = self._grabbed = False
        with suppress(OSError):
            os.close(descriptor)

    def _path_of(self, identity: UsbIdentity) -> str:
        found = [device.path for device in self._listed() if device.is_named(identity)]
        if not found:
            raise DeviceGone(self._name, f"no keyboard of {identity} now")
        if len(found) > 1:
            raise DeviceConfig(self._name, f"{len(found)} keyboards are of {identity}; name one by its path in by-id")
        return found[0]

    def _check(self, identity: UsbIdentity | None) -> None:
        """Look before the grab: a node may by now be another device's, and a mouse is no scanner."""
        told = bytearray(_ID.size)
        ioctl(self._descriptor, EVIOCGID, told)
        _, vendor, product, _ = _ID.unpack(told)
        if identity is not None and (vendor, product) != (identity.vendor, identity.product):
            raise DeviceGone(self._name, "another device has taken its place")
        keys = bytearray(_KEY_BYTES)
        ioctl(self._descriptor, EVIOCGBIT_KEY, keys)
        if not {2, 11} <= set(_set_bits(keys)):
            raise DeviceConfig(self._name, "this is no keyboard that types digits")

    def _events(self, data: bytes) -> Iterator[InputEvent]:
        data = self._rest + data
        whole = len(data) - len(data) % self._event.size
        self._rest = data[whole:]
        for seconds, microseconds, kind, code, value in self._event.iter_unpack(data[:whole]):
            yield InputEvent(seconds * 1000 + microseconds // 1000, kind, code, value)

    def _held_keys(self) -> Iterator[int]:
        keys = bytearray(_KEY_BYTES)
        with suppress(OSError):
            ioctl(self._descriptor, EVIOCGKEY, keys)
        return _set_bits(keys)

    def _put_out_caps_lock(self) -> None:
        """Let no scanner type for a caps lock that somebody left on.

        A scanner that sees the light on may swap upper and lower case, so that the host gets them right; whether it
        does is not told. With the grab no other program sets the light, so it stays out until the keyboard is let go.
        """
        with suppress(OSError):
            lights = bytearray(8)
            ioctl(self._descriptor, EVIOCGLED, lights)
            if LED_CAPS_LOCK in set(_set_bits(lights)):
                self._light_caps_lock(self._descriptor, lit=False)
                self._caps_was_lit = True

    def _light_caps_lock(self, descriptor: int, *, lit: bool) -> None:
        light = self._event.pack(0, 0, EV_LED, LED_CAPS_LOCK, int(lit))
        os.write(descriptor, light + self._event.pack(0, 0, EV_SYN, SYN_REPORT, 0))


def _open(path: str) -> int:
    """Open for reading and for the lights, or only for reading where that is all this user may."""
    flags = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(path, os.O_RDWR | flags)
    except PermissionError:
        return os.open(path, os.O_RDONLY | flags)


def _set_bits(field: bytearray) -> Iterator[int]:
    return (place * 8 + bit for place, byte in enumerate(field) for bit in range(8) if byte >> bit & 1)


def _translated(name: str, error: OSError) -> DriverError:
    if error.errno == errno.EBUSY:
        return DeviceBusy(name, "another program has grabbed the keyboard")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return DeviceConfig(name, "this user may not read the keyboard; the group input may")
    if error.errno in {errno.ENOTTY, errno.EINVAL, errno.ENOSYS, errno.EISDIR}:
        return DeviceConfig(name, "this is no input device")
    return DeviceGone(name, f"no such keyboard now ({errno.errorcode.get(error.errno or 0, '?')})")
