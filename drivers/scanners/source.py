"""The port through which scans come from one device.

Adapters are named by their means (``SerialSource``, ``SimulatedSource``) and turn every error of the system or of a
library into one of :class:`~drivers.errors.DeviceGone`, :class:`~drivers.errors.DeviceBusy` and
:class:`~drivers.errors.DeviceConfig`.
"""

from typing import Protocol

from drivers.scanners.framing import Frame
from drivers.scanners.symbols import Misreading, Symbol


class ScanSource(Protocol):
    """One device; used by one thread at a time, but for :meth:`interrupt`."""

    @property
    def name(self) -> str:
        """The configured name, used in refusals, states and logs."""

    def open(self) -> None:
        """Take the device for this process alone.

        Raises:
            DeviceGone: It is not there.
            DeviceBusy: Another program has it.
            DeviceConfig: It does not work with these settings, or this user may not open it.
        """

    def read(self, timeout_ms: int) -> bytes | Frame | Symbol | Misreading:
        """What has come, waiting at most ``timeout_ms`` for it.

        Returns:
            Bytes of a stream, for the framer to cut, or ``b""`` if nothing came in that time, which says nothing about
            frames; a whole frame, from a device that tells where a scan begins and ends; or a symbol, from one that
            reads no text, such as a contactless card's UID, or why what lies on it is none. One source gives one of
            the three kinds.

        Raises:
            DeviceGone: It was unplugged, or is not open.
        """

    def interrupt(self) -> None:
        """Make a read that waits answer ``b""`` at once, or else the next one; for any thread, and never raises.

        A read may wait for a minute, so this is how a reader stops. Harmless if the device is not open.
        """

    def close(self) -> None:
        """Release the device; harmless if it is not open. Never raises."""
