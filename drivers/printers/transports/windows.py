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
        """Begin a job of the spooler's."""
        device = transport("Win32Raw", printer_name=self.name)
        device.open(job_name="receipt")
        return WindowsTransport(device)

    def check(self) -> None:
        """Look whether Windows knows it; nothing is sent to the spooler."""
        if self.name not in transport("Win32Raw", printer_name=self.name).printers:
            raise FileNotFoundError("Windows has no printer of this name")


@dataclass(frozen=True, slots=True)
class WindowsTransport:
    """An open job of the spooler's; closing it lets it be printed."""

    device: Any

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
        """End the job."""
        self.device.close()
