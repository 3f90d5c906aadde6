"""HQ as a small model in memory: what the protocol promises, and nothing of how the real one does it.

`FailingLink` puts a line in front of it that fails as told.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from loyalty.cards import card_key
from loyalty.journal.chain import first_head, terminal_id
from loyalty.journal.codec import decode_core, decode_detail
from loyalty.journal.entry import Posting
from sync.protocol.epochs import EpochOpened, EpochRequest, HashAnswer, HashAsked, epoch_signing_bytes
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.leases import LeaseAnswer, LeaseRequest
from sync.protocol.signing import batch_signing_bytes
from sync.protocol.values import (
    Acknowledged,
    Batch,
    FeedBalance,
    FeedCard,
    FeedMember,
    FeedPage,
    FeedRow,
    Hello,
    HelloAnswer,
    SentEntry,
)
from sync.protocol.wire import decode_batch, decode_feed_page, encode_batch, encode_feed_page

IDENTIFIER_KEY = bytes(range(32))
_T = TypeVar("_T")
Change = tuple[int, bytes]
Place = tuple[bytes, int, int]


@dataclass
class Held:
    """What HQ holds of one epoch of a till's journal."""

    first: bytes
    promised: int = 0
    entries: list[SentEntry] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)

    def head_at(self, sequence: int) -> bytes:
        return self.heads[sequence - 1] if sequence else self.first


@dataclass
class Known:
    """A till: its key, the epoch that HQ takes, every epoch's journal, and which request opened which epoch."""

    public_key: bytes
    epoch: int = 1
    journals: dict[int, Held] = field(default_factory=dict)
    opened: dict[int, EpochRequest] = field(default_factory=dict)

    def held(self, epoch: int) -> Held:
        return self.journals.setdefault(epoch, Held(first=first_head(self.public_key, epoch)))


@dataclass
class HqModel:
    """HQ: journals, members, balances and a latest-value log."""

    epoch: str = "hq-1"
    page_rows: int = 3
    most_entries: int = 4
    protocol: int = 1
    tills: dict[bytes, Known] = field(default_factory=dict)
    members: dict[bytes, bytes] = field(default_factory=dict)
    cards: dict[int, bytes] = field(default_factory=dict)
    balances: dict[tuple[bytes, str], int] = field(default_factory=dict)
    posted: set[bytes] = field(default_factory=set)
    log: dict[Change, int] = field(default_factory=dict)
    position: int = 0
    waiting: dict[bytes, list[tuple[Posting, Place]]] = field(default_factory=dict)
    """Postings to accounts whose enrolment has not come yet, each with the place of its entry."""

    def know(self, public_key: bytes) -> None:
        self.tills.setdefault(terminal_id(public_key), Known(public_key=public_key))

    def backup(self) -> HqModel:
        """A copy of everything, as a backup would be."""
        other = HqModel(page_rows=self.page_rows, most_entries=self.most_entries)
        other.tills = copy.deepcopy(self.tills)
        other.members, other.cards = dict(self.members), dict(self.cards)
        other.balances, other.posted = dict(self.balances), set(self.posted)
        other.waiting = copy.deepcopy(self.waiting)
        other.position, other.log = self.position, dict(self.log)
        return other

    def restore(self, saved: HqModel, epoch: str) -> None:
        """Be what the backup was, under a new epoch."""
        kept = saved.backup()
        self.__dict__.update(kept.__dict__, epoch=epoch)

    def hello(self, hello: Hello) -> HelloAnswer:
        held = self.held(hello.terminal)
        return HelloAnswer(
            protocol=self.protocol,
            epoch=self.till(hello.terminal).epoch,
            durable=len(held.entries),
            resume_from=len(held.entries) + 1,
            held_head=held.head_at(len(held.entries)),
            hq_epoch=self.epoch,
            hq_time=0,
            max_batch_entries=self.most_entries,
            max_batch_bytes=100_000,
        )

    def upload(self, batch: Batch) -> Acknowledged:
        batch = decode_batch(encode_batch(batch))
        self._signed(batch.terminal, batch.signature, batch_signing_bytes(batch))
        if batch.epoch != self.till(batch.terminal).epoch:
            raise SyncRefused(SyncErrorCode.EPOCH_UNKNOWN)
        held = self.held(batch.terminal)
        if batch.first > len(held.entries) + 1:
            raise SyncRefused(SyncErrorCode.GAP, need=len(held.entries) + 1)
        head = held.head_at(batch.first - 1)
        for place, entry in enumerate(batch.entries):
            head = sha256(head + entry.core).digest()
            sequence = batch.first + place
            if sequence <= len(held.entries):
                if held.head_at(sequence) != head:
                    raise SyncRefused(SyncErrorCode.CHAIN_MISMATCH)
            else:
                held.entries.append(entry)
                held.heads.append(head)
                self._post(entry, (batch.terminal, batch.epoch, sequence))
        if head != batch.head:
            raise SyncRefused(SyncErrorCode.HEAD_MISMATCH)
        held.promised = max(held.promised, batch.through)
        return Acknowledged(acked=len(held.entries), durable=len(held.entries))

    def hash_at(self, asked: HashAsked) -> HashAnswer:
        held = self.till(asked.terminal).held(asked.epoch)
        return HashAnswer(held=len(held.entries), hash=held.head_at(min(len(held.entries), asked.sequence)))

    def open_epoch(self, request: EpochRequest) -> EpochOpened:
        self._signed(request.terminal, request.signature, epoch_signing_bytes(request))
        till = self.till(request.terminal)
        if till.opened.get(request.next) != request:
            if request.next <= max(till.epoch, *till.journals, *till.opened):
                raise SyncRefused(SyncErrorCode.EPOCH_UNKNOWN)
            if till.held(request.common_epoch).head_at(request.common) != request.common_hash:
                raise SyncRefused(SyncErrorCode.CHAIN_MISMATCH)
            till.opened[request.next] = request
            till.epoch = request.next
        return EpochOpened(epoch=request.next)

    def feed(self, after: int, terminal: bytes, epoch: int) -> FeedPage:
        if epoch != self.till(terminal).epoch:
            raise SyncRefused(SyncErrorCode.EPOCH_UNKNOWN)
        if after > self.position:
            raise SyncRefused(SyncErrorCode.CURSOR_AHEAD)
        rows = sorted((position, change) for change, position in self.log.items() if position > after)
        taken = rows[: self.page_rows]
        complete = len(taken) == len(rows)
        page = FeedPage(
            hq_epoch=self.epoch,
            after=after,
            upto=self.position if complete else taken[-1][0],
            complete=complete,
            applied=len(self.held(terminal).entries) if complete else 0,
            rows=tuple(self._row(change) for _, change in taken),
            parked=self._parked(terminal, epoch) if complete else (),
        )
        return decode_feed_page(encode_feed_page(page))

    def till(self, terminal: bytes) -> Known:
        if terminal not in self.tills:
            raise SyncRefused(SyncErrorCode.UNAUTHORIZED)
        return self.tills[terminal]

    def held(self, terminal: bytes) -> Held:
        """The journal of the epoch that HQ takes."""
        till = self.till(terminal)
        return till.held(till.epoch)

    def _signed(self, terminal: bytes, signature: bytes, signed: bytes) -> None:
        try:
            Ed25519PublicKey.from_public_bytes(self.till(terminal).public_key).verify(signature, signed)
        except InvalidSignature:
            raise SyncRefused(SyncErrorCode.SIGNATURE_WRONG) from None

    def _parked(self, terminal: bytes, epoch: int) -> tuple[int, ...]:
        places = {place for waiting in self.waiting.values() for _, place in waiting}
        return tuple(sorted(sequence for *owner, sequence in places if owner == [terminal, epoch]))

    def leases(self, request: LeaseRequest) -> LeaseAnswer:
        """Nothing is leased here."""
        return LeaseAnswer(hq_epoch=self.epoch, changes=(), upto=request.known, more=False)

    def _post(self, entry: SentEntry, place: Place) -> None:
        core, detail = decode_core(entry.core), decode_detail(entry.detail)
        if core.entry_id in self.posted:
            return
        self.posted.add(core.entry_id)
        if core.kind == "enrol":
            assert detail.identifier is not None
            key = card_key(detail.identifier, IDENTIFIER_KEY)
            owner = self.cards.setdefault(key, core.entry_id)
            self.members[core.entry_id] = owner
            self._changed(1, core.entry_id)
            self._changed(2, key.to_bytes(8, "big", signed=True))
            for posting, waited in self.waiting.pop(core.entry_id, []):
                self._add(posting, waited)
        for posting in core.postings:
            self._add(posting, place)

    def _add(self, posting: Posting, place: Place) -> None:
        if posting.account not in self.members:
            self.waiting.setdefault(posting.account, []).append((posting, place))
            return
        pair = self.members[posting.account], posting.unit
        self.balances[pair] = self.balances.get(pair, 0) + posting.amount
        self._changed(3, pair[0] + posting.unit.encode())

    def _changed(self, kind: int, key: bytes) -> None:
        self.position += 1
        self.log[kind, key] = self.position

    def _row(self, change: Change) -> FeedRow:
        kind, key = change
        if kind == 1:
            return FeedMember(member=key, canonical=self.members[key], nickname=None, tier=None, language=None)
        if kind == 2:
            number = int.from_bytes(key, "big", signed=True)
            return FeedCard(card_key=number, member=self.cards[number])
        account, unit = key[:16], key[16:].decode()
        return FeedBalance(account=account, unit=unit, amount=self.balances[account, unit])


class Fault:
    """What a line does to one request."""

    NONE, LOST, ANSWER_LOST, TWICE, PORTAL = range(5)


@dataclass
class FailingLink:
    """A way to the model; ``faults`` says what becomes of each request in turn, and nothing does after the last."""

    hq: HqModel
    terminal: bytes
    faults: Iterator[int] = field(default_factory=lambda: iter(()))
    calls: list[str] = field(default_factory=list)

    def hello(self, hello: Hello) -> HelloAnswer:
        return self._go("hello", lambda: self.hq.hello(hello))

    def upload(self, batch: Batch) -> Acknowledged:
        return self._go(f"upload {batch.first}+{len(batch.entries)}", lambda: self.hq.upload(batch))

    def hash_at(self, asked: HashAsked) -> HashAnswer:
        return self._go(f"hash {asked.epoch}.{asked.sequence}", lambda: self.hq.hash_at(asked))

    def open_epoch(self, request: EpochRequest) -> EpochOpened:
        return self._go(f"epoch {request.next}", lambda: self.hq.open_epoch(request))

    def leases(self, request: LeaseRequest) -> LeaseAnswer:
        """No fault falls on asking."""
        return self.hq.leases(request)

    def feed(self, after: int, epoch: int, wanted: Sequence[bytes] = ()) -> FeedPage:
        return self._go(f"feed {after}", lambda: self.hq.feed(after, self.terminal, epoch))

    def _go(self, what: str, ask: Callable[[], _T]) -> _T:
        self.calls.append(what)
        fault = next(self.faults, Fault.NONE)
        if fault in {Fault.LOST, Fault.PORTAL}:
            raise LinkDown("lost")
        answer = ask()
        if fault == Fault.TWICE:
            ask()
        if fault == Fault.ANSWER_LOST:
            raise LinkDown("the answer was lost")
        return answer
