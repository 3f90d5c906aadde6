"""Shows a laid out document as plain text, for a terminal, a log of a test or an e-mail. Pure."""

import re
from typing import Final

from drivers.printers.document import Align, Style
from drivers.printers.layout import CutMark, Page, Row

CUT_LINE: Final = "- "
_GAP: Final = re.compile(r" {2,}")
_NO_BREAK: Final = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f"), " ")


def preview_text(page: Page) -> str:
    """The page as lines of at most ``page.columns`` characters, each ended by a newline.

    Double cells are shown single, at the place where they stand on paper; every space is a plain space.
    """
    return "".join(_line(row, page.columns).rstrip() + "\n" for row in page.rows)


def _line(row: Row | CutMark, columns: int) -> str:
    if isinstance(row, CutMark):
        return CUT_LINE * (columns // 2)
    text = _spread(row.text) if row.style is Style.DOUBLE else row.text
    text = text.translate(_NO_BREAK)
    match row.align:
        case Align.LEFT:
            return text
        case Align.CENTER:
            return text.center(columns)
        case Align.RIGHT:
            return text.rjust(columns)


def _spread(text: str) -> str:
    """Two columns in double cells, with the gap between them as wide as it is on paper."""
    gap = max(_GAP.finditer(text), key=lambda match: match.end() - match.start(), default=None)
    return text if gap is None else text[: gap.end()] + " " * len(text) + text[gap.end() :]
