"""ESC/POS bytes that print a page as pictures of whole rows, on any printer that knows GS v 0. Pure.

The whole job exists before its first byte is sent. It is a list of chunks, each of which the printer can take in one
go: bands of whole rows at most 192 dots high, since cheap printers jam on tall pictures.

Source: Epson ESC/POS reference, commands ESC @, GS v 0 (function 112) and GS V (function B).
"""

from collections.abc import Iterator
from typing import Final

from drivers.printers.atlas.glyphs import WIDTH
from drivers.printers.layout import CutMark, Page
from drivers.printers.raster import draw_block

INITIALIZE: Final = b"\x1b@"
FEED_AND_CUT: Final = b"\x1dVB\x00"
"""GS V 66 0: feed to the cutter, then cut, leaving one point."""
MAX_BAND_DOTS: Final = 192


def encode(page: Page) -> tuple[bytes, ...]:
    """The job: ESC @, then a picture per band and a cut per cut mark.

    Raises:
        MissingGlyph: A character has no drawing; there is no job then.
    """
    return (INITIALIZE, *_chunks(page))


def _chunks(page: Page) -> Iterator[bytes]:
    band = b""
    line_bytes = page.columns * WIDTH // 8
    for row in page.rows:
        if isinstance(row, CutMark):
            yield from _picture(band, line_bytes)
            yield FEED_AND_CUT
            band = b""
            continue
        drawn = draw_block(row, page.columns)
        if len(band) + len(drawn) > MAX_BAND_DOTS * line_bytes:
            yield from _picture(band, line_bytes)
            band = b""
        band += drawn
    yield from _picture(band, line_bytes)


def _picture(data: bytes, line_bytes: int) -> Iterator[bytes]:
    """GS v 0, m = 0: width in bytes and height in dots, both low byte first, then the dots."""
    if data:
        height = len(data) // line_bytes
        yield b"\x1dv0\x00" + line_bytes.to_bytes(2, "little") + height.to_bytes(2, "little") + data
