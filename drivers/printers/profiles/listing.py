"""The profiles that come with this program: ``names()``, ``load(name)``."""

from typing import Final

from drivers.printers.profiles.profile import PrinterProfile

UNKNOWN: Final = PrinterProfile(name="unknown", title="any ESC/POS printer for 80 mm paper", columns=48, width_dots=576)
"""Nothing is trusted but ASCII and pictures."""
