"""A foreign simulator shows what the preview shows: every dot of pictures, every letter of text, every row at its place."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image

from drivers.printers.document import Align, Barcode, Block, Cut, Document, Line, Qr, Style
from drivers.printers.encoders.choose import encode
from drivers.printers.layout import Page, Row, lay_out
from drivers.printers.profiles.listing import load
from drivers.printers.profiles.profile import CodePage, PrinterProfile
from drivers.printers.raster import Raster, draw
from drivers.printers.symbology import Symbology
from tests import emupos
from tests.drivers.printers.alphabets import ALPHABETS, SIGNS
from tests.drivers.printers.conftest import sample

SLOW, FAST = 960, 500_000
PAGES = {13: "PC857", 17: "PC866", 53: "KZ1048"}
KAZAKH = replace(load("cp866-80mm"), pages=(CodePage(number=53, codec="kz1048"),), name="kz1048")
PRINTERS = {"cp866": load("cp866-80mm"), "cp857": load("cp857-80mm"), "kz1048": KAZAKH}
LANGUAGES = ["az", "en", "hy", "kk", "ru"]


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emupos.Simulated]:
    with emupos.running(tmp_path_factory.mktemp("emupos"), width_dots=576, code_pages=PAGES) as simulated:
        yield simulated


def laid(*blocks: Block) -> Page:
    return lay_out(Document(blocks=blocks, language="en"), 48)


def job(page: Page, profile: PrinterProfile, speed: int) -> bytes:
    return b"".join(encode(page, profile, bytes_per_s=speed))


def ink(raster: Raster) -> bytes:
    """The dots down to the last ink, which is where emupos ends a receipt."""
    line = raster.width_dots // 8
    used = len(raster.data.rstrip(b"\0"))
    return raster.data[: -(-used // line) * line]


def dots(receipt: emupos.Receipt) -> bytes:
    image = Image.open(receipt.png).convert("1")
    assert image.width == 576
    return bytes(255 - byte for byte in image.tobytes())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_of_pictures_is_the_preview_dot_for_dot(language: str, printer: emupos.Simulated) -> None:
    page = lay_out(sample(language), 48)
    receipt = printer.printed(job(page, load("unknown"), FAST))
    assert dots(receipt).rstrip(b"\0") == ink(draw(page)).rstrip(b"\0")


@pytest.mark.parametrize("name", PRINTERS)
@pytest.mark.parametrize("language", sorted(ALPHABETS))
def test_every_letter_is_the_same_letter_or_a_picture_with_the_same_dots(
    language: str, name: str, printer: emupos.Simulated
) -> None:
    text = ALPHABETS[language] + SIGNS + "end"
    page = laid(Line(text=text), Line(text=text, style=Style.BOLD))
    receipt = printer.printed(job(page, PRINTERS[name], SLOW))
    shown = receipt.text.splitlines()
    rows = [row for row in page.rows if isinstance(row, Row)]
    assert len(shown) == len(rows)
    image, preview = Image.open(receipt.png).convert("1"), _image(draw(page))
    for at, (row, line) in enumerate(zip(rows, shown, strict=True)):
        for place, (char, seen) in enumerate(zip(row.text, _cells(line, len(row.text)), strict=True)):
            cell = (12 * place, 24 * at, 12 * place + 12, 24 * at + 24)
            if seen is None:
                assert image.crop(cell).tobytes() == preview.crop(cell).tobytes(), char
            else:
                assert seen == char


def test_double_letters_and_small_ones_take_the_room_that_they_have_in_the_preview(printer: emupos.Simulated) -> None:
    profile = replace(PRINTERS["cp866"], small_columns=64)
    texts = [("Итого", Style.DOUBLE), ("мелко", Style.SMALL), ("Қ", Style.DOUBLE), ("конец █", Style.NORMAL)]
    page = laid(*(Line(text=text, style=style, align=Align.RIGHT) for text, style in texts))
    receipt = printer.printed(job(page, profile, SLOW))
    assert [line.strip() for line in receipt.text.splitlines()] == ["Итого", "мелко", "[image 32x48]", "конец █"]
    image, preview = Image.open(receipt.png).convert("1"), _image(draw(page))
    assert image.height == preview.height
    doubled = (0, 48 + 17, 576, 48 + 17 + 48)
    assert image.crop(doubled).tobytes() == preview.crop(doubled).tobytes()


def test_codes_of_the_printer_hold_what_ours_hold(printer: emupos.Simulated) -> None:
    codes = (
        Barcode(symbology=Symbology.EAN_13, data="4006381333931"),
        Barcode(symbology=Symbology.CODE_39, data="AB-12", hri=False),
        Barcode(symbology=Symbology.CODE_128, data="Kupon {1} 12345678"),
        Barcode(symbology=Symbology.ITF, data="12345678901231"),
        Qr(data="https://shop.example/m/7f3a"),
    )
    page = laid(*(block for code in codes for block in (code, Line(text=" "))), Cut())
    receipt = printer.printed(job(page, load("TM-T20III"), SLOW))
    read = {one.text for one in zxingcpp.read_barcodes(Image.open(receipt.png).convert("L"))}
    assert read == {code.data for code in codes}


def _image(raster: Raster) -> Image.Image:
    size = (raster.width_dots, raster.height_dots)
    return Image.frombytes("1", size, bytes(255 - byte for byte in raster.data))


def _cells(line: str, count: int) -> list[str | None]:
    """What emupos saw in each cell of a row: a letter, or None for a picture."""
    cells: list[str | None] = []
    while line:
        if line.startswith("[image "):
            size, _, line = line.removeprefix("[image ").partition("]")
            width, height = map(int, size.split("x"))
            assert height == 24
            cells += [None] * -(-width // 12)
        else:
            cells.append(line[0])
            line = line[1:]
    return (cells + [None] * count)[:count]
