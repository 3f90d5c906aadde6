"""Lays a document out in rows of character cells for a paper width.

Knows columns and rows; how words are broken stands in ``wrapping``, how rows of several cells are filled in ``tables``.
Refuses to know dots. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from drivers.printers.document import (
    Align,
    Barcode,
    Block,
    Cells,
    Columns,
    Cut,
    Document,
    DrawerKick,
    Feed,
    Graphic,
    Line,
    Picture,
    Qr,
    Rule,
    Style,
)
from drivers.printers.tables import cells_rows
from drivers.printers.widths import cells_of
from drivers.printers.wrapping import cleaned, wrap

MIN_COLUMNS: Final = 16
MAX_COLUMNS: Final = 96
RULE_CHARACTER: Final = "─"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of cells.

    Attributes:
        text: Its characters, in at most as many cells as fit; an East Asian one takes two; no padding.
        align: Where they stand.
        style: How they are drawn; ``DOUBLE`` cells take two columns and two rows of paper, ``SMALL`` ones three
            quarters of a column.
    """

    text: str
    align: Align = Align.LEFT
    style: Style = Style.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class CutMark:
    """The paper is cut between the rows before and after."""


PageRow = Row | Graphic | DrawerKick | CutMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A document laid out.

    Attributes:
        columns: Normal cells across the paper; even.
        rows: From the top; codes and pictures stand as they were in the document.
    """

    columns: int
    rows: tuple[PageRow, ...]


def lay_out(document: Document, columns: int) -> Page:
    """The rows of ``document`` on paper of ``columns`` cells: 48 on 80 mm, 32 on 58 mm.

    Raises:
        ValueError: ``columns`` is odd or not between 16 and 96.
    """
    if columns % 2 or not MIN_COLUMNS <= columns <= MAX_COLUMNS:
        raise ValueError(f"columns must be even and between {MIN_COLUMNS} and {MAX_COLUMNS}")
    return Page(columns=columns, rows=tuple(row for block in document.blocks for row in _rows(block, columns)))


def cells_in(columns: int, style: Style) -> int:
    """How many cells of a style fit into ``columns`` cells of 12 dots; small ones have 9."""
    match style:
        case Style.DOUBLE:
            return columns // 2
        case Style.SMALL:
            return columns * 12 // 9
        case _:
            return columns


def _rows(block: Block, columns: int) -> Iterator[PageRow]:
    match block:
        case Barcode() | Qr() | Picture() | DrawerKick():
            yield block
        case Cut():
            yield CutMark()
        case _:
            yield from _text_rows(block, columns)


def _text_rows(block: Line | Columns | Cells | Rule | Feed, columns: int) -> Iterator[Row]:
    match block:
        case Line(text=text, align=align, style=style):
            for piece in wrap(text, cells_in(columns, style)):
                yield Row(text=piece, align=align, style=style)
        case Columns(left=left, right=right, style=style):
            style = _narrower(style, right, columns)
            for align, piece in _two_columns(left, right, cells_in(columns, style)):
                yield Row(text=piece, align=align, style=style)
        case Cells(cells=cells, style=style):
            for piece in cells_rows(cells, cells_in(columns, style)):
                yield Row(text=piece, style=style)
        case Rule():
            yield Row(text=RULE_CHARACTER * columns)
        case Feed(lines=lines):
            yield from (Row(text="") for _ in range(lines))


def _narrower(style: Style, amount: str, columns: int) -> Style:
    """An amount that double cells would break, because the paper is too narrow for it, stands in bold ones whole."""
    if style is not Style.DOUBLE:
        return style
    longest = max(cells_of(word) for line in cleaned(amount).split("\n") for word in line.split(" "))
    return Style.BOLD if longest > cells_in(columns, style) else style


def _two_columns(left: str, right: str, width: int) -> Iterator[tuple[Align, str]]:
    """Rows of the left text, the right text at the end of the last one if it fits there, else below."""
    right_pieces = wrap(right, width)
    amount = cells_of(right_pieces[0])
    room = width - amount - 1
    narrow = len(right_pieces) == 1 and room >= width // 2
    left_pieces = wrap(left, room if narrow else width)
    for piece in left_pieces[:-1]:
        yield Align.LEFT, piece
    last = left_pieces[-1]
    gap = width - cells_of(last) - amount
    if len(right_pieces) == 1 and gap >= 1:
        yield Align.LEFT, last + " " * gap + right_pieces[0]
        return
    if last:
        yield Align.LEFT, last
    for piece in right_pieces:
        yield Align.RIGHT, piece
