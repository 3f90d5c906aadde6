"""The bytes that put two lines on a display. Pure.

Source: Epson customer display reference (DM-D): ESC @, ESC t n, US $ x y; CD5220 command set: ESC @, ESC c n, ESC Q A, ESC Q B.
"""

from enum import StrEnum
from typing import Final

from drivers.displays.transliteration import transliterate


class Commands(StrEnum):
    """What a display understands."""

    ESCPOS = "escpos"
    CD5220 = "cd5220"


CLEAR: Final = b"\x1b@"
"""ESC @: empties the display, and forgets what it was told."""


def show(
    commands: Commands, upper: str, lower: str, *, columns: int, codec: str, code_page: int | None = None
) -> bytes:
    """Put two lines in the place of those that are shown; what is too long is cut off at the end.

    The letters are chosen each time: a display that was switched off and on has forgotten them, and says nothing of it.

    Args:
        commands: What the display understands.
        upper: The upper line, any letters.
        lower: The lower one.
        columns: Letters in a line.
        codec: The display's letters, as Python names them, such as ``cp866``.
        code_page: The number by which it knows them; None where it has no choice.
    """
    choose = b"\x1bt" if commands is Commands.ESCPOS else b"\x1bc"
    chosen = choose + bytes((code_page,)) if code_page is not None else b""
    lines = [_line(text, columns, codec) for text in (upper, lower)]
    if commands is Commands.CD5220:
        return chosen + b"".join(
            b"\x1bQ" + which + line + b"\r" for which, line in zip((b"A", b"B"), lines, strict=True)
        )
    return chosen + b"".join(b"\x1f$\x01" + bytes((row,)) + line for row, line in enumerate(lines, start=1))


def _line(text: str, columns: int, codec: str) -> bytes:
    return transliterate(text, codec)[:columns].ljust(columns).encode(codec)
