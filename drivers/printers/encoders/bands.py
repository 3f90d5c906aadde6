"""Pictures of whole rows, gathered into bands that any printer takes. Pure.

A band is at most 192 dots high, since cheap printers jam on tall pictures, and ends where its longest row ends. On a slow
cable a row that is much longer or shorter than its neighbours gets a band of its own; and where the printer puts pictures
at the right edge or in the middle by itself, the paper to the left of a row is not sent either.
"""

from dataclasses import dataclass
from typing import Final

from drivers.printers.atlas.glyphs import WIDTH
from drivers.printers.document import Align
from drivers.printers.encoders import commands

MAX_BAND_DOTS: Final = 192
_HEADER_BYTES: Final = 8
_ALIGN_BYTES: Final = 6
_BACK: Final = commands.align(Align.LEFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Dot lines and the part of them that is sent.

    Attributes:
        lines: As long as the page is wide.
        align: Where the printer puts the part.
        begin: The first byte of each line that is sent.
        end: Behind the last one.
    """

    lines: bytes
    align: Align
    begin: int
    end: int


def most_picture_bytes(columns: int) -> int:
    """The longest picture, with its command, on a page of so many columns."""
    return MAX_BAND_DOTS * (columns * WIDTH // 8) + _HEADER_BYTES


class Bands:
    """Gathers rows; ``take`` gives the bands.

    Args:
        line_bytes: Bytes of a dot line of the page.
        narrow: Whether bytes matter more than the number of pictures.
        aligned: Whether the printer puts pictures at the right edge of the page, or in its middle, by ESC a.
    """

    def __init__(self, line_bytes: int, *, narrow: bool, aligned: bool) -> None:
        self._line_bytes = line_bytes
        self._narrow = narrow
        self._aligned = narrow and aligned
        self._lines = bytearray()
        self._parts: list[_Part] = []
        self._done: list[bytes] = []

    def add(self, lines: bytes) -> None:
        """The next dot lines, as long as the page is wide; tall ones are cut into bands."""
        most = MAX_BAND_DOTS * self._line_bytes
        for at in range(0, len(lines), most):
            self._add(lines[at : at + most])

    def add_doubled(self, lines: bytes, line_bytes: int) -> None:
        """Dot lines that the printer prints twice as wide and twice as high; a band of their own."""
        self._close()
        aligned = self._aligned and self._line_bytes == 2 * line_bytes
        self._done.append(_picture([_part(lines, line_bytes, aligned=aligned)], lines, line_bytes, doubled=True))

    def take(self) -> list[bytes]:
        """Every band since the last time, whole."""
        self._close()
        done, self._done = self._done, []
        return done

    def _add(self, lines: bytes) -> None:
        if len(self._lines) + len(lines) > MAX_BAND_DOTS * self._line_bytes:
            self._close()
        if self._narrow:
            part = _part(lines, self._line_bytes, aligned=self._aligned)
            if self._parts and not self._fits(part):
                self._close()
            self._parts.append(part)
        self._lines += lines

    def _fits(self, part: _Part) -> bool:
        parts = [*self._parts, part]
        if part.align is not parts[0].align:
            return False
        widest = max(held.end - held.begin for held in parts)
        wasted = sum((widest - held.end + held.begin) * len(held.lines) for held in parts) // self._line_bytes
        return wasted <= _HEADER_BYTES

    def _close(self) -> None:
        if self._lines:
            lines = bytes(self._lines)
            parts = self._parts or [_part(lines, self._line_bytes, aligned=False)]
            self._done.append(_picture(parts, lines, self._line_bytes))
            self._lines.clear()
            self._parts = []


def _part(lines: bytes, line_bytes: int, *, aligned: bool) -> _Part:
    """The part of the lines with the fewest bytes, where the printer may put it."""
    right = _blank(lines, line_bytes, range(line_bytes - 1, -1, -1))
    at_left = _Part(lines=lines, align=Align.LEFT, begin=0, end=max(1, line_bytes - right))
    if not aligned or right == line_bytes:
        return at_left
    left = _blank(lines, line_bytes, range(line_bytes))
    margin = min(left, right)
    choices = (
        at_left,
        _Part(lines=lines, align=Align.RIGHT, begin=left, end=line_bytes),
        _Part(lines=lines, align=Align.CENTER, begin=margin, end=line_bytes - margin),
    )
    return min(choices, key=lambda one: _bytes_of(one, line_bytes))


def _bytes_of(part: _Part, line_bytes: int) -> int:
    dots = (part.end - part.begin) * (len(part.lines) // line_bytes)
    return dots if part.align is Align.LEFT else dots + _ALIGN_BYTES


def _blank(lines: bytes, line_bytes: int, columns: range) -> int:
    """How many of these columns of bytes are without ink, up to the first that has some."""
    for count, column in enumerate(columns):
        if lines[column::line_bytes].strip(b"\0"):
            return count
    return len(columns)


def _picture(parts: list[_Part], lines: bytes, line_bytes: int, *, doubled: bool = False) -> bytes:
    align = parts[0].align
    begin, end = min(part.begin for part in parts), max(part.end for part in parts)
    if end - begin < line_bytes:
        lines = b"".join(lines[at + begin : at + end] for at in range(0, len(lines), line_bytes))
    picture = commands.picture(end - begin, lines, doubled=doubled)
    return picture if align is Align.LEFT else commands.align(align) + picture + _BACK
