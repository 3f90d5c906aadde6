"""A printer on the network, on its raw port (9100)."""

import select
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from drivers.printers.transports.library import transport
from drivers.printers.transports.transport import FASTER_THAN_PAPER

CONNECT_S: Final = 4.0
_QUIET_S: Final = 0.5
_CLOSE_S: Final = 2.0
_PIECE: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPrinter:
    """A printer at an address; most take one connection at a time."""

    host: str
    port: int = 9100
    connect_s: float = CONNECT_S

    @property
    def bytes_per_s(self) -> int:
        """Faster than paper."""
        return FASTER_THAN_PAPER

    def open(self) -> "NetworkTransport":
        """Connect. The socket is made here: python-escpos leaks its own when nobody answers, and knows no IPv6."""
        device = transport("Network", host=self.host, port=self.port, timeout=self.connect_s)
        device.device = socket.create_connection((self.host, self.port), self.connect_s)
        device.device.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        device.device.setblocking(False)
        return NetworkTransport(device)

    def check(self) -> None:
        """Connect and hang up."""
        self.open().close()


@dataclass(frozen=True, slots=True)
class NetworkTransport:
    """A connected printer."""

    device: Any

    @property
    def hears(self) -> bool:
        """Always."""
        return True

    @property
    def held(self) -> int:
        """Nothing: the system delivers what it took."""
        return 0

    def send(self, data: bytes, timeout_s: float) -> int:
        """Hand over what the system takes."""
        sock: socket.socket = self.device.device
        _, writable, _ = select.select([], [sock], [], timeout_s)
        if not writable:
            return 0
        try:
            return sock.send(data[:_PIECE])
        except BlockingIOError:
            return 0

    def receive(self, timeout_s: float) -> bytes:
        """What came; an end of the connection is an error."""
        sock: socket.socket = self.device.device
        readable, _, _ = select.select([sock], [], [], timeout_s)
        if not readable:
            return b""
        try:
            data = sock.recv(4096)
        except BlockingIOError:
            return b""
        if not data:
            raise ConnectionResetError("the printer closed the connection")
        return data

    def finish(self, timeout_s: float) -> bool:
        """The system delivers what it took, or the next use of the connection fails."""
        del timeout_s
        return True

    def close(self) -> None:
        """Hang up so that nothing is lost: an answer that nobody read would make the system cut the connection hard.

        It takes 2 s at most: one that never stops sending is cut off.
        """
        sock: socket.socket = self.device.device
        end = time.monotonic() + _CLOSE_S
        with suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
            while time.monotonic() < end:
                readable, _, _ = select.select([sock], [], [], _QUIET_S)
                if not readable or not sock.recv(_PIECE):
                    break
        sock.close()
