"""The print queue: a paper is queued in the commit of its sale and printed in its own time.

A job is queued, then sent, then confirmed or unknown. A job that was being sent when the agent died is unknown,
and is printed again only marked as a copy. One that waited for too long is late: it surprises nobody by coming out
hours after its customer, and is printed when somebody asks.

Every paper is a job of its own: the slip of an entry, each coupon beside it, a shift report. Of an entry nothing but its
place in the journal is kept, and its papers are written from there; what a shift report says is kept with its job.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, func, insert, null, or_, select, update

from agent.book.schema import print_job
from agent.book.statements import Prepared, Row

_c = print_job.c
EPOCH = datetime.fromtimestamp(0, UTC)
SLIP, REPORT = "slip", "shift"
"""The templates of an entry's own receipt, and of a shift report."""


class JobState(StrEnum):
    """Where a print job stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    """The printer cannot print it at all; ``fault`` says why, and no byte was sent."""
    LATE = "late"
    """It waited for too long; no byte was sent, and somebody may ask for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """One paper to print.

    Attributes:
        job: The job's number.
        sequence: The entry whose paper it is; None for a report.
        copies: How often it was printed, or may have been, before; more than 0 marks it as a copy.
        queued_at: Since when it waits.
        paper: The name of its template.
        place: Which of the entry's papers of this kind, from 1; 0 for the slip and a report.
        content: What a report says, in JSON.
    """

    job: int
    sequence: int | None
    copies: int
    queued_at: datetime = EPOCH
    paper: str = SLIP
    place: int = 0
    content: str | None = None


_UNDER_WAY = (JobState.QUEUED, JobState.SENDING)
_FOR_A_PERSON = (JobState.UNKNOWN, JobState.REFUSED, JobState.LATE)
_NEVER_PRINTED = (JobState.REFUSED, JobState.LATE)


def _stands(among: Iterable[JobState]) -> ColumnElement[bool]:
    return or_(*(_c.state == state.value for state in among))


_QUEUE = Prepared(
    insert(print_job).values(
        sequence=bindparam("sequence"),
        state=JobState.QUEUED.value,
        copies=bindparam("copies"),
        queued_at=bindparam("queued_at"),
        paper=bindparam("paper"),
        place=bindparam("place"),
        about=bindparam("about"),
        content=bindparam("content"),
    )
)
_NEXT = Prepared(
    select(_c.id, _c.sequence, _c.copies, _c.queued_at, _c.paper, _c.place, _c.content)
    .where(_c.state == bindparam("wanted"))
    .order_by(_c.id)
    .limit(bindparam("most"))
)
_COUNT = Prepared(select(func.count()).where(_c.state == bindparam("wanted")))
_OPEN = Prepared(
    select(_c.state, _c.paper, func.count()).where(_stands((*_UNDER_WAY, *_FOR_A_PERSON))).group_by(_c.state, _c.paper)
)
_STATES_OF = Prepared(select(_c.state).where(_c.sequence == bindparam("entry")).order_by(_c.id))
_PAPERS_OF = Prepared(select(_c.paper).where(_c.sequence == bindparam("entry")))
_SET = Prepared(
    update(print_job)
    .where(_c.id == bindparam("job"))
    .values(state=bindparam("new_state"), fault=bindparam("why"), printer=bindparam("by"))
)
_CONFIRM = Prepared(
    update(print_job)
    .where(_c.id == bindparam("job"), _c.state == JobState.SENT.value, _c.copies == bindparam("printing"))
    .values(state=JobState.CONFIRMED.value)
)
_LATE = Prepared(
    update(print_job)
    .where(_c.state == bindparam("was"), _c.queued_at < bindparam("before"))
    .values(state=bindparam("new_state"))
)
_LOST = Prepared(update(print_job).where(_c.state == bindparam("was")).values(state=bindparam("new_state")))
_SETTLE = Prepared(
    update(print_job)
    .where(_c.sequence == bindparam("entry"), _stands(_FOR_A_PERSON))
    .values(state=bindparam("new_state"))
)
_SETTLE_REPORTS = Prepared(delete(print_job).where(_c.sequence.is_(None), _stands(_FOR_A_PERSON)))
_OLD_REPORTS = Prepared(
    delete(print_job).where(
        _c.sequence.is_(None),
        _c.id < select(func.max(_c.id)).scalar_subquery(),
        _c.state != JobState.SENDING.value,
        or_(_c.state != JobState.QUEUED.value, _c.about == bindparam("what")),
    )
)
_AGAIN = Prepared(
    update(print_job)
    .where(
        _c.sequence == bindparam("entry"),
        or_(bindparam("every"), _c.paper == bindparam("what")),
        *(_c.state != state.value for state in _UNDER_WAY),
    )
    .values(
        state=bindparam("new_state"),
        copies=case((_stands(_NEVER_PRINTED), _c.copies), else_=_c.copies + 1),
        fault=null(),
        queued_at=bindparam("queued_at"),
    )
)


def queue(
    connection: Connection,
    sequence: int,
    at: datetime,
    papers: Iterable[tuple[str, int]] = ((SLIP, 0),),
    *,
    copies: int = 0,
) -> None:
    """Queue papers of an entry, each its template and which of its kind it is, ``at`` (aware) now.

    ``copies`` more than 0: they may have been printed already, as by the host.
    """
    for paper, place in papers:
        _queue(connection, at, sequence=sequence, copies=copies, paper=paper, place=place, about=None, content=None)


def queue_report(connection: Connection, about: str, content: str, at: datetime) -> None:
    """Queue a shift report, ``at`` (aware) now.

    It takes the place of one about the same that still waits; of those that are done with, or were not printed, none is kept.
    It has a number of its own, since what a printer says later names a job by it.
    """
    _queue(connection, at, sequence=None, copies=0, paper=REPORT, place=0, about=about, content=content)
    _OLD_REPORTS.run(connection, what=about)


def _queue(connection: Connection, at: datetime, **values: str | int | None) -> None:
    _QUEUE.run(connection, queued_at=int(at.timestamp()), **values)


def next_queued(connection: Connection, but: Collection[int] = ()) -> PrintJob | None:
    """Give the oldest queued job, or None; the jobs whose numbers are in ``but`` let others pass."""
    rows = _NEXT.rows(connection, wanted=JobState.QUEUED.value, most=len(but) + 1)
    return next((_job(row) for row in rows if row[0] not in but), None)


def _job(row: Row) -> PrintJob:
    job, sequence, copies, queued_at, paper, place, content = row
    return PrintJob(
        job=job,
        sequence=sequence,
        copies=copies,
        queued_at=datetime.fromtimestamp(queued_at, UTC),
        paper=paper,
        place=place,
        content=content,
    )


def waiting(connection: Connection, state: JobState = JobState.QUEUED) -> int:
    """Count the jobs in a state."""
    return int(_COUNT.scalar(connection, wanted=state.value))


def open_jobs(connection: Connection) -> Mapping[tuple[JobState, str], int]:
    """Count what is not done with, by state and paper: what waits, and what a person should see to."""
    return {(JobState(state), paper): count for state, paper, count in _OPEN.rows(connection)}


def states_of(connection: Connection, sequence: int) -> tuple[JobState, ...]:
    """Tell where each paper of an entry stands, the slip first; nothing where it never had a job."""
    return tuple(JobState(state) for (state,) in _STATES_OF.rows(connection, entry=sequence))


def papers_of(connection: Connection, sequence: int) -> frozenset[str]:
    """Give the templates of all papers that an entry has, or had, jobs for."""
    return frozenset(paper for (paper,) in _PAPERS_OF.rows(connection, entry=sequence))


def set_state(
    connection: Connection, job: int, state: JobState, fault: str | None = None, printer: str | None = None
) -> None:
    """Note where a job stands, what went wrong, and which printer had it."""
    _SET.run(connection, job=job, new_state=state.value, why=fault, by=printer)


def confirm(connection: Connection, job: PrintJob) -> None:
    """Note that a job that was sent is printed; one that was queued again since is another printing, and stays as it is."""
    _CONFIRM.run(connection, job=job.job, printing=job.copies)


def set_late(connection: Connection, before: datetime) -> int:
    """Print no more by itself what waits since before an instant (aware); gives how many jobs that are."""
    found = _LATE.run(
        connection, was=JobState.QUEUED.value, new_state=JobState.LATE.value, before=int(before.timestamp())
    )
    return found.rowcount


def lost(connection: Connection) -> None:
    """After a start: what was being sent when the agent died may have been printed; nobody knows.

    `again` counts that printing, as it counts every one that was or may have been.
    """
    _LOST.run(connection, was=JobState.SENDING.value, new_state=JobState.UNKNOWN.value)


def settle(connection: Connection, sequence: int) -> tuple[JobState, ...]:
    """End an entry's jobs of which nobody knew, or that were not printed: a person has seen to it. Gives the states then."""
    _SETTLE.run(connection, entry=sequence, new_state=JobState.CONFIRMED.value)
    return states_of(connection, sequence)


def settle_reports(connection: Connection) -> None:
    """Forget the shift reports of which nobody knew, or that were not printed."""
    _SETTLE_REPORTS.run(connection)


def again(connection: Connection, sequence: int, at: datetime, paper: str | None = None) -> bool:
    """Queue what was printed of an entry once more, ``at`` (aware) now; what is under way already stays as it is.

    Each is a copy, unless no printer ever had a byte of it.

    Args:
        connection: Of a transaction.
        sequence: The entry.
        at: Aware.
        paper: The template of what is wanted; None for all.

    Returns:
        False where nothing was queued.
    """
    found = _AGAIN.run(
        connection,
        entry=sequence,
        every=int(paper is None),
        what=paper,
        new_state=JobState.QUEUED.value,
        queued_at=int(at.timestamp()),
    )
    return found.rowcount > 0
