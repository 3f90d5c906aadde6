"""A till for HQ's tests: it keeps a journal as tills do, in memory, and knows nothing of HQ's inside."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from loyalty.journal.chain import first_head, next_head, terminal_id
from loyalty.journal.codec import detail_digest, encode_core, encode_detail
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import EntryCore, LeaseDraw, Opened, Posting, Reference
from sync.protocol.epochs import EpochRequest, epoch_signing_bytes
from sync.protocol.signing import batch_signing_bytes
from sync.protocol.values import PROTOCOL_MAX, PROTOCOL_MIN, Batch, Hello, PairRequest, SentEntry
from sync.protocol.wire import pairing_proof_bytes

POINTS = "points"


@dataclass
class FakeTill:
    """One till's key and journal; ``chance`` makes it repeatable."""

    chance: random.Random
    epoch: int = 1
    base: int = 0
    entries: list[SentEntry] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(self.chance.randbytes(32))
        self.public_key = self.key.public_key().public_bytes_raw()
        self.id = terminal_id(self.public_key)
        self.heads = [first_head(self.public_key, self.epoch)]

    def pair_request(self, code: str, *, store: str = "S1", name: str = "Till 1") -> PairRequest:
        proof = self.key.sign(pairing_proof_bytes(code, self.public_key))
        return PairRequest(code=code, public_key=self.public_key, proof=proof, store=store, name=name)

    def add(
        self,
        kind: str,
        *postings: Posting,
        refs: tuple[Reference, ...] = (),
        opens: tuple[Opened, ...] = (),
        leases: tuple[LeaseDraw, ...] = (),
        closes: tuple[bytes, ...] = (),
        entry_id: bytes | None = None,
        programme: str | None = None,
        **detail: Any,
    ) -> bytes:
        """Journal an entry and give its id."""
        entry_id = entry_id or self.chance.randbytes(16)
        detail_bytes = encode_detail(self.detail(**detail))
        core = EntryCore(
            entry_id=entry_id,
            kind=kind,
            postings=postings,
            references=refs,
            programme=programme,
            detail_digest=detail_digest(detail_bytes),
            opens=opens,
            leases=leases,
            closes=closes,
        )
        self.add_raw(encode_core(core), detail_bytes)
        return entry_id

    def detail(self, **fields: object) -> EntryDetail:
        base: dict[str, object] = {
            "salt": self.chance.randbytes(16),
            "local_time": "2026-03-02T10:30:00+05:00",
            "business_date": "2026-03-02",
            "store": "S1",
            "currency": "KZT",
            "currency_scale": 2,
        }
        return EntryDetail(**{**base, **fields})  # type: ignore[arg-type]

    def add_raw(self, core: bytes, detail: bytes) -> None:
        self.entries.append(SentEntry(core=core, detail=detail))
        self.heads.append(next_head(self.heads[-1], core))

    def enrol(self, card: str, **detail: Any) -> bytes:
        return self.add("enrol", identifier=card, **detail)

    def sale(self, account: bytes, points: int) -> bytes:
        return self.add("sale", Posting(account=account, unit=POINTS, amount=points))

    def copied(self, entries: int) -> FakeTill:
        """The same till on a disk that has only so many of its entries."""
        other = FakeTill(self.chance, epoch=self.epoch, base=self.base)
        other.key, other.public_key, other.id = self.key, self.public_key, self.id
        other.entries, other.heads = self.entries[:entries], self.heads[: entries + 1]
        return other

    def reopened(self, epoch: int, common: int) -> FakeTill:
        """The same till as it goes on in a new epoch behind ``common`` entries of this one."""
        other = self.copied(0)
        other.epoch, other.base, other.heads = epoch, self.base + common, [first_head(self.public_key, epoch)]
        for entry in self.entries[common:]:
            other.add_raw(entry.core, entry.detail)
        return other

    def epoch_request(self, next_: int, behind: int, /, **changes: Any) -> EpochRequest:
        """Ask for epoch ``next_`` behind so many entries of this one."""
        request = EpochRequest(
            terminal=self.id,
            epoch=self.epoch,
            common_epoch=self.epoch,
            common=behind,
            common_hash=self.heads[behind],
            next=next_,
            through=len(self.entries) - behind,
            missing=0,
            rolled_back=False,
            head=self.heads[-1],
        )
        request = replace(request, **changes)
        return replace(request, signature=self.key.sign(epoch_signing_bytes(request)))

    def hello(self) -> Hello:
        return Hello(
            protocol_min=PROTOCOL_MIN,
            protocol_max=PROTOCOL_MAX,
            terminal=self.id,
            epoch=self.epoch,
            sequence=len(self.entries),
            head=self.heads[-1],
            hq_epoch_seen=None,
        )

    def batch(self, first: int = 1, last: int | None = None) -> Batch:
        last = len(self.entries) if last is None else last
        return self.signed(
            Batch(
                terminal=self.id,
                epoch=self.epoch,
                first=first,
                head=self.heads[last],
                through=max(last, len(self.entries)),
                entries=tuple(self.entries[first - 1 : last]),
            )
        )

    def signed(self, batch: Batch) -> Batch:
        return replace(batch, signature=self.key.sign(batch_signing_bytes(batch)))
