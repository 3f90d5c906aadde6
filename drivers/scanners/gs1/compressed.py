"""Tells a compressed GS1 Digital Link from an ordinary web address.

Knows how the compressed form begins, far enough to see a key with a right check digit; refuses to know the rest. Pure.
A till says "compressed links are not supported" only where one is very likely meant; retail symbols must not hold any
(GS1 General Specifications, symbol specification tables 1 and 3).
"""

import base64
import binascii
from typing import Final

from drivers.scanners.numbers.check_digits import passes_gs1

_MOST_CHARACTERS: Final = 512
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


def could_be_compressed(segment: str) -> bool:
    """True if the last part of a path holds a GS1 key in the compressed form.

    Source: GS1 Digital Link Standard, release 1.1, chapter 6 (the last release that had the form).
    """
    if not 8 <= len(segment) <= _MOST_CHARACTERS:
        return False
    try:
        data = base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return _holds_key(data)


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
