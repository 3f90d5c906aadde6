"""The letters of each language and the signs that receipts use, in the order in which people know them: for test pages."""

from messages.checks import LETTERS
from messages.numbers import CURRENCY_SIGNS

SIGNS = ("".join(CURRENCY_SIGNS.values()), "0123456789.,:;-–−+=%№*/()[]&@#", "«»„“”\"'‘’ʻʼ…·—×!?")
"""Rows of signs: money, numbers, punctuation."""


def small_letters(language: str) -> str:
    """Give the small letters of a language."""
    return LETTERS[language]


def capital_letters(language: str) -> str:
    """Give the capitals in the same order; none for Georgian, which has none on paper."""
    if language == "ka":
        return ""
    letters = small_letters(language)
    if language in {"az", "tr"}:
        letters = letters.replace("i", "İ")
    return letters.replace("և", "").upper()
