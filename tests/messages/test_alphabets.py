"""The letters of each language, as a test page shows them."""

from __future__ import annotations

import pytest

from drivers.printers.atlas.glyphs import Face, glyphs
from messages.alphabets import SIGNS, capital_letters, small_letters
from messages.languages import PAPER_LANGUAGES
from messages.numbers import CURRENCY_SIGNS

COUNTS = {"kk": 42, "az": 32, "ru": 33, "hy": 39, "en": 26, "ka": 33, "tr": 29, "uz": 27}
"""How many letters each alphabet has; Armenian with the ligature և, Uzbek with its two signs."""


@pytest.mark.parametrize("language", PAPER_LANGUAGES)
def test_every_letter_is_there_once_small_and_capital(language: str) -> None:
    small, capital = small_letters(language), capital_letters(language)
    assert len(set(small)) == len(small) == COUNTS[language]
    if language == "ka":
        assert capital == ""
    else:
        wanted = small.replace("և", "") if language == "hy" else small
        assert len(capital) == len(wanted)
        assert set(capital.lower()) - {"\u0307"} <= set(wanted) | {"i"}


@pytest.mark.parametrize(("language", "pairs"), [("az", "iİ ıI"), ("tr", "iİ ıI"), ("uz", "oO"), ("kk", "іІ")])
def test_a_capital_is_that_of_its_language(language: str, pairs: str) -> None:
    known = set(zip(small_letters(language), capital_letters(language), strict=True))
    assert {(pair[0], pair[1]) for pair in pairs.split()} <= known


@pytest.mark.parametrize("face", Face)
def test_every_letter_and_sign_can_be_printed(face: Face) -> None:
    shown = "".join(SIGNS) + "".join(small_letters(one) + capital_letters(one) for one in PAPER_LANGUAGES)
    assert set(shown) - set(glyphs(face)) == set()
    assert set("".join(CURRENCY_SIGNS.values())) <= set(shown)
