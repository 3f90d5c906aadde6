"""The print queue: a receipt is queued in the commit of its sale and printed in its own time.

A job is queued, then sent, then confirmed or unknown. A job that was being sent when the agent died is unknown,
and is printed again only marked as a copy.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, bindparam, func, insert, select, update

from agent.book.schema import print_job
from agent.book.statements import Prepared

_c = print_job.c


class JobState(StrEnum):
    """Where a print job stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    """The printer cannot print it at all; ``fault`` says why, and no byte was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """One receipt to print.

    Attributes:
        job: The job's number.
        sequence: The entry whose receipt it is.
        copies: How often it was printed, or may have been, before; more than 0 marks it as a copy.
    """

    job: int
    sequence: int
    copies: int


_QUEUE = Prepared(insert(print_job).values(sequence=bindparam("sequence"), state=JobState.QUEUED.value))
_NEXT = Prepared(select(_c.id, _c.sequence, _c.copies).where(_c.state == bindparam("wanted")).order_by(_c.id).limit(1))
_COUNT = Prepared(select(func.count()).where(_c.state == bindparam("wanted")))
_STATE_OF = Prepared(
    select(_c.state).where(_c.sequence == bindparam("entry")).order_by(_c.id.desc()).limit(bindparam("most"))
)
_SET = Prepared(
    update(print_job).where(_c.id == bindparam("job")).values(state=bindparam("new_state"), fault=bindparam("why"))
)
_LOST = Prepared(update(print_job).where(_c.state == bindparam("was")).values(state=bindparam("new_state")))
_SETTLE = Prepared(
    update(print_job)
    .where(
        _c.sequence == bindparam("entry"), (_c.state == JobState.UNKNOWN.value) | (_c.state == JobState.REFUSED.value)
    )
    .values(state=bindparam("new_state"))
)
_AGAIN = Prepared(
    update(print_job)
    .where(_c.sequence == bindparam("entry"))
    .values(state=bindparam("new_state"), copies=_c.copies + 1, fault=bindparam("why"))
)


def queue(connection: Connection, sequence: int) -> None:
    """Queue the receipt of an entry."""
    _QUEUE.run(connection, sequence=sequence)


def next_queued(connection: Connection) -> PrintJob | None:
    """Give the oldest queued job, or None."""
    row = _NEXT.one(connection, wanted=JobState.QUEUED.value)
    return PrintJob(job=row[0], sequence=row[1], copies=row[2]) if row is not None else None


def waiting(connection: Connection, state: JobState = JobState.QUEUED) -> int:
    """Count the jobs in a state."""
    return int(_COUNT.scalar(connection, wanted=state.value))


def state_of(connection: Connection, sequence: int) -> JobState | None:
    """Tell where the receipt of an entry stands; None where it never had a job."""
    found = _STATE_OF.scalar(connection, entry=sequence, most=1)
    return JobState(found) if found is not None else None


def set_state(connection: Connection, job: int, state: JobState, fault: str | None = None) -> None:
    """Note where a job stands, and what went wrong."""
    _SET.run(connection, job=job, new_state=state.value, why=fault)


def lost(connection: Connection) -> None:
    """After a start: what was being sent when the agent died may have been printed; nobody knows.

    `again` counts that printing, as it counts every one that was or may have been.
    """
    _LOST.run(connection, was=JobState.SENDING.value, new_state=JobState.UNKNOWN.value)


def settle(connection: Connection, sequence: int) -> JobState | None:
    """End a job of which nobody knew, or that could not be printed: a person has seen to it. Gives its state then."""
    _SETTLE.run(connection, entry=sequence, new_state=JobState.CONFIRMED.value)
    return state_of(connection, sequence)


def again(connection: Connection, sequence: int) -> bool:
    """Queue the receipt of an entry once more, marked as a copy; False where it never had a job."""
    return _AGAIN.run(connection, entry=sequence, new_state=JobState.QUEUED.value, why=None).rowcount > 0
