"""HQ as a terminal: its key, its journal with chain and head, posted by the code that posts what tills send.

Each entry id is written once, so a job that runs again, or after a crash, or beside another one, does nothing twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from hq.book.book import Book
from hq.book.dialects import in_chunks, insert_missing
from hq.book.schema import entry, setting, terminal
from hq.book.settings import Settings
from hq.ingest.arrivals import read_arrived
from hq.ingest.journals import append, read_head
from hq.ingest.posting import post_arrived
from hq.journaling.drafts import HqDraft
from hq.pairing.terminals import FIRST_EPOCH, HQ_ROLE
from hq.ports import Clock, Randomness, epoch_ms
from loyalty.journal.chain import next_head, terminal_id
from loyalty.journal.codec import detail_digest, encode_core, encode_detail
from loyalty.journal.entry import SALT_BYTES, EntryCore
from sync.protocol.values import SentEntry

ENTRIES_AT_ONCE = 500
"""Entries of one transaction; tills' uploads go on between two."""
KEY_SETTING = "journal_key"
_KEY_BYTES = 32
_NAME = "HQ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How many drafts became entries, and how many HQ had written before."""

    entries: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HqJournal:
    """Writes HQ's own entries."""

    book: Book
    settings: Settings
    clock: Clock
    randomness: Randomness

    def write(self, drafts: Iterable[HqDraft]) -> Written:
        """Write and post drafts in their order, `ENTRIES_AT_ONCE` in a transaction; after a fault the rest is missing.

        Raises:
            BookBusy: the book could not be written just now; run the job again.
        """
        entries = known = 0
        rest = iter(drafts)
        while some := list(islice(rest, ENTRIES_AT_ONCE)):
            with self.book.write() as connection:
                written = self.write_in(connection, some)
            entries, known = entries + written.entries, known + written.known
        return Written(entries=entries, known=known)

    def write_in(self, connection: Connection, drafts: Sequence[HqDraft]) -> Written:
        """Write and post drafts in a writing transaction under way: nothing changes between what a job read and this."""
        known = _known(connection, [draft.entry_id for draft in drafts])
        new: dict[bytes, HqDraft] = {}
        for draft in drafts:
            if draft.entry_id not in known:
                new.setdefault(draft.entry_id, draft)
        if new:
            self._append(connection, list(new.values()))
        return Written(entries=len(new), known=len(drafts) - len(new))

    def known(self, connection: Connection, entry_ids: Sequence[bytes]) -> set[bytes]:
        """Give those of some entries that were written before."""
        return _known(connection, entry_ids)

    def _append(self, connection: Connection, drafts: Sequence[HqDraft]) -> None:
        now_ms = epoch_ms(self.clock())
        public_key = self._public_key(connection, now_ms)
        own = terminal_id(public_key)
        head = read_head(connection, terminal=own, public_key=public_key, epoch=FIRST_EPOCH)
        arrived, last = [], head.hash
        for sequence, draft in enumerate(drafts, start=head.sequence + 1):
            sent = self._encode(draft)
            last = next_head(last, sent.core)
            place = (own, FIRST_EPOCH, sequence)
            arrived.append(read_arrived(place, sent, hash_after=last, received_ms=now_ms))
        append(connection, arrived)
        post_arrived(connection, arrived, identifier_key=self.settings.identifier_key, now_ms=now_ms)

    def _encode(self, draft: HqDraft) -> SentEntry:
        detail = encode_detail(draft.detail(self.randomness(SALT_BYTES)))
        core = EntryCore(
            entry_id=draft.entry_id,
            kind=draft.kind.value,
            postings=draft.postings,
            references=draft.references,
            programme=draft.programme,
            detail_digest=detail_digest(detail),
            opens=draft.opens,
        )
        return SentEntry(core=encode_core(core), detail=detail)

    def _public_key(self, connection: Connection, now_ms: int) -> bytes:
        """Give HQ's public key; the first time a key is made and kept in the book, whose journal it is."""
        own = select(setting.c.value).where(setting.c.name == KEY_SETTING)
        seed: bytes | None = connection.execute(own).scalar_one_or_none()
        if seed is not None:
            return _public(seed)
        seed = self.randomness(_KEY_BYTES)
        insert_missing(connection, setting, [{"name": KEY_SETTING, "value": seed}])
        row = {
            "terminal_id": terminal_id(_public(seed)),
            "public_key": _public(seed),
            "epoch": FIRST_EPOCH,
            "store": _NAME,
            "name": _NAME,
            "token_hash": self.randomness(_KEY_BYTES),  # of no token: nobody speaks for HQ
            "paired_at_ms": now_ms,
            "role": HQ_ROLE,
        }
        insert_missing(connection, terminal, [row])
        return _public(seed)


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _known(connection: Connection, entry_ids: Sequence[bytes]) -> set[bytes]:
    return {
        found
        for some in in_chunks(entry_ids)
        for found in connection.execute(select(entry.c.entry_id).where(entry.c.entry_id.in_(some))).scalars()
    }
