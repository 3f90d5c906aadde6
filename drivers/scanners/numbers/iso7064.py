"""Check characters of ISO/IEC 7064, which many loyalty cards, IBAN, ISNI and others use.

Knows the five pure and the three hybrid systems; refuses to know which number carries which. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_DIGITS: Final = "0123456789"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Iso7064(StrEnum):
    """A system, by modulus and radix. The pure ones find every wrong character and all neighbours that changed places.

    The hybrid ones find every wrong character, and most neighbours that changed places.
    """

    MOD_11_2 = "mod_11_2"
    """Digits, one check character that may be X."""
    MOD_37_2 = "mod_37_2"
    """Digits and capitals, one check character that may be ``*``."""
    MOD_97_10 = "mod_97_10"
    """Digits, two check digits."""
    MOD_661_26 = "mod_661_26"
    """Capitals, two check letters."""
    MOD_1271_36 = "mod_1271_36"
    """Digits and capitals, two check characters."""
    MOD_11_10 = "mod_11_10"
    """Digits, one check digit (hybrid)."""
    MOD_27_26 = "mod_27_26"
    """Capitals, one check letter (hybrid)."""
    MOD_37_36 = "mod_37_36"
    """Digits and capitals, one check character (hybrid)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _System:
    """How one system computes.

    Attributes:
        values: The characters of a payload, each with its value.
        check_characters: The alphabet of the check characters, by value.
        length: How many check characters there are.
        compute: Values of a payload to the value of its check characters together.
    """

    values: dict[str, int]
    check_characters: str
    length: int
    compute: Callable[[list[int]], int]


def _pure(modulus: int, radix: int, length: int) -> Callable[[list[int]], int]:
    """Two check characters are 2 to modulus + 1, as ISO 13616 says of IBAN: 97 and 98 for what would be 00 and 01."""

    def compute(values: list[int]) -> int:
        product = 0
        for value in values:
            product = (product + value) * radix % modulus
        if length == 1:
            return (1 - product) % modulus
        return modulus + 1 - product * radix % modulus

    return compute


def _hybrid(modulus: int) -> Callable[[list[int]], int]:
    def compute(values: list[int]) -> int:
        product = modulus
        for value in values:
            product = ((product + value) % modulus or modulus) * 2 % (modulus + 1)
        return (1 - product) % modulus

    return compute


def _system(alphabet: str, compute: Callable[[list[int]], int], *, length: int = 1, extra: str = "") -> _System:
    values = {char: value for value, char in enumerate(alphabet)}
    return _System(values=values, check_characters=alphabet + extra, length=length, compute=compute)


_ALL: Final = _DIGITS + _LETTERS
_SYSTEMS: Final = {
    Iso7064.MOD_11_2: _system(_DIGITS, _pure(11, 2, 1), extra="X"),
    Iso7064.MOD_37_2: _system(_ALL, _pure(37, 2, 1), extra="*"),
    Iso7064.MOD_97_10: _system(_DIGITS, _pure(97, 10, 2), length=2),
    Iso7064.MOD_661_26: _system(_LETTERS, _pure(661, 26, 2), length=2),
    Iso7064.MOD_1271_36: _system(_ALL, _pure(1271, 36, 2), length=2),
    Iso7064.MOD_11_10: _system(_DIGITS, _hybrid(10)),
    Iso7064.MOD_27_26: _system(_LETTERS, _hybrid(26)),
    Iso7064.MOD_37_36: _system(_ALL, _hybrid(36)),
}


def iso7064_check(payload: str, system: Iso7064) -> str:
    """The one or two check characters that follow ``payload``.

    Raises:
        ValueError: Empty, or a character that the system does not have (the caller's bug; the message shows none).

    Source: ISO/IEC 7064:2003, pure and hybrid systems.
    """
    rules = _SYSTEMS[system]
    if not payload or not rules.values.keys() >= set(payload):
        raise ValueError(f"{system.value} is computed over one or more of {min(rules.values)}-{max(rules.values)}")
    value = rules.compute([rules.values[char] for char in payload])
    if rules.length == 1:
        return rules.check_characters[value]
    high, low = divmod(value, len(rules.check_characters))
    return rules.check_characters[high] + rules.check_characters[low]


def passes_iso7064(text: str, system: Iso7064) -> bool:
    """True if ``text`` is one or more characters of the system and its check characters; any text may be asked."""
    rules = _SYSTEMS[system]
    payload, check = text[: -rules.length], text[-rules.length :]
    return bool(payload) and rules.values.keys() >= set(payload) and iso7064_check(payload, system) == check
