"""The bars of bar codes, and how Code 128 packs its data. Pure.

Source: GS1 General Specifications, section 5.2 (EAN/UPC: 7 modules a digit; quiet zones of 11 and 7 modules); ISO/IEC
15417 (Code 128: 11 modules a character, quiet zone of 10), 16388 (Code 39) and 16390 (ITF), both with wide elements of
2 to 3 narrow ones.
"""

import re
from collections.abc import Iterator
from typing import Final

from drivers.printers.symbology import Symbology

NARROW_DOTS: Final = (3, 2)
"""Widths of the narrowest bar, the best first: 0.375 and 0.25 mm at 8 dots a millimetre."""
QUIET_MODULES: Final = 11
WIDE_DOTS: Final = {2: 5, 3: 8}
"""A wide bar beside a narrow one of this many dots, as GS w draws them (Epson ESC/POS reference, GS w)."""
CODE_B: Final = "B"
CODE_C: Final = "C"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_LEFT_ODD: Final = _words("0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011")
_FLIP: Final = str.maketrans("01", "10")
_RIGHT: Final = tuple(code.translate(_FLIP) for code in _LEFT_ODD)
_LEFT_EVEN: Final = tuple(code[::-1] for code in _RIGHT)
_PARITIES: Final = _words("OOOOOO OOEOEE OOEEOE OOEEEO OEOOEE OEEOOE OEEEOO OEOEOE OEOEEO OEEOEO")
"""How the first digit of an EAN-13 stands in the parities of the next six."""
_NARROW_WIDE: Final = _words("nnwwn wnnnw nwnnw wwnnn nnwnw wnwnn nwwnn nnnww wnnwn nwnwn")
"""ITF: the five bars, or spaces, of a digit."""
_CODE_39: Final = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*",
        _words(
            "nnnwwnwnn wnnwnnnnw nnwwnnnnw wnwwnnnnn nnnwwnnnw wnnwwnnnn nnwwwnnnn nnnwnnwnw wnnwnnwnn nnwwnnwnn "
            "wnnnnwnnw nnwnnwnnw wnwnnwnnn nnnnwwnnw wnnnwwnnn nnwnwwnnn nnnnnwwnw wnnnnwwnn nnwnnwwnn nnnnwwwnn "
            "wnnnnnnww nnwnnnnww wnwnnnnwn nnnnwnnww wnnnwnnwn nnwnwnnwn nnnnnnwww wnnnnnwwn nnwnnnwwn nnnnwnwwn "
            "wwnnnnnnw nwwnnnnnw wwwnnnnnn nwnnwnnnw wwnnwnnnn nwwnwnnnn nwnnnnwnw wwnnnnwnn nwwnnnwnn nwnwnwnnn "
            "nwnwnnnwn nwnnnwnwn nnnwnwnwn nwnnwnwnn"
        ),
        strict=True,
    )
)
_CODE_128: Final = _words(
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
)
_START: Final = {CODE_B: 104, CODE_C: 105}
_SWITCH: Final = {CODE_B: 100, CODE_C: 99}
_STOP: Final = 106
_DIGITS: Final = re.compile(r"[0-9]+")


def bars(symbology: Symbology, data: str, narrow_dots: int) -> str:
    """The code as dots from left to right, ``1`` for ink, without its quiet zones.

    Args:
        symbology: Its kind.
        data: Its whole content, as ``check_barcode`` accepts it.
        narrow_dots: The narrowest bar, 2 or 3.
    """
    match symbology:
        case Symbology.EAN_13:
            return _scaled(_ean_13(data), narrow_dots)
        case Symbology.UPC_A:
            return _scaled(_ean_13("0" + data), narrow_dots)
        case Symbology.EAN_8:
            return _scaled(_ean_8(data), narrow_dots)
        case Symbology.CODE_128:
            return _scaled(_code_128(data), narrow_dots)
        case Symbology.CODE_39:
            return _drawn("n".join(_CODE_39[char] for char in f"*{data}*"), narrow_dots)
        case Symbology.ITF:
            return _drawn(
                "nnnn" + "".join(_pair(data[at : at + 2]) for at in range(0, len(data), 2)) + "wnn", narrow_dots
            )


def code_128_parts(data: str) -> Iterator[tuple[str, str]]:
    """The data in parts for subset B (any letters) and C (pairs of digits), as few symbols as there can be.

    Four digits at an end, or six in the middle, are worth the symbol that changes the subset.
    """
    at = 0
    for run in _DIGITS.finditer(data):
        begin, end = run.span()
        at_edge = begin == 0 or end == len(data)
        whole = begin == 0 and end == len(data) and end - begin == 2
        if end - begin < (4 if at_edge else 6) and not whole:
            continue
        begin += (end - begin) % 2 if begin else 0
        end -= (end - begin) % 2
        if begin > at:
            yield CODE_B, data[at:begin]
        yield CODE_C, data[begin:end]
        at = end
    if at < len(data):
        yield CODE_B, data[at:]


def _ean_13(data: str) -> str:
    codes = {"O": _LEFT_ODD, "E": _LEFT_EVEN}
    parities = _PARITIES[int(data[0])]
    left = "".join(codes[parity][int(digit)] for parity, digit in zip(parities, data[1:7], strict=True))
    return f"101{left}01010{_right(data[7:])}101"


def _ean_8(data: str) -> str:
    left = "".join(_LEFT_ODD[int(digit)] for digit in data[:4])
    return f"101{left}01010{_right(data[4:])}101"


def _right(digits: str) -> str:
    return "".join(_RIGHT[int(digit)] for digit in digits)


def _code_128(data: str) -> str:
    values: list[int] = []
    for subset, part in code_128_parts(data):
        values.append((_SWITCH if values else _START)[subset])
        if subset == CODE_C:
            values += [int(part[at : at + 2]) for at in range(0, len(part), 2)]
        else:
            values += [ord(char) - 32 for char in part]
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return "".join(_widths(_CODE_128[value]) for value in (*values, check, _STOP))


def _widths(digits: str) -> str:
    """Bars and spaces in turns, each as many modules as its digit says."""
    return "".join(("1" if at % 2 == 0 else "0") * int(width) for at, width in enumerate(digits))


def _pair(digits: str) -> str:
    """Two digits of ITF, the first in the bars, the second in the spaces between them."""
    first, second = (_NARROW_WIDE[int(digit)] for digit in digits)
    return "".join(bar + space for bar, space in zip(first, second, strict=True))


def _drawn(elements: str, narrow_dots: int) -> str:
    """Bars and spaces in turns, narrow and wide."""
    dots = {"n": narrow_dots, "w": WIDE_DOTS[narrow_dots]}
    return "".join(("1" if at % 2 == 0 else "0") * dots[element] for at, element in enumerate(elements))


def _scaled(modules: str, narrow_dots: int) -> str:
    return "".join(module * narrow_dots for module in modules)
