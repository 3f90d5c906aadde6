"""A raster as a PNG file: the preview of a receipt is the same dots as the paper. Pure; nothing but zlib is needed."""

import struct
import zlib
from typing import Final

from drivers.printers.raster import Raster

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_INVERT: Final = bytes(255 - value for value in range(256))
_GREY_ONE_BIT: Final = bytes((1, 0, 0, 0, 0))
"""Bit depth 1, greyscale, deflate, no filter method but 0, not interlaced (PNG specification, 11.2.2)."""
_PAPER: Final = 0xFF


def png(raster: Raster, *, margin_bytes: int = 0) -> bytes:
    """The picture, black ink on white paper.

    Args:
        raster: At least one dot line high.
        margin_bytes: White to the left and right, in steps of 8 dots, and as much above and below.

    Returns:
        A PNG of ``width_dots + 16 * margin_bytes`` by ``height_dots + 16 * margin_bytes`` pixels of one bit.
    """
    width_bytes = raster.width_dots // 8
    side = bytes((_PAPER,)) * margin_bytes
    ink = raster.data.translate(_INVERT)
    lines = [side + ink[at : at + width_bytes] + side for at in range(0, len(ink), width_bytes)]
    blank = [bytes((_PAPER,)) * (width_bytes + 2 * margin_bytes)] * (8 * margin_bytes)
    lines = blank + lines + blank
    header = struct.pack(">II", raster.width_dots + 16 * margin_bytes, len(lines)) + _GREY_ONE_BIT
    pixels = zlib.compress(b"".join(b"\0" + line for line in lines), 6)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
