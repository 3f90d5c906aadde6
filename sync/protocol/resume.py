"""What a till does with HQ's answer to its hello: the one decision of the upload, without I/O."""

from dataclasses import dataclass
from enum import StrEnum

from sync.protocol.values import PROTOCOL_MAX, PROTOCOL_MIN, HelloAnswer


class Stance(StrEnum):
    """How the two journals stand to each other."""

    LEVEL = "level"
    """HQ holds all that the till has."""
    BEHIND = "behind"
    """HQ lacks entries from ``resume_from`` on, and what it holds is a prefix of the till's journal."""
    FORKED = "forked"
    """A disk was restored or cloned: HQ holds what the till does not, or the till knows it by itself. A new epoch must open
    before anything is sent."""
    UNSUPPORTED = "unsupported"
    """HQ chose a protocol that this program does not speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """The stance and, when HQ is behind, the first sequence to send."""

    stance: Stance
    first: int = 0


def resume(
    own_epoch: int, own_sequence: int, own_hash_before: bytes | None, answer: HelloAnswer, *, rolled_back: bool = False
) -> Resume:
    """Decide how to go on; the server's word counts, never the client's memory.

    Args:
        own_epoch: The epoch that the till is in.
        own_sequence: Entries in the till's journal of this epoch.
        own_hash_before: The till's hash at ``answer.resume_from - 1``, or None where it has no such entry.
        answer: What HQ said.
        rolled_back: The till found its journal to be an old copy: what its disk held may have been sold on, and seen by
            nobody, so a new epoch begins even where HQ holds nothing else.
    """
    if not PROTOCOL_MIN <= answer.protocol <= PROTOCOL_MAX:
        return Resume(stance=Stance.UNSUPPORTED)
    if rolled_back or answer.epoch != own_epoch or answer.resume_from < 1 or own_hash_before != answer.held_head:
        return Resume(stance=Stance.FORKED)
    if answer.resume_from == own_sequence + 1:
        return Resume(stance=Stance.LEVEL)
    return Resume(stance=Stance.BEHIND, first=answer.resume_from)
