"""The port through which a document becomes paper.

Sending is not printing: most transports accept bytes for a printer without paper. So an outcome says what is known, and
``CONFIRMED`` is claimed only by a printer that says it has printed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from drivers.printers.condition import PrinterCondition
from drivers.printers.document import Document

_JOB_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)


class PrintState(StrEnum):
    """What is known about a job when ``print`` returns."""

    SENT = "sent"
    """Every byte was taken; the printer cannot say more."""
    CONFIRMED = "confirmed"
    """The printer says that it has printed."""
    UNKNOWN = "unknown"
    """It broke off after bytes had been sent: there may be paper. Print it again only marked as a copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintOutcome:
    """How a job went.

    Attributes:
        state: What is known.
        job_id: The caller's name of the job.
        detail: Why it is not known, in one English sentence; else empty.
    """

    state: PrintState
    job_id: str
    detail: str = ""


def nothing() -> None:
    """Nobody needs to know that a job begins."""


class ReceiptPrinter(Protocol):
    """One printer; may be called from any thread, one job at a time reaches it."""

    @property
    def name(self) -> str:
        """The configured name, used in errors and logs."""

    @property
    def condition(self) -> PrinterCondition:
        """The last that is known of it; asks nothing."""

    @property
    def is_watched(self) -> bool:
        """Whether it can be looked after between jobs."""

    def print(self, document: Document, job_id: str, begins: Callable[[], None] = nothing) -> PrintOutcome:
        """Print one document.

        Args:
            document: What to print.
            job_id: The caller's name of the job: 1 to 80 ASCII letters, digits, ``.``, ``_`` and ``-``, not starting
                with a sign.
            begins: Called once, before the first byte of the job goes and after everything that can be known to speak
                against it; what it raises stops the job, of which nothing was sent then.

        Raises:
            Unprintable: It has no way to print this, now or later; another printer may.
            PrinterError: Nothing was printed; its type says whether trying again later may help.
            ValueError: The job id is none (the caller's bug).
        """

    def check(self) -> None:
        """Find out, without printing, whether a job could be sent now.

        Raises:
            PrinterError: It could not, and why.
        """

    def watch(self) -> PrinterCondition:
        """Ask it how it is."""

    def listen(self) -> PrinterCondition:
        """Take in what it said by itself since."""

    def kick(self, pin: int, until: float) -> None:
        """Open the cash drawer on ``pin``, 2 or 5, if the printer is ready for that before ``until`` (monotonic seconds).

        Raises:
            PrinterError: The drawer was not opened.
        """

    def pulse(self, pin: int) -> None:
        """Open the cash drawer while :meth:`print` waits for paper; from the thread that prints."""

    def broke_off(self) -> None:
        """Know that a job of an earlier run may have ended in the middle; before the first job of this one."""

    def close(self) -> None:
        """Release it; the next call opens it again."""


def check_job_id(job_id: str) -> None:
    """Raise ValueError unless ``job_id`` is one that every printer can keep, also as the name of a file."""
    if not _JOB_ID.fullmatch(job_id) or _RESERVED.match(job_id):
        raise ValueError("a job id is 1 to 80 ASCII letters, digits, '.', '_' and '-', and no device name")
