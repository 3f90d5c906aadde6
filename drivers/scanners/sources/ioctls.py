"""Numbers of Linux ioctls, as ``include/uapi/asm-generic/ioctl.h`` makes them on x86 and ARM. Pure."""

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
