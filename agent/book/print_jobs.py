"""The print queue: a receipt is queued in the commit of its sale and printed in its own time.

A job is queued, then sent, then confirmed or unknown. A job that was being sent when the agent died is unknown,
and is printed again only marked as a copy. One that waited for too long is late: it surprises nobody by coming out
hours after its customer, and is printed when somebody asks.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, bindparam, case, func, insert, null, or_, select, update

from agent.book.schema import print_job
from agent.book.statements import Prepared

_c = print_job.c
EPOCH = datetime.fromtimestamp(0, UTC)


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
    """One receipt to print.

    Attributes:
        job: The job's number.
        sequence: The entry whose receipt it is.
        copies: How often it was printed, or may have been, before; more than 0 marks it as a copy.
        queued_at: Since when it waits.
    """

    job: int
    sequence: int
    copies: int
    queued_at: datetime = EPOCH


_FOR_A_PERSON = (JobState.UNKNOWN, JobState.REFUSED, JobState.LATE)
_NEVER_PRINTED = (JobState.REFUSED, JobState.LATE)
_QUEUE = Prepared(
    insert(print_job).values(
        sequence=bindparam("sequence"), state=JobState.QUEUED.value, queued_at=bindparam("queued_at")
    )
)
_NEXT = Prepared(
    select(_c.id, _c.sequence, _c.copies, _c.queued_at).where(_c.state == bindparam("wanted")).order_by(_c.id).limit(1)
)
_COUNT = Prepared(select(func.count()).where(_c.state == bindparam("wanted")))
_STATE_OF = Prepared(
    select(_c.state).where(_c.sequence == bindparam("entry")).order_by(_c.id.desc()).limit(bindparam("most"))
)
_SET = Prepared(
    update(print_job)
    .where(_c.id == bindparam("job"))
    .values(state=bindparam("new_state"), fault=bindparam("why"), printer=bindparam("by"))
)
_LATE = Prepared(
    update(print_job)
    .where(_c.state == bindparam("was"), _c.queued_at < bindparam("before"))
    .values(state=bindparam("new_state"))
)
_LOST = Prepared(update(print_job).where(_c.state == bindparam("was")).values(state=bindparam("new_state")))
_SETTLE = Prepared(
    update(print_job)
    .where(_c.sequence == bindparam("entry"), or_(*(_c.state == state.value for state in _FOR_A_PERSON)))
    .values(state=bindparam("new_state"))
)
_AGAIN = Prepared(
    update(print_job)
    .where(_c.sequence == bindparam("entry"))
    .values(
        state=bindparam("new_state"),
        copies=case((or_(*(_c.state == state.value for state in _NEVER_PRINTED)), _c.copies), else_=_c.copies + 1),
        fault=null(),
        queued_at=bindparam("queued_at"),
    )
)


def queue(connection: Connection, sequence: int, at: datetime) -> None:
    """Queue the receipt of an entry, ``at`` (aware) now."""
    _QUEUE.run(connection, sequence=sequence, queued_at=int(at.timestamp()))


def next_queued(connection: Connection) -> PrintJob | None:
    """Give the oldest queued job, or None."""
    row = _NEXT.one(connection, wanted=JobState.QUEUED.value)
    if row is None:
        return None
    job, sequence, copies, queued_at = row
    return PrintJob(job=job, sequence=sequence, copies=copies, queued_at=datetime.fromtimestamp(queued_at, UTC))


def waiting(connection: Connection, state: JobState = JobState.QUEUED) -> int:
    """Count the jobs in a state."""
    return int(_COUNT.scalar(connection, wanted=state.value))


def state_of(connection: Connection, sequence: int) -> JobState | None:
    """Tell where the receipt of an entry stands; None where it never had a job."""
    found = _STATE_OF.scalar(connection, entry=sequence, most=1)
    return JobState(found) if found is not None else None


def set_state(
    connection: Connection, job: int, state: JobState, fault: str | None = None, printer: str | None = None
) -> None:
    """Note where a job stands, what went wrong, and which printer had it."""
    _SET.run(connection, job=job, new_state=state.value, why=fault, by=printer)


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


def settle(connection: Connection, sequence: int) -> JobState | None:
    """End a job of which nobody knew, or that was not printed: a person has seen to it. Gives its state then."""
    _SETTLE.run(connection, entry=sequence, new_state=JobState.CONFIRMED.value)
    return state_of(connection, sequence)


def again(connection: Connection, sequence: int, at: datetime) -> bool:
    """Queue the receipt of an entry once more, ``at`` (aware) now; False where it never had a job.

    It is a copy, unless no printer ever had a byte of it.
    """
    asked = int(at.timestamp())
    return _AGAIN.run(connection, entry=sequence, new_state=JobState.QUEUED.value, queued_at=asked).rowcount > 0
