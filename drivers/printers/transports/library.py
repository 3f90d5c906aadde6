"""python-escpos, loaded late and kept to itself.

Its import takes 250 ms and 25 MB, puts a handler on the root logger and leaves a folder behind; its transports log to the
root logger and print to standard output. All of that is mended here, so that an agent's own logging and output stay its own.
"""

import importlib
import logging
import os
import shutil
import sys
import threading
from types import ModuleType
from typing import Any, Final

from drivers.serial_ports import port_errors

_IMPORT_LOCK: Final = threading.Lock()
_LIBRARY_LOG: Final = logging.getLogger("escpos")
_PICKLE_VARIABLE: Final = "ESCPOS_CAPABILITIES_PICKLE_DIR"


def transport(name: str, **settings: Any) -> Any:
    """A transport of python-escpos, such as ``Network``, not opened yet."""
    return getattr(load_transport(name), name)(**settings)


def load_transport(name: str) -> ModuleType:
    """The module of one transport, imported so that nothing of ours is changed by it."""
    with _IMPORT_LOCK:
        if "escpos.capabilities" not in sys.modules:
            _import_escpos()
        module = importlib.import_module(f"escpos.printer.{name.lower()}")
        # It calls logging.info(), which configures the root logger when that has no handler.
        module.logging = _LIBRARY_LOG  # type: ignore[attr-defined]
    return module


def device_errors() -> tuple[type[Exception], ...]:
    """Everything that python-escpos, pyserial, pyusb and the system raise for a device.

    python-escpos asserts that its device is there, and raises RuntimeError for a missing package; pyusb's errors are
    OSErrors, and its missing backend is a ValueError.
    """
    return (*port_errors(), ImportError, RuntimeError, AssertionError, *_library_error(), *_windows_error())


def cause_of(error: Exception) -> Exception:
    """What is behind an error: python-escpos raises its own one and keeps the system's in ``__context__``."""
    if isinstance(error, _library_error()) and isinstance(error.__context__, Exception):
        return error.__context__
    return error


def _library_error() -> tuple[type[Exception], ...]:
    exceptions = sys.modules.get("escpos.exceptions")
    return () if exceptions is None else (exceptions.Error,)


def _windows_error() -> tuple[type[Exception], ...]:
    types = sys.modules.get("pywintypes")
    return () if types is None else (types.error,)


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
