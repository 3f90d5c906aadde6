"""The merchant's own card numbers.

Knows ranges, their check digits, and whether a number is in one; refuses to know members. Pure.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from drivers.scanners.numbers.check_digits import (
    Iso7064,
    passes_gs1,
    passes_iso7064,
    passes_luhn,
    passes_verhoeff,
)

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
    _shape: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _passes: Callable[[str], bool] = field(init=False, repr=False, compare=False)
    _lead: str = field(init=False, repr=False, compare=False)
    """What of the prefix the check digit is computed over."""

    def __post_init__(self) -> None:
        if not (self.prefix and self.prefix.isascii() and self.prefix.isprintable()):
            raise ValueError("the prefix of a card range must be printable ASCII and not empty")
        if not len(self.prefix) <= self.min_length <= self.max_length <= MAX_CARD_LENGTH:
            raise ValueError(
                f"the lengths of card range {self.prefix}... must satisfy "
                f"{len(self.prefix)} <= min_length <= max_length <= {MAX_CARD_LENGTH}"
            )
        rule = _RULES[self.check]
        object.__setattr__(self, "_shape", _shape(self, rule))
        object.__setattr__(self, "_passes", rule.passes)
        object.__setattr__(self, "_lead", "".join(filter(rule.inside.__contains__, self.prefix)))

    def holds(self, number: str) -> bool:
        """True if ``number`` is of this range: it has the shape, and its check digit is good."""
        return self.is_shaped(number) and self._passes(self._lead + number[len(self.prefix) :])

    def is_shaped(self, number: str) -> bool:
        """True if ``number`` has the prefix, a right length, and behind the prefix ASCII digits, or what the check allows."""
        return self._shape.fullmatch(number) is not None


def _shape(card_range: CardRange, rule: _Rule) -> re.Pattern[str]:
    """A pattern of the prefix, and behind it nothing, digits, or what the check allows."""
    least, most = (length - len(card_range.prefix) for length in (card_range.min_length, card_range.max_length))
    forms = [f"[0-9]{{{least},{most}}}"]
    if most:
        forms.append(f"{_class_of(rule.inside)}{{{max(least - 1, 0)},{most - 1}}}{_class_of(rule.last)}")
    return re.compile(f"{re.escape(card_range.prefix)}(?:{'|'.join(forms)})")


def _class_of(characters: frozenset[str]) -> str:
    return f"[{re.escape(''.join(sorted(characters)))}]"


def in_ranges(number: str, ranges: Iterable[CardRange]) -> bool:
    """True if one of ``ranges`` holds ``number``."""
    for card_range in ranges:  # noqa: SIM110 - asked several times of every scan; a generator costs more than the question
        if number.startswith(card_range.prefix) and card_range.holds(number):
            return True
    return False


def is_shaped(number: str, ranges: Iterable[CardRange]) -> bool:
    """True if ``number`` looks like one of ``ranges``, whatever its check digit."""
    return any(card_range.is_shaped(number) for card_range in ranges)
