"""The bytes of a job hold the raster of the page, in bands that any printer takes."""

import pytest

from drivers.printers.document import Cut, Document, Feed, Line, Style
from drivers.printers.encoders.escpos_raster import FEED_AND_CUT, INITIALIZE, MAX_BAND_DOTS, encode
from drivers.printers.layout import lay_out
from drivers.printers.raster import MissingGlyph, draw


def read_picture(chunk: bytes) -> tuple[int, int, bytes]:
    """Width in bytes, height in dots and dots of one GS v 0, read as its reference says."""
    assert chunk[:4] == b"\x1dv0\x00"
    width, height = chunk[4] + 256 * chunk[5], chunk[6] + 256 * chunk[7]
    assert len(chunk) == 8 + width * height
    return width, height, chunk[8:]


@pytest.mark.parametrize(("columns", "width_bytes"), [(48, 72), (32, 48)])
def test_the_bands_of_a_job_are_its_raster(columns: int, width_bytes: int) -> None:
    long = Document(
        blocks=(*(Line(text=f"row {n}", style=list(Style)[n % 3]) for n in range(40)), Feed(lines=3)), language="en"
    )
    page = lay_out(long, columns)
    first, *bands = encode(page)
    pictures = [read_picture(band) for band in bands]
    assert first == INITIALIZE
    assert {width for width, _, _ in pictures} == {width_bytes}
    assert all(height <= MAX_BAND_DOTS and height % 24 == 0 for _, height, _ in pictures)
    assert b"".join(dots for _, _, dots in pictures) == draw(page).data


def test_a_cut_stands_between_the_rows_before_and_after_it() -> None:
    page = lay_out(Document(blocks=(Line(text="a"), Cut(), Line(text="b"), Cut()), language="en"), 32)
    _, before, first_cut, after, second_cut = encode(page)
    assert (first_cut, second_cut) == (FEED_AND_CUT, FEED_AND_CUT)
    assert read_picture(before)[:2] == read_picture(after)[:2] == (48, 24)


def test_a_letter_without_drawing_leaves_no_job() -> None:
    page = lay_out(Document(blocks=(Line(text="fine"), Line(text="寿")), language="en"), 32)
    with pytest.raises(MissingGlyph):
        encode(page)
