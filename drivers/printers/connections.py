"""The cables to ESC/POS printers, through python-escpos.

python-escpos is used for its transports only, never for text. It is imported when a printer is first opened: it takes
250 ms and 25 MB. Its import puts a handler on the root logger and leaves a folder behind, and its transports log to the
root logger; all three are mended here, so that an agent's own logging and standard output stay its own.
"""

import importlib
import logging
import os
import shutil
import socket
import sys
import threading
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, Protocol

_IMPORT_LOCK: Final = threading.Lock()
_LIBRARY_LOG: Final = logging.getLogger("escpos")
_PICKLE_VARIABLE: Final = "ESCPOS_CAPABILITIES_PICKLE_DIR"
_APPENDING: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
"""Not ``open(..., "ab")``, which looks for the end of a file and so refuses some devices, which have none."""


class Connection(Protocol):
    """An open cable."""

    def send(self, data: bytes) -> None:
        """Hand over all of ``data``; returns when the system has taken it."""

    def close(self) -> None:
        """Release the device; may wait until what was sent has left."""


class ConnectionSettings(Protocol):
    """How one printer is reached."""

    def open(self) -> Connection:
        """Open the device; every error of the system or of the library comes through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPrinter:
    """A printer on the network, on its raw port; every wait on it ends after ``timeout_ms``."""

    host: str
    port: int = 9100
    timeout_ms: int = 10_000

    def open(self) -> Connection:
        """Connect. The socket is made here: python-escpos leaks its own when nobody answers, and knows no IPv6."""
        device = _transport("Network", host=self.host, port=self.port, timeout=self.timeout_ms / 1000)
        device.device = socket.create_connection((self.host, self.port), self.timeout_ms / 1000)
        return EscposConnection(device)


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialPrinter:
    """A printer on a serial port, 8N1; a write that the printer does not take ends after ``timeout_ms``."""

    port: str
    baud: int = 9600
    xonxoff: bool = False
    dsrdtr: bool = True
    timeout_ms: int = 10_000

    def open(self) -> Connection:
        """Open the port."""
        connection = _opened(
            "Serial",
            devfile=self.port,
            baudrate=self.baud,
            timeout=self.timeout_ms / 1000,
            xonxoff=self.xonxoff,
            dsrdtr=self.dsrdtr,
        )
        connection.device.device.write_timeout = self.timeout_ms / 1000
        return connection


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePrinter:
    """A device file such as ``/dev/usb/lp0``, or a plain file, which each job is appended to."""

    path: str

    def open(self) -> Connection:
        """Open it for writing at its end. It is opened here: python-escpos empties a plain file by opening it."""
        device = _transport("File", devfile=self.path)
        device.device = os.fdopen(os.open(self.path, _APPENDING, 0o666), "wb")
        return EscposConnection(device)


@dataclass(frozen=True, slots=True)
class EscposConnection:
    """A :class:`Connection` on an opened transport of python-escpos."""

    device: Any

    def send(self, data: bytes) -> None:
        """Hand over all of ``data``."""
        self.device._raw(data)  # noqa: SLF001 - python-escpos gives raw bytes no other way

    def close(self) -> None:
        """Release the device."""
        self.device.close()


def _opened(transport: str, **settings: Any) -> EscposConnection:
    device = _transport(transport, **settings)
    device.open()
    return EscposConnection(device)


def _transport(transport: str, **settings: Any) -> Any:
    return getattr(load_transport(transport), transport)(**settings)


def load_transport(transport: str) -> ModuleType:
    """The module of one transport, such as ``Network``, imported so that nothing of ours is changed by it."""
    with _IMPORT_LOCK:
        if "escpos.capabilities" not in sys.modules:
            _import_escpos()
        module = importlib.import_module(f"escpos.printer.{transport.lower()}")
        # It calls logging.info(), which configures the root logger when that has no handler.
        module.logging = _LIBRARY_LOG  # type: ignore[attr-defined]
    return module


def library_error() -> type[Exception]:
    """The base of python-escpos' own errors; one that is never raised as long as the package is not loaded."""
    exceptions = sys.modules.get("escpos.exceptions")
    return _NeverRaised if exceptions is None else exceptions.Error


class _NeverRaised(Exception):
    """Stands in for the errors of a package that is not loaded."""


def _import_escpos() -> None:
    """Import it and undo what that does: a handler on the root logger, and a folder for its pickled capabilities.

    The variable that names another folder is hidden meanwhile: pickles from a folder of others are not to be trusted.
    """
    root = logging.getLogger()
    handlers = list(root.handlers)
    pickles = os.environ.pop(_PICKLE_VARIABLE, None)
    try:
        capabilities = importlib.import_module("escpos.capabilities")
        importlib.import_module("escpos.printer")
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    finally:
        for handler in set(root.handlers) - set(handlers):
            root.removeHandler(handler)
        if pickles is not None:
            os.environ[_PICKLE_VARIABLE] = pickles
