"""Bar codes, QR codes and pictures in dots, and how large they get on paper of a width. Pure.

Knows quiet zones and the sizes of modules, so that a code is drawn only as large as scanners read it, or refused.
"""

from dataclasses import dataclass
from typing import Final, assert_never

from drivers.printers import barcodes, qr
from drivers.printers.document import Align, Barcode, Graphic, Picture, Qr

AUTOMATIC_MODULES: Final = (5, 4, 3, 2)
"""Sides of a QR code's squares in dots, the best first: 0.625 mm is what phones read at arm's length."""
ROW_DOTS: Final = 24
_KIND: Final = {Barcode: "bar code", Qr: "QR code", Picture: "picture"}


class CannotPrint(ValueError):
    """Something of a page has no way onto this paper; nothing of the page is printed."""


class TooWide(CannotPrint):
    """A bar code, a QR code or a picture does not fit on paper of this width."""

    def __init__(self, graphic: Graphic, width_dots: int) -> None:
        super().__init__(f"a {_KIND[type(graphic)]} does not fit on {width_dots} dots")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """A drawing without the paper beside it.

    Attributes:
        width_dots: Dots across.
        rows: From the top, ``1`` for ink; each ``width_dots`` long.
    """

    width_dots: int
    rows: tuple[str, ...]


def narrow_dots(barcode: Barcode, width_dots: int) -> int:
    """How wide the narrowest bar is on paper of ``width_dots``.

    Raises:
        TooWide: Even thin bars do not fit with the quiet zones beside them.
    """
    for narrow in barcodes.NARROW_DOTS:
        if (
            len(barcodes.bars(barcode.symbology, barcode.data, narrow)) + 2 * barcodes.QUIET_MODULES * narrow
            <= width_dots
        ):
            return narrow
    raise TooWide(barcode, width_dots)


def module_dots(code: Qr, width_dots: int) -> int:
    """The side of a square on paper of ``width_dots``.

    Raises:
        TooWide: The code does not fit with its quiet zone, at the size asked for or at the smallest.
    """
    across = qr.modules_across(code.data, code.level) + 2 * qr.QUIET_MODULES
    for side in AUTOMATIC_MODULES if code.module_dots is None else (code.module_dots,):
        if across * side <= width_dots:
            return side
    raise TooWide(code, width_dots)


def quiet_rows(side: int) -> int:
    """Empty rows of text above and below a QR code, at least as high as its quiet zone."""
    return -(-qr.QUIET_MODULES * side // ROW_DOTS)


def hri_text(barcode: Barcode) -> str:
    """What stands below the bars, if anything."""
    return barcode.data if barcode.hri else ""


def dots_of(graphic: Graphic, width_dots: int) -> Dots:
    """The drawing alone: no quiet zone, no letters below.

    Raises:
        TooWide: It does not fit.
    """
    match graphic:
        case Barcode():
            row = barcodes.bars(graphic.symbology, graphic.data, narrow_dots(graphic, width_dots))
            return Dots(width_dots=len(row), rows=(row,) * graphic.height_dots)
        case Qr():
            side = module_dots(graphic, width_dots)
            rows = [_scaled(row, side) for row in qr.squares(graphic.data, graphic.level)]
            return Dots(width_dots=len(rows[0]), rows=tuple(row for row in rows for _ in range(side)))
        case Picture():
            if graphic.width_dots > width_dots:
                raise TooWide(graphic, width_dots)
            return Dots(width_dots=graphic.width_dots, rows=_picture_rows(graphic))
    assert_never(graphic)


def left_dots(align: Align, drawn: int, width_dots: int) -> int:
    """Where a drawing begins; at the left edge, in the middle, or up to the right edge."""
    match align:
        case Align.LEFT:
            return 0
        case Align.CENTER:
            return (width_dots - drawn) // 2
        case Align.RIGHT:
            return width_dots - drawn


def _picture_rows(picture: Picture) -> tuple[str, ...]:
    size = picture.width_dots // 8
    rows = (picture.rows[at : at + size] for at in range(0, len(picture.rows), size))
    return tuple(f"{int.from_bytes(row, 'big'):0{picture.width_dots}b}" for row in rows)


def _scaled(row: str, side: int) -> str:
    return "".join(square * side for square in row)
