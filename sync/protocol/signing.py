"""The bytes that a till signs with its key, each under a context of its own. Pure: keys stay where they are."""

from sync.protocol.values import Batch

_BATCH = b"loyaltill batch 1\0"
_LONG = 8


def batch_signing_bytes(batch: Batch) -> bytes:
    """Give what the signature of a batch is over; the head binds the entries (SPEC-sync, section 2)."""
    last = batch.first + len(batch.entries) - 1
    numbers = b"".join(number.to_bytes(_LONG, "big") for number in (batch.epoch, batch.first, last, batch.through))
    return _BATCH + batch.terminal + numbers + batch.head
