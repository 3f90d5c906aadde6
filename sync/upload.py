"""The upload loop: say hello, send what HQ lacks in batches, note what it acknowledged."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from sync.mending import mend
from sync.ports import HqLink, JournalHead, JournalSource
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.resume import Resume, Stance, resume
from sync.protocol.signing import batch_signing_bytes
from sync.protocol.values import (
    MAX_BATCH_BYTES,
    MAX_BATCH_ENTRIES,
    NO_FACTS,
    PROTOCOL_MAX,
    PROTOCOL_MIN,
    Acknowledged,
    Batch,
    Hello,
    HelloAnswer,
    TillFacts,
)

_MOST_TRIES = 3
_CHANGING = "HQ's copy of this journal changes while it is mended: another till may use this one's keys"
_AGAIN = frozenset({SyncErrorCode.GAP, SyncErrorCode.CHAIN_MISMATCH, SyncErrorCode.EPOCH_UNKNOWN})
"""What another till of the same name, or a late request, may have caused since hello; another hello shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """How an upload ended.

    Attributes:
        stance: How the journals stood at the last hello.
        entries: Entries that HQ acknowledged in this call.
        acked: The last sequence that HQ holds.
        hq_epoch: HQ's epoch.
        hq_time: HQ's clock at hello, epoch milliseconds UTC.
        mended: Epochs that were opened because the journals had forked.
    """

    stance: Stance
    entries: int
    acked: int
    hq_epoch: str
    hq_time: int
    mended: int = 0


class _Rotten(Exception):
    """The next entry to send changed on the disk; a new epoch seals it."""


def upload(
    journal: JournalSource, link: HqLink, facts: TillFacts = NO_FACTS, meet: Callable[[str], None] | None = None
) -> Uploaded:
    """Bring HQ level with the journal as it stands at the call; entries written meanwhile wait for the next one.

    A fork, or an entry whose bytes changed on the disk, is mended first: the till goes on in a new epoch behind the last
    common entry. ``facts`` are what the till says of itself; ``meet`` is told HQ's epoch before anything is sent.

    Raises:
        LinkDown: HQ could not be reached; what it acknowledged so far is noted.
        SyncRefused: HQ refuses in a way that another try will not mend.
    """
    mended, last = 0, SyncRefused(SyncErrorCode.CHAIN_MISMATCH, _CHANGING)
    for _ in range(_MOST_TRIES):
        try:
            answer = link.hello(_hello(journal, journal.head(), facts))
            if meet is not None:
                meet(answer.hq_epoch)
            with suppress(_Rotten):
                done = _once(journal, link, answer)
                if done.stance is not Stance.FORKED:
                    return replace(done, mended=mended)
            mend(journal, link, answer.epoch)
            mended += 1
        except SyncRefused as refused:
            if refused.code not in _AGAIN:
                raise
            last = refused
    raise last


def _once(journal: JournalSource, link: HqLink, answer: HelloAnswer) -> Uploaded:
    head, acked = journal.head(), answer.resume_from - 1
    plan = resume(head.epoch, head.sequence, journal.hash_at(acked), answer, rolled_back=journal.rolled_back())
    if plan.stance in {Stance.LEVEL, Stance.BEHIND}:
        journal.held(Acknowledged(acked=acked, durable=answer.durable), answer.hq_epoch)
    sent = _send(journal, link, plan, answer, head.sequence) if plan.stance is Stance.BEHIND else 0
    return Uploaded(
        stance=plan.stance, entries=sent, acked=acked + sent, hq_epoch=answer.hq_epoch, hq_time=answer.hq_time
    )


def _hello(journal: JournalSource, head: JournalHead, facts: TillFacts) -> Hello:
    return Hello(
        protocol_min=PROTOCOL_MIN,
        protocol_max=PROTOCOL_MAX,
        terminal=head.terminal,
        epoch=head.epoch,
        sequence=head.sequence,
        head=head.hash,
        hq_epoch_seen=journal.hq_epoch_seen(),
        facts=facts,
    )


def _send(journal: JournalSource, link: HqLink, plan: Resume, answer: HelloAnswer, last: int) -> int:
    """Send what HQ lacks; a batch that HQ finds too large goes in halves, down to one entry."""
    most = min(MAX_BATCH_ENTRIES, max(1, answer.max_batch_entries))
    most_bytes = min(MAX_BATCH_BYTES, answer.max_batch_bytes)
    head, first = journal.head(), plan.first
    while first <= last:
        batch = _batch(journal, head, first, min(most, last - first + 1), most_bytes)
        end = first + len(batch.entries) - 1
        try:
            acknowledged = link.upload(batch)
        except SyncRefused as refused:
            if refused.code is not SyncErrorCode.TOO_LARGE or len(batch.entries) == 1:
                raise
            most = len(batch.entries) // 2
            continue
        journal.acknowledged(acknowledged, answer.hq_epoch)
        first = end + 1
    return last - plan.first + 1


def _batch(journal: JournalSource, head: JournalHead, first: int, most: int, most_bytes: int) -> Batch:
    """Make and sign a batch, once it is durable that it may leave."""
    entries = tuple(journal.entries(first, most, most_bytes))
    end_hash = journal.hash_at(first + len(entries) - 1)
    if not entries or end_hash is None:
        raise _Rotten
    through = journal.about_to_send(first + len(entries) - 1)
    batch = Batch(
        terminal=head.terminal, epoch=head.epoch, first=first, head=end_hash, through=through, entries=entries
    )
    return replace(batch, signature=journal.sign(batch_signing_bytes(batch)))
