"""The bundled glyphs: 12 x 24 dots for every character that this program can print.

Two text files beside this one, one per weight, hold a line per character: code point in hex, colon, 24 rows of three
hex digits, the leftmost dot highest (GNU Unifont's notation, three digits wide). ``generate`` makes them. They are read
when the first receipt is made and kept; nothing but this package is read.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

WIDTH: Final = 12
HEIGHT: Final = 24

Glyph = tuple[int, ...]
"""24 rows from the top, each 12 bits, the leftmost dot highest; 1 is ink."""


class Weight(StrEnum):
    """A drawing of the whole atlas; the value names its file."""

    REGULAR = "regular"
    BOLD = "bold"


@cache
def glyphs(weight: Weight) -> Mapping[str, str]:
    """All glyphs of one weight, as their 72 hex digits, by character."""
    text = resources.files(__package__).joinpath(f"{weight}.hex").read_text(encoding="ascii")
    lines = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {chr(int(code, 16)): rows for code, _, rows in lines}


def to_hex(dots: Glyph) -> str:
    """The 72 hex digits of a glyph."""
    return "".join(f"{row:03X}" for row in dots)
