"""The test pages of a calibration, as bytes. Pure.

Source: Epson ESC/POS reference: ESC @, ESC t, ESC !, ESC * (m = 33), GS v 0, GS V, GS ( k, GS k (function B), FS . and ESC p.
"""

from typing import Final

INITIALIZE: Final = b"\x1b@"
NO_CHINESE: Final = b"\x1c."
CUT: Final = b"\x1dVB\x00"
LINE: Final = b"\n"
WIDTHS: Final = (30, 32, 42, 48, 56, 64)
DOTS: Final = (360, 384, 420, 512, 576, 640)
SAMPLES: Final[dict[str, str]] = {
    "cp866": "Привет, ЁЖИК ёжик",
    "cp1251": "Привет, ЁЖИК № 5",
    "kz1048": "Ұлы Әлем Қазақ үшін",
    "cp857": "Işığı göğe Çiçek",
    "cp1254": "Işığı göğe © Çiçek",
    "cp858": "Café Größe €",
    "cp1252": "Café Größe ©",
}
"""A line for each set of letters that tells it from the others."""
NUMBERS: Final[dict[str, tuple[int, ...]]] = {
    "cp866": (7, 17, 34, 59, 66),
    "cp1251": (6, 22, 46, 73),
    "kz1048": (53,),
    "cp857": (12, 13, 29, 61),
    "cp1254": (24, 48, 75, 91),
    "cp858": (19, 50),
    "cp1252": (16, 27, 71),
}
"""Under which numbers printers keep them: python-escpos' capability data and the manuals of its printers."""


def widths() -> bytes:
    """A ruler for each number of columns: the longest that stands on one line says how wide the printer is."""
    rows = (f"{columns}".encode() + b"-" * (columns - 2 - len(str(columns))) + b"->" + LINE for columns in WIDTHS)
    return INITIALIZE + b"".join(rows) + LINE * 2


def bars() -> bytes:
    """A bar for each width in dots; the longest with a closed end says how many dots the printer has."""
    rows = (f"{dots}".encode() + LINE + picture(dots, _bar(dots)) for dots in DOTS)
    return INITIALIZE + b"".join(rows) + LINE * 2


def picture(width_dots: int, data: bytes) -> bytes:
    """GS v 0 of one picture, ``width_dots`` a multiple of 8 or cut to one."""
    width = -(-width_dots // 8)
    return b"\x1dv0\x00" + width.to_bytes(2, "little") + (len(data) // width).to_bytes(2, "little") + data


def inline() -> bytes:
    """A picture of 12 by 24 dots between two words of text."""
    column = b"\xff\xff\xff", b"\x80\x00\x01"
    dots = b"".join(column[0] if at in {0, 11} else column[1] for at in range(12))
    return INITIALIZE + b"left " + b"\x1b*\x21\x0c\x00" + dots + b" right" + LINE * 3


def pages(codec: str) -> bytes:
    """The sample of a set of letters under each number that it may have; the number stands before it."""
    sample = SAMPLES[codec].encode(codec)
    rows = (b"\x1bt" + bytes((number,)) + f"{number:3}: ".encode() + sample + LINE for number in NUMBERS[codec])
    return INITIALIZE + NO_CHINESE + b"".join(rows) + b"\x1bt\x00" + LINE * 2


def chinese() -> bytes:
    """High bytes as the printer takes them by itself: Chinese signs where it begins in such a mode."""
    return INITIALIZE + b"letters: " + bytes(range(0xC0, 0xD0)) + LINE * 3


def styles() -> bytes:
    """A bold line and a double one by ESC !."""
    return INITIALIZE + b"\x1b!\x08bold" + LINE + b"\x1b!\x30DOUBLE" + LINE + b"\x1b!\x00" + LINE * 2


def doubled() -> bytes:
    """The same square twice, the second one twice as large by GS v 0 with m = 3."""
    square = b"\xff" * 24
    return (
        INITIALIZE + picture(8, square[:8]) + LINE + picture(8, square[:8]).replace(b"v0\x00", b"v0\x03", 1) + LINE * 3
    )


def qr(text: str = "https://example.com/42") -> bytes:
    """A QR code by GS ( k."""
    data = text.encode()
    length = (len(data) + 3).to_bytes(2, "little")
    setup = b"\x1d(k\x04\x001A2\x00" + b"\x1d(k\x03\x001C\x06" + b"\x1d(k\x03\x001E1"
    return INITIALIZE + setup + b"\x1d(k" + length + b"1P0" + data + b"\x1d(k\x03\x001Q0" + LINE * 3


def barcode(text: str = "LOYALTILL") -> bytes:
    """A bar code (CODE 128) by GS k, function B."""
    data = b"{B" + text.encode()
    return INITIALIZE + b"\x1dh\x50\x1dk\x49" + bytes((len(data),)) + data + LINE * 3


def _bar(dots: int) -> bytes:
    """24 lines: a frame, closed at both ends."""
    full = ((1 << dots) - 1) << (-dots % 8)
    ends = (1 << (dots - 1) | 1) << (-dots % 8)
    width = -(-dots // 8)
    return b"".join((full if line in {0, 23} else ends).to_bytes(width, "big") for line in range(24))
