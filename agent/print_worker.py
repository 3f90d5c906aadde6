"""The print worker: one thread that takes papers from the print queue to the printers.

A sale never waits for paper. A job is marked as being sent right before its first byte goes, so that after a crash nobody
takes a receipt that may be on paper for one that is not; it is printed again only when a person asks, as a copy. Where
a printer took no byte of a job, the next one may have it.
"""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol, Self

from agent.book import print_jobs
from agent.book.print_jobs import JobState, PrintJob
from agent.config.printers import LATE_AFTER_MINUTES
from agent.errors import AgentError
from agent.receipts.finding import paper_of_job
from agent.till.context import Context
from drivers.errors import PrinterError, Unprintable
from drivers.printers.document import Document
from drivers.printers.port import PrintOutcome, nothing

_LOG = logging.getLogger(__name__)
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 30.0
_IDLE_S = 30.0
_MOST_SENT = 32
"""Jobs of which a printer may still say that they are printed."""
SKIPPED_S = 15.0
"""How long a printer that could not print is passed over where another one can."""


class Prints(Protocol):
    """What the worker asks of a printer, from its own thread."""

    @property
    def name(self) -> str:
        """The configured name."""

    def print(self, document: Document, job_id: str, begins: Callable[[], None]) -> PrintOutcome:
        """Print, and wait for the outcome; raises `PrinterError` where nothing was printed.

        ``begins`` is called before the first byte of the job; what it raises stops the job and is raised here.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCounts:
    """How many jobs are not done with.

    Attributes:
        waiting: Not printed yet.
        unknown: Nobody knows whether they were printed.
        refused: These printers cannot print them.
        late: They waited for too long, and are printed when somebody asks.
    """

    waiting: int = 0
    unknown: int = 0
    refused: int = 0
    late: int = 0

    @classmethod
    def of(cls, states: Mapping[JobState, int]) -> Self:
        """Give the counts of jobs by state."""
        return cls(
            waiting=states.get(JobState.QUEUED, 0) + states.get(JobState.SENDING, 0),
            unknown=states.get(JobState.UNKNOWN, 0),
            refused=states.get(JobState.REFUSED, 0),
            late=states.get(JobState.LATE, 0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """How the print queue is.

    Attributes:
        working: False from a failure of every printer until the next paper that one takes.
        detail: What is the matter, in one English sentence; else empty.
        jobs: All jobs that are not done with.
        papers: The same by the name of the paper's template; papers without such a job are left out.
    """

    working: bool
    detail: str = ""
    jobs: JobCounts = JobCounts()
    papers: Mapping[str, JobCounts] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """Itself as JSON values."""
        papers = {name: asdict(counts) for name, counts in self.papers.items()}
        return {"working": self.working, **asdict(self.jobs), "papers": papers}


class _Turn(StrEnum):
    """How one turn of the worker ended."""

    DONE = "done"
    IDLE = "idle"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """How a job went, and at which printer."""

    state: JobState
    fault: str | None = None
    printer: str | None = None


class PrintWorker:
    """Prints what is queued, oldest first, in its own thread.

    Args:
        context: The till's parts.
        printers: The one that prints, and behind it those that take over, in order; at least one.
        late_after: How long a receipt may wait.
        first_wait_s: After the first failure; each further one doubles it.
        broke_off: Called at the start where a job of an earlier run may have ended in the middle.
    """

    def __init__(
        self,
        context: Context,
        printers: Sequence[Prints],
        *,
        late_after: timedelta = timedelta(minutes=LATE_AFTER_MINUTES),
        first_wait_s: float = _FIRST_WAIT_S,
        broke_off: Callable[[], None] = nothing,
    ) -> None:
        self._context = context
        self._printers = tuple(printers)
        self._late_after = late_after
        self._first_wait_s = first_wait_s
        self._broke_off = broke_off
        self._skipped: dict[str, float] = {}
        self._aside: dict[int, float] = {}
        self._fault = ""
        self._seen = QueueStatus(working=True)
        self._sent: dict[str, PrintJob] = {}
        self._printed_late: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._unnoted: tuple[PrintJob, _Result] | None = None
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="print queue", daemon=True)

    @property
    def status(self) -> QueueStatus:
        """How the queue is now."""
        with self._context.book.read() as connection:
            found = print_jobs.open_jobs(connection)
        return self._status(found)

    @property
    def last_status(self) -> QueueStatus:
        """How the queue was when the worker last looked, which it does at each change; asks nothing of the book."""
        return self._seen

    def start(self) -> None:
        """Begin. What was being sent when the agent last ended may have been printed; it is not sent again.

        Raises:
            AgentError: the book cannot be written to.
        """
        with self._context.book.write() as writing:
            print_jobs.lost(writing.connection)
            found = print_jobs.open_jobs(writing.connection)
        if any(state is JobState.UNKNOWN for state, _ in found):
            self._broke_off()
        self._thread.start()

    def nudge(self) -> None:
        """Look at the queue now: something was added, or a printer was seen to."""
        self._wake.set()

    def printed_late(self, name: str) -> None:
        """A printer says now that a job is printed whose bytes it had taken before; from any thread, returns at once."""
        self._printed_late.put(name)
        self._wake.set()

    def stop(self, timeout_s: float = 15.0) -> None:
        """Finish the receipt under way and end; harmless if it never began."""
        self._stop.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _status(self, found: Mapping[tuple[JobState, str], int]) -> QueueStatus:
        states: Counter[JobState] = Counter()
        papers: dict[str, dict[JobState, int]] = {}
        for (state, paper), count in sorted(found.items()):
            states[state] += count
            papers.setdefault(paper, {})[state] = count
        return QueueStatus(
            working=not self._fault,
            detail=self._fault,
            jobs=JobCounts.of(states),
            papers={paper: JobCounts.of(held) for paper, held in papers.items()},
        )

    def _run(self) -> None:
        wait_s = self._first_wait_s
        while not self._stop.is_set():
            self._wake.clear()
            self._look()
            turn = self._guarded()
            if turn is not _Turn.DONE:
                self._look()
            match turn:
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

    def _look(self) -> None:
        """Keep how the queue is, for who may not ask the book."""
        try:
            self._seen = self.status
        except AgentError:
            _LOG.debug("the book cannot be read now; what was seen last stays")

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
        self._confirm()
        job = self._next()
        if job is None:
            return _Turn.BLOCKED if self._aside else _Turn.IDLE
        document = self._document(job)
        if document is None:
            return self._note_outcome(job, _Result(state=JobState.REFUSED, fault="the paper cannot be written"))
        self._unnoted = (job, self._print(document, job))
        return self._note_outcome(*self._unnoted)

    def _next(self) -> PrintJob | None:
        """The oldest job that is not late, nor set aside; all that are late have become so."""
        now = time.monotonic()
        self._aside = {job: until for job, until in self._aside.items() if until > now}
        with self._context.book.read() as connection:
            job = print_jobs.next_queued(connection, self._aside)
        oldest = self._context.clock() - self._late_after
        if job is None or job.queued_at >= oldest:
            return job
        with self._context.book.write() as writing:
            late = print_jobs.set_late(writing.connection, oldest)
        _LOG.warning("%d papers waited for too long and are not printed unless somebody asks", late)
        with self._context.book.read() as connection:
            return print_jobs.next_queued(connection, self._aside) if late else None

    def _document(self, job: PrintJob) -> Document | None:
        try:
            return paper_of_job(self._context, job)
        except AgentError:
            raise
        except Exception:  # noqa: BLE001  # one paper that cannot be written must not stop the others
            _LOG.exception("%s cannot be written", job_name(job))
            return None

    def _print(self, document: Document, job: PrintJob) -> _Result:
        """Print on the first printer that takes the job.

        What none of them can print is refused. What only one can print that is away now waits, and lets others pass.
        """
        away, unprintable = "", ""
        for printer in self._able():
            try:
                outcome = printer.print(
                    document, job_name(job), lambda: self._set(job, _Result(state=JobState.SENDING))
                )
            except Unprintable as missing:
                unprintable = unprintable or str(missing)
                continue
            except PrinterError as refused:
                away = away or str(refused)
                self._skipped[printer.name] = time.monotonic() + SKIPPED_S
                continue
            except AgentError:
                raise  # the book could not be told that it begins, so it did not
            except Exception as failed:  # noqa: BLE001  # bytes may have gone out
                _LOG.exception("the printer's driver failed")
                return _Result(state=JobState.UNKNOWN, fault=type(failed).__name__, printer=printer.name)
            self._skipped.pop(printer.name, None)
            state = JobState(outcome.state.value)
            return _Result(state=state, fault=outcome.detail or None, printer=printer.name)
        if not away:
            _LOG.error("%s: %s", job_name(job), unprintable)
            return _Result(state=JobState.REFUSED, fault=unprintable)
        if unprintable:
            self._aside[job.job] = time.monotonic() + SKIPPED_S
        self._wake.clear()  # a printer that called itself ready until it got the job has been tried just now
        self._note_fault(away)
        return _Result(state=JobState.QUEUED, fault=away)

    def _able(self) -> list[Prints]:
        """The printers in order, those last that could not print a moment ago."""
        now = time.monotonic()
        return sorted(self._printers, key=lambda printer: self._skipped.get(printer.name, 0.0) > now)

    def _note_outcome(self, job: PrintJob, result: _Result) -> _Turn:
        self._set(job, result)
        self._unnoted = None
        if result.state is JobState.QUEUED:
            return _Turn.DONE if job.job in self._aside else _Turn.BLOCKED
        if result.state is JobState.SENT:
            self._sent[job_name(job)] = job
            for forgotten in list(self._sent)[:-_MOST_SENT]:
                del self._sent[forgotten]
        if result.state in {JobState.SENT, JobState.CONFIRMED}:
            self._note_fault("")
        elif result.state is JobState.UNKNOWN:
            _LOG.warning("%s: %s; nobody knows whether it was printed", job_name(job), result.fault)
        return _Turn.DONE

    def _confirm(self) -> None:
        """Note what printers said late; of what is not known any more nothing is noted."""
        while True:
            try:
                job = self._sent.pop(self._printed_late.get_nowait(), None)
            except queue.Empty:
                return
            if job is not None:
                with self._context.book.write() as writing:
                    print_jobs.confirm(writing.connection, job)

    def _set(self, job: PrintJob, result: _Result) -> None:
        with self._context.book.write() as writing:
            print_jobs.set_state(writing.connection, job.job, result.state, result.fault, result.printer)

    def _note_fault(self, fault: str) -> None:
        if fault and fault != self._fault:
            _LOG.warning("%s", fault)
        elif self._fault and not fault:
            _LOG.info("receipts are printed again")
        self._fault = fault


def job_name(job: PrintJob) -> str:
    """Name a job, as a preview printer names its files."""
    again = f"-copy-{job.copies}" if job.copies else ""
    if job.sequence is None:
        return f"{job.paper}-{job.job:06}"
    which = f"-{job.place}" if job.place else ""
    kind = "receipt" if job.paper == print_jobs.SLIP else job.paper
    return f"{kind}-{job.sequence:06}{which}{again}"
