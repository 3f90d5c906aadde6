"""The settings of scanners and card readers as values; defaults are those of config.example.toml."""

import re
from dataclasses import dataclass
from enum import StrEnum

FOLDER = "scanners"
"""Where the ports of shared scanners are, in data_dir."""
TERMINATORS = ("CR", "LF", "TAB", "ETX", "EOT", "NUL")
_COM_PORT = re.compile(r"COM[0-9]+|CNC[AB][0-9]+", re.IGNORECASE)


def is_com_port(written: str) -> bool:
    """Tell the name of a COM port of Windows, or of com0com, from a path."""
    return _COM_PORT.fullmatch(written) is not None


class ScannerMode(StrEnum):
    """Whose a scanner is."""

    HOST = "host"
    """The POS program's: it passes raw scans on."""
    SHARED = "shared"
    """The agent reads it, and the POS program gets every scan that is not a member's, at a port of its own."""
    OWN = "own"
    """The agent's alone."""


class ScannerKind(StrEnum):
    """How a scanner is plugged in."""

    SERIAL = "serial"
    WEDGE = "wedge"
    HID_POS = "hid_pos"
    PCSC = "pcsc"
    NETWORK = "network"
    STDIN = "stdin"
    SCRIPT = "script"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerConfig:
    """One scanner or card reader.

    Attributes:
        name: Tells it from the others, in states, logs and the name of its shared port.
        device: Where it is, as its kind has it: a port, a path, ``VID:PID``, ``host:port``, a file.
        idle_ms: Silence that ends a scan of a scanner that sends nothing behind it.
        terminators: What ends a scan, of ``CR``, ``LF``, ``TAB``, ``ETX``, ``EOT`` and ``NUL``. All of them are the default,
            and leave open whether there is one; fewer say that there always is one, and none that there never is.
        prefix: What it sends before every scan.
        suffix: What it sends behind every scan, before the terminator.
        join_ms: Lines that follow each other within this time are one swipe; 0 joins nothing.
        magstripe: Whether it swipes cards.
        listen: Whether a network scanner calls this machine, at the address in ``device``.
        allow_remote: Whether it may call from another machine.
        apdus: What a card reader asks a card, in hexadecimal; empty for its UID.
        forward_to: In shared mode: the path that the POS program opens, or our end of its pair of COM ports; empty for
            the usual path.
    """

    name: str
    kind: ScannerKind = ScannerKind.SERIAL
    mode: ScannerMode = ScannerMode.HOST
    device: str = ""
    baud: int = 9600
    data_bits: int = 8
    parity: str = "N"
    stop_bits: int = 1
    idle_ms: int = 200
    terminators: tuple[str, ...] = TERMINATORS
    prefix: str = ""
    suffix: str = ""
    join_ms: int = 0
    magstripe: bool = False
    listen: bool = False
    allow_remote: bool = False
    apdus: tuple[str, ...] = ()
    forward_to: str = ""
