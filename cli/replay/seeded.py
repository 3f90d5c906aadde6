"""What a replay puts in place of chance: ids, keys and the clock, all from the input's hash.

So two runs of one input write the same journal to the last byte, also when one of them was killed and went on.
Production never uses this; it draws from `secrets` and reads the machine's clock.
"""

from datetime import UTC, datetime
from hashlib import blake2b


class SeededMint:
    """Ids for one operation after another: each depends on the seed, the operation and its place in it."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._operation = 0
        self._count = 0

    def begin(self, operation: int) -> None:
        """Begin an operation; the same operation always gets the same ids, also after a restart."""
        self._operation = operation
        self._count = 0

    def __call__(self) -> bytes:
        """Give the next 16 bytes."""
        self._count += 1
        place = self._operation.to_bytes(8, "big") + self._count.to_bytes(4, "big")
        return blake2b(place, key=self._seed, digest_size=16, person=b"replay ids").digest()


class ReplayClock:
    """The time of the receipt that is being replayed."""

    def __init__(self) -> None:
        self.now = datetime(2000, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Give the instant of the present receipt."""
        return self.now


def seeded_key(seed: bytes, purpose: bytes) -> bytes:
    """Derive a 32-byte key for one purpose."""
    return blake2b(purpose, key=seed, digest_size=32, person=b"replay keys").digest()
