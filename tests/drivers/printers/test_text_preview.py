"""Text preview shows what stands where on paper."""

from drivers.printers.document import Align, Barcode, Columns, Cut, Document, DrawerKick, Line, Picture, Qr, Style
from drivers.printers.layout import lay_out
from drivers.printers.symbology import Symbology
from drivers.printers.text_preview import preview_text


def preview(*blocks: Line | Columns | Cut) -> str:
    return preview_text(lay_out(Document(blocks=blocks, language="en"), 16))


def test_lines_stand_where_they_are_aligned() -> None:
    assert preview(Line(text="ab"), Line(text="ab", align=Align.CENTER), Line(text="ab", align=Align.RIGHT), Cut()) == (
        "ab\n       ab\n              ab\n- - - - - - - -\n"
    )


def test_double_cells_are_shown_single_in_their_place() -> None:
    assert preview(
        Line(text="AB", align=Align.CENTER, style=Style.DOUBLE),
        Columns(left="AB", right="1.45", style=Style.DOUBLE),
    ) == ("       AB\nAB          1.45\n")


def test_no_break_spaces_are_plain_spaces() -> None:
    assert preview(Line(text="1\u00a0000\u202f₸")) == "1 000 ₸\n"


def test_codes_are_shown_by_their_kind_and_content_and_a_kick_not_at_all() -> None:
    blocks = (
        Barcode(symbology=Symbology.EAN_8, data="96385074"),
        DrawerKick(),
        Qr(data="https://shop.example/m", align=Align.LEFT),
        Picture(width_dots=8, height_dots=1, rows=b"x", align=Align.RIGHT),
        Line(text="small\u202fprint", style=Style.SMALL, align=Align.RIGHT),
    )
    page = lay_out(Document(blocks=blocks, language="en"), 32)
    assert preview_text(page).splitlines() == [
        "        [EAN-8 96385074]",
        "",
        "[QR https://shop.example/m]",
        "",
        " " * 25 + "[8 x 1]",
        " " * 31 + "small print",
    ]
