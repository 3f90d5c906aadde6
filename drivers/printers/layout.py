"""Lays a document out in rows of character cells for a paper width.

Knows words, columns and rows; refuses to know dots. Pure. No character of a text is lost: a break between rows takes
the place of the spaces around it, and only characters that are invisible by nature (soft hyphen, zero width space)
are left out. Spaces that do not break (U+00A0, U+202F) keep an amount together with its currency sign.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from drivers.printers.document import Align, Block, Columns, Cut, Document, Feed, Line, Rule, Style

MIN_COLUMNS: Final = 16
MAX_COLUMNS: Final = 96
RULE_CHARACTER: Final = "─"
_TYING_SPACES: Final = ("\u00a0", "\u202f", "\u2007")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_BREAKING_SPACES: Final = dict.fromkeys(
    map(ord, "\t\v\f\r\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u205f\u3000"), " "
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of cells.

    Attributes:
        text: Its characters, one per cell, at most as many as fit; no padding.
        align: Where they stand.
        style: How they are drawn; ``DOUBLE`` cells take two columns and two rows of paper.
    """

    text: str
    align: Align = Align.LEFT
    style: Style = Style.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class CutMark:
    """The paper is cut between the rows before and after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A document laid out.

    Attributes:
        columns: Normal cells across the paper; even.
        rows: From the top.
    """

    columns: int
    rows: tuple[Row | CutMark, ...]


def lay_out(document: Document, columns: int) -> Page:
    """The rows of ``document`` on paper of ``columns`` cells: 48 on 80 mm, 32 on 58 mm.

    Raises:
        ValueError: ``columns`` is odd or not between 16 and 96.
    """
    if columns % 2 or not MIN_COLUMNS <= columns <= MAX_COLUMNS:
        raise ValueError(f"columns must be even and between {MIN_COLUMNS} and {MAX_COLUMNS}")
    return Page(columns=columns, rows=tuple(row for block in document.blocks for row in _rows(block, columns)))


def cells_in(columns: int, style: Style) -> int:
    """How many cells of a style fit into ``columns``."""
    return columns // 2 if style is Style.DOUBLE else columns


def wrap(text: str, width: int) -> list[str]:
    """``text`` in pieces of at most ``width`` characters, broken at spaces, or anywhere in a longer word.

    Returns:
        One or more pieces without spaces at their ends where they were broken; an empty text is one empty piece.
    """
    pieces: list[str] = []
    for line in _clean(text).split("\n"):
        pieces += _wrap_line(line.rstrip(" "), width)
    return pieces


def _rows(block: Block, columns: int) -> Iterator[Row | CutMark]:
    match block:
        case Line(text=text, align=align, style=style):
            for piece in wrap(text, cells_in(columns, style)):
                yield Row(text=piece, align=align, style=style)
        case Columns(left=left, right=right, style=style):
            style = _narrower(style, right, columns)
            for align, piece in _two_columns(left, right, cells_in(columns, style)):
                yield Row(text=piece, align=align, style=style)
        case Rule():
            yield Row(text=RULE_CHARACTER * columns)
        case Feed(lines=lines):
            yield from (Row(text="") for _ in range(lines))
        case Cut():
            yield CutMark()


def _narrower(style: Style, amount: str, columns: int) -> Style:
    """An amount that double cells would break, because the paper is too narrow for it, stands in bold ones whole."""
    longest = max(len(word) for line in _clean(amount).split("\n") for word in line.split(" "))
    return Style.BOLD if style is Style.DOUBLE and longest > cells_in(columns, style) else style


def _two_columns(left: str, right: str, width: int) -> Iterator[tuple[Align, str]]:
    """Rows of the left text, the right text at the end of the last one if it fits there, else below."""
    right_pieces = wrap(right, width)
    room = width - len(right_pieces[0]) - 1
    narrow = len(right_pieces) == 1 and room >= width // 2
    left_pieces = wrap(left, room if narrow else width)
    for piece in left_pieces[:-1]:
        yield Align.LEFT, piece
    last = left_pieces[-1]
    if len(right_pieces) == 1 and len(last) + 1 + len(right_pieces[0]) <= width:
        yield Align.LEFT, last + right_pieces[0].rjust(width - len(last))
        return
    if last:
        yield Align.LEFT, last
    for piece in right_pieces:
        yield Align.RIGHT, piece


def _wrap_line(line: str, width: int) -> Iterator[str]:
    while len(line) > width:
        at = line.rfind(" ", 0, width + 1)
        indent_only = not line[:at].strip(" ") if at > 0 else True
        at = _last_resort(line, width) if indent_only else at
        yield line[:at].rstrip(" ")
        line = line[at:].lstrip(" ")
    yield line


def _last_resort(line: str, width: int) -> int:
    """Where a word longer than the row is broken: behind a space that should not break, so that digits stay together."""
    behind = max(line.rfind(space, 0, width) for space in _TYING_SPACES) + 1
    return behind if line[:behind].strip() else width


def _clean(text: str) -> str:
    """Composed letters (NFC), every breaking space as a space, and nothing invisible."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).translate(_INVISIBLE).translate(_BREAKING_SPACES)
