"""The dots are those of the atlas, each in its place, and the picture is the same dots."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drivers.printers.atlas.glyphs import HEIGHT, WIDTH, Weight, glyphs
from drivers.printers.document import Align, Cut, Document, Line, Style
from drivers.printers.layout import Row, cells_in, lay_out
from drivers.printers.picture import png
from drivers.printers.raster import MissingGlyph, Raster, draw, draw_row

COLUMNS = 16
PRINTABLE = "".join(sorted(glyphs(Weight.REGULAR)))


def dots(data: bytes, columns: int) -> list[str]:
    """Dot lines as strings of 0 and 1."""
    line = columns * WIDTH // 8
    return [f"{int.from_bytes(data[at : at + line]):0{8 * line}b}" for at in range(0, len(data), line)]


def drawn_slowly(row: Row, columns: int) -> list[str]:
    """The same row, dot by dot from the atlas."""
    scale = 2 if row.style is Style.DOUBLE else 1
    weight = Weight.REGULAR if row.style is Style.NORMAL else Weight.BOLD
    width = cells_in(columns, row.style)
    placed = {Align.LEFT: row.text.ljust, Align.CENTER: row.text.center, Align.RIGHT: row.text.rjust}[row.align](width)
    lines = []
    for y in range(HEIGHT):
        line = ""
        for char in placed:
            dots = int(glyphs(weight)[char][3 * y : 3 * y + 3], 16)
            line += "".join(bit * scale for bit in f"{dots:0{WIDTH}b}")
        lines += [line] * scale
    return lines


@given(
    value=st.text(alphabet=PRINTABLE, max_size=COLUMNS // 2),
    align=st.sampled_from(Align),
    style=st.sampled_from(Style),
)
def test_a_row_is_the_atlas_dot_for_dot(value: str, align: Align, style: Style) -> None:
    row = Row(text=value, align=align, style=style)
    assert dots(draw_row(row, COLUMNS), COLUMNS) == drawn_slowly(row, COLUMNS)


def test_a_page_is_its_rows_one_below_the_other(document: Document) -> None:
    page = lay_out(document, 48)
    raster = draw(page)
    expected = [line for row in page.rows if isinstance(row, Row) for line in drawn_slowly(row, 48)]
    assert dots(raster.data, 48) == expected
    assert (raster.width_dots, raster.height_dots) == (576, len(expected))


def test_the_picture_is_the_raster_pixel_for_pixel(document: Document) -> None:
    raster = draw(lay_out(document, 48))
    image = Image.open(io.BytesIO(png(raster)))
    assert (image.size, image.mode) == ((raster.width_dots, raster.height_dots), "1")
    assert image.tobytes() == bytes(255 - byte for byte in raster.data)


def test_a_margin_is_white_paper_around_the_same_picture(english: Document) -> None:
    raster = draw(lay_out(english, 32))
    image = Image.open(io.BytesIO(png(raster, margin_bytes=2)))
    inner = image.crop((16, 16, image.width - 16, image.height - 16))
    assert inner.tobytes() == bytes(255 - byte for byte in raster.data)
    assert image.width == 384 + 32
    assert image.crop((0, 0, image.width, 16)).getextrema() == (255, 255)


def test_a_character_without_drawing_is_named() -> None:
    page = lay_out(Document(blocks=(Line(text="sushi 寿司 寿\x07"), Cut()), language="en"), 48)
    with pytest.raises(MissingGlyph, match=r"U\+5BFF"):
        draw(page)


def test_a_raster_is_whole_lines_of_whole_bytes() -> None:
    for width, data in ((0, b""), (12, b""), (16, b"abc")):
        with pytest.raises(ValueError, match="whole"):
            Raster(width_dots=width, data=data)
