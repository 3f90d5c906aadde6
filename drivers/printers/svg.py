"""A raster as SVG: the same dots as the paper, for pages and documents that scale. Pure."""

import re
from typing import Final

from drivers.printers.raster import Raster

_INK: Final = re.compile("1+")


def svg(raster: Raster, *, margin_dots: int = 0) -> str:
    """The picture, black ink on white paper, one path of horizontal strokes.

    Args:
        raster: Any.
        margin_dots: White around it.
    """
    line_bytes = raster.width_dots // 8
    rows = (raster.data[at : at + line_bytes] for at in range(0, len(raster.data), line_bytes))
    strokes = "".join(_strokes(row, y + margin_dots, margin_dots) for y, row in enumerate(rows))
    width, height = raster.width_dots + 2 * margin_dots, raster.height_dots + 2 * margin_dots
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{width}v{height}h-{width}z"/>'
        f'<path fill="#000" d="{strokes}"/></svg>\n'
    )


def _strokes(row: bytes, y: int, left: int) -> str:
    """The runs of ink of one dot line, each a box one dot high."""
    dots = f"{int.from_bytes(row, 'big'):0{8 * len(row)}b}"
    return "".join(
        f"M{left + ink.start()} {y}h{ink.end() - ink.start()}v1h-{ink.end() - ink.start()}z"
        for ink in _INK.finditer(dots)
    )
