"""A till's journal and feed in memory, for the sync loops alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from loyalty.journal.chain import first_head, next_head, terminal_id
from sync.ports import JournalHead
from sync.protocol.values import Acknowledged, FeedPage, SentEntry

PUBLIC = bytes(range(32))


@dataclass
class MemoryJournal:
    """A `JournalSource`; notes what it was told in order."""

    cores: list[bytes] = field(default_factory=list)
    told: list[object] = field(default_factory=list)

    def heads(self) -> list[bytes]:
        heads = [first_head(PUBLIC, 1)]
        for core in self.cores:
            heads.append(next_head(heads[-1], core))
        return heads

    def head(self) -> JournalHead:
        return JournalHead(terminal=terminal_id(PUBLIC), epoch=1, sequence=len(self.cores), hash=self.heads()[-1])

    def hash_at(self, sequence: int) -> bytes | None:
        return self.heads()[sequence] if 0 <= sequence <= len(self.cores) else None

    def entries(self, first: int, most: int, most_bytes: int) -> Sequence[SentEntry]:
        return [SentEntry(core=core, detail=b"{}") for core in self.cores[first - 1 : first - 1 + most]]

    def hq_epoch_seen(self) -> str | None:
        return None

    def about_to_send(self, last: int) -> None:
        self.told.append(("about to send", last))

    def held(self, sequence: int, hq_epoch: str) -> None:
        self.told.append(("held", sequence, hq_epoch))

    def acknowledged(self, answer: Acknowledged, hq_epoch: str) -> None:
        self.told.append(("acked", answer.acked, hq_epoch))


@dataclass
class MemoryFeed:
    """A `FeedSink`."""

    epoch: str | None = None
    upto: int = 0
    pages: list[FeedPage] = field(default_factory=list)
    restarts: int = 0
    wants: tuple[bytes, ...] = ()

    def cursor(self) -> tuple[str | None, int]:
        return self.epoch, self.upto

    def stage(self, page: FeedPage) -> None:
        self.epoch, self.upto = page.hq_epoch, page.upto
        self.pages.append(page)
        self.wants = tuple(one for one in self.wants if one not in page.told)

    def wanted(self) -> tuple[bytes, ...]:
        return self.wants

    def restart(self, hq_epoch: str) -> None:
        self.epoch, self.upto, self.pages = hq_epoch or None, 0, []
        self.restarts += 1
