"""What HQ answers to a till's hello and to its batches.

Both are one database transaction under the lock of the journal's head. A refused request changes nothing but
the record for a person.

A till's entries are acknowledged when they are committed. Whether they are also *durable* (would survive the
loss of HQ's machine) is another matter: see `DurableRule`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, or_, update

from hq.attention.parking import ExceptionReason, raise_exception
from hq.book.book import Book
from hq.book.schema import terminal
from hq.book.settings import Settings
from hq.config import DurableRule
from hq.ingest.arrivals import Arrived, chain, read_arrived
from hq.ingest.drawing import LateUse
from hq.ingest.epochs import current_epoch
from hq.ingest.facts import keep_facts
from hq.ingest.flight import note_flight
from hq.ingest.forgotten import without_forgotten
from hq.ingest.journals import JournalHead, append, backed_up_to, cores_of, hash_at, promise, read_head
from hq.ingest.posting import post_arrived
from hq.ingest.signatures import require_signature, require_terminal
from hq.leases.unheard import unheard_tills
from hq.pairing.terminals import Terminal
from hq.ports import Clock, epoch_ms
from loyalty.journal.entry import EntryKind
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.signing import batch_signing_bytes
from sync.protocol.values import (
    MAX_BATCH_BYTES,
    MAX_BATCH_ENTRIES,
    PROTOCOL_MAX,
    PROTOCOL_MIN,
    Acknowledged,
    Batch,
    Hello,
    HelloAnswer,
)

SEEN_EVERY_MS = 60_000
"""How exactly HQ knows when it last heard of a till."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """Takes journals in.

    Attributes:
        mend: Writes what follows from entries that came late, in the transaction that posts them.
    """

    book: Book
    settings: Settings
    clock: Clock
    durable: DurableRule
    mend: Callable[[Connection, Sequence[LateUse]], None]

    def hello(self, till: Terminal, hello: Hello) -> HelloAnswer:
        """Say what HQ holds of the till's journal; the till finds out whether it is the same, and goes on from there.

        From a hello that is older than what HQ holds nothing else follows: it came late, or somebody sends it again.

        Raises:
            SyncRefused: the till speaks another protocol or names another terminal.
        """
        require_terminal(till, hello.terminal)
        protocol = min(PROTOCOL_MAX, hello.protocol_max)
        if protocol < max(PROTOCOL_MIN, hello.protocol_min):
            raise SyncRefused(SyncErrorCode.PROTOCOL_UNSUPPORTED, f"HQ speaks {PROTOCOL_MIN} to {PROTOCOL_MAX}")
        now_ms = epoch_ms(self.clock())
        with self.book.write() as connection:
            head = _head(connection, till)
            if hello.epoch == head.epoch and unheard_tills(connection, self.settings.hq_epoch):
                promise(connection, head, hello.sequence)  # what it spent before HQ was restored may be in there
            if (hello.epoch, hello.sequence) >= (head.epoch, head.sequence):
                _seen(connection, till, now_ms)
                keep_facts(connection, till.terminal_id, hello.facts, now_ms)
            durable = self._durable(connection, head, head.sequence)
        return HelloAnswer(
            protocol=protocol,
            epoch=head.epoch,
            durable=durable,
            resume_from=head.sequence + 1,
            held_head=head.hash,
            hq_epoch=self.settings.hq_epoch,
            hq_time=now_ms,
            max_batch_entries=MAX_BATCH_ENTRIES,
            max_batch_bytes=MAX_BATCH_BYTES,
        )

    def batch(self, till: Terminal, batch: Batch) -> Acknowledged:
        """Store and post a batch; what HQ has already is compared and skipped.

        Raises:
            SyncRefused: SIGNATURE_WRONG before anything else is looked at, GAP with what is needed, HEAD_MISMATCH
                when the entries do not give the head that the till sent, CHAIN_MISMATCH when HQ holds other entries at
                the same sequences.
        """
        require_terminal(till, batch.terminal)
        require_signature(till, batch.signature, batch_signing_bytes(batch))
        if batch.first < 1 or not batch.entries or batch.through < batch.first + len(batch.entries) - 1:
            raise SyncRefused(SyncErrorCode.MALFORMED, "sequences count from 1, and through is none below the last")
        now_ms = epoch_ms(self.clock())
        with self.book.write() as connection:
            head = _head(connection, till)
            refused, hashes = _check(connection, head, batch)
            if refused is None:
                self._store(connection, head, batch, hashes, now_ms)
                _seen(connection, till, now_ms)
            elif refused.code is SyncErrorCode.CHAIN_MISMATCH:
                _note_fork(connection, head, batch.first, now_ms)
            acked = max(head.sequence, batch.first + len(batch.entries) - 1)
            durable = self._durable(connection, head, acked) if refused is None else 0
        if refused is not None:
            raise refused
        return Acknowledged(acked=acked, durable=durable)

    def _durable(self, connection: Connection, head: JournalHead, held: int) -> int:
        return held if self.durable is DurableRule.COMMIT else backed_up_to(connection, head)

    def _store(self, connection: Connection, head: JournalHead, batch: Batch, hashes: list[bytes], now_ms: int) -> None:
        known = max(0, head.sequence + 1 - batch.first)
        arrived = [
            read_arrived((head.terminal, head.epoch, sequence), sent, hash_after=hash_after, received_ms=now_ms)
            for sequence, (sent, hash_after) in enumerate(
                zip(batch.entries[known:], hashes[known:], strict=True), start=batch.first + known
            )
        ]
        if arrived:
            _note_rot(connection, arrived, now_ms)
            arrived = without_forgotten(connection, arrived, self.settings.identifier_key)
            append(connection, arrived)
            late = post_arrived(connection, arrived, identifier_key=self.settings.identifier_key, now_ms=now_ms)
            self.mend(connection, late)
        promise(connection, head, batch.through)
        level = max(head.sequence, batch.first + len(batch.entries) - 1) >= max(head.promised, batch.through)
        note_flight(connection, head.terminal, arrived, level=level)


def _head(connection: Connection, till: Terminal) -> JournalHead:
    """Give the head of the epoch that HQ takes now, which may have begun since the till was asked who it is."""
    epoch = current_epoch(connection, till.terminal_id)
    return read_head(connection, terminal=till.terminal_id, public_key=till.public_key, epoch=epoch)


def _check(connection: Connection, head: JournalHead, batch: Batch) -> tuple[SyncRefused | None, list[bytes]]:
    """Compare a batch with what is stored; gives the hash after each of its entries."""
    if batch.epoch != head.epoch:
        return SyncRefused(SyncErrorCode.EPOCH_UNKNOWN, f"HQ takes epoch {head.epoch} of this till"), []
    if batch.first > head.sequence + 1:
        need = head.sequence + 1
        return SyncRefused(SyncErrorCode.GAP, f"HQ needs sequence {need} first", need=need), []
    hashes = chain(hash_at(connection, head, batch.first - 1), batch.entries)
    if hashes[-1] != batch.head:
        return SyncRefused(SyncErrorCode.HEAD_MISMATCH, "the entries do not give the head that was sent"), []
    common = min(head.sequence, batch.first + len(batch.entries) - 1)
    if common >= batch.first and hashes[common - batch.first] != hash_at(connection, head, common):
        return SyncRefused(SyncErrorCode.CHAIN_MISMATCH, "HQ holds other entries at these sequences"), []
    return None, hashes


def _note_fork(connection: Connection, head: JournalHead, sequence: int, now_ms: int) -> None:
    raise_exception(
        connection,
        ExceptionReason.FORK,
        place=(head.terminal, head.epoch, 0),
        at_ms=now_ms,
        note=f"HQ holds {head.sequence} entries; the till came with sequence {sequence}",
    )


def _note_rot(connection: Connection, arrived: list[Arrived], now_ms: int) -> None:
    """Raise what a person must look at for evidence that comes for the first time."""
    sealed = {one.core.entry_id: one for one in arrived if one.core is not None and one.core.kind == EntryKind.EVIDENCE}
    if not sealed:
        return
    known = cores_of(connection, list(sealed))
    for entry_id, one in sealed.items():
        if entry_id not in known:
            note = "bytes of this entry changed on the till's disk; the detail holds them, and what was to be posted"
            raise_exception(
                connection, ExceptionReason.ROT, place=one.place, at_ms=now_ms, entry_id=entry_id, note=note
            )


_LAST_SEEN = terminal.c.last_seen_at_ms
_SEEN = (
    update(terminal)
    .where(
        terminal.c.terminal_id == bindparam("till"),
        or_(_LAST_SEEN.is_(None), bindparam("stale") >= _LAST_SEEN, bindparam("now") < _LAST_SEEN),
    )
    .values(last_seen_at_ms=bindparam("now"))
)


def _seen(connection: Connection, till: Terminal, now_ms: int) -> None:
    """Note a contact at most once in `SEEN_EVERY_MS`: a hello that changes nothing costs no fsync."""
    connection.execute(_SEEN, {"till": till.terminal_id, "stale": now_ms - SEEN_EVERY_MS, "now": now_ms})
