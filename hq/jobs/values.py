"""The jobs by name, and what came of one."""

from dataclasses import dataclass
from enum import StrEnum

PAGE = 500
"""Accounts of one transaction; tills' uploads go on between two."""


class Job(StrEnum):
    """What may be run, in the order in which a run does it."""

    LEASES = "leases"
    """What dark tills hold since too long is written off, where the policy says so."""
    EXPIRY = "expiry"
    """Lots that are over, and the units of members who stayed away too long."""
    TIERS = "tiers"
    SEGMENTS = "segments"
    OFFERS = "offers"
    """Birthdays, win-back and whatever else HQ gives by the date: see `loyalty.due.dated`."""
    FEED = "feed"
    """What lies far behind in the feed is closed into segment files, and old tombstones go: see `hq.feed.segments`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of one job.

    Attributes:
        looked_at: Accounts, or members, that were looked at; of the feed, rows that were written into files.
        changed: Entries that were written, members whose segments changed, or files that were written and tombstones
            that went.
    """

    job: Job
    looked_at: int
    changed: int

    def plus(self, looked_at: int, changed: int) -> "Done":
        """Add a page."""
        return Done(job=self.job, looked_at=self.looked_at + looked_at, changed=self.changed + changed)
