"""Tells a compressed GS1 Digital Link from an ordinary web address.

Knows how the compressed form begins, far enough to see a key with a right check digit; refuses to know the rest. Pure.
A till says "compressed links are not supported" only where one is very likely meant; retail symbols must not hold any
(GS1 General Specifications, symbol specification tables 1 and 3).
"""

import base64
import binascii
from typing import Final

from drivers.scanners.gs1.identifiers import IDENTIFIERS
from drivers.scanners.numbers.check_digits import passes_gs1

_MOST_CHARACTERS: Final = 512
_LEAST_OF_KEY, _LEAST_OF_REST = 8, 4
_KEY_DIGITS: Final = {"00": 18, "01": 14, "253": 13, "255": 13, "414": 13, "417": 13, "8017": 18, "8018": 18}
"""Keys that begin with a number that ends in a check digit, and how many digits it has."""
_GTIN_RUNS: Final = "0A 0B 0C 0D 0E 0F 1A 1B 1C 1D 1E 1F 2A 2B 2C 2D 2E 2F 3A 3B 3C 3D 3E 3F"
_RUNS: Final = {
    **dict.fromkeys(_GTIN_RUNS.split(), "01"),
    **{f"A{digit}": "01" for digit in range(10)},
    **{f"C{digit}": "255" for digit in "0123456789ABCD"},
    "9B": "8017",
    "9C": "8018",
    "9D": "414",
}
"""Codes of two hexadecimal digits for frequent runs of identifiers, and the key that each begins with."""


_BEGINNINGS: Final = frozenset({*_RUNS, *(ai[:2] for ai in IDENTIFIERS)})


def could_be_compressed(segment: str) -> bool:
    """True if the last part of a path holds a GS1 key in the compressed form.

    Source: GS1 Digital Link Standard, release 1.1, chapter 6 (the last release that had the form).
    """
    data = _bytes_of(segment) if len(segment) >= _LEAST_OF_KEY else None
    return data is not None and _holds_key(data)


def could_be_compressed_rest(segment: str) -> bool:
    """True if the part of a path behind a key that is written out can be the rest in the compressed form.

    It begins like one: with a code of a run, or with two digits that begin an identifier. Source: as above.
    """
    data = _bytes_of(segment) if len(segment) >= _LEAST_OF_REST else None
    return data is not None and f"{data[0]:02X}" in _BEGINNINGS


def _bytes_of(segment: str) -> bytes | None:
    if len(segment) > _MOST_CHARACTERS:
        return None
    try:
        return base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def _holds_key(data: bytes) -> bool:
    """The form begins with two hexadecimal digits: a code of a run, or the first two digits of an identifier."""
    bits = int.from_bytes(data, "big")
    left = len(data) * 8 - 8
    ai = code = f"{bits >> left:02X}"
    if code in _RUNS:
        ai = _RUNS[code]
    elif code in {"25", "41", "80"}:
        more = {"25": 4, "41": 4, "80": 8}[code]
        left -= more
        ai = f"{code}{bits >> left & (1 << more) - 1:0{more // 4}X}"
    length = _KEY_DIGITS.get(ai)
    if length is None:
        return False
    left -= (10**length - 1).bit_length()
    if left < 0:
        return False
    number = str(bits >> left & (1 << (10**length - 1).bit_length()) - 1).zfill(length)
    return len(number) == length and passes_gs1(number)
