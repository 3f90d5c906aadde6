"""The settings of printers and of the customer's display, as values; defaults are those of config.example.toml."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

LATE_AFTER_MINUTES = 10


class PrinterMode(StrEnum):
    """Whose a printer is."""

    HOST = "host"
    """The POS program's: it prints the rows that the agent answers."""
    SHARED = "shared"
    """Both print: the agent opens it for each job, waits while another program has it, and releases it."""
    OWN = "own"
    """The agent's alone, which keeps it open and hears what it says between two jobs."""


class PrinterKind(StrEnum):
    """How a printer is reached."""

    PREVIEW = "preview"
    SERIAL = "serial"
    NETWORK = "network"
    USB = "usb"
    FILE = "file"
    WINDOWS = "windows"


class FlowControl(StrEnum):
    """How a serial printer says that it is full."""

    DTR = "dtr"
    RTS = "rts"
    XONXOFF = "xonxoff"
    NONE = "none"


class ContactLevel(StrEnum):
    """Which level of a drawer's contact says that it is open."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterConfig:
    """One receipt printer.

    Attributes:
        name: What people call it.
        address: A device, ``host:port``, ``vendor:product``, a file, or a Windows printer's name; a folder for ``preview``.
        profile: A known printer's name, or the path of a profile's file; empty for an unknown printer.
        width_columns: Characters across the paper.
        second: The name of the printer that takes over while this one cannot print.
        late_after_minutes: How old a receipt may get before it is no longer printed by itself.
        drawer_pin: The pin of the cash drawer's pulse, 2 or 5; None where no drawer hangs on this printer.
        drawer_open: The level of the contact, on pin 3, while the drawer is open.
        drawer_tenders: Tenders that open the drawer, as the POS program names them.
        character_set: With ``host``: what the rows may hold, as Python names it; empty for every letter.
        substitutions: With ``host``: the shop's table of what may stand for letters outside of it.
    """

    name: str = "receipts"
    mode: PrinterMode = PrinterMode.HOST
    kind: PrinterKind = PrinterKind.PREVIEW
    address: str = ""
    baud: int = 9600
    flow: FlowControl = FlowControl.DTR
    profile: str = ""
    width_columns: int = 48
    second: str = ""
    late_after_minutes: int = LATE_AFTER_MINUTES
    drawer_pin: int | None = None
    drawer_open: ContactLevel = ContactLevel.LOW
    drawer_tenders: tuple[str, ...] = ()
    character_set: str = ""
    substitutions: Path | None = None

    @property
    def is_hosts(self) -> bool:
        """Whether the POS program prints on it, and the agent never touches it."""
        return self.mode is PrinterMode.HOST


class DisplayLanguage(StrEnum):
    """What bytes a line display understands."""

    ESCPOS = "escpos"
    CD5220 = "cd5220"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayConfig:
    """The customer's display: two lines of text on a serial port.

    Attributes:
        language: Its commands.
        columns: Characters in a line.
        character_set: What its letters are, as Python names it, such as ``cp866``; what is not in it is transliterated.
        code_page: The number by which the display knows that set, sent at the start; None where it has but one.
    """

    port: str
    language: DisplayLanguage = DisplayLanguage.ESCPOS
    baud: int = 9600
    columns: int = 20
    character_set: str = "ascii"
    code_page: int | None = None
