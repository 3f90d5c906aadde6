"""Texts from outside, on paper."""

from __future__ import annotations

import pytest

from agent.receipts.cleaning import one_line


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Bread", "Bread"),
        (" a \n b\tc ", "a b c"),
        ("\x1b@evil\x07", "@evil"),
        ("a\u200bb", "a b"),
        ("\x00", ""),
        ("мо\u00adлоко\u200e", "молоко"),
        ("\ufeffBread", "Bread"),
    ],
)
def test_nothing_that_steers_a_printer_comes_from_outside(text: str, printed: str) -> None:
    assert one_line(text) == printed
