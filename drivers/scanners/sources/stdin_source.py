"""Scans on standard input, for pipes and for trying things out by hand.

When the input ends, the source is gone for good.
"""

import os
import sys
import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

from drivers.errors import DeviceBusy, DeviceGone
from drivers.scanners.sources.waiting import Waiting

_MAX_READ_BYTES: Final = 4096
_MAX_QUEUED_READS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class StdinSettings:
    """Which input is read.

    Attributes:
        descriptor: A file descriptor that is open; 0 is standard input.

    Raises:
        ValueError: It is negative.
    """

    descriptor: int = 0

    def __post_init__(self) -> None:
        if self.descriptor < 0:
            raise ValueError("descriptor must not be negative")


class StdinSource:
    """A :class:`~drivers.scanners.source.ScanSource` of a descriptor that somebody else opened and will close.

    Args:
        settings: Which input is read.
        name: The name of the device.
    """

    def __init__(self, settings: StdinSettings | None = None, *, name: str = "standard input") -> None:
        self._descriptor = (settings or StdinSettings()).descriptor
        self._name = name
        self._opened = False
        self._ended = False
        self._waiting = Waiting()
        self._pump = _Pump(self._descriptor) if sys.platform == "win32" else None

    @property
    def name(self) -> str:
        """The name of the device."""
        return self._name

    def open(self) -> None:
        """Begin to read.

        Raises:
            DeviceGone: It has ended, or there is none.
            DeviceBusy: It is open already.
        """
        if self._opened:
            raise DeviceBusy(self._name, "already open here")
        if self._ended:
            raise DeviceGone(self._name, "it has ended")
        try:
            os.fstat(self._descriptor)
            if self._pump is None:
                self._waiting.begin(self._descriptor)
        except OSError as error:
            raise DeviceGone(self._name, "there is none") from error
        self._opened = True

    def read(self, timeout_ms: int) -> bytes:
        """What has come, at most 4096 bytes.

        Raises:
            DeviceGone: It has ended or is not open.
        """
        if not self._opened:
            raise DeviceGone(self._name, "not open")
        data = self._pump.read(timeout_ms) if self._pump is not None else self._read(timeout_ms)
        if data is None:
            return b""
        if not data:
            self._ended = True
            raise DeviceGone(self._name, "it has ended")
        return data

    def interrupt(self) -> None:
        """End the wait of a read, or of the next one."""
        self._waiting.interrupt()
        if self._pump is not None:
            self._pump.interrupt()

    def close(self) -> None:
        """Stop reading; the descriptor stays open."""
        self._opened = False
        self._waiting.end()

    def _read(self, timeout_ms: int) -> bytes | None:
        """What has come, ``b""`` at the end, None if nothing has."""
        if not self._waiting.is_readable(timeout_ms):
            return None
        try:
            return os.read(self._descriptor, _MAX_READ_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            return b""


class _Pump:
    """Reads in a thread, for systems on which one cannot wait for a pipe or a console. Untested on Windows."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._came: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._interrupted = False
        self._thread: threading.Thread | None = None

    def read(self, timeout_ms: int) -> bytes | None:
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="standard input", daemon=True)
                self._thread.start()
            self._changed.wait_for(lambda: bool(self._came) or self._interrupted, timeout_ms / 1000)
            self._interrupted = False
            came = self._came.popleft() if self._came else None
            self._changed.notify_all()
            return came

    def interrupt(self) -> None:
        with self._changed:
            self._interrupted = True
            self._changed.notify_all()

    def _run(self) -> None:
        data = b"-"
        while data:
            try:
                data = os.read(self._descriptor, _MAX_READ_BYTES)
            except OSError:
                data = b""
            with self._changed:
                self._changed.wait_for(lambda: len(self._came) < _MAX_QUEUED_READS)
                self._came.append(data)
                self._changed.notify_all()
