"""A till's journal and feed in memory, for the sync loops alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from loyalty.journal.chain import first_head, next_head, terminal_id
from sync.ports import JournalHead
from sync.protocol.epochs import Common, OwnEpoch
from sync.protocol.values import Acknowledged, FeedPage, SentEntry

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


@dataclass
class MemoryJournal:
    """A `JournalSource`; notes what it was told in order."""

    cores: list[bytes] = field(default_factory=list)
    told: list[object] = field(default_factory=list)
    begun: list[tuple[int, int]] = field(default_factory=lambda: [(1, 0)])
    """(epoch, base), the oldest first; each goes on from the one before it."""
    is_old_copy: bool = False
    rotten: set[int] = field(default_factory=set)
    """Positions whose bytes changed; a new epoch seals them where the journal ``seals``."""
    seals: bool = True

    def heads(self, number: int = -1) -> list[bytes]:
        """The hashes of the part of the journal that is chained in an epoch, by default the present one."""
        own = self.epochs()[number]
        heads = [first_head(PUBLIC, own.epoch)]
        for core in self.cores[own.base : own.base + own.last]:
            heads.append(next_head(heads[-1], core))
        return heads

    def head(self) -> JournalHead:
        heads = self.heads()
        epoch, _ = self.begun[-1]
        return JournalHead(terminal=terminal_id(PUBLIC), epoch=epoch, sequence=len(heads) - 1, hash=heads[-1])

    def hash_at(self, sequence: int) -> bytes | None:
        return self.hash_in(self.begun[-1][0], sequence)

    def epochs(self) -> Sequence[OwnEpoch]:
        ends = [*(base for _, base in self.begun[1:]), len(self.cores)]
        return [
            OwnEpoch(epoch=epoch, base=base, last=end - base)
            for (epoch, base), end in zip(self.begun, ends, strict=True)
        ]

    def hash_in(self, epoch: int, sequence: int) -> bytes | None:
        number = [own.epoch for own in self.epochs()].index(epoch)
        heads = self.heads(number)
        return heads[sequence] if 0 <= sequence < len(heads) else None

    def rolled_back(self) -> bool:
        return self.is_old_copy

    def open_epoch(self, epoch: int, common: Common) -> None:
        self.is_old_copy = False
        self.rotten = set() if self.seals else self.rotten
        self.told.append(("epoch", epoch, common.base))
        self.begun = [(one, base) for one, base in self.begun if base < common.base or base == 0] + [
            (epoch, common.base)
        ]

    def entries(self, first: int, most: int, most_bytes: int) -> Sequence[SentEntry]:
        first += self.begun[-1][1]
        most = min([most, *(position - first for position in self.rotten if position >= first)])
        return [SentEntry(core=core, detail=b"{}") for core in self.cores[first - 1 : first - 1 + most]]

    def hq_epoch_seen(self) -> str | None:
        return None

    def about_to_send(self, last: int) -> int:
        self.told.append(("about to send", last))
        return len(self.cores) - self.begun[-1][1]

    def sign(self, data: bytes) -> bytes:
        return KEY.sign(data)

    def held(self, answer: Acknowledged, hq_epoch: str) -> None:
        self.told.append(("held", answer.acked, hq_epoch))

    def acknowledged(self, answer: Acknowledged, hq_epoch: str) -> None:
        self.told.append(("acked", answer.acked, hq_epoch))


@dataclass
class MemoryFeed:
    """A `FeedSink`."""

    hq_epoch: str | None = None
    upto: int = 0
    pages: list[FeedPage] = field(default_factory=list)
    restarts: int = 0
    wants: tuple[bytes, ...] = ()
    told: int = 0

    def since(self) -> int:
        return self.told

    def epoch(self) -> int:
        return 1

    def cursor(self) -> tuple[str | None, int]:
        return self.hq_epoch, self.upto

    def stage(self, page: FeedPage) -> None:
        self.hq_epoch, self.upto = page.hq_epoch, page.upto
        self.pages.append(page)
        self.wants = tuple(one for one in self.wants if one not in page.told)

    def wanted(self) -> tuple[bytes, ...]:
        return self.wants

    def restart(self, hq_epoch: str) -> None:
        self.hq_epoch, self.upto, self.pages = hq_epoch or None, 0, []
        self.restarts += 1
