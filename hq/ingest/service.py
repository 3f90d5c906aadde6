"""What HQ answers to a till's hello and to its batches.

Both are one database transaction under the lock of the journal's head. A refused request changes nothing but
the record for a person.

A till's entries are acknowledged when they are committed. Whether they are also *durable* (would survive the
loss of HQ's machine) is another matter: see `DurableRule`.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, and_, or_, update

from hq.attention.parking import ExceptionReason, raise_exception
from hq.book.book import Book
from hq.book.schema import terminal
from hq.book.settings import Settings
from hq.config import DurableRule
from hq.ingest.arrivals import chain, read_arrived
from hq.ingest.facts import keep_facts
from hq.ingest.journals import JournalHead, append, hash_at, promise, read_head
from hq.ingest.posting import post_arrived
from hq.pairing.terminals import Terminal
from hq.ports import Clock, epoch_ms
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
    """Takes journals in."""

    book: Book
    settings: Settings
    clock: Clock
    durable: DurableRule

    def hello(self, till: Terminal, hello: Hello) -> HelloAnswer:
        """Say from where the till should go on.

        Raises:
            SyncRefused: the till speaks another protocol, names another terminal or epoch, or its journal is not
                the one that HQ holds the beginning of.
        """
        _require_terminal(till, hello.terminal)
        _require_epoch(till, hello.epoch)
        protocol = min(PROTOCOL_MAX, hello.protocol_max)
        if protocol < max(PROTOCOL_MIN, hello.protocol_min):
            raise SyncRefused(SyncErrorCode.PROTOCOL_UNSUPPORTED, f"HQ speaks {PROTOCOL_MIN} to {PROTOCOL_MAX}")
        now_ms = epoch_ms(self.clock())
        with self.book.write() as connection:
            head = _head(connection, till)
            refused = _hello_fault(head, hello)
            if refused is None:
                _seen(connection, till, now_ms)
                keep_facts(connection, till.terminal_id, hello.facts, now_ms)
            else:
                _note_fork(connection, head, hello.sequence, now_ms)
        if refused is not None:
            raise refused
        return HelloAnswer(
            protocol=protocol,
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
        _require_terminal(till, batch.terminal)
        require_signature(till, batch.signature, batch_signing_bytes(batch))
        _require_epoch(till, batch.epoch)
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
        if refused is not None:
            raise refused
        acked = max(head.sequence, batch.first + len(batch.entries) - 1)
        return Acknowledged(acked=acked, durable=acked if self.durable is DurableRule.COMMIT else 0)

    def _store(self, connection: Connection, head: JournalHead, batch: Batch, hashes: list[bytes], now_ms: int) -> None:
        known = max(0, head.sequence + 1 - batch.first)
        arrived = [
            read_arrived((head.terminal, head.epoch, sequence), sent, hash_after=hash_after, received_ms=now_ms)
            for sequence, (sent, hash_after) in enumerate(
                zip(batch.entries[known:], hashes[known:], strict=True), start=batch.first + known
            )
        ]
        if arrived:
            append(connection, arrived)
            post_arrived(connection, arrived, identifier_key=self.settings.identifier_key, now_ms=now_ms)
        promise(connection, head, batch.through)


def _require_terminal(till: Terminal, terminal_id: bytes) -> None:
    if terminal_id != till.terminal_id:
        raise SyncRefused(SyncErrorCode.TERMINAL_MISMATCH, "the token belongs to another till")


def require_signature(till: Terminal, signature: bytes, signed: bytes) -> None:
    """Refuse what the till's own key did not sign.

    Raises:
        SyncRefused: SIGNATURE_WRONG.
    """
    try:
        Ed25519PublicKey.from_public_bytes(till.public_key).verify(signature, signed)
    except InvalidSignature as fault:
        raise SyncRefused(SyncErrorCode.SIGNATURE_WRONG, "this was not signed with the till's key") from fault


def _require_epoch(till: Terminal, epoch: int) -> None:
    if epoch != till.epoch:
        raise SyncRefused(SyncErrorCode.EPOCH_UNKNOWN, f"HQ takes epoch {till.epoch} of this till")


def _head(connection: Connection, till: Terminal) -> JournalHead:
    return read_head(connection, terminal=till.terminal_id, public_key=till.public_key, epoch=till.epoch)


def _hello_fault(head: JournalHead, hello: Hello) -> SyncRefused | None:
    if hello.sequence < head.sequence:
        return SyncRefused(SyncErrorCode.CHAIN_MISMATCH, "HQ holds more of this journal than the till")
    if hello.sequence == head.sequence and hello.head != head.hash:
        return SyncRefused(SyncErrorCode.CHAIN_MISMATCH, "HQ holds another entry at this sequence")
    return None


def _check(connection: Connection, head: JournalHead, batch: Batch) -> tuple[SyncRefused | None, list[bytes]]:
    """Compare a batch with what is stored; gives the hash after each of its entries."""
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
        place=(head.terminal, head.epoch, head.sequence),
        at_ms=now_ms,
        note=f"HQ holds {head.sequence} entries; the till came with sequence {sequence}",
    )


def _seen(connection: Connection, till: Terminal, now_ms: int) -> None:
    """Note a contact at most once in `SEEN_EVERY_MS`: a hello that changes nothing costs no fsync."""
    seen_at_ms = terminal.c.last_seen_at_ms
    stale = or_(seen_at_ms.is_(None), seen_at_ms <= now_ms - SEEN_EVERY_MS, seen_at_ms > now_ms)
    own = and_(terminal.c.terminal_id == till.terminal_id, stale)
    connection.execute(update(terminal).where(own).values(last_seen_at_ms=now_ms))
