"""The bytes of a whole job for one printer. Pure."""

from drivers.printers.encoders import escpos_raster
from drivers.printers.layout import Page
from drivers.printers.profiles.profile import PrinterProfile


def encode(page: Page, profile: PrinterProfile, *, bytes_per_s: int | None = None) -> tuple[bytes, ...]:
    """The job in chunks, each of which the printer takes in one go.

    Args:
        page: As laid out for ``profile.columns``.
        profile: What the printer understands.
        bytes_per_s: How fast its cable is; None if that is not known.

    Raises:
        MissingGlyph: A character has no way onto this paper; there is no job then.
        ValueError: The page is wider than the printer (the caller's bug).
    """
    del bytes_per_s
    if page.columns > profile.columns:
        raise ValueError("the page is wider than the printer")
    return escpos_raster.encode(page)
