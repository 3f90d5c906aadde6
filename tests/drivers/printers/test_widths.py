"""A text is as wide as the cells of paper that its letters take."""

import pytest

from drivers.printers.document import Align
from drivers.printers.widths import cells_of, clusters, fitting, is_simple, placed


@pytest.mark.parametrize(
    ("text", "cells"),
    [("", 0), ("Әлия", 4), ("寿司", 4), ("寿 a", 4), ("e\u0301", 1), ("\u0301", 0), ("שלום", 4), ("ｶ", 1), ("😀", 2)],
)
def test_east_asian_letters_take_two_cells_and_marks_none(text: str, cells: int) -> None:
    assert cells_of(text) == cells


def test_the_eight_languages_need_no_second_look() -> None:
    assert is_simple("Қазақша Azərbaycanca Русский Հայերեն ქართული Türkçe Oʻzbekcha Ўзбекча 1\u202f234 ₸₼₽֏₾₺€ № «—»")
    assert not is_simple("עברית")
    assert not is_simple("e\u0301")


def test_a_letter_and_its_marks_stay_together() -> None:
    assert list(clusters("qe\u0301\u0302寿x")) == ["q", "e\u0301\u0302", "寿", "x"]
    assert fitting("qe\u0301\u0302寿x", 2) == 4
    assert fitting("寿司", 3) == 1
    assert fitting("abc", 2) == 2


@pytest.mark.parametrize(
    ("align", "row"), [(Align.LEFT, "寿a   "), (Align.CENTER, " 寿a  "), (Align.RIGHT, "   寿a")], ids=["l", "c", "r"]
)
def test_a_text_is_filled_up_by_cells(align: Align, row: str) -> None:
    assert placed("寿a", align, 6) == row
