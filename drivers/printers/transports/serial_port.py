"""A printer on a serial port, 8N1."""

import os
import select
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from drivers.printers.transports.library import transport
from drivers.serial_ports import claim, port_errors

_PIECE: Final = 256
_LOOK_S: Final = 0.02
_AHEAD: Final = 64
"""Bytes on the way to a printer that says by its DTR wire that it is full: it has room for some 128 more then."""
_FULL_LOOK_S: Final = 0.002


class _Wire:
    """Whether the printer's DTR is connected to this port's DSR; only a high one shows it."""

    def __init__(self) -> None:
        self.is_there = False

    def is_seen(self, port: Any) -> bool:
        """Whether it is high now, or was before."""
        return self.is_high(port) or self.is_there

    def is_high(self, port: Any) -> bool:
        """Whether it is high now."""
        try:
            high = bool(port.dsr)
        except OSError:  # a port without such lines, as a pseudo terminal
            return False
        self.is_there = self.is_there or high
        return high


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialPrinter:
    """A port and its settings; nobody else can open it while it is open here.

    Attributes:
        flow: ``dtr``, ``rts``, ``xonxoff`` or ``none``: how the printer says that it is full.
        wire: What is known of the printer's DTR.
    """

    port: str
    baud: int = 9600
    flow: str = "dtr"
    wire: _Wire = field(default_factory=_Wire, compare=False, repr=False)

    @property
    def bytes_per_s(self) -> int:
        """Ten bits a byte."""
        return self.baud // 10

    def open(self) -> "SerialTransport":
        """Open the port."""
        device = transport(
            "Serial",
            devfile=self.port,
            baudrate=self.baud,
            timeout=0,
            xonxoff=self.flow == "xonxoff",
            dsrdtr=self.flow == "dtr",
        )
        device.open()
        port = device.device
        try:
            if sys.platform != "win32":
                port.exclusive = True  # programs that ask for the lock see it; the others are kept out by the next line
            claim(port)
            port.rtscts = self.flow == "rts"
        except port_errors():
            port.close()
            raise
        follows = self.flow == "dtr" and sys.platform != "win32"  # POSIX has no flow by DSR of its own; Windows has
        return SerialTransport(device, self.wire if follows else None)

    def check(self) -> None:
        """Open it and release it."""
        self.open().close()


@dataclass(frozen=True, slots=True)
class SerialTransport:
    """An open port. python-escpos would wait for ever where the printer takes nothing, so bytes go past it.

    Attributes:
        device: python-escpos' own.
        wire: The printer's DTR, where it is looked at here.
    """

    device: Any
    wire: _Wire | None = None

    @property
    def hears(self) -> bool:
        """Perhaps: whether the wire back is there, only an answer tells."""
        return True

    @property
    def held(self) -> int:
        """What the port has not sent yet."""
        return int(self.device.device.out_waiting)

    def send(self, data: bytes, timeout_s: float) -> int:
        """Hand over what the port takes."""
        port = self.device.device
        if sys.platform == "win32":
            port.write_timeout = timeout_s
            return int(port.write(data[:_PIECE]))
        else:  # noqa: RET505 - mypy reads one branch per platform
            most = _PIECE
            if self.wire is not None and self.wire.is_seen(port):
                if not self._has_room(self.wire, timeout_s):
                    return 0
                most = _AHEAD
            _, writable, _ = select.select([], [port.fileno()], [], timeout_s)
            if not writable:
                return 0
            try:
                return os.write(port.fileno(), data[:most])
            except BlockingIOError:
                return 0

    def _has_room(self, wire: _Wire, timeout_s: float) -> bool:
        """Wait until the printer takes bytes, and most of the last ones have left."""
        port, end = self.device.device, time.monotonic() + timeout_s
        while not wire.is_high(port) or port.out_waiting > _AHEAD // 2:
            if time.monotonic() >= end:
                return False
            time.sleep(_FULL_LOOK_S)
        return True

    def receive(self, timeout_s: float) -> bytes:
        """What came."""
        port = self.device.device
        port.timeout = timeout_s
        first: bytes = port.read(1)
        return first + bytes(port.read(port.in_waiting)) if first else b""

    def finish(self, timeout_s: float) -> bool:
        """Wait until the port has sent everything."""
        port, end = self.device.device, time.monotonic() + timeout_s
        while port.out_waiting:
            if time.monotonic() >= end:
                return False
            time.sleep(_LOOK_S)
        return True

    def close(self) -> None:
        """Release the port; what it has not sent yet is dropped, since closing would wait for a printer that is off."""
        port = self.device.device
        with suppress(*port_errors()):
            if port.out_waiting:
                port.reset_output_buffer()
        port.close()
