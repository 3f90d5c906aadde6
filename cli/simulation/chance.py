"""Chance by seed: the one source of everything random in a simulated run."""

from collections.abc import Sequence
from hashlib import blake2b
from random import Random
from typing import TypeVar

_T = TypeVar("_T")
_PERSON = b"loyaltill-sim"


class Chance:
    """Draws that follow from a seed and a name. Streams of other names do not disturb each other."""

    def __init__(self, seed: int, name: str) -> None:
        digest = blake2b(f"{seed}\0{name}".encode(), digest_size=16, person=_PERSON).digest()
        self._random = Random(int.from_bytes(digest, "big"))  # noqa: S311  # to be repeated, not to be secret

    def below(self, bound: int) -> int:
        """Give a whole number from 0 to ``bound`` - 1."""
        return self._random.getrandbits(32) * bound >> 32

    def between(self, least: int, most: int) -> int:
        """Give a whole number from ``least`` to ``most``, both possible."""
        return least + self.below(most - least + 1)

    def one_in(self, count: int) -> bool:
        """Give True once in ``count`` draws on average."""
        return self.below(count) == 0

    def percent(self, chances: int) -> bool:
        """Give True in ``chances`` of a hundred draws on average."""
        return self.below(100) < chances

    def pick(self, items: Sequence[_T]) -> _T:
        """Give one of some items."""
        return items[self.below(len(items))]

    def take(self, count: int) -> bytes:
        """Give ``count`` bytes: what ids and keys are made of in a simulated run."""
        return self._random.getrandbits(8 * count).to_bytes(count, "big") if count else b""
