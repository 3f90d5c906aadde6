"""What the sync loops need from outside: the till's journal, a place for the feed, and a way to HQ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

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

    def entries(self, first: int, most: int, most_bytes: int) -> Sequence[SentEntry]:
        """Give at least one and at most ``most`` entries from ``first`` on, within ``most_bytes`` where possible."""

    def hq_epoch_seen(self) -> str | None:
        """Give the HQ epoch of the last contact, or None before the first."""

    def about_to_send(self, last: int) -> None:
        """Make durable that entries up to ``last`` may have left the till; called before each request."""

    def held(self, sequence: int, hq_epoch: str) -> None:
        """Note what HQ's hello says that it holds: more than was noted after a lost answer, less after a restore."""

    def acknowledged(self, answer: Acknowledged, hq_epoch: str) -> None:
        """Note durably what HQ holds."""


class FeedSink(Protocol):
    """Where the feed goes at the till."""

    def cursor(self) -> tuple[str | None, int]:
        """Give (HQ epoch, position) up to which the feed is staged; (None, 0) before the first page."""

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

    def feed(self, after: int, wanted: Sequence[bytes] = ()) -> FeedPage:
        """Ask for the feed after a position, and for all of at most `MAX_WANTED` members."""
