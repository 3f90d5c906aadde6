"""QR codes: how large one gets, and its squares. Pure.

The squares are made by the package ``qrcode``, which is imported when the first one is drawn: it brings Pillow. Data is
always stored as bytes of UTF-8, so that the size is known without it.

Source: ISO/IEC 18004, table 7 (capacity in bytes), section 6.3.8 (quiet zone of four modules).
"""

from bisect import bisect_left
from functools import lru_cache
from typing import Final

from drivers.printers.symbology import QrLevel

QUIET_MODULES: Final = 4
_CAPACITY: Final = {
    level: tuple(map(int, sizes.split()))
    for level, sizes in {
        QrLevel.L: "17 32 53 78 106 134 154 192 230 271 321 367 425 458 520 586 644 718 792 858 929 1003",
        QrLevel.M: "14 26 42 62 84 106 122 152 180 213 251 287 331 362 412 450 504 560 624 666 711 779 857 911 997 1059",
        QrLevel.Q: "11 20 32 46 60 74 86 108 130 151 177 203 241 258 292 322 364 394 442 482 509 565 611 661 715 751 "
        "805 868 908 982 1030",
        QrLevel.H: "7 14 24 34 44 58 64 84 98 119 137 155 177 194 220 250 280 310 338 382 403 439 461 511 535 593 625 "
        "658 698 742 790 842 898 958 983 1051",
    }.items()
}
"""Bytes in versions 1, 2, 3 and so on; as far as ``symbology.MAX_QR_BYTES``."""


def modules_across(data: str, level: QrLevel) -> int:
    """Squares in a row of the code, without the quiet zone: 21 for version 1, four more for each next one."""
    return 17 + 4 * _version(data, level)


@lru_cache(maxsize=32)
def squares(data: str, level: QrLevel) -> tuple[str, ...]:
    """The rows of the code without its quiet zone, ``1`` for ink."""
    from qrcode import constants
    from qrcode.main import QRCode
    from qrcode.util import MODE_8BIT_BYTE, QRData

    levels = {
        QrLevel.L: constants.ERROR_CORRECT_L,
        QrLevel.M: constants.ERROR_CORRECT_M,
        QrLevel.Q: constants.ERROR_CORRECT_Q,
        QrLevel.H: constants.ERROR_CORRECT_H,
    }
    code = QRCode(version=_version(data, level), error_correction=levels[level], border=0)
    code.add_data(QRData(data.encode(), mode=MODE_8BIT_BYTE, check_data=False), optimize=0)
    code.make(fit=False)
    return tuple("".join("1" if square else "0" for square in row) for row in code.get_matrix())


def _version(data: str, level: QrLevel) -> int:
    return bisect_left(_CAPACITY[level], len(data.encode())) + 1
