"""Rows never lose a character of what was to be printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.printers.document import (
    Align,
    Barcode,
    Cell,
    Cells,
    Columns,
    Cut,
    Document,
    DrawerKick,
    Feed,
    Line,
    Qr,
    Rule,
    Style,
)
from drivers.printers.layout import CutMark, Page, PageRow, Row, cells_in, lay_out
from drivers.printers.symbology import Symbology
from drivers.printers.widths import cells_of
from drivers.printers.wrapping import wrap

NBSP = "\u00a0"
text = st.text(alphabet=st.sampled_from("abcdé ԱԲ\u00a0₸1234,.\n"), max_size=200)


def rows(*blocks: Line | Columns | Rule | Feed | Cut, columns: int = 16) -> list[PageRow]:
    return list(lay_out(Document(blocks=blocks, language="en"), columns).rows)


def solid(value: str) -> str:
    return "".join(value.replace("\n", " ").split(" "))


@pytest.mark.parametrize(
    ("value", "pieces"),
    [
        ("", [""]),
        ("one two", ["one two"]),
        ("one two three", ["one two", "three"]),
        ("one  two", ["one  two"]),
        ("  indented words here", ["  indented", "words here"]),
        ("12345678901234", ["1234567890", "1234"]),
        ("ab 12345678901234", ["ab", "1234567890", "1234"]),
        (f"sum 12{NBSP}345,50{NBSP}₸", ["sum", f"12{NBSP}345,50{NBSP}", "₸"]),
        ("one\ntwo\r\nthree", ["one", "two", "three"]),
        ("tab\there", ["tab here"]),
        ("so\u00adft\u200b", ["soft"]),
        ("и\u0306", ["й"]),
    ],
)
def test_text_is_wrapped_at_words(value: str, pieces: list[str]) -> None:
    assert wrap(value, 10) == pieces


def test_two_columns_share_a_row_where_they_fit() -> None:
    assert rows(Columns(left="Tea", right="1.45")) == [Row(text="Tea         1.45")]


def test_a_long_left_text_wraps_and_the_amount_ends_its_last_row() -> None:
    assert rows(Columns(left="Green tea from Georgia", right="1.45")) == [
        Row(text="Green tea"),
        Row(text="from"),
        Row(text="Georgia     1.45"),
    ]


def test_an_amount_too_long_for_the_row_of_its_text_stands_below_it_whole() -> None:
    assert rows(Columns(left="Grand total", right=f"12{NBSP}345{NBSP}678,50{NBSP}₸")) == [
        Row(text="Grand total"),
        Row(text=f"12{NBSP}345{NBSP}678,50{NBSP}₸", align=Align.RIGHT),
    ]


def test_an_amount_too_long_for_the_paper_wraps_and_is_not_cut_off() -> None:
    assert rows(Columns(left="", right="1234567890123456789")) == [
        Row(text="1234567890123456", align=Align.RIGHT),
        Row(text="789", align=Align.RIGHT),
    ]


def test_a_total_that_double_cells_would_break_stands_whole_in_bold_ones() -> None:
    total = f"92{NBSP}233{NBSP}720{NBSP}368{NBSP}547{NBSP}758,07{NBSP}₸"
    assert rows(Columns(left="Total", right=total, style=Style.DOUBLE), columns=32) == [
        Row(text="Total", style=Style.BOLD),
        Row(text=total, align=Align.RIGHT, style=Style.BOLD),
    ]
    assert rows(Columns(left="Total", right=f"1{NBSP}234,50{NBSP}₸", style=Style.DOUBLE), columns=32) == [
        Row(text=f"Total 1{NBSP}234,50{NBSP}₸", style=Style.DOUBLE)
    ]


def test_an_amount_longer_than_the_paper_is_broken_between_groups_of_digits() -> None:
    total = f"92{NBSP}233{NBSP}720{NBSP}368{NBSP}547{NBSP}758,07{NBSP}₸"
    found = rows(Columns(left="", right=total))
    assert [row.text for row in found if isinstance(row, Row)] == [
        f"92{NBSP}233{NBSP}720{NBSP}368{NBSP}",
        f"547{NBSP}758,07{NBSP}₸",
    ]


def test_double_cells_take_two_columns() -> None:
    assert rows(Line(text="Corner Shop", align=Align.CENTER, style=Style.DOUBLE)) == [
        Row(text="Corner", align=Align.CENTER, style=Style.DOUBLE),
        Row(text="Shop", align=Align.CENTER, style=Style.DOUBLE),
    ]


def test_rules_feeds_and_cuts() -> None:
    assert rows(Rule(), Feed(lines=2), Cut()) == [Row(text="─" * 16), Row(text=""), Row(text=""), CutMark()]


@pytest.mark.parametrize("columns", [0, 15, 33, 98])
def test_a_width_that_no_paper_has_is_refused(columns: int) -> None:
    with pytest.raises(ValueError, match="columns"):
        lay_out(Document(blocks=(), language="en"), columns)


@given(value=text, width=st.integers(1, 48))
def test_wrapping_loses_nothing_but_the_spaces_at_breaks(value: str, width: int) -> None:
    pieces = wrap(value, width)
    assert solid("".join(pieces)) == solid(value)
    assert all(len(piece) <= width for piece in pieces)


@given(left=text, right=text, style=st.sampled_from(Style), columns=st.sampled_from([16, 32, 48]))
def test_two_columns_lose_nothing(left: str, right: str, style: Style, columns: int) -> None:
    page = lay_out(Document(blocks=(Columns(left=left, right=right, style=style),), language="en"), columns)
    found = [row for row in page.rows if isinstance(row, Row)]
    assert solid("".join(row.text for row in found)) == solid(left) + solid(right)
    assert all(len(row.text) <= cells_in(columns, row.style) for row in found)


@given(amount=st.integers(0, 2**63 - 1), left=text, style=st.sampled_from(Style))
def test_an_amount_that_fits_a_row_is_never_broken(amount: int, left: str, style: Style) -> None:
    price = f"{amount:,}".replace(",", NBSP) + f"{NBSP}₸"
    page = lay_out(Document(blocks=(Columns(left=left, right=price, style=style),), language="kk"), 32)
    last = page.rows[-1]
    assert isinstance(last, Row)
    assert last.text.endswith(price)


def test_an_empty_document_is_an_empty_page() -> None:
    assert lay_out(Document(blocks=(), language="en"), 48) == Page(columns=48, rows=())


def test_cells_are_wrapped_each_in_its_own_width() -> None:
    block = Cells(
        cells=(
            Cell(text="Қаймақ 20 %, салмақпен", columns=8),
            Cell(text="2 × 45", align=Align.RIGHT),
            Cell(text="90", columns=4, align=Align.RIGHT),
        )
    )
    page = lay_out(Document(blocks=(block,), language="kk"), 20)
    assert [row.text for row in page.rows if isinstance(row, Row)] == ["Қаймақ   2 × 45   90", "20 %,", "салмақпе", "н"]


def test_cells_that_do_not_fit_side_by_side_stand_one_below_the_other() -> None:
    block = Cells(cells=(Cell(text="goods", columns=10), Cell(text="90", columns=8, align=Align.RIGHT)))
    page = lay_out(Document(blocks=(block,), language="en"), 16)
    assert [row.text for row in page.rows if isinstance(row, Row)] == ["goods", " " * 14 + "90"]


@given(st.lists(st.tuples(text, st.none() | st.integers(1, 9), st.sampled_from(Align)), min_size=1, max_size=8))
def test_cells_lose_no_character(given_cells: list[tuple[str, int | None, Align]]) -> None:
    cells = tuple(Cell(text=value, columns=columns, align=align) for value, columns, align in given_cells)
    page = lay_out(Document(blocks=(Cells(cells=cells),), language="en"), 32)
    printed = "".join(row.text for row in page.rows if isinstance(row, Row))
    assert sorted(solid(printed)) == sorted(solid("".join(cell.text for cell in cells)))
    assert all(cells_of(row.text) <= 32 for row in page.rows if isinstance(row, Row))


def test_east_asian_letters_are_broken_by_the_cells_they_take() -> None:
    assert wrap("寿司寿司 a", 5) == ["寿司", "寿司", "a"]


@pytest.mark.parametrize(("style", "cells"), [(Style.NORMAL, 48), (Style.DOUBLE, 24), (Style.SMALL, 64)])
def test_a_style_decides_how_many_letters_fit(style: Style, cells: int) -> None:
    assert cells_in(48, style) == cells


def test_codes_and_the_kick_pass_through_the_layout() -> None:
    blocks = (Qr(data="x"), Barcode(symbology=Symbology.ITF, data="12"), DrawerKick(pin=5))
    assert lay_out(Document(blocks=blocks, language="en"), 32).rows == blocks
