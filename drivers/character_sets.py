"""Which of Python's codecs are character sets of devices. Pure."""

import codecs
from typing import Final

_ONLY_BY_NAME: Final = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
"""Python calls them text encodings, and no device prints by them: they spell letters out, or fail on some."""


def is_character_set(name: str) -> bool:
    """Whether ``name`` is Python's name of a character set, such as ``cp866``."""
    try:
        "".encode(name)
        return codecs.lookup(name).name not in _ONLY_BY_NAME
    except (LookupError, ValueError):
        return False
