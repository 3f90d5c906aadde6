"""A scanner on a serial port or USB-CDC, through pyserial.

Bind it by a path that stays, ``/dev/serial/by-id/...`` on Linux, or by what it is, ``VID:PID`` or ``VID:PID:SERIAL``,
which is looked up at every opening; ``COM5`` or ``ttyACM0`` move when things are plugged in another order. Nothing is
ever written to the device: some readers take stray bytes for commands.
"""

import errno
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone
from drivers.scanners.sources.usb import UsbIdentity
from drivers.scanners.sources.waiting import Waiting
from drivers.serial_ports import claim, port_errors, port_fault, release

_MAX_READ_BYTES: Final = 4096
_MAX_WAIT_MS: Final = 500


class ListedPort(Protocol):
    """A port of this machine, as ``serial.tools.list_ports`` tells it."""

    @property
    def device(self) -> str:
        """Its path or name now, such as ``/dev/ttyACM0`` or ``COM5``."""

    @property
    def vid(self) -> int | None:
        """The vendor's id, if it is on USB."""

    @property
    def pid(self) -> int | None:
        """The product's id, if it is on USB."""

    @property
    def serial_number(self) -> str | None:
        """The device's serial number, if it has one."""


def listed_ports() -> Iterable[ListedPort]:
    """The ports of this machine; pseudo-terminals are never among them."""
    from serial.tools.list_ports import comports

    ports: Iterable[ListedPort] = comports()
    return ports


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialSettings:
    """How a port is opened.

    Attributes:
        port: Path or name of the port, or ``VID:PID`` or ``VID:PID:SERIAL`` of the device.
        baud: Bits per second, 300 to 921,600.
        data_bits: 7 or 8.
        parity: ``N``, ``E``, ``O``, ``M`` or ``S``. Some readers mean MARK when they say 7 bits without parity.
        stop_bits: 1 or 2.

    Raises:
        ValueError: One of them is outside what stands here.
    """

    port: str
    baud: int = 9600
    data_bits: int = 8
    parity: str = "N"
    stop_bits: int = 1

    def __post_init__(self) -> None:
        if not self.port:
            raise ValueError("port must not be empty")
        if not 300 <= self.baud <= 921_600:
            raise ValueError("baud must be between 300 and 921600")
        if self.data_bits not in {7, 8} or self.stop_bits not in {1, 2}:
            raise ValueError("data_bits must be 7 or 8, and stop_bits 1 or 2")
        if self.parity not in {"N", "E", "O", "M", "S"}:
            raise ValueError("parity must be N, E, O, M or S")


class SerialSource:
    """A :class:`~drivers.scanners.source.ScanSource` on a port of its own.

    Args:
        settings: The port and its settings.
        name: The name of the device; the port if left out.
        ports: Lists the ports that there are.
    """

    def __init__(
        self, settings: SerialSettings, *, name: str = "", ports: Callable[[], Iterable[ListedPort]] = listed_ports
    ) -> None:
        self._settings = settings
        self._ports = ports
        self._name = name or settings.port
        self._port: Any = None
        self._waiting = Waiting()

    @property
    def name(self) -> str:
        """The configured name, or the port."""
        return self._name

    def open(self) -> None:
        """Open the port for this process alone.

        Raises:
            DeviceGone: There is no such port now.
            DeviceBusy: Another program has it.
            DeviceConfig: The port refuses the settings, this user may not open it, or more than one device is meant.
        """
        if self._port is not None:
            raise DeviceBusy(self._name, "already open here")
        try:
            self._port = self._open_port()
            if sys.platform != "win32":
                self._waiting.begin(self._port.fileno())
        except port_errors() as error:
            self.close()
            raise port_fault(self._name, error) from error

    def read(self, timeout_ms: int) -> bytes:
        """What has come, at most 4096 bytes.

        Raises:
            DeviceGone: The port has gone or is not open.
        """
        if self._port is None:
            raise DeviceGone(self._name, "not open")
        try:
            return self._read_port(timeout_ms)
        except BlockingIOError:
            return b""
        except port_errors() as error:
            raise DeviceGone(self._name, f"the port went away ({type(error).__name__})") from error

    def interrupt(self) -> None:
        """End the wait of a read, or of the next one."""
        if sys.platform != "win32":
            self._waiting.interrupt()
        else:
            with suppress(*port_errors(), AttributeError):  # it may be closed meanwhile
                self._port.cancel_read()

    def close(self) -> None:
        """Release the port."""
        port, self._port = self._port, None
        self._waiting.end()
        if port is not None:
            with suppress(*port_errors()):
                release(port)
            with suppress(*port_errors()):
                port.close()

    def _open_port(self) -> Any:
        import serial

        settings = self._settings
        port = serial.Serial(
            self._port_now(),
            baudrate=settings.baud,
            bytesize=settings.data_bits,
            parity=settings.parity,
            stopbits=settings.stop_bits,
            exclusive=True,
        )
        claim(port)
        return port

    def _port_now(self) -> str:
        """The path or name under which the device can be opened now."""
        identity = UsbIdentity.read(self._settings.port)
        if identity is None:
            return self._settings.port
        found = {port.device for port in self._ports() if identity.names(port.vid, port.pid, port.serial_number)}
        if not found:
            raise DeviceGone(self._name, f"no port of {identity} now")
        if len(found) > 1:
            raise DeviceConfig(
                self._name, f"{len(found)} ports are of {identity}; name one by its serial number or path"
            )
        return found.pop()

    def _read_port(self, timeout_ms: int) -> bytes:
        """Wait by ourselves where we can: pyserial configures the whole port anew for each other timeout."""
        if sys.platform != "win32":
            if not self._waiting.is_readable(timeout_ms):
                return b""
            if data := os.read(self._port.fileno(), _MAX_READ_BYTES):
                return data
            raise OSError(errno.EIO, "readable and nothing there: the device has gone")
        else:  # noqa: RET506 - mypy reads one branch per platform
            # A cancelled read is only one that waits at that moment, so none waits long.
            self._port.timeout = min(timeout_ms, _MAX_WAIT_MS) / 1000
            first: bytes = self._port.read(1)
            waiting = min(self._port.in_waiting, _MAX_READ_BYTES - 1) if first else 0
            return first + (self._port.read(waiting) if waiting else b"")
