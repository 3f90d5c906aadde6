"""Every bar code and QR code is read back from the preview's dots by zxing-cpp, which knows nothing of this program."""

import io
import random

import pytest
import zxingcpp
from PIL import Image

from drivers.printers import qr
from drivers.printers.barcodes import code_128_parts
from drivers.printers.document import Align, Barcode, Block, Document, Graphic, Picture, Qr
from drivers.printers.graphics import TooWide, module_dots, narrow_dots, quiet_rows
from drivers.printers.layout import lay_out
from drivers.printers.picture import png
from drivers.printers.raster import draw
from drivers.printers.symbology import QrLevel, Symbology, check_digit

CHARACTERS = {
    Symbology.CODE_39: "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%",
    Symbology.CODE_128: "".join(map(chr, range(32, 127))),
}
LENGTHS = {Symbology.EAN_13: 13, Symbology.EAN_8: 8, Symbology.UPC_A: 12, Symbology.ITF: 14}


def picture(*blocks: Block, columns: int = 48) -> Image.Image:
    raster = draw(lay_out(Document(blocks=blocks, language="en"), columns))
    return Image.open(io.BytesIO(png(raster, margin_bytes=4))).convert("L")


def read(*blocks: Block, columns: int = 48) -> list[tuple[str, str]]:
    found = zxingcpp.read_barcodes(picture(*blocks, columns=columns), formats=FORMATS)
    return [(str(one.format), one.text) for one in found]


def contents(symbology: Symbology, dice: random.Random) -> str:
    if symbology in CHARACTERS:
        letters = CHARACTERS[symbology]
        return "".join(dice.choices(letters, k=dice.randint(2, 10))).strip() or "A1"
    digits = "".join(dice.choices("0123456789", k=LENGTHS[symbology] - 1))
    return digits + check_digit(digits)


F = zxingcpp.BarcodeFormat
FORMATS = zxingcpp.BarcodeFormats((F.EAN13, F.EAN8, F.Code39Std, F.Code128, F.ITF, F.QRCode))
"""Code 39 as the standard has it: a reader set to "full ASCII" takes ``$H`` for a backspace."""
NAMES = {
    Symbology.EAN_13: "EAN-13",
    Symbology.EAN_8: "EAN-8",
    Symbology.UPC_A: "EAN-13",  # the same symbol with a zero before it
    Symbology.CODE_39: "Code 39",
    Symbology.CODE_128: "Code 128",
    Symbology.ITF: "ITF",
}


@pytest.mark.parametrize("columns", [48, 32])
@pytest.mark.parametrize("symbology", Symbology)
def test_every_kind_of_bar_code_is_read_back(symbology: Symbology, columns: int) -> None:
    dice = random.Random(f"{symbology} {columns}")
    for _ in range(12):
        data = contents(symbology, dice)
        code = Barcode(symbology=symbology, data=data, hri=dice.random() < 0.5, align=dice.choice(list(Align)))
        try:
            narrow_dots(code, columns * 12)
        except TooWide:
            continue
        expected = "0" + data if symbology is Symbology.UPC_A else data
        assert read(code, columns=columns) == [(NAMES[symbology], expected)]


@pytest.mark.parametrize("symbology", sorted(CHARACTERS))
def test_every_character_of_an_alphabet_is_read_back(symbology: Symbology) -> None:
    letters = CHARACTERS[symbology]
    for at in range(0, len(letters), 8):
        part = f"X{letters[at : at + 8]}X"
        assert read(Barcode(symbology=symbology, data=part)) == [(NAMES[symbology], part)]


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        ("12", [("C", "12")]),
        ("123", [("B", "123")]),
        ("1234567", [("C", "123456"), ("B", "7")]),
        ("a1234", [("B", "a"), ("C", "1234")]),
        ("a12345", [("B", "a1"), ("C", "2345")]),
        ("a12345b", [("B", "a12345b")]),
        ("a123456b", [("B", "a"), ("C", "123456"), ("B", "b")]),
        ("1234a1234", [("C", "1234"), ("B", "a"), ("C", "1234")]),
    ],
)
def test_code_128_packs_digits_in_pairs_where_that_is_shorter(data: str, parts: list[tuple[str, str]]) -> None:
    assert list(code_128_parts(data)) == parts
    assert read(Barcode(symbology=Symbology.CODE_128, data=data)) == [("Code 128", data)]


@pytest.mark.parametrize("level", QrLevel)
@pytest.mark.parametrize("length", [1, 14, 15, 62, 120, 300])
def test_a_qr_code_is_read_back(length: int, level: QrLevel) -> None:
    data = ("https://shop.example/қ/" + "x7" * length)[:length]
    data = data.encode()[:length].decode(errors="ignore") or "a"
    code = Qr(data=data, level=level)
    assert read(code) == [("QR Code", data)]
    assert len(qr.squares(data, level)) == qr.modules_across(data, level)


@pytest.mark.parametrize(("side", "rows"), [(2, 1), (6, 1), (7, 2), (16, 3)])
def test_the_quiet_zone_of_a_qr_code_is_four_squares(side: int, rows: int) -> None:
    assert quiet_rows(side) == rows
    assert rows * 24 >= 4 * side


def test_the_squares_of_a_qr_code_are_as_large_as_the_paper_lets_them() -> None:
    code = Qr(data="x" * 100)
    assert [module_dots(code, width) for width in (576, 384, 192)] == [5, 5, 3]


@pytest.mark.parametrize(
    ("graphic", "what"),
    [
        (Barcode(symbology=Symbology.CODE_128, data="x" * 30), "bar code"),
        (Qr(data="x" * 1000, module_dots=4), "QR code"),
        (Qr(data="x", module_dots=16), "QR code"),
        (Picture(width_dots=392, height_dots=1, rows=bytes(49)), "picture"),
    ],
)
def test_what_does_not_fit_on_the_paper_is_refused(graphic: Graphic, what: str) -> None:
    with pytest.raises(TooWide, match=f"a {what} does not fit on 384 dots"):
        picture(graphic, columns=32)


@pytest.mark.parametrize(("align", "left"), [(Align.LEFT, 0), (Align.CENTER, 88), (Align.RIGHT, 176)])
def test_a_picture_stands_where_it_is_told(align: Align, left: int) -> None:
    page = lay_out(
        Document(blocks=(Picture(width_dots=16, height_dots=2, rows=b"\xff\x81\x00\x01", align=align),), language="en"),
        16,
    )
    lines = [f"{int.from_bytes(draw(page).data[at : at + 24]):0192b}" for at in (0, 24)]
    assert lines == [
        line.rjust(left + 16, "0").ljust(192, "0") for line in ("1" * 8 + "1" + "0" * 6 + "1", "0" * 15 + "1")
    ]
