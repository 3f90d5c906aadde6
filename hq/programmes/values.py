"""What is asked of HQ's programmes and what they answer, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from loyalty.programme.schedule import Effective, Release

MAX_NOTE = 500
MAX_BY = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Where and when a version is to begin, and who says so.

    Attributes:
        effective: None for now.
        stores: None of them for all.
        new_store: Stores may be named that no till was paired for yet.
        out_of_order: It may begin in the past, or before a release that is planned already.
        note: Why, for people.
        by: Who.
    """

    effective: Effective | None = None
    stores: tuple[str, ...] = ()
    new_store: bool = False
    out_of_order: bool = False
    note: str = ""
    by: str = ""


class Stage(StrEnum):
    """Where a release stands at an instant."""

    PLANNED = "planned"
    """It has begun nowhere."""
    BEGUN = "begun"
    """It has begun in one store at least."""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRow:
    """One release, for people.

    Attributes:
        label: What people call its version.
        back: A version published before it was released anew: a rollback.
    """

    release: Release
    label: str
    note: str
    by: str
    published_at: datetime
    withdrawn_at: datetime | None
    stage: Stage
    back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version."""

    version: str
    programme: str
    label: str
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TillProgramme:
    """By what one till counts, as it said last.

    Attributes:
        programme: The version, or None for a till that has not said.
        label: Its label where HQ published it; None for a till's own file.
        expected: The version that HQ's releases give its store now; None before the first one.
        unreadable: A version that this till's program cannot read.
        seen_at: When HQ last heard of it, to the minute.
    """

    terminal_id: bytes
    name: str
    store: str
    programme: str | None
    label: str | None
    expected: str | None
    unreadable: str | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What came of publishing.

    Attributes:
        fresh: False where the very same was said before and nothing changed.
        warnings: What is allowed and may not be meant, as English sentences for the command line.
    """

    row: ReleaseRow
    fresh: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All of it: releases and versions the newest first, tills by store and name."""

    releases: tuple[ReleaseRow, ...]
    versions: tuple[VersionRow, ...]
    tills: tuple[TillProgramme, ...]
