"""What a symbol's identifier says about its text: an element string, an EAN, a GTIN-14, or anything at all.

Knows which AIM symbology identifiers carry GS1 data, and takes add-ons and composite components apart; refuses to know
what a merchant's own numbers mean. Pure.

Sources: ISO/IEC 15424 (identifiers and modifiers), GS1 General Specifications, table 5-2 (those that GS1 uses),
ISO/IEC 24723 (composite components).
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from drivers.scanners.gs1.values import FNC1
from drivers.scanners.numbers.gtin import Gtin, GtinFault, GtinReason, parse_gtin, parse_upc_e
from drivers.scanners.symbols import Symbol, is_digits


class Symbology(StrEnum):
    """The kind of symbol, by the letter behind the bracket."""

    CODE_39 = "code_39"
    TELEPEN = "telepen"
    CODE_128 = "code_128"
    CODE_ONE = "code_one"
    EAN_UPC = "ean_upc"
    CODABAR = "codabar"
    CODE_93 = "code_93"
    CODE_11 = "code_11"
    ITF = "itf"
    DOTCODE = "dotcode"
    CODE_16K = "code_16k"
    PDF417 = "pdf417"
    MSI = "msi"
    ANKER = "anker"
    CODABLOCK = "codablock"
    PLESSEY = "plessey"
    QR_CODE = "qr_code"
    STRAIGHT_2_OF_5 = "straight_2_of_5"
    CODE_49 = "code_49"
    MAXICODE = "maxicode"
    OTHER = "other"
    SYSTEM_EXPANSION = "system_expansion"
    NON_BARCODE = "non_barcode"
    CHANNEL_CODE = "channel_code"
    DATA_MATRIX = "data_matrix"
    DATABAR = "databar"
    """GS1 DataBar, and GS1 composite components."""
    GRID_MATRIX = "grid_matrix"
    HAN_XIN = "han_xin"
    OCR = "ocr"
    POSICODE = "posicode"
    SUPER_CODE = "super_code"
    AZTEC = "aztec"
    UNTOLD = "untold"
    """The scanner sent no identifier, or one that is not in the list."""


class Content(StrEnum):
    """What the text shall be read as."""

    ELEMENTS = "elements"
    """An element string, for :func:`drivers.scanners.gs1.elements.parse_elements`."""
    EAN_13 = "ean_13"
    """EAN-13, UPC-A or UPC-E, for :func:`item_of`."""
    EAN_8 = "ean_8"
    ADD_ON = "add_on"
    """Two or five digits that stood beside an EAN which was sent by itself."""
    ITF_14 = "itf_14"
    """Perhaps a GTIN-14: :func:`item_of` tells."""
    TEXT = "text"
    """Anything; not an element string and no EAN. A Digital Link comes so."""
    UNTOLD = "untold"
    """Anything, an element string or an EAN included: the number may have two meanings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A symbol's text, taken apart.

    Attributes:
        symbology: Which kind of symbol.
        content: What ``text`` shall be read as.
        text: The data; the element string of a linear symbol and of its composite component are one text.
        add_on: Two or five digits beside an EAN.
        composite: The element string of the composite component of an EAN, which describes the same item; None if there
            is no component.
    """

    symbology: Symbology
    content: Content
    text: str = field(repr=False)
    add_on: str = field(default="", repr=False)
    composite: str | None = field(default=None, repr=False)


_LETTERS: Final = {
    "A": Symbology.CODE_39,
    "B": Symbology.TELEPEN,
    "C": Symbology.CODE_128,
    "D": Symbology.CODE_ONE,
    "E": Symbology.EAN_UPC,
    "F": Symbology.CODABAR,
    "G": Symbology.CODE_93,
    "H": Symbology.CODE_11,
    "I": Symbology.ITF,
    "J": Symbology.DOTCODE,
    "K": Symbology.CODE_16K,
    "L": Symbology.PDF417,
    "M": Symbology.MSI,
    "N": Symbology.ANKER,
    "O": Symbology.CODABLOCK,
    "P": Symbology.PLESSEY,
    "Q": Symbology.QR_CODE,
    "R": Symbology.STRAIGHT_2_OF_5,
    "S": Symbology.STRAIGHT_2_OF_5,
    "T": Symbology.CODE_49,
    "U": Symbology.MAXICODE,
    "X": Symbology.OTHER,
    "Y": Symbology.SYSTEM_EXPANSION,
    "Z": Symbology.NON_BARCODE,
    "c": Symbology.CHANNEL_CODE,
    "d": Symbology.DATA_MATRIX,
    "e": Symbology.DATABAR,
    "g": Symbology.GRID_MATRIX,
    "h": Symbology.HAN_XIN,
    "o": Symbology.OCR,
    "p": Symbology.POSICODE,
    "s": Symbology.SUPER_CODE,
    "z": Symbology.AZTEC,
}
_CONTENTS: Final = {
    "]E0": Content.EAN_13,
    "]E1": Content.ADD_ON,
    "]E2": Content.ADD_ON,
    "]E3": Content.EAN_13,
    "]E4": Content.EAN_8,
    "]I0": Content.ITF_14,
    "]I1": Content.ITF_14,
    # FNC1 in first position, which is GS1's own
    **dict.fromkeys(("]C1", "]e0", "]e1", "]e2", "]d2", "]d5", "]Q3", "]Q4", "]J1"), Content.ELEMENTS),
}
_WITH_COMPONENTS: Final = frozenset({Content.ELEMENTS, Content.EAN_13, Content.EAN_8})
_COMPOSITE: Final = re.compile(r"\|?\]e[012]")
"""Where a composite component begins behind a linear symbol; ``]`` and ``|`` are no characters of GS1 data."""


def carried(symbol: Symbol) -> Carried:
    """Take a symbol's text apart, by its identifier.

    A text without identifier that begins with GS is one of a scanner that sends the leading FNC1 instead.
    """
    content = _CONTENTS.get(symbol.aim, Content.TEXT if symbol.aim else Content.UNTOLD)
    symbology = _LETTERS.get(symbol.aim[1:2], Symbology.UNTOLD)
    text = symbol.text
    if content is Content.UNTOLD and text.startswith(FNC1):
        return Carried(symbology=symbology, content=Content.ELEMENTS, text=text[1:])
    if content not in _WITH_COMPONENTS:
        return Carried(symbology=symbology, content=content, text=text)
    start = _COMPOSITE.search(text)
    linear, composite = (text[: start.start()], text[start.end() :]) if start else (text, None)
    if content is Content.ELEMENTS:
        text = linear if composite is None else f"{linear}{FNC1}{composite}"
        return Carried(symbology=symbology, content=content, text=text)
    digits = linear[:13] if symbol.aim == "]E3" else linear
    return Carried(symbology=symbology, content=content, text=digits, add_on=linear[len(digits) :], composite=composite)


def is_add_on(text: str) -> bool:
    """True for the two or five digits that stand beside an EAN."""
    return len(text) in _ADD_ON_LENGTHS and is_digits(text)


def item_of(symbol: Carried) -> Gtin | GtinFault:
    """The trade item number in an EAN, UPC or ITF-14 symbol.

    GS1 has EAN-13, UPC-A and UPC-E sent as 13 digits; scanners that send 12 or 8 of them are understood.

    Raises:
        ValueError: The content is none of ``EAN_13``, ``EAN_8``, ``ITF_14`` (the caller's bug).
    """
    if symbol.content not in _ITEM_LENGTHS:
        raise ValueError(f"{symbol.content} holds no trade item number by itself")
    length = len(symbol.text)
    if length not in _ITEM_LENGTHS[symbol.content] or not (symbol.add_on == "" or is_add_on(symbol.add_on)):
        return GtinFault(reason=GtinReason.LENGTH)
    return parse_upc_e(symbol.text) if symbol.content is Content.EAN_13 and length == 8 else parse_gtin(symbol.text)


_ADD_ON_LENGTHS: Final = frozenset({2, 5})
_ITEM_LENGTHS: Final = {Content.EAN_13: {8, 12, 13}, Content.EAN_8: {8}, Content.ITF_14: {14}}
