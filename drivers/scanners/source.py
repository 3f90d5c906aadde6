"""The port through which bytes come from one device.

Adapters are named by their means (``SerialSource``, ``SimulatedSource``) and turn every error of the system or of a
library into one of :class:`~drivers.errors.DeviceGone`, :class:`~drivers.errors.DeviceBusy` and
:class:`~drivers.errors.DeviceConfig`.
"""

from typing import Protocol


class ScanSource(Protocol):
    """One device; used by one thread at a time."""

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

    def read(self, timeout_ms: int) -> bytes:
        """The bytes that have come, waiting at most ``timeout_ms`` for the first.

        Returns:
            One or more bytes, or ``b""`` if none came in that time. An empty answer says nothing about frames.

        Raises:
            DeviceGone: It was unplugged, or is not open.
        """

    def close(self) -> None:
        """Release the device; harmless if it is not open. Never raises."""
