"""Box drawing glyphs, computed, so that lines meet at the edges of their cells; a font's own do not fit them."""

from dataclasses import dataclass
from typing import Final

from drivers.printers.atlas.glyphs import CellSize, Glyph

_LIGHT: Final = {"─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu"} | {
    "├": "rud",
    "┤": "lud",
    "┬": "lrd",
    "┴": "lru",
    "┼": "lrud",
}
_HEAVY: Final = {"━": "lr", "┃": "ud"}
_DOUBLE: Final = {"═": "lr", "║": "ud"}
_PENS: Final = ((_LIGHT, (0, 1)), (_HEAVY, (-1, 0, 1, 2)), (_DOUBLE, (-2, -1, 2, 3)))
"""Which dots a line takes, counted from the last one before the middle of the cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pen:
    """Lines of one kind in one size of cell.

    Attributes:
        cell: The cell.
        across: Rows that a line from left to right takes.
        down: Columns that a line from top to bottom takes.
    """

    cell: CellSize
    across: tuple[int, ...]
    down: tuple[int, ...]

    def glyph(self, arms: str) -> Glyph:
        """The lines from the middle to the edges that ``arms`` names: l, r, u, d."""
        return tuple(self._row(row, arms) for row in range(self.cell.height))

    def _row(self, row: int, arms: str) -> int:
        bits = 0
        if row in self.across:
            left = range(self.down[-1] + 1) if "l" in arms else ()
            right = range(self.down[0], self.cell.width) if "r" in arms else ()
            bits |= self.dots(left) | self.dots(right)
        if ("u" in arms and row <= self.across[-1]) or ("d" in arms and row >= self.across[0]):
            bits |= self.dots(self.down)
        return bits

    def dots(self, columns: range | tuple[int, ...]) -> int:
        """A row with ink in these columns."""
        return sum(1 << (self.cell.width - 1 - column) for column in columns)


def line_glyphs(cell: CellSize) -> dict[str, Glyph]:
    """A glyph for every light line and corner, for plain heavy and double lines, and for the dashed rule ``┄``."""
    row, column = (cell.height - 1) // 2, (cell.width - 1) // 2
    glyphs: dict[str, Glyph] = {}
    for chars, offsets in _PENS:
        pen = _Pen(cell=cell, across=tuple(row + at for at in offsets), down=tuple(column + at for at in offsets))
        glyphs |= {char: pen.glyph(arms) for char, arms in chars.items()}
    dashes = tuple(at for at in range(cell.width) if (at % 4) in {1, 2} and at < cell.width // 4 * 4)
    light = _Pen(cell=cell, across=(row, row + 1), down=())
    glyphs["┄"] = tuple(light.dots(dashes) if at in light.across else 0 for at in range(cell.height))
    return glyphs
