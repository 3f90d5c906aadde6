"""The ESC/POS commands that this program sends, as bytes. Pure.

Source: Epson ESC/POS Command Reference for TM printers, the page of each command.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from drivers.printers import barcodes
from drivers.printers.document import Align, Style
from drivers.printers.symbology import QrLevel, Symbology

INITIALIZE: Final = b"\x1b@"
"""ESC @: empties the buffer and resets page, style and pitch."""
ASCII: Final = b"\x1bR\x00"
"""ESC R 0: # $ @ [ and the like are themselves, whatever country a printer's switches are set to."""
CANCEL_DOUBLE_BYTES: Final = b"\x1c."
"""FS .: a byte above 127 is a letter again, not half of a Chinese one."""
FEED_AND_CUT: Final = b"\x1dVB\x00"
"""GS V 66 0: feed to the cutter, then cut, leaving one point."""
EMPTY_ROW: Final = b" \n"
"""A space makes the row as high as a letter, whatever unit the printer counts its pitch in."""
PULSE_ON: Final = 50
"""100 ms, in steps of 2 ms; solenoids of drawers want 60 to 200."""
PULSE_OFF: Final = 250

_STYLES: Final = {Style.NORMAL: 0x00, Style.BOLD: 0x08, Style.DOUBLE: 0x38, Style.SMALL: 0x01}
"""ESC !: bit 0 Font B, 3 emphasized, 4 double height, 5 double width."""
_ALIGNS: Final = {Align.LEFT: 0, Align.CENTER: 1, Align.RIGHT: 2}
_SYMBOLOGIES: Final = {
    Symbology.UPC_A: 65,
    Symbology.EAN_13: 67,
    Symbology.EAN_8: 68,
    Symbology.CODE_39: 69,
    Symbology.ITF: 70,
    Symbology.CODE_128: 73,
}
"""GS k, function B."""
_LEVELS: Final = {QrLevel.L: 48, QrLevel.M: 49, QrLevel.Q: 50, QrLevel.H: 51}


def page(number: int) -> bytes:
    """ESC t: select a code page."""
    return bytes((0x1B, 0x74, number))


def style(wanted: Style) -> bytes:
    """ESC !: font, emphasis and size in one."""
    return bytes((0x1B, 0x21, _STYLES[wanted]))


def pitch(dots: int) -> bytes:
    """ESC 3: how far a line feed goes, at least the height of the letters.

    The unit is a dot on most printers and half a dot on others; those go by the height of the letters then.
    """
    return bytes((0x1B, 0x33, dots))


def align(wanted: Align) -> bytes:
    """ESC a: where codes stand."""
    return bytes((0x1B, 0x61, _ALIGNS[wanted]))


def kick(pin: int) -> bytes:
    """ESC p: a pulse of 100 ms on pin 2 or 5 of the drawer's connector."""
    return bytes((0x1B, 0x70, 0 if pin == 2 else 1, PULSE_ON, PULSE_OFF))


def picture(width_bytes: int, lines: bytes, *, doubled: bool = False) -> bytes:
    """GS v 0: width in bytes and height in dots, both low byte first, then the dots; m = 3 prints each two by two."""
    height = len(lines) // width_bytes
    size = width_bytes.to_bytes(2, "little") + height.to_bytes(2, "little")
    return b"\x1dv0" + bytes((3 if doubled else 0,)) + size + lines


def inline(letters: Sequence[bytes]) -> bytes:
    """ESC * 33: letters of 24 dot lines side by side, in the middle of a line of text.

    Args:
        letters: The dot columns of each letter, three bytes a column, the highest bit at the top.
    """
    dots = b"".join(letters)
    return b"\x1b*!" + (len(dots) // 3).to_bytes(2, "little") + dots


def barcode(symbology: Symbology, data: str, *, narrow_dots: int, height_dots: int, hri: str) -> bytes:
    """GS w, GS h, GS f, GS H and GS k.

    Args:
        symbology: Its kind.
        data: Its content.
        narrow_dots: Width of the narrowest bar.
        height_dots: Height of the bars.
        hri: ``A`` or ``B`` for letters of that font below the bars, empty for none.
    """
    settings = bytes(
        (0x1D, 0x77, narrow_dots, 0x1D, 0x68, height_dots, 0x1D, 0x66, hri == "B", 0x1D, 0x48, 2 if hri else 0)
    )
    content = b"".join(_code_128(data)) if symbology is Symbology.CODE_128 else data.encode("ascii")
    return settings + bytes((0x1D, 0x6B, _SYMBOLOGIES[symbology], len(content))) + content


def qr(data: str, level: QrLevel, module_dots: int) -> bytes:
    """GS ( k, functions 165, 167, 169, 180 and 181: model 2, size, level, data, print."""
    content = data.encode()
    store = (len(content) + 3).to_bytes(2, "little") + b"1P0" + content
    return b"".join(
        (
            b"\x1d(k\x04\x001A2\x00",
            b"\x1d(k\x03\x001C" + bytes((module_dots,)),
            b"\x1d(k\x03\x001E" + bytes((_LEVELS[level],)),
            b"\x1d(k" + store,
            b"\x1d(k\x03\x001Q0",
        )
    )


def _code_128(data: str) -> Iterator[bytes]:
    """The content with its subsets named, as the printer wants it: ``{B`` before letters, ``{C`` before pairs of digits."""
    for subset, part in barcodes.code_128_parts(data):
        yield b"{" + subset.encode("ascii")
        if subset == barcodes.CODE_C:
            yield bytes(int(part[at : at + 2]) for at in range(0, len(part), 2))
        else:
            yield part.replace("{", "{{").encode("ascii")
