"""Mending a fork: find what both ends share, have HQ open the next epoch, and go on in it.

A till that dies anywhere in between begins again; HQ's answer to the same request is the same.
"""

from dataclasses import replace

from loyalty.numbers.limits import INT64_MAX
from sync.ports import HqLink, JournalSource
from sync.protocol.epochs import (
    Common,
    EpochOpened,
    EpochRequest,
    HashAnswer,
    HashAsked,
    Probe,
    Probed,
    epoch_signing_bytes,
    last_common,
)
from sync.protocol.errors import SyncErrorCode, SyncRefused


def mend(journal: JournalSource, link: HqLink, hq_takes: int) -> None:
    """Open the epoch behind all that either end knows; ``hq_takes`` is the one whose journal HQ takes now.

    Raises:
        LinkDown: HQ could not be reached; the next round mends.
        SyncRefused: HQ refuses.
    """
    head = journal.head()
    common, shared = _find(journal, link)
    request = EpochRequest(
        terminal=head.terminal,
        epoch=head.epoch,
        common_epoch=common.epoch,
        common=common.sequence,
        common_hash=shared,
        next=max(head.epoch, hq_takes) + 1,
        through=max(0, journal.epochs()[-1].base + head.sequence - common.base),
        missing=common.missing,
        rolled_back=journal.rolled_back(),
        head=head.hash,
    )
    try:
        opened = _ask(journal, link, request)
    except SyncRefused as refused:
        free = refused.need
        if refused.code is not SyncErrorCode.EPOCH_UNKNOWN or free is None or not request.next < free <= INT64_MAX:
            raise
        opened = _ask(journal, link, replace(request, next=free))  # HQ may have forgotten whom it gave this number
    journal.open_epoch(opened.epoch, common)


def _ask(journal: JournalSource, link: HqLink, request: EpochRequest) -> EpochOpened:
    opened = link.open_epoch(replace(request, signature=journal.sign(epoch_signing_bytes(request))))
    if opened.epoch != request.next:
        raise SyncRefused(SyncErrorCode.EPOCH_UNKNOWN, "HQ opened another epoch than it was asked for")
    return opened


def _find(journal: JournalSource, link: HqLink) -> tuple[Common, bytes]:
    """Give what both ends share last, and its hash."""
    search = last_common(journal.epochs())
    probe = next(search)
    while True:
        answer = link.hash_at(_asked(journal, probe))
        place = min(answer.held, probe.sequence)
        try:
            probe = search.send(Probed(held=answer.held, same=journal.hash_in(probe.epoch, place) == answer.hash))
        except StopIteration as found:
            common: Common = found.value
            return common, _shared(journal, link, common)


def _asked(journal: JournalSource, probe: Probe) -> HashAsked:
    return HashAsked(terminal=journal.head().terminal, epoch=probe.epoch, sequence=probe.sequence)


def _shared(journal: JournalSource, link: HqLink, common: Common) -> bytes:
    """Give the hash at the common entry; of what the till has removed only HQ knows it."""
    own = journal.hash_in(common.epoch, common.sequence) if not common.missing else None
    if own is not None:
        return own
    asked = HashAsked(terminal=journal.head().terminal, epoch=common.epoch, sequence=common.sequence)
    answer: HashAnswer = link.hash_at(asked)
    return answer.hash
