"""Forwarding into a serial port: our end of a pair of COM ports (com0com on Windows), or a real port with a cable.

The other program opens the other end. Such a pair belongs to the system, so it outlives the agent by itself. Whether
somebody has the other end open cannot be known; what cannot be written for 5 s is given up.
"""

import os
import sys
import threading
from contextlib import suppress
from typing import Any, Final

from drivers.errors import DeviceBusy, DeviceGone, DriverError
from drivers.scanners.forwarding.backlog import KEPT_MS
from drivers.scanners.forwarding.thread import ThreadedForwarder, now_ms
from drivers.serial_ports import claim, port_errors

_WRITE_WAIT_S: Final = 0.25
_LOOK_S: Final = 1.0
"""How often a port that nothing is sent to is looked at, so that one that went away is noticed."""


class PortForwarder(ThreadedForwarder):
    """Writes one scanner's scans to a port.

    Args:
        name: The name of the scanner.
        port: Our end of the pair, as ``COM7``.
        baud: Its speed; a pair of virtual ports does not care.
    """

    def __init__(self, name: str, port: str, *, baud: int = 9600) -> None:
        self._baud = baud
        self._news = threading.Event()
        self._open: Any = None
        super().__init__(name, port)

    def _connect(self) -> None:
        import serial

        port = self._status.port
        try:
            self._open = serial.Serial(port, self._baud, timeout=0, write_timeout=_WRITE_WAIT_S, exclusive=True)
            claim(self._open)
        except port_errors() as fault:
            raise _opening(self._name, port, fault) from fault

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self._news.wait(_LOOK_S)
            self._news.clear()
            try:
                self._open.read(4096)  # a shared scanner takes no commands
                while not self._stopping.is_set() and self._write_next():
                    pass
            except port_errors() as fault:
                raise DeviceGone(self._name, f"{self._status.port} went away ({type(fault).__name__})") from fault

    def _write_next(self) -> bool:
        """Write the oldest scan to its end, or give it up when it is too old; False if nothing waits."""
        with self._turn:
            self._backlog.expire(now_ms())
            taken = self._backlog.take()
        if taken is None:
            return False
        at_ms, scan = taken
        written = 0
        try:
            with memoryview(scan) as rest:
                while written < len(scan) and now_ms() - at_ms <= KEPT_MS and not self._stopping.is_set():
                    written += self._write_some(rest[written:])
        finally:
            with self._turn:
                self._backlog.took(whole=written == len(scan))
            scan[:] = bytes(len(scan))
        return True

    def _write_some(self, data: memoryview) -> int:
        """Write what there is room for, waiting a little; a timeout of pyserial does not tell how much had gone."""
        if sys.platform == "win32":
            from serial import SerialTimeoutException

            try:
                return int(self._open.write(data[:1]))
            except SerialTimeoutException:
                return 0
        else:
            import select

            _, ready, _ = select.select([], [self._open.fileno()], [], _WRITE_WAIT_S)
            try:
                return os.write(self._open.fileno(), data) if ready else 0
            except BlockingIOError:
                return 0

    def _disconnect(self) -> None:
        port, self._open = self._open, None
        if port is not None:
            with suppress(*port_errors()):
                port.close()

    def _wake(self) -> None:
        self._news.set()


def _opening(name: str, port: str, fault: Exception) -> DriverError:
    text = f"{port} does not open ({fault})"
    return DeviceBusy(name, text) if "PermissionError" in str(fault) else DeviceGone(name, text)
