"""The merchant's own card numbers.

Knows ranges and whether a number is in one; refuses to know members. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from drivers.scanners.symbols import Symbol, is_digits
from drivers.scanners.tracks import track_accounts

MAX_CARD_LENGTH: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRange:
    """A run of card numbers that the merchant has issued.

    Attributes:
        prefix: Printable ASCII that every number of the range starts with, such as ``2100`` or ``LOY-``.
        min_length: Shortest number of the range, prefix included.
        max_length: Longest number of the range, prefix included; at most 64.

    Raises:
        ValueError: The prefix is empty or not printable ASCII, or the lengths do not fit.
    """

    prefix: str
    min_length: int
    max_length: int

    def __post_init__(self) -> None:
        if not (self.prefix and self.prefix.isascii() and self.prefix.isprintable()):
            raise ValueError("the prefix of a card range must be printable ASCII and not empty")
        if not len(self.prefix) <= self.min_length <= self.max_length <= MAX_CARD_LENGTH:
            raise ValueError(
                f"the lengths of card range {self.prefix}... must satisfy "
                f"{len(self.prefix)} <= min_length <= max_length <= {MAX_CARD_LENGTH}"
            )

    def holds(self, number: str) -> bool:
        """True if ``number`` is of this range: right length, the prefix, and ASCII digits after it."""
        if not self.min_length <= len(number) <= self.max_length or not number.startswith(self.prefix):
            return False
        rest = number[len(self.prefix) :]
        return not rest or is_digits(rest)


def card_number(symbol: Symbol, ranges: Iterable[CardRange]) -> str | None:
    """The merchant's card number in an admitted symbol.

    Args:
        symbol: A symbol that has passed the gate.
        ranges: The merchant's ranges.

    Returns:
        The whole text if it is a number of a range; else the one account of a swiped track that is; else None.
    """
    ranges = tuple(ranges)
    if in_ranges(symbol.text, ranges):
        return symbol.text
    own = [account for account in track_accounts(symbol.text) if in_ranges(account, ranges)]
    return own[0] if len(own) == 1 else None


def in_ranges(number: str, ranges: Iterable[CardRange]) -> bool:
    """True if one of ``ranges`` holds ``number``."""
    return any(card_range.holds(number) for card_range in ranges)
