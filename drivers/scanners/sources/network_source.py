"""A scanner on the network that sends its scans over TCP: it is called, or it calls.

A scanner that is cut off says nothing: the kernel asks with keep-alives whether it is still there, and the source is
gone when it is not. What it sends is neither encrypted nor signed, so a listening source takes calls from this machine
only, unless it is told otherwise.

A scanner that calls for every scan and hangs up is no trouble: the source goes on listening, and takes the next call
only after a pause in which the framer ends what the last one left. A call that breaks, or is followed by another before
it has ended, makes the source gone, so that half a scan is never joined to the next.
"""

import errno
import ipaddress
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone, DriverError
from drivers.scanners.framing import DEFAULT_IDLE_MS
from drivers.scanners.sources.waiting import Waiting

_MAX_READ_BYTES: Final = 4096
MAX_TIMEOUT_MS: Final = 60_000
_PROBES: Final = 3
_LOOK_FOR_CALLS_MS: Final = 1000
"""How often a listening source looks for another call while one is going on."""
_CONFIG_ERRNOS: Final = frozenset({errno.EACCES, errno.EPERM, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class Calling(StrEnum):
    """Who calls whom."""

    CONNECT = "connect"
    """This program calls the scanner."""
    LISTEN = "listen"
    """The scanner calls this program; one at a time, and the newest call counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """How a scanner is reached.

    Attributes:
        host: Its name or address; for ``LISTEN`` the address of this machine on which calls are taken.
        port: The TCP port, 1 to 65535.
        calling: Who calls whom.
        beyond_this_machine: Whether ``LISTEN`` may take calls from other machines.
        connect_timeout_ms: Longest wait for an answer to a call, at most 60 s.
        silent_ms: How long a scanner may leave keep-alives unanswered, at least 3 s and at most 60 s.
        pause_ms: Between two calls, at least the ``idle_ms`` of the framing, at most 60 s.

    Raises:
        ValueError: One of them is outside what stands here, or ``LISTEN`` would take calls from other machines.
    """

    host: str
    port: int
    calling: Calling = Calling.CONNECT
    beyond_this_machine: bool = False
    connect_timeout_ms: int = 3000
    silent_ms: int = 10_000
    pause_ms: int = DEFAULT_IDLE_MS + 50

    def __post_init__(self) -> None:
        if not self.host:
            raise ValueError("host must not be empty")
        if not 1 <= self.port <= 65_535:
            raise ValueError("port must be between 1 and 65535")
        if not 1 <= self.connect_timeout_ms <= MAX_TIMEOUT_MS:
            raise ValueError(f"connect_timeout_ms must be between 1 and {MAX_TIMEOUT_MS}")
        if not 3000 <= self.silent_ms <= MAX_TIMEOUT_MS:
            raise ValueError(f"silent_ms must be between 3000 and {MAX_TIMEOUT_MS}")
        if not 0 <= self.pause_ms <= MAX_TIMEOUT_MS:
            raise ValueError(f"pause_ms must be between 0 and {MAX_TIMEOUT_MS}")
        if self.calling is Calling.LISTEN and not (self.beyond_this_machine or _is_loopback(self.host)):
            raise ValueError("host must be an address of this machine alone, or beyond_this_machine must be set")


class NetworkSource:
    """A :class:`~drivers.scanners.source.ScanSource` of one TCP connection at a time.

    Args:
        settings: How the scanner is reached.
        name: The name of the device; host and port if left out.
    """

    def __init__(self, settings: NetworkSettings, *, name: str = "") -> None:
        self._settings = settings
        self._name = name or f"{settings.host}:{settings.port}"
        self._listener: socket.socket | None = None
        self._connection: socket.socket | None = None
        self._next_call: socket.socket | None = None
        self._pausing = False
        self._waiting = Waiting()
        self._interrupted = threading.Event()

    @property
    def name(self) -> str:
        """The configured name, or host and port."""
        return self._name

    def open(self) -> None:
        """Call the scanner, or begin to take its calls.

        Raises:
            DeviceGone: It does not answer.
            DeviceBusy: Another program listens on the port.
            DeviceConfig: This user may not listen there, or this machine has no such address.
        """
        if self._connection is not None or self._listener is not None:
            raise DeviceBusy(self._name, "already open here")
        self._interrupted.clear()
        try:
            if self._settings.calling is Calling.CONNECT:
                self._talk_to(socket.create_connection(self._address, self._settings.connect_timeout_ms / 1000))
            else:
                self._listen()
        except OSError as error:
            self.close()
            raise _translated(self._name, error) from error

    def read(self, timeout_ms: int) -> bytes:
        """What has come, at most 4096 bytes.

        Raises:
            DeviceGone: The connection broke, a scanner that was called hung up, or one that calls has called again
                without hanging up; or the source is not open.
        """
        try:
            if self._connection is not None:
                return self._hear(self._connection, timeout_ms)
            if self._listener is None:
                raise DeviceGone(self._name, "not open")
            self._await_call(self._listener, timeout_ms)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise DeviceGone(self._name, f"the connection broke ({_name_of(error)})") from error
        return b""

    def interrupt(self) -> None:
        """End the wait of a read, or of the next one."""
        self._interrupted.set()
        self._waiting.interrupt()

    def close(self) -> None:
        """Hang up, and take no calls; a call that has just replaced another is kept for the next :meth:`open`."""
        self._waiting.end()
        kept = self._next_call if self._connection is not None else None
        for end in (self._connection, self._listener, self._next_call):
            if end is not None and end is not kept:
                with suppress(OSError):
                    end.close()
        self._connection = self._listener = None
        self._next_call = kept

    @property
    def _address(self) -> tuple[str, int]:
        return self._settings.host, self._settings.port

    def _listen(self) -> None:
        self._listener = _listening(self._address)
        self._pausing = False
        call, self._next_call = self._next_call, None
        if call is not None:
            self._talk_to(call)
        else:
            self._waiting.begin(self._listener.fileno())

    def _hear(self, connection: socket.socket, timeout_ms: int) -> bytes:
        wait_ms = timeout_ms if self._listener is None else min(timeout_ms, _LOOK_FOR_CALLS_MS)
        if self._waiting.is_readable(wait_ms):
            return connection.recv(_MAX_READ_BYTES) or self._hung_up(connection)
        if self._listener is not None:
            self._next_call, _ = self._listener.accept()
            raise DeviceGone(self._name, "the scanner called again without hanging up")
        return b""

    def _hung_up(self, connection: socket.socket) -> bytes:
        """The scanner has said all it had to say."""
        if self._listener is None:
            raise DeviceGone(self._name, "the scanner hung up")
        connection.close()
        self._connection = None
        self._pausing = True
        self._waiting.end()
        return b""

    def _await_call(self, listener: socket.socket, timeout_ms: int) -> None:
        if self._pausing:
            self._pausing = False
            self._interrupted.wait(self._settings.pause_ms / 1000)
            self._waiting.begin(listener.fileno())
        elif self._waiting.is_readable(timeout_ms):
            connection, _ = listener.accept()
            self._talk_to(connection)

    def _talk_to(self, connection: socket.socket) -> None:
        self._connection = connection
        connection.setblocking(False)
        _keep_alive(connection, self._settings.silent_ms)
        self._waiting.begin(connection.fileno())


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listening(address: tuple[str, int]) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    listener = socket.create_server(address, family=family, backlog=4)
    listener.setblocking(False)
    return listener


def _keep_alive(connection: socket.socket, silent_ms: int) -> None:
    """Ask after a third of the time, and give up when all of it has passed (tcp(7); the same names on Windows)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    third_s = max(1, silent_ms // 3000)
    wanted = {"TCP_KEEPIDLE": third_s, "TCP_KEEPINTVL": max(1, third_s // 2), "TCP_KEEPCNT": _PROBES + 1}
    for option, value in wanted.items():
        if (number := getattr(socket, option, None)) is not None:
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, number, value)


def _name_of(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, type(error).__name__)


def _translated(name: str, error: OSError) -> DriverError:
    if error.errno == errno.EADDRINUSE:
        return DeviceBusy(name, "another program listens on this port")
    if error.errno in _CONFIG_ERRNOS:
        return DeviceConfig(name, f"this machine does not allow it ({_name_of(error)})")
    return DeviceGone(name, f"the scanner does not answer ({_name_of(error)})")
