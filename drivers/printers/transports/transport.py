"""What every way to a printer can do."""

from typing import Final, Protocol

FASTER_THAN_PAPER: Final = 500_000
"""Bytes a second that no paper keeps up with: what a network takes at least, and USB."""


class Transport(Protocol):
    """An open printer. One thread at a time."""

    @property
    def hears(self) -> bool:
        """Whether the printer's answers can come back on this way at all."""

    @property
    def held(self) -> int:
        """How many bytes were taken that have not left this machine, and are dropped when it is closed now.

        Raises:
            OSError: The way is broken. Or another device error.
        """

    def send(self, data: bytes, timeout_s: float) -> int:
        """Hand over the beginning of ``data``.

        Returns:
            How many bytes were taken; 0 when none was within ``timeout_s``.

        Raises:
            OSError: The way is broken; how much of ``data`` was taken is not known. Or another device error.
        """

    def receive(self, timeout_s: float) -> bytes:
        """What came, after at most ``timeout_s``; empty for nothing.

        Raises:
            OSError: The way is broken, or the printer closed it. Or another device error.
        """

    def finish(self, timeout_s: float) -> bool:
        """Wait until what was handed over has left this machine; False if it has not after ``timeout_s``."""

    def close(self) -> None:
        """Release the printer, at once."""


class TransportSettings(Protocol):
    """How one printer is reached."""

    @property
    def bytes_per_s(self) -> int | None:
        """How fast the way is; None where that is not known, which counts as slow."""

    def open(self) -> Transport:
        """Open the printer; every error of the system or of the library comes through."""

    def check(self) -> None:
        """Find out whether it would open, without leaving a trace on it; errors as those of :meth:`open`."""
