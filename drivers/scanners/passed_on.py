"""One scan in a text, as a point of sale or a line of a file passes it on: the way its scanner sent it, framing and all.

Knows that such a text may still have what stood around the scan: CR, LF, TAB, STX and ETX, the AIM identifier. Pure.
"""

from typing import Final

from drivers.scanners.decoding.swipes import is_swipe
from drivers.scanners.framing import DEFAULT_IDLE_MS, STX, Framer, FramingSettings
from drivers.scanners.symbols import Misreading, Symbol, decode, read_symbol

SEVERAL_SCANS: Final = "several_scans"
_JOINED: Final = FramingSettings(join_ms=1)


def read_passed_on(scan: str | bytes) -> Symbol | str:
    """The symbol in a text with the scanner's framing, or without any.

    Args:
        scan: One scan. The tracks of one swipe may stand in several lines. Characters stand for the bytes that the
            scanner sent where they can, else for their UTF-8.

    Returns:
        The symbol; or why there is none: ``empty``, ``several_scans``, ``cut`` (an STX without an end), ``overflow``
        (more than 4096 bytes), or a :class:`~drivers.scanners.symbols.Misreading`'s value.
    """
    data = scan if isinstance(scan, bytes) else _sent(scan)
    framer = Framer(_JOINED if is_swipe(decode(data.lstrip(bytes([STX])))) else None)
    frames = (*framer.feed(data, 0), *framer.tick(DEFAULT_IDLE_MS))
    if len(frames) != 1:
        return SEVERAL_SCANS if frames else Misreading.EMPTY.value
    if frames[0].incomplete:
        return frames[0].ending.value
    symbol = read_symbol(frames[0])
    return symbol.value if isinstance(symbol, Misreading) else symbol


def _sent(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
