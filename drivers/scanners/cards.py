"""The merchant's own card numbers.

Knows ranges, their check digits, and whether a number is in one; refuses to know members. Pure.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from drivers.scanners.numbers.check_digits import (
    Iso7064,
    passes_gs1,
    passes_iso7064,
    passes_luhn,
    passes_verhoeff,
)
from drivers.scanners.symbols import is_digits

MAX_CARD_LENGTH: Final = 64
_DIGITS: Final = frozenset("0123456789")
_CAPITALS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


class CheckDigit(StrEnum):
    """What the last character, or the last two, of a card number are computed by."""

    NONE = "none"
    """Nothing is checked."""
    LUHN = "luhn"
    EAN = "ean"
    VERHOEFF = "verhoeff"
    MOD_11_2 = "mod_11_2"
    """ISO/IEC 7064, as the four below. The last character may be ``X``."""
    MOD_11_10 = "mod_11_10"
    MOD_97_10 = "mod_97_10"
    """The last two digits."""
    MOD_37_2 = "mod_37_2"
    """Digits and capitals; the last character may be ``*``."""
    MOD_37_36 = "mod_37_36"
    """Digits and capitals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """How one check digit is checked, and what may stand in a number that has it."""

    passes: Callable[[str], bool]
    inside: frozenset[str] = _DIGITS
    last: frozenset[str] = _DIGITS


def _iso(system: Iso7064) -> Callable[[str], bool]:
    return lambda text: passes_iso7064(text, system)


_RULES: Final[Mapping[CheckDigit, _Rule]] = {
    CheckDigit.NONE: _Rule(passes=lambda _: True),
    CheckDigit.LUHN: _Rule(passes=passes_luhn),
    CheckDigit.EAN: _Rule(passes=passes_gs1),
    CheckDigit.VERHOEFF: _Rule(passes=passes_verhoeff),
    CheckDigit.MOD_11_2: _Rule(passes=_iso(Iso7064.MOD_11_2), last=_DIGITS | {"X"}),
    CheckDigit.MOD_11_10: _Rule(passes=_iso(Iso7064.MOD_11_10)),
    CheckDigit.MOD_97_10: _Rule(passes=_iso(Iso7064.MOD_97_10)),
    CheckDigit.MOD_37_2: _Rule(
        passes=_iso(Iso7064.MOD_37_2), inside=_DIGITS | _CAPITALS, last=_DIGITS | _CAPITALS | {"*"}
    ),
    CheckDigit.MOD_37_36: _Rule(passes=_iso(Iso7064.MOD_37_36), inside=_DIGITS | _CAPITALS, last=_DIGITS | _CAPITALS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRange:
    """A run of card numbers that the merchant has issued.

    Attributes:
        prefix: Printable ASCII that every number of the range starts with, such as ``2100`` or ``LOY-``.
        min_length: Shortest number of the range, prefix included.
        max_length: Longest number of the range, prefix included; at most 64.
        check: What its check digit is computed by: over the whole number, of a prefix only what can stand in the number
            itself, so over ``0042`` of ``LOY-0042``.

    Raises:
        ValueError: The prefix is empty or not printable ASCII, or the lengths do not fit.
    """

    prefix: str
    min_length: int
    max_length: int
    check: CheckDigit = CheckDigit.NONE

    def __post_init__(self) -> None:
        if not (self.prefix and self.prefix.isascii() and self.prefix.isprintable()):
            raise ValueError("the prefix of a card range must be printable ASCII and not empty")
        if not len(self.prefix) <= self.min_length <= self.max_length <= MAX_CARD_LENGTH:
            raise ValueError(
                f"the lengths of card range {self.prefix}... must satisfy "
                f"{len(self.prefix)} <= min_length <= max_length <= {MAX_CARD_LENGTH}"
            )

    def holds(self, number: str) -> bool:
        """True if ``number`` is of this range: it has the shape, and its check digit is good."""
        return self.is_shaped(number) and self._passes(number)

    def is_shaped(self, number: str) -> bool:
        """True if ``number`` has the prefix, a right length, and behind the prefix ASCII digits, or what the check allows."""
        if not number.startswith(self.prefix) or not self.min_length <= len(number) <= self.max_length:
            return False
        rest = number[len(self.prefix) :]
        if not rest or is_digits(rest):
            return True
        rule = _RULES[self.check]
        return rule.inside.issuperset(rest[:-1]) and rest[-1] in rule.last

    def _passes(self, number: str) -> bool:
        if self.check is CheckDigit.NONE:
            return True
        rule, size = _RULES[self.check], len(self.prefix)
        return rule.passes("".join(filter(rule.inside.__contains__, number[:size])) + number[size:])


def in_ranges(number: str, ranges: Iterable[CardRange]) -> bool:
    """True if one of ``ranges`` holds ``number``."""
    return any(number.startswith(card_range.prefix) and card_range.holds(number) for card_range in ranges)


def is_shaped(number: str, ranges: Iterable[CardRange]) -> bool:
    """True if ``number`` looks like one of ``ranges``, whatever its check digit."""
    return any(number.startswith(card_range.prefix) and card_range.is_shaped(number) for card_range in ranges)
