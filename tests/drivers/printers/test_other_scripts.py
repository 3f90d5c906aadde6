"""Letters that the atlas lacks are drawn with the shop's font, and refused where that lacks them too."""

from pathlib import Path

import pytest

from drivers.printers.document import Document, Line
from drivers.printers.encoders.choose import encode
from drivers.printers.layout import lay_out
from drivers.printers.other_scripts import FontScripts, FontUnusable
from drivers.printers.profiles.listing import load
from drivers.printers.raster import MissingGlyph, draw
from tests.apt import need_file

DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


@pytest.fixture(scope="module")
def scripts() -> FontScripts:
    return FontScripts(Path(need_file("fonts-dejavu-core", path=DEJAVU)))


def ink(lines: tuple[str, ...] | None) -> int:
    assert lines is not None
    return sum(line.count("1") for line in lines)


@pytest.mark.parametrize("text", ["שלום", "سلام", "αβγ", "שלום 12 עולם"])
def test_a_word_fills_its_cells(text: str, scripts: FontScripts) -> None:
    lines = scripts.draw(text, width_dots=12 * len(text), height_dots=24, bold=False)
    assert lines is not None
    assert {len(line) for line in lines} == {12 * len(text)}
    assert len(lines) == 24
    assert ink(lines) > 20 * len(text.replace(" ", ""))


@pytest.mark.parametrize(("text", "widths"), [("וש", [12, 2]), ("שו", [2, 12])])
def test_hebrew_is_read_from_the_right(text: str, widths: list[int], scripts: FontScripts) -> None:
    lines = scripts.draw(text, width_dots=24, height_dots=24, bold=False)
    assert lines is not None
    columns = "".join("1" if any(line[at] == "1" for line in lines) else "0" for at in range(24))
    drawn = [len(part) for part in columns.split("0") if part]
    assert [abs(one - other) <= 3 for one, other in zip(drawn, widths, strict=True)] == [True, True]


def test_arabic_letters_join(scripts: FontScripts) -> None:
    joined = scripts.draw("سل", width_dots=24, height_dots=24, bold=False)
    apart = [scripts.draw(char, width_dots=12, height_dots=24, bold=False) for char in "لس"]
    assert ink(joined) != sum(map(ink, apart))


def test_a_letter_that_the_font_lacks_is_not_drawn(scripts: FontScripts) -> None:
    assert scripts.draw("寿", width_dots=24, height_dots=24, bold=False) is None
    page = lay_out(Document(blocks=(Line(text="שלום 寿"),), language="he"), 32)
    with pytest.raises(MissingGlyph, match=r"U\+5BFF"):
        draw(page, scripts)


def test_a_row_with_such_letters_is_a_picture(scripts: FontScripts) -> None:
    page = lay_out(Document(blocks=(Line(text="Итого שלום"),), language="he"), 48)
    _, band = encode(page, load("cp866-80mm"), bytes_per_s=960, other=scripts)
    assert band.startswith(b"\x1dv0\x00\x0f\x00\x18\x00")


def test_a_file_that_is_no_font_is_named(tmp_path: Path) -> None:
    path = tmp_path / "font.ttf"
    path.write_bytes(b"no font")
    with pytest.raises(FontUnusable, match=r"font\.ttf: is no font"):
        FontScripts(path).draw("寿", width_dots=24, height_dots=24, bold=False)
