"""What the sync loops need from outside: the till's journal, a place for the feed, and a way to HQ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sync.protocol.epochs import Common, EpochOpened, EpochRequest, HashAnswer, HashAsked, OwnEpoch
from sync.protocol.leases import LeaseAnswer, LeaseRequest
from sync.protocol.values import Acknowledged, Batch, FeedPage, Hello, HelloAnswer, SentEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHead:
    """Where a journal stands: the hash after ``sequence`` entries of ``epoch``."""

    terminal: bytes
    epoch: int
    sequence: int
    hash: bytes


class JournalSource(Protocol):
    """The till's journal, as far as an upload needs it."""

    def head(self) -> JournalHead:
        """Give where the journal stands now."""

    def hash_at(self, sequence: int) -> bytes | None:
        """Give the hash after ``sequence`` entries (0 gives ``h_0``), or None where there is no such entry."""

    def epochs(self) -> Sequence[OwnEpoch]:
        """Give the journal as it is chained now, by epochs, the oldest first; at least one."""

    def hash_in(self, epoch: int, sequence: int) -> bytes | None:
        """Give the hash after ``sequence`` entries of one of `epochs`, or None where it is not (or no longer) known."""

    def rolled_back(self) -> bool:
        """Tell whether the journal was found to be an old copy, and no epoch has begun since."""

    def open_epoch(self, epoch: int, common: Common) -> None:
        """Go on in ``epoch``, which HQ opened: chain all behind the common entry anew, under the same entry ids."""

    def entries(self, first: int, most: int, most_bytes: int) -> Sequence[SentEntry]:
        """Give at least one and at most ``most`` entries from ``first`` on, within ``most_bytes`` where possible.

        They end before an entry whose bytes changed on the disk; there are none where that is the first.
        """

    def hq_epoch_seen(self) -> str | None:
        """Give the HQ epoch of the last contact, or None before the first."""

    def about_to_send(self, last: int) -> int:
        """Make durable that every entry of now, up to ``last`` at least, may have left the till; gives the last one's.

        Called before each request: what is sent may depend on anything that stands in the journal, so from here on none
        of it counts as never sent.
        """

    def sign(self, data: bytes) -> bytes:
        """Sign with the terminal's key; 64 bytes."""

    def held(self, answer: Acknowledged, hq_epoch: str) -> None:
        """Note what HQ's hello says that it holds: more than was noted after a lost answer, less after a restore."""

    def acknowledged(self, answer: Acknowledged, hq_epoch: str) -> None:
        """Note durably what HQ holds."""


class FeedSink(Protocol):
    """Where the feed goes at the till."""

    def epoch(self) -> int:
        """Give the epoch of the till's own journal, whose sequences a page's ``applied`` counts."""

    def cursor(self) -> tuple[str | None, int]:
        """Give (HQ epoch, position) up to which the feed is staged; (None, 0) before the first page."""

    def since(self) -> int:
        """Give the position up to which no tombstone is missing from what the till shows or stages."""

    def stage(self, page: FeedPage) -> None:
        """Keep a page durably; show it, together with everything staged before, once a page is complete."""

    def wanted(self) -> Sequence[bytes]:
        """Give members of whom the till wants everything next, at most `MAX_WANTED`; a page that tells them ends it."""

    def restart(self, hq_epoch: str) -> None:
        """Forget the cursor and what is staged: HQ was restored, and its positions count anew."""


class HqLink(Protocol):
    """One way to HQ. Every call may raise `LinkDown` or `SyncRefused`."""

    def hello(self, hello: Hello) -> HelloAnswer:
        """Say where the till's journal stands."""

    def upload(self, batch: Batch) -> Acknowledged:
        """Send one batch."""

    def leases(self, request: LeaseRequest) -> LeaseAnswer:
        """Say what is wanted of leases; hear what became of those that the till holds."""

    def hash_at(self, asked: HashAsked) -> HashAnswer:
        """Ask which hash HQ holds somewhere in this till's journal."""

    def open_epoch(self, request: EpochRequest) -> EpochOpened:
        """Ask for the next epoch."""

    def feed(self, after: int, epoch: int, wanted: Sequence[bytes] = ()) -> FeedPage:
        """Ask for the feed after a position, and for all of at most `MAX_WANTED` members.

        ``epoch`` is the one whose sequences the till understands.
        """


class SegmentLink(Protocol):
    """The way to HQ's segment files. Every call may raise `LinkDown` or `SyncRefused`."""

    def feed_since(
        self, after: int, epoch: int, since: int, wanted: Sequence[bytes] = (), *, segments: bool = True
    ) -> FeedPage:
        """Ask as `HqLink.feed` does, and say up to where no tombstone is missing; ``segments``: files may be named instead."""

    def segment(self, name: str) -> bytes:
        """Ask for a segment file, at most `MAX_SEGMENT_BYTES`."""
