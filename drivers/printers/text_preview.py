"""Shows a laid out document as plain text, for a terminal, a log of a test or an e-mail. Pure."""

import re
from typing import Final

from drivers.printers.document import Align, Barcode, DrawerKick, Picture, Qr, Style
from drivers.printers.layout import CutMark, Page, PageRow, Row, cells_in
from drivers.printers.widths import placed, plainly_spaced
from drivers.printers.wrapping import wrap

CUT_LINE: Final = "- "
_GAP: Final = re.compile(r" {2,}")


def preview_text(page: Page) -> str:
    """The page as lines of at most ``page.columns`` characters, each ended by a newline.

    Double cells are shown single, at the place where they stand on paper; small ones single too, so that a line of them
    may be a third longer. Every space is a plain space; a code is shown by its kind and content.
    """
    return "".join(line.rstrip() + "\n" for row in page.rows for line in _lines(row, page.columns))


def _lines(row: PageRow, columns: int) -> list[str]:
    match row:
        case Row():
            return [_line(row, columns)]
        case CutMark():
            return [CUT_LINE * (columns // 2)]
        case DrawerKick():
            return []
        case Barcode(symbology=symbology, data=data, align=align):
            return _boxed(f"[{symbology.upper()} {data}]", align, columns)
        case Qr(data=data, align=align):
            return ["", *_boxed(f"[QR {data}]", align, columns), ""]
        case Picture(width_dots=width, height_dots=height, align=align):
            return _boxed(f"[{width} x {height}]", align, columns)


def _boxed(text: str, align: Align, columns: int) -> list[str]:
    return [placed(piece, align, columns) for piece in wrap(text, columns)]


def _line(row: Row, columns: int) -> str:
    text = _spread(row.text) if row.style is Style.DOUBLE else row.text
    width = cells_in(columns, row.style) if row.style is Style.SMALL else columns
    return placed(plainly_spaced(text), row.align, width)


def _spread(text: str) -> str:
    """Two columns in double cells, with the gap between them as wide as it is on paper."""
    gap = max(_GAP.finditer(text), key=lambda match: match.end() - match.start(), default=None)
    return text if gap is None else text[: gap.end()] + " " * len(text) + text[gap.end() :]
