"""Reads a frame as a symbol: an AIM symbology identifier, if the scanner sends one, and the text after it.

Knows ISO/IEC 15424 identifiers; refuses to know what the text means, which needs GS1 and the merchant's cards. Pure.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from drivers.scanners.framing import Frame

_CODE_CHARACTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUXYZbcdefghijklmnopqrstuvwxyz")
"""A second character outside these, as in ``]-1``, is no identifier of ISO/IEC 15424."""
_MODIFIERS: Final = frozenset("0123456789ABCDEF")
_CODE_93: Final = "G"
"""The one symbology whose modifiers go on behind F, ``]Gm`` being the last."""
_EXPANSION: Final = "Y"
"""``]Yn`` is followed by n more characters of the identifier (ISO/IEC 15424, system expansion)."""


class Misreading(StrEnum):
    """Why a frame, or a card on a card reader, is no symbol."""

    EMPTY = "empty"
    CUT = "cut"
    """Bytes are missing: silence in mid scan, or no prefix or suffix where there always is one."""
    OVERFLOW = "overflow"
    """More bytes than a scan can have."""
    SHORT_AIM = "short_aim"
    """A ``]`` with fewer than two characters after it."""
    UNKNOWN_AIM = "unknown_aim"
    """A ``]`` followed by what no symbology identifier looks like."""
    RANDOM_UID = "random_uid"
    """A contactless card that makes up another UID at every tap, as phones do; or one of type B, whose number stays no longer."""
    NO_UID = "no_uid"
    """A card without a UID, or with none of 4, 7 or 10 bytes that are not all zero."""
    FOREIGN_CARD = "foreign_card"
    """A card without what the configured commands look for."""
    PULLED_CARD = "pulled_card"
    """A card that was taken away before it was read."""
    SILENT_CARD = "silent_card"
    """A card that does not answer, laid down askew or broken."""


class Medium(StrEnum):
    """What a symbol was read from."""

    CODE = "code"
    """A printed or shown code, or keyed text."""
    SWIPE = "swipe"
    """The tracks of a card, from a magstripe reader."""
    UID = "uid"
    """A contactless card; the text is its UID in upper-case hexadecimal. Anybody can copy a UID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """What a scanner read, or a person keyed.

    Attributes:
        aim: The AIM identifier with its bracket, such as ``]E0``; empty if the scanner sends none.
        text: The data after it; control characters such as GS (FNC1) kept. Its repr never shows it.
        medium: What it was read from.
    """

    aim: str = ""
    text: str = field(repr=False)
    medium: Medium = Medium.CODE

    @property
    def is_ean(self) -> bool:
        """True for EAN, UPC and their add-ons, told by the identifier and not by the look of the number."""
        return self.aim.startswith("]E")


def read_symbol(frame: Frame) -> Symbol | Misreading:
    """The symbol in a whole frame.

    Args:
        frame: A frame that is not incomplete.

    Raises:
        ValueError: The frame is incomplete (the caller's bug).
    """
    if frame.incomplete:
        raise ValueError("an incomplete frame is no scan")
    return read_text(decode(frame.data))


def read_text(text: str) -> Symbol | Misreading:
    """The symbol in a text that a point of sale passed on as its scanner sent it, AIM identifier and all."""
    if not text:
        return Misreading.EMPTY
    if not text.startswith("]"):
        return Symbol(text=text)
    aim_length = _aim_length(text)
    if isinstance(aim_length, Misreading):
        return aim_length
    return Symbol(aim=text[:aim_length], text=text[aim_length:])


def decode(data: bytes | bytearray) -> str:
    """Text of a scan: UTF-8 where it is valid UTF-8, else one character per byte, so that nothing is lost."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def is_digits(text: str) -> bool:
    """True for one or more ASCII digits; ``str.isdigit`` alone accepts digits of other scripts, a second identity."""
    return text.isascii() and text.isdigit()


def _aim_length(text: str) -> int | Misreading:
    if len(text) < 3:
        return Misreading.SHORT_AIM
    code, modifier = text[1], text[2]
    known = modifier.isascii() and modifier.isalnum() if code == _CODE_93 else modifier in _MODIFIERS
    if code not in _CODE_CHARACTERS or not known:
        return Misreading.UNKNOWN_AIM
    if code == _EXPANSION and is_digits(modifier):
        length = 3 + int(modifier)
        return length if len(text) >= length else Misreading.SHORT_AIM
    return 3
