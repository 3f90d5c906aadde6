"""The shop's logo, as templates print it: read once, and again when its file changes; without one nothing is printed."""

import logging
from functools import lru_cache
from pathlib import Path

from agent.receipts.stamps import Stamp, stamp_of
from drivers.printers.document import Picture
from drivers.printers.picture_file import BadPicture, read_picture

_LOG = logging.getLogger(__name__)
_MOST_KEPT = 8


class Logo:
    """The picture of one shop; may be used from any thread.

    Args:
        path: Of the file, or None.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._told = ""

    def picture(self, width_dots: int) -> Picture | None:
        """Give it, at most so wide; None where there is none, or none that can be read, which is logged once."""
        if self._path is None:
            return None
        try:
            return _read(self._path, stamp_of(self._path), width_dots)
        except BadPicture as fault:
            said = f"{self._path}: {fault}; receipts have no logo"
            if said != self._told:
                self._told = said
                _LOG.error("%s", said)
            return None


def logo_fault(path: Path, width_dots: int) -> str:
    """Say what is wrong with a logo, in English without the file's name; empty for nothing."""
    try:
        read_picture(path, width_dots)
    except BadPicture as fault:
        return str(fault)
    return ""


@lru_cache(maxsize=_MOST_KEPT)
def _read(path: Path, _as_it_was: Stamp, width_dots: int) -> Picture:
    return read_picture(path, width_dots)
