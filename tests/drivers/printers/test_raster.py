"""The dots are those of the atlas, each in its place, and the picture is the same dots."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drivers.printers.atlas.glyphs import CELLS, WIDTH, Face, glyphs
from drivers.printers.document import Align, Cut, Document, Line, Style
from drivers.printers.layout import Row, cells_in, lay_out
from drivers.printers.picture import png
from drivers.printers.raster import MissingGlyph, Raster, draw, draw_row

COLUMNS = 16
PRINTABLE = "".join(sorted(glyphs(Face.REGULAR)))


def dots(data: bytes, columns: int) -> list[str]:
    """Dot lines as strings of 0 and 1."""
    line = columns * WIDTH // 8
    return [f"{int.from_bytes(data[at : at + line]):0{8 * line}b}" for at in range(0, len(data), line)]


def drawn_slowly(row: Row, columns: int) -> list[str]:
    """The same row, dot by dot from the atlas."""
    scale = 2 if row.style is Style.DOUBLE else 1
    face = {Style.NORMAL: Face.REGULAR, Style.SMALL: Face.SMALL}.get(row.style, Face.BOLD)
    width = cells_in(columns, row.style)
    placed = {Align.LEFT: row.text.ljust, Align.CENTER: row.text.center, Align.RIGHT: row.text.rjust}[row.align](width)
    lines = []
    for y in range(CELLS[face].height):
        line = ""
        for char in placed:
            dots = int(glyphs(face)[char][3 * y : 3 * y + 3], 16)
            line += "".join(bit * scale for bit in f"{dots:0{CELLS[face].width}b}")
        lines += [line.ljust(columns * WIDTH, "0")] * scale
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


class Stamp:
    """Draws whatever it is given as a full block, and remembers what that was."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int, bool]] = []

    def draw(self, text: str, *, width_dots: int, height_dots: int, bold: bool) -> tuple[str, ...] | None:
        self.asked.append((text, width_dots, height_dots, bold))
        return None if "\x07" in text else ("1" * width_dots,) * height_dots


@pytest.mark.parametrize(
    ("text", "style", "asked"),
    [
        ("a寿司b", Style.NORMAL, [("寿司", 48, 24, False)]),
        ("שלום 12 עולם, a", Style.BOLD, [("שלום 12 עולם", 144, 24, True)]),
        ("שלום 12, 3", Style.NORMAL, [("שלום 12, 3", 120, 24, False)]),
        ("שלום  12", Style.NORMAL, [("שלום", 48, 24, False)]),
        ("12 שלום", Style.SMALL, [("שלום", 36, 17, False)]),
        ("a寿b司", Style.DOUBLE, [("寿", 24, 24, True), ("司", 24, 24, True)]),
        ("e\u0301q\u0301", Style.NORMAL, [("q\u0301", 12, 24, False)]),
    ],
)
def test_another_font_is_asked_for_whole_words_that_the_atlas_lacks(
    text: str, style: Style, asked: list[tuple[str, int, int, bool]]
) -> None:
    stamp = Stamp()
    page = lay_out(Document(blocks=(Line(text=text, style=style),), language="en"), COLUMNS)
    drawn = dots(draw(page, stamp).data, COLUMNS)
    scale = 2 if style is Style.DOUBLE else 1
    assert stamp.asked == asked
    assert drawn[-1].count("1") == sum(width for _, width, _, _ in asked) * scale


def test_what_the_other_font_cannot_draw_either_is_named() -> None:
    page = lay_out(Document(blocks=(Line(text="寿\x07"),), language="en"), 48)
    with pytest.raises(MissingGlyph, match=r"U\+5BFF"):
        draw(page, Stamp())
