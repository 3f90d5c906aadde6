"""Every letter reaches the paper right, or the job is refused by the letter's name; never as another letter.

``Paper`` judges: it reads the bytes as a printer would, with arithmetic of its own, and its dots are compared with those
of the preview.
"""

import random
from dataclasses import replace

import pytest

from drivers.printers.document import (
    Align,
    Barcode,
    Block,
    Columns,
    Cut,
    Document,
    DrawerKick,
    Feed,
    Line,
    Picture,
    Qr,
    Rule,
    Style,
)
from drivers.printers.encoders.choose import encode
from drivers.printers.graphics import CannotPrint
from drivers.printers.layout import Page, lay_out
from drivers.printers.profiles.listing import load, names
from drivers.printers.profiles.profile import CodePage, PrinterProfile
from drivers.printers.raster import MissingGlyph, draw
from drivers.printers.symbology import Symbology
from tests.drivers.printers.alphabets import ALPHABETS, SIGNS, SPACES
from tests.drivers.printers.paper import Paper, atlas

SLOW, FAST = 960, 500_000
TM_T20III = load("TM-T20III")
PRINTERS = {
    "cp866": load("cp866-80mm"),
    "cp857": load("cp857-80mm"),
    "cp866 without small pictures": replace(load("cp866-80mm"), inline=False, doubled=False),
    "TM-T20III": TM_T20III,
    "TM-T20III, calibrated": replace(
        TM_T20III, inline=True, pages=tuple(replace(page, verified=True) for page in TM_T20III.pages)
    ),
    "unknown": load("unknown"),
}
UNKNOWN_KNOWS = frozenset({"ESC @", "ESC 3", "ESC p", "GS v", "GS v 0 0", "GS V"})
SAID = ALPHABETS | {"signs": SIGNS, "spaces": f"a{SPACES}b"}


def laid(*blocks: Block, columns: int = 48) -> Page:
    return lay_out(Document(blocks=blocks, language="en"), columns)


def printed(page: Page, profile: PrinterProfile, speed: int | None) -> Paper:
    knows = UNKNOWN_KNOWS if profile.name == "unknown" else None
    pages = {one.number: one.codec for one in profile.pages if one.verified}
    chunks = encode(page, profile, bytes_per_s=speed)
    assert chunks[0].startswith(b"\x1b@")
    return Paper(width_dots=page.columns * 12, pages=pages, knows=knows).feed(b"".join(chunks))


def preview(page: Page) -> list[str]:
    raster = draw(page)
    line = raster.width_dots // 8
    return [
        f"{int.from_bytes(raster.data[at : at + line], 'big'):0{raster.width_dots}b}"
        for at in range(0, len(raster.data), line)
    ]


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("printer", PRINTERS)
def test_every_letter_and_every_sign_leaves_the_dots_of_the_preview(printer: str, style: Style) -> None:
    for letters in SAID.values():
        page = laid(Line(text=letters, style=style, align=Align.RIGHT))
        assert printed(page, PRINTERS[printer], SLOW).lines == preview(page)


@pytest.mark.parametrize("printer", ["cp866", "unknown"])
def test_every_letter_leaves_the_same_dots_on_a_fast_cable(printer: str) -> None:
    for letters in SAID.values():
        page = laid(Line(text=letters))
        assert printed(page, PRINTERS[printer], FAST).lines == preview(page)


def test_a_cable_of_unknown_speed_counts_as_slow() -> None:
    page = laid(Line(text=SAID["kk"]))
    assert encode(page, PRINTERS["cp866"]) == encode(page, PRINTERS["cp866"], bytes_per_s=SLOW)


@pytest.mark.parametrize("speed", [SLOW, FAST])
@pytest.mark.parametrize(("columns", "dots", "fit"), [(42, 384, 32), (64, 576, 48), (48, 512, 42), (32, 384, 32)])
def test_no_row_is_wider_than_paper_with_letters_narrower_than_ours(
    columns: int, dots: int, fit: int, speed: int
) -> None:
    narrow = replace(load("unknown"), columns=columns, width_dots=dots)
    assert narrow.page_columns == fit
    page = laid(Columns(left="Қант", right="525,00 ₸"), Line(text="Қ" * 96), columns=fit)
    paper = Paper(width_dots=dots, pages={}).feed(b"".join(encode(page, narrow, bytes_per_s=speed)))
    assert [line[: fit * 12] for line in paper.lines] == preview(page)
    with pytest.raises(ValueError, match="the page is wider than the printer"):
        encode(laid(Line(text="a"), columns=fit + 2), narrow)


@pytest.mark.parametrize("printer", PRINTERS)
def test_no_letter_becomes_a_question_mark(printer: str) -> None:
    for letters in SAID.values():
        text = letters.replace("?", "")
        assert "?" not in "".join(printed(laid(Line(text=text)), PRINTERS[printer], SLOW).text)


@pytest.mark.parametrize("name", [name for name in names() if load(name).raster and load(name).on_grid])
def test_any_mixture_of_letters_is_right_on_every_printer_that_is_listed(name: str) -> None:
    dice = random.Random(name)
    known = sorted(atlas("regular"))
    profile = load(name)
    for _ in range(3):
        rows = []
        for _ in range(dice.randint(1, 6)):
            letters = dice.choices(
                [*known, *ALPHABETS["ru"] * 4, *ALPHABETS["tr"] * 4, *" " * 40], k=dice.randint(0, 60)
            )
            rows.append(Line(text="".join(letters), style=dice.choice(list(Style)), align=dice.choice(list(Align))))
        page = laid(*rows, columns=profile.columns)
        assert printed(page, profile, dice.choice([SLOW, FAST])).lines == preview(page)


@pytest.mark.parametrize(
    ("text", "style", "named"),
    [
        ("Total ₸ 5", Style.NORMAL, "₸"),
        ("Қаймақ", Style.BOLD, "Қ"),
        ("ok寿", Style.NORMAL, "寿"),
        ("a", Style.SMALL, "a"),
    ],
)
def test_a_printer_without_pictures_refuses_by_name(text: str, style: Style, named: str) -> None:
    with pytest.raises(MissingGlyph) as refused:
        encode(laid(Line(text="fine"), Line(text=text, style=style), columns=42), load("TM-U220"))
    assert refused.value.character == named


@pytest.mark.parametrize("printer", PRINTERS)
def test_a_letter_without_a_drawing_refuses_the_job_by_name(printer: str) -> None:
    with pytest.raises(MissingGlyph, match=r"U\+5BFF"):
        encode(laid(Line(text="fine"), Line(text="寿司")), PRINTERS[printer])


def test_a_page_that_is_only_claimed_is_never_printed_with() -> None:
    page = laid(Line(text="Әлия Дүкені"))
    claimed = b"".join(encode(page, TM_T20III, bytes_per_s=SLOW))
    calibrated = b"".join(encode(page, PRINTERS["TM-T20III, calibrated"], bytes_per_s=SLOW))
    assert b"\x1bt\x35" not in claimed
    assert calibrated.startswith(b"\x1b@\x1b3\x18\x1bR\x00\x1bt\x35" + "Әлия Дүкені".encode("kz1048") + b"\n")


def test_a_page_is_selected_only_when_it_is_needed() -> None:
    profile = replace(PRINTERS["cp866"], double_bytes=False, pages=(CodePage(number=17, codec="cp866"),))
    rows = ["Hello", "Итого", "Total", "Ёлка"]
    page = laid(*(Line(text=row) for row in rows))
    assert b"".join(encode(page, profile)) == (
        b"\x1b@\x1b3\x18\x1bR\x00Hello\n\x1bt\x11" + "Итого\nTotal\nЁлка\n".encode("cp866") + b"\x1b@"
    )


def test_two_pages_serve_one_row() -> None:
    pages = (CodePage(number=17, codec="cp866"), CodePage(number=13, codec="cp857"))
    profile = replace(PRINTERS["cp866"], double_bytes=False, pages=pages)
    row = b"\x1bt\x11" + "Итого M".encode("cp866") + b"\x1bt\x0d" + "üşteri ".encode("cp857") + b"\x1bt\x11"
    assert b"".join(encode(laid(Line(text="Итого Müşteri да")), profile)) == (
        b"\x1b@\x1b3\x18\x1bR\x00" + row + "да\n".encode("cp866") + b"\x1b@"
    )


def test_a_missing_letter_is_a_picture_of_41_bytes_in_its_row() -> None:
    profile = replace(PRINTERS["cp866"], double_bytes=False)
    native = b"".join(encode(laid(Line(text="Каймак")), profile, bytes_per_s=SLOW))
    inline = b"".join(encode(laid(Line(text="Қаймак")), profile, bytes_per_s=SLOW))
    assert len(inline) == len(native) - 1 + 41
    assert inline.startswith(b"\x1b@\x1b3\x18\x1bR\x00\x1b*!\x0c\x00")


def test_a_fast_cable_gives_a_receipt_one_look() -> None:
    page = laid(Line(text="Total"), Line(text="Қаймақ"), Feed(), Line(text="Total"))
    paper = printed(page, PRINTERS["cp866"], FAST)
    assert paper.text == []
    assert printed(laid(Line(text="Total"), Line(text="Итого")), PRINTERS["cp866"], FAST).text == ["Total", "Итого"]


def test_letters_of_another_width_are_not_mixed_with_drawn_ones() -> None:
    profile = load("TM-P80")
    page = laid(Line(text="Total"), Line(text="₸"), columns=42)
    assert not profile.on_grid
    assert printed(page, profile, SLOW).lines == preview(page)
    assert printed(page, profile, SLOW).text == []


def test_no_band_is_higher_than_192_dots_and_none_has_paper_to_its_right() -> None:
    page = laid(*(Line(text="ə" * n) for n in range(1, 40)))
    last = encode(page, load("unknown"), bytes_per_s=FAST)
    heights = [chunk[6] + 256 * chunk[7] for chunk in last[1:]]
    assert heights == [192] * 4 + [39 * 24 - 4 * 192]
    assert [chunk[4] for chunk in last[1:]] == [12, 24, 36, 48, 59]


def test_a_cut_is_empty_rows_on_a_printer_without_a_cutter() -> None:
    page = laid(Line(text="a"), Cut(), columns=32)
    papers = [printed(page, load(name), SLOW) for name in ("cp866-80mm", "unknown", "POS-5890")]
    assert [(paper.events, len(paper.lines)) for paper in papers] == [
        ([("cut", 24)], 24),
        ([("cut", 24)], 24),
        ([], 24 * 6),
    ]


@pytest.mark.parametrize("pin", [2, 5])
def test_the_drawer_is_kicked_where_the_document_says(pin: int) -> None:
    page = laid(Line(text="a"), DrawerKick(pin=2 if pin == 2 else 5), Line(text="b"))
    assert printed(page, load("cp866-80mm"), SLOW).events == [(f"kick {pin}", 24)]


def test_a_printer_without_a_connector_refuses_the_kick() -> None:
    with pytest.raises(CannotPrint, match="drawer"):
        encode(laid(DrawerKick()), replace(load("cp866-80mm"), drawer=False))


CODES = (
    Barcode(symbology=Symbology.EAN_13, data="4006381333931"),
    Barcode(symbology=Symbology.EAN_8, data="96385074", hri=False),
    Barcode(symbology=Symbology.UPC_A, data="036000291452", align=Align.LEFT),
    Barcode(symbology=Symbology.CODE_39, data="AB-12"),
    Barcode(symbology=Symbology.CODE_128, data="Kupon {1} 12345678"),
    Barcode(symbology=Symbology.ITF, data="12345678901231", align=Align.RIGHT),
    Qr(data="https://shop.example/m/қ", module_dots=4),
)


def test_codes_go_by_the_printers_own_commands_where_it_has_them() -> None:
    paper = printed(laid(*CODES), TM_T20III, SLOW)
    contents = [(str(code.symbology), code.data) for code in CODES if isinstance(code, Barcode)]
    assert paper.codes == [*contents, ("qr", "https://shop.example/m/қ")]
    assert len(b"".join(encode(laid(*CODES), TM_T20III))) < 400


@pytest.mark.parametrize("speed", [SLOW, FAST])
def test_codes_and_pictures_are_drawn_where_it_has_none(speed: int) -> None:
    logo = Picture(width_dots=48, height_dots=400, rows=bytes(range(240)) * 10)
    page = laid(Line(text="Қ"), *CODES, logo, Columns(left="a", right="b"), Rule())
    for name in ("cp866-80mm", "unknown"):
        assert printed(page, load(name), speed).lines == preview(page)


def test_a_printer_without_pictures_refuses_codes_and_logos() -> None:
    for graphic in (CODES[0], CODES[-1]):
        with pytest.raises(CannotPrint, match="neither codes nor pictures"):
            encode(laid(graphic, columns=42), load("TM-U220"))


def test_a_page_for_other_paper_is_the_callers_fault() -> None:
    with pytest.raises(ValueError, match="wider"):
        encode(laid(Line(text="a")), load("cp866-58mm"))


def test_a_kazakh_receipt_of_40_lines_takes_less_than_5_kb_on_a_printer_with_russian_letters() -> None:
    goods = ("Қаймақ 20 %", "Сүт 3,2 %", "Нан", "Печенье", "Шай «Пиала»", "Ірімшік", "Кефир", "Су 1,5 л")
    lines = [Columns(left=f"{goods[n % 8]}, {n % 3 + 1} дана", right=f"{n * 45},00") for n in range(1, 31)]
    page = laid(
        Line(text="Әлия Дүкені", align=Align.CENTER, style=Style.DOUBLE),
        Line(text="Алматы, Абай даңғылы 10", align=Align.CENTER),
        Rule(),
        *lines,
        Rule(),
        Columns(left="Жиыны", right="14\u00a0835,50\u00a0₸", style=Style.BOLD),
        Columns(left="Осы сатып алуға берілді", right="+148 ұпай", style=Style.BOLD),
        Line(text="148 ұпай: әр 100 теңге үшін 1"),
        Columns(left="Сізде барлығы", right="1\u00a0286 ұпай", style=Style.BOLD),
        Line(text="Рақмет! Тағы да келіңіз.", align=Align.CENTER),
        Line(text="Фискалдық чек емес", align=Align.CENTER),
    )
    assert len(page.rows) == 40
    assert len(b"".join(encode(page, load("cp866-80mm"), bytes_per_s=SLOW))) <= 5000
