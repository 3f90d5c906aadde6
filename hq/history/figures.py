"""Decimal figures written in text, as integers.

Knows digits and scales, and nothing of files or receipts. No float and no locale takes part: a figure is ASCII
digits with at most one separator, so ``NaN``, ``1e3``, ``Infinity`` and Arabic-Indic digits are not figures.
Unlike `loyalty.numbers.scaled` it keeps the scale as written, since a price may have more decimals than money.
"""

import re
from functools import lru_cache

MAX_FIGURE_CHARS = 44
_FIGURE = re.compile(r"(-?)([0-9]{1,30})(?:[.]([0-9]{1,12}))?")


@lru_cache(maxsize=1 << 16)
def parse_figure(text: str, separator: str) -> tuple[int, int] | None:
    """Read a decimal figure as (digits, scale): ``-2.50`` is (-250, 2).

    Args:
        text: The figure alone: no spaces, no plus, no thousands separators.
        separator: ``.`` or ``,`` between whole and fraction.

    Returns:
        None when the text is not such a figure.
    """
    if len(text) > MAX_FIGURE_CHARS or (separator != "." and "." in text):
        return None
    found = _FIGURE.fullmatch(text.replace(separator, "."))
    if found is None:
        return None
    sign, whole, fraction = found.group(1), found.group(2), found.group(3) or ""
    return int(sign + whole + fraction), len(fraction)


def exactly(figure: tuple[int, int], scale: int) -> int | None:
    """The figure as an integer at ``scale``, or None where digits would be lost: ((15, 1), 3) is 1500."""
    digits, have = figure
    if have <= scale:
        return int(digits * 10 ** (scale - have))
    whole, rest = divmod(digits, 10 ** (have - scale))
    return whole if rest == 0 else None
