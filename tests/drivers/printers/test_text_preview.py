"""Text preview shows what stands where on paper."""

from drivers.printers.document import Align, Columns, Cut, Document, Line, Style
from drivers.printers.layout import lay_out
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
