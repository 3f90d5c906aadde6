"""Draws a laid out document in dots. Pure but for the bundled atlas.

Every row is built from pairs of cells: two cells of 12 dots are three bytes, and the pairs of a row are interleaved line
by line. That is as fast as a numeric library and needs none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final

from drivers.printers.atlas.glyphs import HEIGHT, WIDTH, Weight, glyphs
from drivers.printers.document import Align, Style
from drivers.printers.layout import Page, Row, cells_in

_WEIGHTS: Final = {Style.NORMAL: Weight.REGULAR, Style.BOLD: Weight.BOLD, Style.DOUBLE: Weight.BOLD}
_CACHED_CELLS: Final = 2048
"""Pairs, 24 slices of 3 bytes each: some 1.2 kB a pair, 2.5 MB in all."""
_TWICE: Final = tuple(sum(0b11 << 2 * bit for bit in range(6) if half >> bit & 1) for half in range(64))
"""Six dots to twelve, each doubled."""

Cell = tuple[bytes, ...]
"""Three bytes (24 dots) per dot line, from the top."""


class MissingGlyph(ValueError):
    """The atlas has no drawing of a character.

    Attributes:
        character: The first such character of the page.
    """

    def __init__(self, character: str) -> None:
        super().__init__(f"no glyph for U+{ord(character):04X}")
        self.character = character


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """A one-bit picture.

    Attributes:
        width_dots: Dots across; a multiple of 8.
        data: ``width_dots / 8`` bytes per dot line from the top; the highest bit leftmost; 1 is ink.
    """

    width_dots: int
    data: bytes

    def __post_init__(self) -> None:
        if self.width_dots <= 0 or self.width_dots % 8 or len(self.data) % (self.width_dots // 8):
            raise ValueError("a raster is whole lines of whole bytes")

    @property
    def height_dots(self) -> int:
        """Dot lines from top to bottom."""
        return len(self.data) // (self.width_dots // 8)


def draw(page: Page) -> Raster:
    """The whole page without its cut marks, 12 dots per column (576 for 48) and 24 per row.

    Raises:
        MissingGlyph: A character has no drawing.
    """
    rows = (draw_row(row, page.columns) for row in page.rows if isinstance(row, Row))
    return Raster(width_dots=page.columns * WIDTH, data=b"".join(rows))


def draw_row(row: Row, columns: int) -> bytes:
    """The dot lines of one row, ``columns * 12 / 8`` bytes each: 24 of them, or 48 for double cells.

    Args:
        row: As laid out for ``columns``.
        columns: Normal cells across the paper; even.

    Raises:
        MissingGlyph: A character has no drawing.
    """
    width = cells_in(columns, row.style)
    text = _placed(row.text, row.align, width)
    if row.style is Style.DOUBLE:
        cells: Iterator[Cell] = map(_double, text)
    else:
        weight = _WEIGHTS[row.style]
        cells = (_pair(text[at : at + 2], weight) for at in range(0, width, 2))
    return b"".join(chain.from_iterable(zip(*cells, strict=True)))


def _placed(text: str, align: Align, width: int) -> str:
    match align:
        case Align.LEFT:
            return text.ljust(width)
        case Align.CENTER:
            return text.center(width)
        case Align.RIGHT:
            return text.rjust(width)


@lru_cache(maxsize=_CACHED_CELLS)
def _pair(pair: str, weight: Weight) -> Cell:
    left, right = (_hex(char, weight) for char in pair)
    return tuple(bytes.fromhex(left[at : at + 3] + right[at : at + 3]) for at in range(0, 3 * HEIGHT, 3))


@lru_cache(maxsize=512)
def _double(char: str) -> Cell:
    """One glyph twice as wide and twice as high."""
    rows = _hex(char, _WEIGHTS[Style.DOUBLE])
    wide = (int(rows[at : at + 3], 16) for at in range(0, 3 * HEIGHT, 3))
    lines = ((_TWICE[dots >> 6] << 12 | _TWICE[dots & 0b111111]).to_bytes(3, "big") for dots in wide)
    return tuple(chain.from_iterable((line, line) for line in lines))


def _hex(char: str, weight: Weight) -> str:
    rows = glyphs(weight).get(char)
    if rows is None:
        raise MissingGlyph(char)
    return rows
