"""Linux ioctls: their numbers, as ``include/uapi/asm-generic/ioctl.h`` makes them on x86 and ARM, and how they are called."""

import errno
import sys
from typing import Final

WRITE: Final = 1
READ: Final = 2


def request(direction: int, kind: str, number: int, size: int) -> int:
    """The number of an ioctl.

    Args:
        direction: ``READ`` if the kernel answers, ``WRITE`` if it is told something, or both together.
        kind: The letter of the subsystem.
        number: The call, below 256.
        size: Bytes of its argument, below 16384.
    """
    return direction << 30 | size << 16 | ord(kind) << 8 | number


def ioctl(descriptor: int, number: int, argument: bytearray | int) -> int:
    """Call the kernel; a ``bytearray`` is filled with what it answers.

    Raises:
        OSError: The kernel refuses.
    """
    if sys.platform != "win32":
        import fcntl

        return fcntl.ioctl(descriptor, number, argument)
    else:  # noqa: RET505 - mypy reads one branch per platform
        raise OSError(errno.ENOSYS, "no ioctl on this system")
