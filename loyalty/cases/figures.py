"""The texts of a case that are numbers or instants."""

import re
from datetime import datetime
from typing import NewType

Figure = NewType("Figure", str)
"""A decimal number as text, as ``"12.50"``; its scale is that of its unit or currency."""
LocalTime = NewType("LocalTime", datetime)
"""An instant of the store's clock, naive, as ``"2026-01-05T12:00"``; a date alone is its first instant."""
TaxText = NewType("TaxText", str)
"""A tax as ``"15% excl + fixed 10.00"``, see `loyalty.cases.baskets.parse_tax`."""
NO_TAX = TaxText("none")
ZERO, ONE = Figure("0"), Figure("1")
_FIGURE = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", re.ASCII)


def is_figure(text: str) -> bool:
    """Tell whether ``text`` is a figure: ASCII digits, at most one sign and one point."""
    return _FIGURE.fullmatch(text) is not None
