"""A host's printer gets its own letters, pictures of rows, or a refusal that names the letters; never others unasked."""

import io

import pytest
from PIL import Image

from drivers.printers.document import (
    Align,
    Block,
    Cell,
    Cells,
    Columns,
    Cut,
    Document,
    DrawerKick,
    Line,
    Picture,
    Qr,
    Rule,
    Style,
)
from drivers.printers.host_rows import CutRow, HostPaper, HostRow, PictureRow, RefusedRow, TextRow, host_rows
from drivers.printers.layout import lay_out
from drivers.printers.raster import draw

RUSSIAN = HostPaper(columns=32, codec="cp866")
TENGE = {"₸": "тг", "қ": "к"}


def rows(paper: HostPaper, *blocks: Block) -> tuple[HostRow, ...]:
    return host_rows(document(*blocks), paper)


def document(*blocks: Block) -> Document:
    return Document(blocks=blocks, language="kk")


def test_what_the_host_can_print_is_text_with_plain_spaces() -> None:
    blocks = (Line(text="Итого\u00a05\u202f000", align=Align.RIGHT, style=Style.BOLD), DrawerKick(), Cut())
    assert rows(RUSSIAN, *blocks) == (
        TextRow(text="Итого 5 000", align=Align.RIGHT, style=Style.BOLD),
        CutRow(),
    )


def test_a_row_with_other_letters_is_a_picture_of_the_whole_row() -> None:
    line = Line(text="Қаймақ 5\u00a0₸", align=Align.CENTER)
    first, second = rows(RUSSIAN, line, Line(text="Сметана"))
    assert isinstance(first, PictureRow)
    assert (first.width_dots, first.height_dots, first.text) == (384, 24, "Қаймақ 5 ₸")
    image = Image.open(io.BytesIO(first.png))
    drawn = draw(lay_out(document(line), 32))
    assert (image.mode, image.size) == ("1", (384, 24))
    assert image.tobytes() == bytes(255 - byte for byte in drawn.data)
    assert second == TextRow(text="Сметана", align=Align.LEFT, style=Style.NORMAL)


def test_approved_substitutes_are_taken_before_the_row_is_laid_out() -> None:
    paper = HostPaper(columns=32, codec="cp866", pictures=False, substitutes=TENGE)
    assert rows(paper, Columns(left="қант", right="1\u00a0234,50\u00a0₸")) == (
        TextRow(text="кант                 1 234,50 тг", align=Align.LEFT, style=Style.NORMAL),
    )
    assert rows(paper, Cells(cells=(Cell(text="қант", columns=8), Cell(text="5₸", align=Align.RIGHT)))) == (
        TextRow(text="кант     " + "5тг".rjust(23), align=Align.LEFT, style=Style.NORMAL),
    )


def test_substitutes_that_do_not_cover_a_text_leave_it_as_it_is() -> None:
    paper = HostPaper(columns=32, codec="cp866", pictures=False, substitutes=TENGE)
    assert rows(paper, Line(text="қәғаз ₸"), Rule()) == (
        RefusedRow(characters="қәғ₸", reason="letters"),
        TextRow(text="─" * 32, align=Align.LEFT, style=Style.NORMAL),
    )


def test_a_substitute_that_the_host_lacks_too_is_none() -> None:
    paper = HostPaper(columns=32, codec="ascii", pictures=False, substitutes={"₸": "₽"})
    assert rows(paper, Line(text="5 ₸")) == (RefusedRow(characters="₸", reason="letters"),)


def test_codes_and_logos_are_pictures_or_refused() -> None:
    logo = Picture(width_dots=8, height_dots=1, rows=b"\xff")
    pictures = rows(RUSSIAN, Qr(data="x"), logo)
    assert [row.height_dots for row in pictures if isinstance(row, PictureRow)] == [21 * 5 + 48, 1]
    refused = RefusedRow(characters="", reason="pictures")
    assert rows(HostPaper(columns=32, pictures=False), Qr(data="x"), logo) == (refused, refused)
    assert rows(RUSSIAN, Qr(data="x", module_dots=16)) == (RefusedRow(characters="", reason="width"),)


def test_a_letter_without_a_drawing_is_named() -> None:
    assert rows(RUSSIAN, Line(text="寿")) == (RefusedRow(characters="寿", reason="letters"),)


def test_a_host_that_takes_unicode_gets_text_alone() -> None:
    assert rows(HostPaper(columns=32), Line(text="Қ₸寿")) == (
        TextRow(text="Қ₸寿", align=Align.LEFT, style=Style.NORMAL),
    )


@pytest.mark.parametrize(
    ("codec", "substitutes", "fault"),
    [
        ("koi-9", None, "no character set"),
        ("cp866", {"ab": "c"}, "for one character"),
        ("cp866", {"₸": "\n"}, "printable"),
        ("cp866", {"₸": "tenge....."}, "0 to 8"),
        ("cp866", {chr(0x3000 + n): "x" for n in range(1001)}, "at most 1000"),
    ],
)
def test_a_table_that_is_none_is_refused(codec: str, substitutes: dict[str, str] | None, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        HostPaper(columns=32, codec=codec, substitutes=substitutes)


@pytest.mark.parametrize(
    ("codec", "substitutes", "drawn"),
    [
        ("cp866", None, "─" * 32),
        ("cp1251", None, "-" * 32),
        ("ascii", {"─": "="}, "=" * 32),
        ("ascii", {"─": "-="}, "-=" * 16),
        ("ascii", {"─": ""}, "-" * 32),
        ("ascii", {"─": "━"}, "-" * 32),
    ],
)
@pytest.mark.parametrize("pictures", [True, False])
def test_a_rule_is_drawn_with_what_the_host_has(
    codec: str, substitutes: dict[str, str] | None, drawn: str, *, pictures: bool
) -> None:
    paper = HostPaper(columns=32, codec=codec, pictures=pictures, substitutes=substitutes)
    assert rows(paper, Rule()) == (TextRow(text=drawn, align=Align.LEFT, style=Style.NORMAL),)


def test_small_letters_are_normal_ones_so_that_no_row_is_wider_than_the_hosts_paper() -> None:
    small = (
        Line(text="m" * 40, style=Style.SMALL),
        Columns(left="l", right="r", style=Style.SMALL),
        Cells(cells=(Cell(text="a"), Cell(text="b", align=Align.RIGHT)), style=Style.SMALL),
    )
    found = rows(RUSSIAN, *small)
    assert [(len(row.text), row.style) for row in found if isinstance(row, TextRow)] == [
        (32, Style.NORMAL),
        (8, Style.NORMAL),
        (32, Style.NORMAL),
        (32, Style.NORMAL),
    ]
