"""Letters of other scripts, drawn by Pillow with a font that the shop names.

Used where the atlas has no drawing: East Asian letters, Hebrew, Arabic and the like. Pillow is imported when the first
such letter is drawn. Right-to-left words are shaped and ordered by raqm; where Pillow comes without it, they are refused,
as every letter is that the font lacks.
"""

import threading
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from drivers.errors import DriverError

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_NOT_A_CHARACTER: Final = "\uffff"
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_MARKS: Final = frozenset({"Mn", "Me", "Cf"})
_THRESHOLD: Final = 128


class FontUnusable(DriverError):
    """The font for other scripts cannot be used; the message says why."""


class FontScripts:
    """Draws with one font; a port of :class:`~drivers.printers.raster.OtherScripts`.

    Args:
        path: A TrueType or OpenType file.
        bold: Another for bold rows; the same if None.

    Raises:
        FontUnusable: On the first letter: a file is no font, or Pillow is not there.
    """

    def __init__(self, path: Path, *, bold: Path | None = None) -> None:
        self._paths = {False: path, True: bold or path}
        self._one_at_a_time = threading.Lock()
        self._font = lru_cache(maxsize=8)(self._opened)
        self._known = lru_cache(maxsize=1024)(self._has)

    def draw(self, text: str, *, width_dots: int, height_dots: int, bold: bool) -> tuple[str, ...] | None:
        """The word in its cells, made narrower if it is too wide; None if the font lacks a letter of it."""
        with self._one_at_a_time:
            font = self._font(height_dots, bold)
            if not all(self._known(char, height_dots, bold) for char in text if not char.isspace()):
                return None
            to_left = any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text)
            if (to_left or _is_joined(text)) and not _has_raqm():
                return None
            return _lines(_drawn(text, font, height_dots), width_dots, height_dots, at_right=to_left)

    def _opened(self, height_dots: int, bold: bool) -> "FreeTypeFont":
        """The largest size whose lines are not higher than the cell."""
        path = self._paths[bold]
        try:
            from PIL import ImageFont

            for size in range(height_dots, 3, -1):
                font = ImageFont.truetype(str(path), size)
                if sum(font.getmetrics()) <= height_dots:
                    return font
        except ImportError as error:
            raise FontUnusable(str(path), "letters of other scripts need the package Pillow") from error
        except OSError as error:
            raise FontUnusable(str(path), f"is no font that can be read ({error})") from error
        raise FontUnusable(str(path), f"has no size that fits into {height_dots} dots")

    def _has(self, char: str, height_dots: int, bold: bool) -> bool:
        """Whether the font draws the character as something else than what it lacks."""
        if unicodedata.category(char) in _MARKS:
            return True
        font = self._font(height_dots, bold)
        return bytes(font.getmask(char)) != bytes(font.getmask(_NOT_A_CHARACTER))


def _is_joined(text: str) -> bool:
    """Whether letters of the text change with their neighbours: marks, or scripts beyond the East Asian ones."""
    return any(unicodedata.category(char) in _MARKS for char in text)


def _has_raqm() -> bool:
    from PIL import features

    return bool(features.check("raqm"))


def _drawn(text: str, font: "FreeTypeFont", height_dots: int) -> Any:
    """Grey on black, as wide as the letters are."""
    from PIL import Image, ImageDraw

    left, _, right, _ = font.getbbox(text)
    width = max(1, int(right - min(0, left)))
    image = Image.new("L", (width, height_dots), 0)
    ImageDraw.Draw(image).text((-min(0, left), 0), text, font=font, fill=255)
    return image


def _lines(image: Any, width_dots: int, height_dots: int, *, at_right: bool) -> tuple[str, ...]:
    if image.width > width_dots:
        image = image.resize((width_dots, height_dots))
    dots = image.tobytes()
    rows = (dots[at : at + image.width] for at in range(0, len(dots), image.width))
    lines = ("".join("1" if dot >= _THRESHOLD else "0" for dot in row) for row in rows)
    return tuple(line.rjust(width_dots, "0") if at_right else line.ljust(width_dots, "0") for line in lines)
