"""The bundled glyphs: every character that this program can print, in the cells of a printer's Font A and Font B.

A text file beside this one for each face holds a line per character: code point in hex, colon, and three hex digits for
each row of dots, the leftmost dot of the cell highest (GNU Unifont's notation, three digits wide). ``generate`` makes
them. They are read when the first receipt is made and kept; nothing but this package is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

WIDTH: Final = 12
HEIGHT: Final = 24

Glyph = tuple[int, ...]
"""Rows from the top, a bit for each dot of the cell, the leftmost highest; 1 is ink."""


class Face(StrEnum):
    """A drawing of the whole atlas; the value names its file."""

    REGULAR = "regular"
    BOLD = "bold"
    SMALL = "small"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSize:
    """What a character of a face takes, in dots."""

    width: int
    height: int


CELLS: Final = {
    Face.REGULAR: CellSize(width=WIDTH, height=HEIGHT),
    Face.BOLD: CellSize(width=WIDTH, height=HEIGHT),
    Face.SMALL: CellSize(width=9, height=17),
}


@cache
def glyphs(face: Face) -> Mapping[str, str]:
    """All glyphs of one face, as three hex digits a row, by character."""
    text = resources.files(__package__).joinpath(f"{face}.hex").read_text(encoding="ascii")
    lines = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {chr(int(code, 16)): rows for code, _, rows in lines}


def to_hex(dots: Glyph) -> str:
    """The hex digits of a glyph."""
    return "".join(f"{row:03X}" for row in dots)
