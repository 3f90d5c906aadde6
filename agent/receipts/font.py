"""The shop's font for letters that the atlas lacks; one that cannot be used prints none, and so refuses papers by the letter."""

import logging
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.printers.other_scripts import FontScripts, FontUnusable

if TYPE_CHECKING:
    from drivers.printers.raster import OtherScripts

_LOG = logging.getLogger(__name__)
_MOST_FONTS = 4


class ShopFont:
    """Draws with one font; a port of `OtherScripts`.

    Args:
        path: A TrueType or OpenType file.
    """

    def __init__(self, path: Path) -> None:
        self._scripts = FontScripts(path)
        self._told = ""

    def draw(self, text: str, *, width_dots: int, height_dots: int, bold: bool) -> tuple[str, ...] | None:
        """Draw a word in its cells; None where the font lacks a letter, or cannot be used, which is logged once."""
        try:
            return self._scripts.draw(text, width_dots=width_dots, height_dots=height_dots, bold=bold)
        except FontUnusable as fault:
            if str(fault) != self._told:
                self._told = str(fault)
                _LOG.error("%s; letters of other scripts are not printed", fault)
            return None


def font_of(path: Path | None) -> "OtherScripts | None":
    """Give what draws with a font; None for none. It is read when the first letter needs it."""
    return _font(path) if path is not None else None


def font_fault(path: Path) -> str:
    """Say what is wrong with a font, in English; empty for nothing."""
    try:
        FontScripts(path).draw("A", width_dots=12, height_dots=24, bold=False)
    except FontUnusable as fault:
        return str(fault)
    return ""


@lru_cache(maxsize=_MOST_FONTS)
def _font(path: Path) -> ShopFont:
    return ShopFont(path)
