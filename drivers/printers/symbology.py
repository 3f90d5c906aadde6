"""The symbols that a receipt may carry: which data each bar code can hold, and what a QR code can.

Knows alphabets, lengths and check digits; refuses to know dots and bytes. Pure.

Source: GS1 General Specifications, section 7.9 (check digit); ISO/IEC 15417 (Code 128), 16388 (Code 39), 16390 (ITF) and
18004 (QR).
"""

import re
from enum import StrEnum
from typing import Final

MAX_BARCODE: Final = 80
MAX_QR_BYTES: Final = 1000


class Symbology(StrEnum):
    """A kind of bar code."""

    EAN_13 = "ean-13"
    EAN_8 = "ean-8"
    UPC_A = "upc-a"
    CODE_39 = "code-39"
    CODE_128 = "code-128"
    ITF = "itf"


class QrLevel(StrEnum):
    """How much of a QR code may be lost: some 7, 15, 25 or 30 percent."""

    L = "L"
    M = "M"
    Q = "Q"
    H = "H"


_ALLOWED: Final = {
    Symbology.EAN_13: re.compile(r"[0-9]{13}"),
    Symbology.EAN_8: re.compile(r"[0-9]{8}"),
    Symbology.UPC_A: re.compile(r"[0-9]{12}"),
    Symbology.CODE_39: re.compile(r"[0-9A-Z $%+./-]{1,80}"),
    Symbology.CODE_128: re.compile(r"[ -~]{1,80}"),
    Symbology.ITF: re.compile(r"(?:[0-9]{2}){1,40}"),
}
_CHECKED: Final = frozenset({Symbology.EAN_13, Symbology.EAN_8, Symbology.UPC_A})


def check_digit(digits: str) -> str:
    """The GS1 check digit that follows ``digits``: weights 3 and 1 from the right."""
    total = sum((3 if place % 2 == 0 else 1) * int(digit) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def check_barcode(symbology: Symbology, data: str) -> None:
    """Raise ValueError unless ``data`` is what this kind of code holds, its check digit included; names no data."""
    if not _ALLOWED[symbology].fullmatch(data):
        raise ValueError(f"this is no content of a bar code of the kind {symbology}")
    if symbology in _CHECKED and check_digit(data[:-1]) != data[-1]:
        raise ValueError(f"the last digit of a bar code of the kind {symbology} is not its check digit")


def check_qr(data: str) -> None:
    """Raise ValueError unless ``data`` has 1 to 1000 bytes as UTF-8."""
    if not 1 <= len(data.encode()) <= MAX_QR_BYTES:
        raise ValueError(f"a QR code holds 1 to {MAX_QR_BYTES} bytes")
