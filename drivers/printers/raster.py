"""Draws a laid out document in dots. Pure but for the bundled atlas.

A plain row is built from pairs of cells: two cells of 12 dots are three columns of bytes. The columns of a row are put one
behind the other, and every 24th byte of that is a line. That is as fast as a numeric library and needs none. Small letters, letters of other scripts and codes are
drawn as strings of ``0`` and ``1``, which is slower and happens seldom.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final, Protocol

from drivers.errors import described
from drivers.printers.atlas.glyphs import CELLS, HEIGHT, WIDTH, Face, glyphs
from drivers.printers.document import Barcode, Graphic, Qr, Style
from drivers.printers.graphics import CannotPrint, dots_of, hri_text, left_dots, module_dots, quiet_rows
from drivers.printers.layout import Page, PageRow, Row, cells_in
from drivers.printers.runs import Run, split
from drivers.printers.widths import cells_of, is_simple, placed

FACES: Final = {
    Style.NORMAL: Face.REGULAR,
    Style.BOLD: Face.BOLD,
    Style.DOUBLE: Face.BOLD,
    Style.SMALL: Face.SMALL,
}
_CACHED_CELLS: Final = 2048
"""Pairs of 72 bytes: with what holds them some 190 bytes a pair, 0.4 MB a face."""
_IN_PAIRS: Final = re.compile("..", re.DOTALL).findall
_TWICE: Final = tuple(sum(0b11 << 2 * bit for bit in range(6) if half >> bit & 1) for half in range(64))
"""Six dots to twelve, each doubled."""
_WIDENED: Final = {ord("0"): "00", ord("1"): "11"}


class OtherScripts(Protocol):
    """Draws what the atlas lacks."""

    def draw(self, text: str, *, width_dots: int, height_dots: int, bold: bool) -> tuple[str, ...] | None:
        """Lines of ``0`` and ``1`` from the top, as many and as long as asked for; None if it cannot be drawn."""


class MissingGlyph(CannotPrint):
    """There is no drawing of a character.

    Attributes:
        character: The first such character of the page.
    """

    def __init__(self, character: str) -> None:
        super().__init__(f"there is no way to print the character {described(character)}")
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


def draw(page: Page, other: OtherScripts | None = None) -> Raster:
    """The whole page without its cut marks, 12 dots per column: 576 for 48.

    Raises:
        MissingGlyph: A character has no drawing.
        TooWide: A code or a picture is wider than the paper.
    """
    data = b"".join(draw_block(row, page.columns, other) for row in page.rows)
    return Raster(width_dots=page.columns * WIDTH, data=data)


def draw_block(row: PageRow, columns: int, other: OtherScripts | None = None) -> bytes:
    """The dot lines of one row, code or picture, ``columns * 12 / 8`` bytes each; none for a cut or a drawer's kick.

    Raises:
        MissingGlyph: A character has no drawing.
        TooWide: A code or a picture is wider than the paper.
    """
    if isinstance(row, Row):
        return draw_row(row, columns, other)
    return draw_graphic(row, columns) if isinstance(row, Graphic) else b""


def draw_row(row: Row, columns: int, other: OtherScripts | None = None) -> bytes:
    """The dot lines of one row: 24 of them, 48 for double cells, 17 for small ones.

    Args:
        row: As laid out for ``columns``.
        columns: Normal cells across the paper; even.
        other: What draws the letters that the atlas lacks.

    Raises:
        MissingGlyph: A character has no drawing.
    """
    text = placed(row.text, row.align, cells_in(columns, row.style))
    if row.style is not Style.SMALL and is_simple(text):
        try:
            return _simple_row(text, row.style)
        except MissingGlyph:
            if other is None:
                raise
    return _any_row(text, row.style, columns, other)


def draw_graphic(graphic: Graphic, columns: int) -> bytes:
    """The dot lines of a code with its quiet zone and its letters, or of a picture.

    Raises:
        TooWide: It does not fit.
    """
    width = columns * WIDTH
    drawn = dots_of(graphic, width)
    left = left_dots(graphic.align, drawn.width_dots, width)
    lines = packed(("0" * left + row for row in drawn.rows), width)
    if isinstance(graphic, Qr):
        blank = bytes(width // 8) * HEIGHT * quiet_rows(module_dots(graphic, width))
        return blank + lines + blank
    if isinstance(graphic, Barcode) and hri_text(graphic):
        return lines + _below(hri_text(graphic), left + drawn.width_dots // 2, width)
    return lines


def hri_face(text: str, width_dots: int) -> Face:
    """The letters below a bar code: small ones where others do not fit."""
    return Face.REGULAR if len(text) * CELLS[Face.REGULAR].width <= width_dots else Face.SMALL


def packed(lines: Iterator[str], width_dots: int) -> bytes:
    """Lines of ``0`` and ``1`` as bytes, filled up with paper to the right."""
    return b"".join(int(line.ljust(width_dots, "0"), 2).to_bytes(width_dots // 8, "big") for line in lines)


@lru_cache(maxsize=1024)
def bits(char: str, face: Face) -> tuple[str, ...]:
    """The lines of one glyph, as ``0`` and ``1``.

    Raises:
        MissingGlyph: The atlas lacks it.
    """
    rows, width = _hex(char, face), CELLS[face].width
    return tuple(f"{int(rows[at : at + 3], 16):0{width}b}" for at in range(0, len(rows), 3))


def _simple_row(text: str, style: Style) -> bytes:
    if style is Style.DOUBLE:
        columns, height = b"".join(map(_double, text)), 2 * HEIGHT
    else:
        columns, height = b"".join(map(_PAIRS[FACES[style]].__getitem__, _IN_PAIRS(text))), HEIGHT
    return b"".join([columns[line::height] for line in range(height)])


def _any_row(text: str, style: Style, columns: int, other: OtherScripts | None) -> bytes:
    face = FACES[style]
    lines = _joined([_run(run, face, other) for run in split(text, glyphs(face))])
    if style is Style.DOUBLE:
        lines = [line.translate(_WIDENED) for line in lines for _ in range(2)]
    return packed(iter(lines), columns * WIDTH)


def _run(run: Run, face: Face, other: OtherScripts | None) -> Sequence[str]:
    if not run.missing:
        return _joined([bits(char, face) for char in run.text])
    cell = CELLS[face]
    width = cells_of(run.text) * cell.width
    drawn = other and other.draw(run.text, width_dots=width, height_dots=cell.height, bold=face is Face.BOLD)
    if not drawn:
        raise MissingGlyph(run.missing)
    return drawn


def _joined(parts: Sequence[Sequence[str]]) -> list[str]:
    return ["".join(lines) for lines in zip(*parts, strict=True)]


def _below(text: str, middle: int, width_dots: int) -> bytes:
    """The letters below a bar code, around its middle but on the paper."""
    face = hri_face(text, width_dots)
    drawn = len(text) * CELLS[face].width
    left = min(max(0, middle - drawn // 2), width_dots - drawn)
    return packed(("0" * left + line for line in _joined([bits(char, face) for char in text])), width_dots)


class _Pairs(dict[str, bytes]):
    """Two glyphs side by side, drawn when first asked for: three columns of bytes, the left one first, each from the top."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self._face = face

    def __missing__(self, pair: str) -> bytes:
        left, right = (_hex(char, self._face) for char in pair)
        if len(self) >= _CACHED_CELLS:
            self.clear()
        drawn = _columns([bytes.fromhex(left[at : at + 3] + right[at : at + 3]) for at in range(0, 3 * HEIGHT, 3)])
        self[pair] = drawn
        return drawn


_PAIRS: Final = {face: _Pairs(face) for face in (Face.REGULAR, Face.BOLD)}


@lru_cache(maxsize=512)
def _double(char: str) -> bytes:
    """One glyph twice as wide and twice as high, likewise."""
    rows = _hex(char, FACES[Style.DOUBLE])
    wide = (int(rows[at : at + 3], 16) for at in range(0, 3 * HEIGHT, 3))
    lines = ((_TWICE[dots >> 6] << 12 | _TWICE[dots & 0b111111]).to_bytes(3, "big") for dots in wide)
    return _columns([twice for line in lines for twice in (line, line)])


def _columns(lines: Sequence[bytes]) -> bytes:
    """The columns of lines of bytes, one behind the other."""
    return bytes(chain.from_iterable(zip(*lines, strict=True)))


def _hex(char: str, face: Face) -> str:
    rows = glyphs(face).get(char)
    if rows is None:
        raise MissingGlyph(char)
    return rows
