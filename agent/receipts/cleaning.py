"""Texts from outside, made fit for paper."""

import unicodedata
from typing import Final

_APART: Final = "\u200b\u200c"
"""Invisible, and between letters that shall not touch: a space stands for them."""


def one_line(text: str) -> str:
    """Give a text from outside without control characters, and without other white space than single spaces.

    What is invisible by nature, as a soft hyphen or a mark of direction, is left out.
    """
    return " ".join((text if text.isprintable() else "".join(map(_fit, text))).split())


def _fit(letter: str) -> str:
    if letter.isprintable():
        return letter
    return "" if unicodedata.category(letter) == "Cf" and letter not in _APART else " "
