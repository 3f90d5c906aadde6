"""The texts of a case that are numbers or instants."""

from datetime import datetime
from typing import NewType

Figure = NewType("Figure", str)
"""A decimal number as text, as ``"12.50"``; its scale is that of its unit or currency."""
LocalTime = NewType("LocalTime", datetime)
"""An instant of the store's clock, naive, as ``"2026-01-05T12:00"``; a date alone is its first instant."""
ZERO, ONE = Figure("0"), Figure("1")
