"""What a serial port needs beyond pyserial, system by system.

``exclusive=True`` of pyserial is, on POSIX, an advisory lock that a program without it does not see. ``TIOCEXCL`` makes
the kernel refuse every further open of the port to an ordinary user. On Windows an open port is always exclusive.
"""

import errno
import sys
from contextlib import suppress
from typing import Any, Final

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone, DriverError

_BUSY: Final = frozenset({errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK})
_DENIED: Final = frozenset({errno.EACCES, errno.EPERM})


def claim(port: Any) -> None:
    """Refuse every further open of an open pyserial port until it is closed, where the kernel can."""
    if sys.platform != "win32":
        import fcntl
        import termios

        with suppress(OSError):
            fcntl.ioctl(port.fileno(), termios.TIOCEXCL)


def release(port: Any) -> None:
    """Take back :func:`claim` before the port is closed: the kernel keeps it while any other program has it open."""
    if sys.platform != "win32":
        import fcntl
        import termios

        with suppress(OSError):
            fcntl.ioctl(port.fileno(), termios.TIOCNXCL)


def port_errors() -> tuple[type[Exception], ...]:
    """Everything that opening, setting or reading a port can raise.

    pyserial's SerialException is an OSError; on POSIX a refused setting is a ``termios.error``, which is not.
    """
    if sys.platform != "win32":
        import termios

        return (OSError, ValueError, termios.error)
    else:  # noqa: RET505 - mypy reads one branch per platform
        return (OSError, ValueError)


def port_fault(name: str, error: Exception) -> DriverError:
    """Give the driver error for a port that did not open."""
    if not isinstance(error, OSError):
        return DeviceConfig(name, f"the port refuses these settings ({error})")
    if error.errno is None:
        return _fault_by_text(name, error)
    if error.errno in _BUSY:
        return DeviceBusy(name, "another program has the port")
    if error.errno in _DENIED:
        return DeviceConfig(name, "this user may not open the port")
    return DeviceGone(name, f"no such port now ({errno.errorcode.get(error.errno, error.errno)})")


def _fault_by_text(name: str, error: OSError) -> DriverError:
    """On Windows pyserial puts the cause into the text only; a port in use answers "access is denied"."""
    if "PermissionError" in str(error):
        return DeviceBusy(name, "another program has the port")
    if "FileNotFoundError" in str(error):
        return DeviceGone(name, "no such port now")
    return DeviceConfig(name, f"the port does not open ({error})")
