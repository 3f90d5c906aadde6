"""Rows of several cells, each wrapped in its own width. Pure."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from drivers.printers.document import Cell
from drivers.printers.widths import placed
from drivers.printers.wrapping import wrap

_LEAST: Final = 2
"""Cells of paper that every cell of a row gets: an East Asian letter takes two."""


def cells_rows(cells: Sequence[Cell], width: int) -> list[str]:
    """The rows of one row of cells, each at most ``width`` cells of paper, without spaces at its end.

    Where the paper is too narrow for the widths asked for, the cells stand one below the other, each on whole rows.
    """
    widths = _widths(cells, width)
    if widths is None:
        return [_ended(placed(piece, cell.align, width)) for cell in cells for piece in wrap(cell.text, width)]
    wrapped = [wrap(cell.text, room) for cell, room in zip(cells, widths, strict=True)]
    return [_row(pieces, cells, widths) for pieces in zip_longest(*wrapped, fillvalue="")]


def _row(pieces: Sequence[str], cells: Sequence[Cell], widths: Sequence[int]) -> str:
    parts = (placed(piece, cell.align, room) for piece, cell, room in zip(pieces, cells, widths, strict=True))
    return _ended(" ".join(parts))


def _widths(cells: Sequence[Cell], width: int) -> list[int] | None:
    """How wide each cell is, the gaps between them aside; None if they do not fit side by side.

    What cells without a width share is given out evenly, the first ones taking what is left over.
    """
    room = width - (len(cells) - 1) - sum(cell.columns or 0 for cell in cells)
    open_cells = [at for at, cell in enumerate(cells) if cell.columns is None]
    if room < _LEAST * len(open_cells):
        return None
    widths = [cell.columns or 0 for cell in cells]
    for place, at in enumerate(open_cells):
        widths[at] = room // len(open_cells) + (place < room % len(open_cells))
    return widths if min(widths) >= _LEAST else None


def _ended(text: str) -> str:
    return text.rstrip(" ")
