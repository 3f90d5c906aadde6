"""What a serial port needs beyond pyserial, system by system.

``exclusive=True`` of pyserial is, on POSIX, an advisory lock that a program without it does not see. ``TIOCEXCL`` makes
the kernel refuse every further open of the port to an ordinary user. On Windows an open port is always exclusive.
"""

import sys
from contextlib import suppress
from typing import Any


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
