"""The print worker: one thread that takes receipts from the print queue to one printer.

A sale never waits for paper. A job is marked as being sent before the first byte goes, so that after a crash nobody
takes a receipt that may be on paper for one that is not; it is printed again only when a person asks, as a copy.
"""

import logging
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from agent.book import print_jobs
from agent.book.print_jobs import JobState, PrintJob
from agent.config.printers import PrinterConfig, PrinterKind
from agent.errors import AgentError
from agent.receipts.finding import receipt_of_sequence
from agent.till.context import Context
from drivers.errors import PrinterError, UnprintableCharacter
from drivers.printers.document import Document
from drivers.printers.port import ReceiptPrinter

_LOG = logging.getLogger(__name__)
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 30.0
_IDLE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterStatus:
    """How the printer is.

    Attributes:
        working: False from a failure until the next receipt that the printer takes.
        detail: What is the matter, in one English sentence; else empty.
        waiting: Receipts not printed yet.
        unknown: Receipts of which nobody knows whether they were printed.
        refused: Receipts that this printer cannot print.
    """

    working: bool
    detail: str
    waiting: int
    unknown: int
    refused: int


class _Turn(StrEnum):
    """How one turn of the worker ended."""

    DONE = "done"
    IDLE = "idle"
    BLOCKED = "blocked"


class PrintWorker:
    """Prints what is queued, oldest first, in its own thread."""

    def __init__(self, context: Context, printer: ReceiptPrinter, *, first_wait_s: float = _FIRST_WAIT_S) -> None:
        self._context = context
        self._printer = printer
        self._first_wait_s = first_wait_s
        self._fault = ""
        self._unnoted: tuple[PrintJob, JobState, str | None] | None = None
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)

    @property
    def status(self) -> PrinterStatus:
        """How the printer and its queue are now."""
        with self._context.book.read() as connection:
            return PrinterStatus(
                working=not self._fault,
                detail=self._fault,
                waiting=print_jobs.waiting(connection) + print_jobs.waiting(connection, JobState.SENDING),
                unknown=print_jobs.waiting(connection, JobState.UNKNOWN),
                refused=print_jobs.waiting(connection, JobState.REFUSED),
            )

    def start(self) -> None:
        """Begin. What was being sent when the agent last ended may have been printed; it is not sent again.

        Raises:
            AgentError: the book cannot be written to.
        """
        with self._context.book.write() as writing:
            print_jobs.lost(writing.connection)
        self._thread.start()

    def nudge(self) -> None:
        """Look at the queue now: something was added, or the printer was seen to."""
        self._wake.set()

    def stop(self, timeout_s: float = 15.0) -> None:
        """Finish the receipt under way and end; harmless if it never began."""
        self._stop.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        wait_s = self._first_wait_s
        while not self._stop.is_set():
            self._wake.clear()
            match self._guarded():
                case _Turn.DONE:
                    wait_s = self._first_wait_s
                case _Turn.IDLE:
                    self._wait(_IDLE_S)
                case _Turn.BLOCKED:
                    self._wait(wait_s)
                    wait_s = min(_LONGEST_WAIT_S, wait_s * 2)

    def _wait(self, most_s: float) -> None:
        if not self._stop.is_set():
            self._wake.wait(most_s)

    def _guarded(self) -> _Turn:
        try:
            return self._turn()
        except AgentError as fault:
            self._note_fault(str(fault))
        except Exception as fault:  # noqa: BLE001  # the worker outlives any fault
            _LOG.exception("the print worker failed")
            self._note_fault(f"the print worker failed ({type(fault).__name__})")
        return _Turn.BLOCKED

    def _turn(self) -> _Turn:
        """Note how the last receipt went, if that is not done yet; then print the next one."""
        if self._unnoted is not None:
            return self._note_outcome(*self._unnoted)
        with self._context.book.read() as connection:
            job = print_jobs.next_queued(connection)
        if job is None:
            return _Turn.IDLE
        document = self._document(job)
        if document is None:
            return self._note_outcome(job, JobState.REFUSED, "the entry's receipt cannot be written")
        self._set(job, JobState.SENDING, None)
        self._unnoted = (job, *self._print(document, job))
        return self._note_outcome(*self._unnoted)

    def _document(self, job: PrintJob) -> Document | None:
        try:
            return receipt_of_sequence(self._context, job.sequence, copy=job.copies > 0)
        except AgentError:
            raise
        except Exception:  # noqa: BLE001  # one entry that cannot be read must not stop the others
            _LOG.exception("the receipt of entry %d cannot be written", job.sequence)
            return None

    def _print(self, document: Document, job: PrintJob) -> tuple[JobState, str | None]:
        try:
            outcome = self._printer.print(document, job_name(job))
        except UnprintableCharacter as fault:
            _LOG.error("entry %d: %s", job.sequence, fault)
            return JobState.REFUSED, str(fault)
        except PrinterError as fault:
            self._note_fault(str(fault))
            return JobState.QUEUED, str(fault)
        except Exception as fault:  # noqa: BLE001  # bytes may have gone out
            _LOG.exception("the printer's driver failed")
            return JobState.UNKNOWN, type(fault).__name__
        return JobState(outcome.state.value), outcome.detail or None

    def _note_outcome(self, job: PrintJob, state: JobState, fault: str | None) -> _Turn:
        self._set(job, state, fault)
        self._unnoted = None
        if state is JobState.QUEUED:
            return _Turn.BLOCKED
        if state in {JobState.SENT, JobState.CONFIRMED}:
            self._note_fault("")
        return _Turn.DONE

    def _set(self, job: PrintJob, state: JobState, fault: str | None) -> None:
        with self._context.book.write() as writing:
            print_jobs.set_state(writing.connection, job.job, state, fault)

    def _note_fault(self, fault: str) -> None:
        if fault and fault != self._fault:
            _LOG.warning("%s", fault)
        elif self._fault and not fault:
            _LOG.info("%s prints again", self._printer.name)
        self._fault = fault


def job_name(job: PrintJob) -> str:
    """Name a job, as a preview printer names its files."""
    again = f"-copy-{job.copies}" if job.copies else ""
    return f"receipt-{job.sequence:06}{again}"


def print_again(context: Context, sequence: int) -> None:
    """Queue the receipt of an entry once more, marked as a copy; one that is on its way already stays as it is."""
    with context.book.write() as writing:
        state = print_jobs.state_of(writing.connection, sequence)
        if state in {JobState.QUEUED, JobState.SENDING}:
            return
        if state is None:
            print_jobs.queue(writing.connection, sequence)
        print_jobs.again(writing.connection, sequence)


def make_printer(config: PrinterConfig) -> ReceiptPrinter:
    """Make the printer that the settings name; its library is loaded when it first prints."""
    if config.kind is PrinterKind.PREVIEW:
        from drivers.printers.preview_printer import PreviewPrinter

        return PreviewPrinter(Path(config.address), columns=config.width_columns)
    from drivers.printers import connections
    from drivers.printers.escpos_printer import EscposPrinter

    match config.kind:
        case PrinterKind.SERIAL:
            cable: connections.ConnectionSettings = connections.SerialPrinter(port=config.address, baud=config.baud)
        case PrinterKind.NETWORK:
            host, _, port = config.address.rpartition(":")
            cable = connections.NetworkPrinter(host=host.strip("[]"), port=int(port))
        case _:
            cable = connections.FilePrinter(path=config.address)
    return EscposPrinter(cable, columns=config.width_columns)
