"""Running jobs."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection

from hq.book.book import Book
from hq.feed.segments import SegmentKeeper
from hq.jobs import expiry, offers, tiers
from hq.jobs.scenes import Scenes
from hq.jobs.segments import refresh_segments
from hq.jobs.values import Done, Job
from hq.journaling.drafts import HqDraft
from hq.journaling.journal import HqJournal
from hq.leases.writing_off import WritingOff
from hq.ports import Clock
from loyalty.numbers.limits import require

_Page: TypeAlias = Callable[[Connection, Scenes, HqJournal, bytes], tuple[list[bytes], list[HqDraft]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """HQ's jobs. Any of them may run at any time, twice, late, or again after it was stopped anywhere."""

    book: Book
    journal: HqJournal
    clock: Clock
    leases: WritingOff
    segments: SegmentKeeper

    def run(self, at: datetime | None = None, only: Collection[Job] = ()) -> tuple[Done, ...]:
        """Do what is due.

        Args:
            at: As if it were this instant (aware); None for now. What an earlier instant has done stays done.
            only: The jobs to run; none of them for all.

        Raises:
            BookBusy: the book could not be written just now; what was done is done, run the jobs again for the rest.
        """
        instant = at if at is not None else self.clock()
        require(instant.utcoffset() is not None, "an instant is aware")
        with self.book.read() as connection:
            scenes = Scenes.read(connection, instant)
        return tuple(self._run(job, scenes) for job in Job if not only or job in only)

    def _run(self, job: Job, scenes: Scenes) -> Done:
        match job:
            case Job.LEASES:
                looked_at, changed = self.leases.due(scenes.at)
                forgotten = self.leases.forget_ended(scenes.at)
                return Done(job=job, looked_at=looked_at + forgotten, changed=changed + forgotten)
            case Job.EXPIRY:
                return self._pages(self._ended(scenes), scenes, expiry.idle_page)
            case Job.TIERS:
                return self._pages(Done(job=job, looked_at=0, changed=0), scenes, tiers.tier_page)
            case Job.SEGMENTS:
                return refresh_segments(self.book, scenes)
            case Job.OFFERS:
                return self._offers(scenes)
            case Job.FEED:
                kept = self.segments.run(self.clock())  # files and tombstones age by the clock, whatever ``at`` says
                return Done(job=job, looked_at=kept.rows, changed=kept.files + kept.forgotten)

    def _ended(self, scenes: Scenes) -> Done:
        done = Done(job=Job.EXPIRY, looked_at=0, changed=0)
        for accounts in expiry.ended_pages(self.book, scenes):
            with self.book.write() as connection:
                drafts = expiry.ended_drafts(connection, scenes, self.journal, accounts)
                entries = self.journal.write_in(connection, drafts).entries if drafts else 0
            done = done.plus(len(accounts), entries)
        return done

    def _pages(self, done: Done, scenes: Scenes, page: _Page) -> Done:
        """Read and write page after page, each in one transaction: nothing changes between the two."""
        after = b""
        while True:
            with self.book.write() as connection:
                accounts, drafts = page(connection, scenes, self.journal, after)
                entries = self.journal.write_in(connection, drafts).entries if drafts else 0
            if not accounts:
                return done
            done, after = done.plus(len(accounts), entries), accounts[-1]

    def _offers(self, scenes: Scenes) -> Done:
        done, after = Done(job=Job.OFFERS, looked_at=0, changed=0), b""
        while True:
            with self.book.write() as connection:
                members, entries = offers.offer_page(connection, scenes, self.journal, after)
            if not members:
                return done
            done, after = done.plus(len(members), entries), members[-1]
