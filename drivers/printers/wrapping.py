"""Breaks a text into rows of cells. Pure.

No character of a text is lost: a break between rows takes the place of the spaces around it, and only characters that
are invisible by nature (soft hyphen, zero width space) are left out. Spaces that do not break (U+00A0, U+202F) keep an
amount together with its currency sign.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from drivers.printers.widths import cells_of, fitting

_TYING_SPACES: Final = ("\u00a0", "\u202f", "\u2007")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_BREAKING_SPACES: Final = dict.fromkeys(
    map(ord, "\t\v\f\r\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u205f\u3000"), " "
)
_ODD: Final = re.compile("[\r" + "".join(map(chr, (*_INVISIBLE, *_BREAKING_SPACES))) + "]")


def wrap(text: str, width: int) -> list[str]:
    """``text`` in pieces of at most ``width`` cells, broken at spaces, or anywhere in a longer word.

    Args:
        text: Any; a newline breaks it.
        width: At least 2, since an East Asian letter takes two cells.

    Returns:
        One or more pieces without spaces at their ends where they were broken; an empty text is one empty piece.
    """
    pieces: list[str] = []
    for line in cleaned(text).split("\n"):
        pieces += _wrap_line(line.rstrip(" "), width)
    return pieces


def cleaned(text: str) -> str:
    """Composed letters (NFC), every breaking space as a space, and nothing invisible."""
    if _ODD.search(text) is None:
        return unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).translate(_INVISIBLE).translate(_BREAKING_SPACES)


def _wrap_line(line: str, width: int) -> Iterator[str]:
    while cells_of(line) > width:
        most = fitting(line, width)
        at = line.rfind(" ", 0, most + 1)
        indent_only = not line[:at].strip(" ") if at > 0 else True
        at = _last_resort(line, most) if indent_only else at
        yield line[:at].rstrip(" ")
        line = line[at:].lstrip(" ")
    yield line


def _last_resort(line: str, most: int) -> int:
    """Where a word longer than the row is broken: behind a space that should not break, so that digits stay together."""
    behind = max(line.rfind(space, 0, most) for space in _TYING_SPACES) + 1
    return behind if line[:behind].strip() else most
