"""The port through which another program gets the scans of a shared scanner."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardingStatus:
    """How the way to the other program is; a snapshot.

    Attributes:
        port: What the other program opens, or our end of its pair of ports.
        working: Whether scans can go there.
        detail: Why not, in one English sentence; empty when there is nothing to say.
        reader: Whether the other program has the port open; None if that cannot be known.
        sent: Scans that went there.
        waiting: Scans that wait for it.
        dropped: Scans that were given up, since it did not take them in time.
    """

    port: str
    working: bool = False
    detail: str = ""
    reader: bool | None = None
    sent: int = 0
    waiting: int = 0
    dropped: int = 0


class Forwarder(Protocol):
    """The way of one scanner's scans."""

    @property
    def status(self) -> ForwardingStatus:
        """A snapshot; may be read from any thread."""

    def start(self) -> None:
        """Make the port, and go on making it whenever it is lost; returns at once."""

    def forward(self, scan: bytes) -> None:
        """Take the bytes of one scan, with their framing; from any thread, never waits and never raises."""

    def stop(self, *, for_good: bool = False) -> None:
        """Stop handing on.

        Args:
            for_good: Take the port away too; else it stays for when the agent is back, where the system can do that.
        """
