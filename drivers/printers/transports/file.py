"""A device file such as ``/dev/usb/lp0``, which also hears where the printer answers, a pipe, or a plain file.

A plain file keeps job after job. A pipe must have somebody who reads it. Where devices live no file is ever made: what is
missing there is a printer that is not plugged in, and a receipt written into a file in its place would be lost.
"""

import errno
import os
import select
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from drivers.printers.transports.library import transport
from drivers.printers.transports.transport import FASTER_THAN_PAPER

_PIECE: Final = 4096
_BINARY: Final = getattr(os, "O_BINARY", 0)
_NO_WAIT: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
DEVICES: Final = Path("/dev")
_APPENDING: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _BINARY


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePrinter:
    """A path."""

    path: str

    @property
    def bytes_per_s(self) -> int:
        """Faster than paper."""
        return FASTER_THAN_PAPER

    def open(self) -> "FileTransport":
        """Open it. It is opened here: python-escpos empties a plain file by opening it, and cannot read from a device.

        Raises:
            OSError: It is not there, or does not open.
        """
        device = transport("File", devfile=self.path)
        if _is(stat.S_ISFIFO, self.path):
            device.device = os.fdopen(os.open(self.path, os.O_WRONLY | _NO_WAIT), "wb", buffering=0)
            return FileTransport(device, hears=False)
        if not _is(stat.S_ISCHR, self.path):
            self._must_not_be_a_device()
            device.device = os.fdopen(os.open(self.path, _APPENDING, 0o666), "wb", buffering=0)
            return FileTransport(device, hears=False)
        try:
            device.device = os.fdopen(os.open(self.path, os.O_RDWR | _BINARY | _NO_WAIT), "r+b", buffering=0)
        except PermissionError:
            raise
        except OSError:  # a device that can only be written to
            device.device = os.fdopen(os.open(self.path, os.O_WRONLY | _BINARY | _NO_WAIT), "wb", buffering=0)
            return FileTransport(device, hears=False)
        return FileTransport(device, hears=True)

    def check(self) -> None:
        """Open a device and release it; a plain file that is not there yet is not made, but its folder must be."""
        path = Path(self.path)
        if path.exists():
            self.open().close()
        elif not path.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {path.parent}")
        else:
            self._must_not_be_a_device()

    def _must_not_be_a_device(self) -> None:
        if Path(self.path).resolve().is_relative_to(DEVICES):
            raise FileNotFoundError(errno.ENOENT, "there is no such device now", self.path)


@dataclass(slots=True)
class FileTransport:
    """An open file; it hears until a device says that it has an end."""

    device: Any
    hears: bool

    @property
    def held(self) -> int:
        """Nothing: the device has it."""
        return 0

    def send(self, data: bytes, timeout_s: float) -> int:
        """Hand over what the device takes."""
        if sys.platform != "win32" and not select.select([], [self.device.device], [], timeout_s)[1]:
            return 0
        return self.device.device.write(data[:_PIECE]) or 0

    def receive(self, timeout_s: float) -> bytes:
        """What came; a device that has an end has nothing more to say."""
        data: bytes | None = None
        if sys.platform != "win32" and self.hears and select.select([self.device.device], [], [], timeout_s)[0]:
            data = self.device.device.read(_PIECE)
            self.hears = data != b""
        return data or b""

    def finish(self, timeout_s: float) -> bool:
        """The system has it."""
        del timeout_s
        return True

    def close(self) -> None:
        """Close it."""
        self.device.device.close()


def _is(kind: Callable[[int], bool], path: str) -> bool:
    try:
        return kind(os.stat(path).st_mode)  # noqa: PTH116  # Path has nothing for a device
    except OSError:
        return False
