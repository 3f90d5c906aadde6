"""The bytes that put two lines on a display. Pure.

Source: Epson customer display reference (DM-D): ESC @, ESC t n, US $ x y; CD5220 command set: ESC @, ESC c n, ESC Q A, ESC Q B.
"""

from enum import StrEnum

from drivers.displays.transliteration import transliterate


class Commands(StrEnum):
    """What a display understands."""

    ESCPOS = "escpos"
    CD5220 = "cd5220"


def begin(commands: Commands, code_page: int | None) -> bytes:
    """Clear everything, and choose the letters by their number where there is a choice."""
    choose = b"\x1bt" if commands is Commands.ESCPOS else b"\x1bc"
    return b"\x1b@" + (choose + bytes((code_page,)) if code_page is not None else b"")


def show(commands: Commands, upper: str, lower: str, *, columns: int, codec: str) -> bytes:
    """Put two lines in the place of those that are shown; what is too long is cut off at the end.

    Args:
        commands: What the display understands.
        upper: The upper line, any letters.
        lower: The lower one.
        columns: Letters in a line.
        codec: The display's letters, as Python names them, such as ``cp866``.
    """
    lines = [_line(text, columns, codec) for text in (upper, lower)]
    if commands is Commands.CD5220:
        return b"".join(b"\x1bQ" + which + line + b"\r" for which, line in zip((b"A", b"B"), lines, strict=True))
    return b"".join(b"\x1f$\x01" + bytes((row,)) + line for row, line in enumerate(lines, start=1))


def _line(text: str, columns: int, codec: str) -> bytes:
    return transliterate(text, codec)[:columns].ljust(columns).encode(codec)
