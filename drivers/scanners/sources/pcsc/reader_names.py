"""How a reader is named in the settings. Pure.

pcscd calls a reader ``Maker Model 00 00``: the first number moves when readers are plugged in another order, the second
is the slot of the reader. Windows calls it ``Maker Model 0``.
"""

import re
from collections.abc import Iterable
from typing import Final

_PCSCD: Final = re.compile(r"(.+) [0-9A-F]{2} ([0-9A-F]{2})")
_WINDOWS: Final = re.compile(r"(.+) [0-9]+")


def matching(names: Iterable[str], wanted: str) -> tuple[str, ...]:
    """The readers that the settings may mean.

    Args:
        names: The readers that are there.
        wanted: A whole name, one without its numbers, or with ``*`` for the first, as ``Maker Model * 01``; empty for
            whichever is there.

    Returns:
        The one with exactly this name if it is there; else all that fit.
    """
    names = tuple(names)
    if not wanted or wanted in names:
        return (wanted,) if wanted else names
    return tuple(name for name in names if wanted in spellings(name))


def spellings(name: str) -> tuple[str, ...]:
    """The names by which a reader may be meant, the one that stays the longest first."""
    if match := _PCSCD.fullmatch(name):
        return match[1], f"{match[1]} * {match[2]}", name
    if match := _WINDOWS.fullmatch(name):
        return match[1], name
    return (name,)
