"""What every forwarder does alike: a thread of its own takes the scans from the scanner's thread, which never waits."""

import logging
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Final

from drivers.errors import DriverError
from drivers.scanners.forwarding.backlog import Backlog
from drivers.scanners.forwarding.forwarder import ForwardingStatus

_LOG: Final = logging.getLogger(__name__)
_FIRST_RETRY_S, _LAST_RETRY_S = 0.25, 5.0
_END_WAIT_S: Final = 5.0


class ThreadedForwarder(ABC):
    """A :class:`~drivers.scanners.forwarding.forwarder.Forwarder`; its adapters say how bytes travel.

    Args:
        name: The name of the scanner, for logs.
        port: What the other program opens, or our end of its pair.
    """

    def __init__(self, name: str, port: str) -> None:
        self._name = name
        self._turn = threading.Lock()
        self._backlog = Backlog()
        self._status = ForwardingStatus(port=port)
        self._stopping = threading.Event()
        self._for_good = False
        self._thread: threading.Thread | None = None
        self._logged = ""

    @property
    def status(self) -> ForwardingStatus:
        """A snapshot; may be read from any thread."""
        with self._turn:
            return self._shown(self._status)

    def start(self) -> None:
        """Make the port, and go on making it whenever it is lost; returns at once."""
        self._thread = threading.Thread(target=self._run, name=f"forwarding {self._name}", daemon=True)
        self._thread.start()

    def forward(self, scan: bytes) -> None:
        """Take the bytes of one scan, with their framing; from any thread, never waits and never raises."""
        with self._turn:
            self._backlog.add(scan, now_ms())
        self._wake()

    def stop(self, *, for_good: bool = False) -> None:
        """Stop handing on; ``for_good`` takes the port away too."""
        self._for_good = for_good
        self._stopping.set()
        self._wake()
        if self._thread is not None:
            self._thread.join(_END_WAIT_S)

    @abstractmethod
    def _connect(self) -> None:
        """Make the port or find it again.

        Raises:
            DriverError: it cannot be done now.
        """

    @abstractmethod
    def _serve(self) -> None:
        """Hand on until it stops or the port is lost.

        Raises:
            DriverError: the port is lost.
        """

    @abstractmethod
    def _disconnect(self) -> None:
        """Let go of the port; harmless if there is none. Takes it away if this is for good."""

    @abstractmethod
    def _wake(self) -> None:
        """End the wait of `_serve`; from any thread."""

    def _shown(self, status: ForwardingStatus) -> ForwardingStatus:
        """The status with the numbers of now."""
        backlog = self._backlog
        return replace(status, sent=backlog.sent, waiting=len(backlog), dropped=backlog.dropped)

    def _run(self) -> None:
        retry_s = _FIRST_RETRY_S
        while not self._stopping.is_set():
            try:
                self._connect()
                retry_s = _FIRST_RETRY_S
                self._become(working=True)
                self._serve()
            except DriverError as fault:
                self._become(working=False, detail=str(fault))
            except Exception as fault:  # noqa: BLE001 - scans must find their way again after any fault
                self._become(working=False, detail=f"{self._name}: forwarding failed ({type(fault).__name__})")
            if not self._stopping.is_set():
                self._let_go()
                self._expire()
                self._stopping.wait(retry_s)
                retry_s = min(retry_s * 2, _LAST_RETRY_S)
        self._let_go()

    def _let_go(self) -> None:
        try:
            self._disconnect()
        except Exception as fault:  # noqa: BLE001 - as above
            _LOG.warning("%s: forwarding did not end well (%s)", self._name, type(fault).__name__)

    def _expire(self) -> None:
        with self._turn:
            self._backlog.expire(now_ms())

    def _become(self, *, working: bool, detail: str = "") -> None:
        """Take a state; a trouble is logged when it begins, and so is its end."""
        with self._turn:
            self._status = replace(self._status, working=working, detail=detail)
        if detail and detail != self._logged:
            self._logged = detail
            _LOG.warning("forwarding stopped: %s", detail)
        elif working and self._logged:
            self._logged = ""
            _LOG.info("forwarding again: %s", self._name)


def now_ms() -> int:
    """Milliseconds of a clock that never goes back."""
    return time.monotonic_ns() // 1_000_000
