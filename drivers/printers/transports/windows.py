"""A printer of Windows, raw through its spooler, which takes everything and says nothing. Untested: no Windows was at hand."""

from dataclasses import dataclass
from typing import Any

from drivers.printers.transports.library import transport
from drivers.printers.transports.transport import FASTER_THAN_PAPER


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowsPrinter:
    """The printer's name as Windows shows it."""

    name: str

    @property
    def bytes_per_s(self) -> int:
        """The spooler is faster than paper."""
        return FASTER_THAN_PAPER

    def open(self) -> "WindowsTransport":
        """Find it; a job of the spooler's begins with the first bytes, so that looking after it leaves no empty ones there."""
        device = transport("Win32Raw", printer_name=self.name)
        if self.name not in device.printers:
            raise FileNotFoundError("Windows has no printer of this name")
        return WindowsTransport(device)

    def check(self) -> None:
        """Look whether Windows knows it; nothing is sent to the spooler."""
        self.open()


@dataclass(slots=True)
class WindowsTransport:
    """A job of the spooler's; closing it lets it be printed.

    Attributes:
        device: python-escpos' own.
        begun: Whether the spooler knows of it.
    """

    device: Any
    begun: bool = False

    @property
    def hears(self) -> bool:
        """A spooler hears nothing."""
        return False

    @property
    def held(self) -> int:
        """Nothing: the spooler has it."""
        return 0

    def send(self, data: bytes, timeout_s: float) -> int:
        """Hand everything to the spooler."""
        del timeout_s
        if not self.begun:
            self.device.open(job_name="receipt")
            self.begun = True
        self.device._raw(data)  # noqa: SLF001 - python-escpos gives raw bytes no other way
        return len(data)

    def receive(self, timeout_s: float) -> bytes:
        """Nothing."""
        del timeout_s
        return b""

    def finish(self, timeout_s: float) -> bool:
        """The spooler has it."""
        del timeout_s
        return True

    def close(self) -> None:
        """End the job, if there is one."""
        if self.begun:
            self.device.close()
