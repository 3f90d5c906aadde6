"""What a magstripe reader sends, with and without sentinels. Pure.

A payment card never comes this far; here are the merchant's own cards, swipes that failed, and others' cards.

Source: ISO/IEC 7811-2 and 7813; the error swipes are those of keyboard-wedge readers.
"""

import re
from dataclasses import replace
from typing import Final

from drivers.scanners.cards import CardRange, in_ranges
from drivers.scanners.decoding.reading import Kind, Reading, error
from drivers.scanners.symbols import Medium, Symbol

_SYMBOLOGY: Final = "magstripe"
_SWIPE: Final = re.compile(r"[%;+][^?]*\?.*", re.DOTALL)
_FAILED: Final = re.compile(r"(?:[%;+]E\?)+")
_SEPARATOR: Final = re.compile("[=^]")
_BARE_TRACK: Final = re.compile(r"[0-9]+|[A-Za-z]?[0-9][0-9 ]*(?:=|\^[ /A-Za-z]).*", re.DOTALL)
"""A track whose sentinels the reader keeps to itself: a number alone, or one with the separator of its track behind it."""
_FORMAT_CODE: Final = re.compile(r"\A[A-Za-z](?=[0-9])")


def is_swipe(text: str) -> bool:
    """True for text that begins and ends like a track: start sentinel, then an end sentinel."""
    return text[:1] in {"%", ";", "+"} and _SWIPE.fullmatch(text) is not None


def as_swiped(symbol: Symbol) -> Symbol:
    """The symbol from a device that swipes cards: as a swipe, where it can be one.

    Such a device may also scan codes, which it announces by an AIM identifier, or which are no tracks by their look.
    """
    if symbol.aim or not (is_swipe(symbol.text) or _BARE_TRACK.fullmatch(symbol.text)):
        return symbol
    return replace(symbol, medium=Medium.SWIPE)


def read_swipe(text: str, ranges: tuple[CardRange, ...]) -> Reading:
    """The merchant's card in a swipe.

    Args:
        text: What the reader sent, which the gate has admitted.
        ranges: The merchant's own card numbers.

    Returns:
        The member; an error where all tracks failed or hold different cards of the merchant's; else unknown, without a
        value, since tracks of others are nobody's business.
    """
    if _FAILED.fullmatch(text):
        return error("swipe_unreadable", _SYMBOLOGY)
    own = [number for number in dict.fromkeys(_numbers(text)) if in_ranges(number, ranges)]
    if len(own) > 1:
        return error("swipe_of_two_cards", _SYMBOLOGY)
    if own:
        return Reading(kind=Kind.MEMBER, symbology=_SYMBOLOGY, value=own[0])
    return Reading(kind=Kind.UNKNOWN, symbology=_SYMBOLOGY)


def _numbers(text: str) -> list[str]:
    """Everything in the place of an account: each track whole, up to its first separator, and without a format code."""
    found: list[str] = []
    for track in filter(None, text.split("?")):
        data = track.lstrip("%;+")
        account = _SEPARATOR.split(data, maxsplit=1)[0]
        found += [data, account, _FORMAT_CODE.sub("", account).replace(" ", "")]
    return found
