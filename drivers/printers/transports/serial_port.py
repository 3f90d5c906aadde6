"""A printer on a serial port, 8N1."""

import os
import select
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from drivers.printers.transports.library import transport
from drivers.serial_ports import claim, port_errors

_PIECE: Final = 256
_LOOK_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialPrinter:
    """A port and its settings; nobody else can open it while it is open here.

    Attributes:
        flow: ``dtr``, ``rts``, ``xonxoff`` or ``none``: how the printer says that it is full.
    """

    port: str
    baud: int = 9600
    flow: str = "dtr"

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
        return SerialTransport(device)

    def check(self) -> None:
        """Open it and release it."""
        self.open().close()


@dataclass(frozen=True, slots=True)
class SerialTransport:
    """An open port. python-escpos would wait for ever where the printer takes nothing, so bytes go past it."""

    device: Any

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
            _, writable, _ = select.select([], [port.fileno()], [], timeout_s)
            if not writable:
                return 0
            try:
                return os.write(port.fileno(), data[:_PIECE])
            except BlockingIOError:
                return 0

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
