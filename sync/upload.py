"""The upload loop: say hello, send what HQ lacks in batches, note what it acknowledged."""

from contextlib import suppress
from dataclasses import dataclass, replace

from sync.ports import HqLink, JournalHead, JournalSource
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.resume import Resume, Stance, resume
from sync.protocol.signing import batch_signing_bytes
from sync.protocol.values import (
    MAX_BATCH_BYTES,
    MAX_BATCH_ENTRIES,
    NO_FACTS,
    PROTOCOL_MAX,
    PROTOCOL_MIN,
    Batch,
    Hello,
    HelloAnswer,
    TillFacts,
)

_MOST_GAPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """How an upload ended.

    Attributes:
        stance: How the journals stood at hello.
        entries: Entries that HQ acknowledged in this call.
        acked: The last sequence that HQ holds.
        hq_epoch: HQ's epoch.
        hq_time: HQ's clock at hello, epoch milliseconds UTC.
    """

    stance: Stance
    entries: int
    acked: int
    hq_epoch: str
    hq_time: int


def upload(journal: JournalSource, link: HqLink, facts: TillFacts = NO_FACTS) -> Uploaded:
    """Bring HQ level with the journal as it stands at the call; entries written meanwhile wait for the next one.

    ``facts`` are what the till says of itself.

    Raises:
        LinkDown: HQ could not be reached; what it acknowledged so far is noted.
        SyncRefused: HQ refuses in a way that another try will not mend.
    """
    for _ in range(_MOST_GAPS):
        try:
            return _once(journal, link, facts)
        except SyncRefused as refused:
            if refused.code is not SyncErrorCode.GAP:
                raise
    raise SyncRefused(SyncErrorCode.GAP, "HQ keeps asking for other entries than it asked for before")


def _once(journal: JournalSource, link: HqLink, facts: TillFacts) -> Uploaded:
    head = journal.head()
    answer = link.hello(_hello(journal, head, facts))
    acked = answer.resume_from - 1
    own_hash = journal.hash_at(acked)
    plan = resume(head.sequence, own_hash, answer)
    if plan.stance in {Stance.LEVEL, Stance.BEHIND}:
        journal.held(acked, answer.hq_epoch)
    elif plan.stance is Stance.FORKED and own_hash is not None:
        _report_fork(journal, link, replace(head, sequence=acked, hash=own_hash))
    sent = _send(journal, link, plan, answer, head.sequence) if plan.stance is Stance.BEHIND else 0
    return Uploaded(
        stance=plan.stance, entries=sent, acked=acked + sent, hq_epoch=answer.hq_epoch, hq_time=answer.hq_time
    )


def _hello(journal: JournalSource, head: JournalHead, facts: TillFacts = NO_FACTS) -> Hello:
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


def _report_fork(journal: JournalSource, link: HqLink, own: JournalHead) -> None:
    """Say hello as of where HQ's journal ends, so that HQ sees the other hash and records the fork for a person.

    HQ cannot see it from a hello at a later sequence. It refuses this one; whatever comes of it, the till is forked.
    """
    with suppress(SyncRefused, LinkDown):
        link.hello(_hello(journal, own))


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
        raise SyncRefused(SyncErrorCode.GAP, f"the till has no entry {first} to send")
    through = journal.about_to_send(first + len(entries) - 1)
    batch = Batch(
        terminal=head.terminal, epoch=head.epoch, first=first, head=end_hash, through=through, entries=entries
    )
    return replace(batch, signature=journal.sign(batch_signing_bytes(batch)))
