"""Jobs by JSON values: what the command asks, whether it opens the book itself or asks the HQ that runs.

A question has ``at`` (an instant with its offset, or None for now) and ``only`` (names of jobs; none for all). An answer
has ``done``: for each job ``job``, ``looked_at`` and ``changed``; or ``refused`` and ``lines`` for the person who asked.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from hq.errors import BookBusy
from hq.jobs.service import Jobs
from hq.jobs.values import Job

Asked: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = dict[str, Any]
MAX_ASKED_BYTES = 10_000
_FIRST, _LAST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)


class _Unusable(Exception):
    """What is asked cannot be; the text is for the person."""


def answer(jobs: Jobs, asked: Asked) -> Answer:
    """Run what is asked; a refusal is an answer too."""
    try:
        at, only = _instant(asked.get("at")), _jobs(asked.get("only") or ())
        done = jobs.run(at, only)
    except _Unusable as fault:
        return {"refused": "bad_request", "lines": [str(fault)]}
    except BookBusy as fault:
        return {"refused": "busy", "lines": [f"{fault}; what was done is done, run the jobs again for the rest"]}
    return {"done": [{"job": one.job.value, "looked_at": one.looked_at, "changed": one.changed} for one in done]}


def _instant(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError as fault:
        raise _Unusable("--at: expected an instant, as 2026-12-01T03:00+05:00") from fault
    if at.utcoffset() is None:
        raise _Unusable("--at: expected the offset behind the time, as 2026-12-01T03:00+05:00")
    if not _FIRST <= at < _LAST:
        raise _Unusable("--at: expected a year from 1971 to 2998")
    return at.astimezone(UTC)


def _jobs(names: object) -> tuple[Job, ...]:
    known = [job.value for job in Job]
    asked = [str(name) for name in names] if isinstance(names, list | tuple) else []
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise _Unusable(f'--only: there is no job "{unknown[0]}"; there are {", ".join(known)}')
    return tuple(Job(name) for name in asked)
