"""Decimal text to scaled integers and back, exactly.

``"12.50"`` at scale 2 is 1250. Only ASCII digits, one sign and one point are read, so that no second way of
writing a number (Arabic-Indic digits, exponents, thousands separators) can mean an amount.
"""

import re

from loyalty.numbers.limits import MAX_SCALE, fits_int64, require

_INT64_DIGITS = 19
_DECIMAL = re.compile(r"(-?)0*([0-9]+)(?:\.([0-9]+))?", re.ASCII)


class NotScaled(ValueError):
    """The text is not a decimal number that fits the scale; the message says why, without the text itself."""


def parse_scaled(text: str, scale: int) -> int:
    """Read decimal ``text`` as an integer number of ``10**-scale`` steps.

    Raises:
        NotScaled: not a plain decimal, more decimals than ``scale`` can hold (trailing zeros aside), or
            outside 64 bits.
    """
    require(0 <= scale <= MAX_SCALE, f"scale must be 0 to {MAX_SCALE}")
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise NotScaled("expected a decimal number such as 12.50")
    sign, whole, fraction = match.group(1), match.group(2), (match.group(3) or "").rstrip("0")
    if len(fraction) > scale:
        raise NotScaled(f"has {len(fraction)} decimals, at most {scale} are possible")
    if len(whole) > _INT64_DIGITS:
        raise NotScaled("is too large for 64 bits")
    value = int(whole + fraction.ljust(scale, "0"))
    value = -value if sign else value
    if not fits_int64(value):
        raise NotScaled("is too large for 64 bits")
    return value


def format_scaled(value: int, scale: int) -> str:
    """Write ``value`` steps of ``10**-scale`` as plain decimal text (point, no grouping); inverse of `parse_scaled`."""
    if scale == 0:
        return str(value)
    sign = "-" if value < 0 else ""
    digits = str(abs(value)).rjust(scale + 1, "0")
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"
