"""How a printer is, as far as it says so. Pure values; which bytes say it is the business of ``status``."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Paper(StrEnum):
    """What the paper sensors say."""

    UNKNOWN = "unknown"
    THERE = "there"
    NEAR_END = "near_end"
    OUT = "out"


class Trouble(StrEnum):
    """One thing that somebody at the till should know of a printer, the gravest first."""

    UNREACHABLE = "unreachable"
    """It does not open, or does not answer where it should."""
    BUSY = "busy"
    """Another program has it."""
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    CUTTER = "cutter"
    FAILED = "failed"
    """An error of the printer's own: overheated, a jam, a fault that only switching off and on clears."""
    OFFLINE = "offline"
    """It says that it is offline, and not why."""
    PAPER_NEAR_END = "paper_near_end"
    DRAWER_OPEN = "drawer_open"


HARMLESS: Final = frozenset({Trouble.PAPER_NEAR_END, Trouble.DRAWER_OPEN})
"""What does not keep a receipt from being printed."""


class DrawerContact(StrEnum):
    """What the contact of the cash drawer, on pin 3, says; makers of drawers differ."""

    NONE = "none"
    """No drawer hangs on the printer."""
    LOW = "low"
    """It is low while the drawer is open."""
    HIGH = "high"
    """It is high while the drawer is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterCondition:
    """What a printer said of itself.

    Attributes:
        answers: It says how it is; False for a printer, or a cable, without a way back. The rest is not known then.
        reachable: It can be opened.
        busy: Another program has it.
        online: It takes data and prints.
        failed: It stopped for an error that is none of the others.
        drawer_open: The contact of the cash drawer is at the level that an open drawer gives; None where there is none.
    """

    answers: bool = False
    reachable: bool = True
    busy: bool = False
    online: bool = True
    paper: Paper = Paper.UNKNOWN
    cover_open: bool = False
    cutter_error: bool = False
    failed: bool = False
    drawer_open: bool | None = None

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What is the matter, the gravest first; empty when all is well, or nothing is known."""
        found = {
            Trouble.UNREACHABLE: not self.reachable,
            Trouble.BUSY: self.busy,
            Trouble.PAPER_OUT: self.paper is Paper.OUT,
            Trouble.COVER_OPEN: self.cover_open,
            Trouble.CUTTER: self.cutter_error,
            Trouble.FAILED: self.failed,
            Trouble.PAPER_NEAR_END: self.paper is Paper.NEAR_END,
            Trouble.DRAWER_OPEN: bool(self.drawer_open),
        }
        found[Trouble.OFFLINE] = not self.online and not any(found[trouble] for trouble in set(found) - HARMLESS)
        return tuple(trouble for trouble in Trouble if found[trouble])

    @property
    def can_print(self) -> bool:
        """Whether nothing that it said keeps it from printing."""
        return not set(self.troubles) - HARMLESS


SILENT: Final = PrinterCondition()
"""Of a printer that says nothing."""
UNREACHABLE: Final = PrinterCondition(reachable=False, online=False)
BUSY: Final = PrinterCondition(busy=True, online=False)
