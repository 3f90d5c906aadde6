"""How many cells of paper a text takes: one for most letters, two for East Asian ones, none for marks on letters. Pure.

Source: Unicode Standard Annex 11 (East Asian Width): wide and fullwidth characters take two cells.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from drivers.printers.document import Align

_SIMPLE_RANGES: Final = (
    (0x20, 0x2FF),
    (0x370, 0x482),
    (0x48A, 0x58F),
    (0x10A0, 0x10FF),
    (0x1C80, 0x1CBF),
    (0x1E00, 0x200A),
    (0x2010, 0x2027),
    (0x202F, 0x205F),
    (0x2070, 0x20CF),
    (0x2100, 0x2318),
    (0x2500, 0x25FC),
)
"""Texts of these characters alone take a cell each; all our eight languages are written with them."""
_SIMPLE: Final = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _SIMPLE_RANGES) + "]*")
_MARKS: Final = frozenset({"Mn", "Me", "Cf"})


def plainly_spaced(text: str) -> str:
    """The text with plain spaces for those that numbers and dates hold: no-break, figure, thin, narrow no-break."""
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2009", " ").replace("\u2007", " ")


def is_simple(text: str) -> bool:
    """Whether every character takes one cell and stands by itself, left to right."""
    return _SIMPLE.fullmatch(text) is not None


def cells_of(text: str) -> int:
    """How many cells the text takes."""
    return len(text) if is_simple(text) else sum(map(_width, text))


def fitting(text: str, cells: int) -> int:
    """How many characters of ``text`` fit into ``cells``; a letter and its marks stay together."""
    if is_simple(text):
        return min(len(text), cells)
    end, used = 0, 0
    for cluster in clusters(text):
        used += cells_of(cluster)
        if used > cells:
            break
        end += len(cluster)
    return end


def clusters(text: str) -> Iterator[str]:
    """Letters with the marks that follow them."""
    begun = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or _width(text[at]):
            yield text[begun:at]
            begun = at


def placed(text: str, align: Align, cells: int) -> str:
    """``text`` filled up with spaces to ``cells``."""
    room = max(0, cells - cells_of(text))
    match align:
        case Align.LEFT:
            return text + " " * room
        case Align.CENTER:
            before = room // 2 + (room & cells & 1)
            return " " * before + text + " " * (room - before)
        case Align.RIGHT:
            return " " * room + text


def _width(char: str) -> int:
    if unicodedata.category(char) in _MARKS:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
