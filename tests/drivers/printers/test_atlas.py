"""Every letter that a receipt can need has a drawing, and no two letters that differ are drawn the same."""

from collections import defaultdict
from pathlib import Path

import pytest

from drivers.printers.atlas.generate import FONTS, atlas_text
from drivers.printers.atlas.glyphs import HEIGHT, WIDTH, Glyph, Weight, glyphs, to_hex

ALPHABETS = {
    "kk": "АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯаәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "az": "ABCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVYZabcçdeəfgğhxıijkqlmnoöprsştuüvyz",
    "ru": "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "hy": "ԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև՚՛՜՝՞։֊",
    "en": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ka": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰᲐᲑᲒᲓᲔᲕᲖᲗᲘᲙᲚᲛᲜᲝᲞᲟᲠᲡᲢᲣᲤᲥᲦᲧᲨᲩᲪᲫᲬᲭᲮᲯᲰ",
    "tr": "ABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZabcçdefgğhıijklmnoöprsştuüvyzÂâÎîÛû",
    "uz": "ABDEFGHIJKLMNOPQRSTUVXYZabdefghijklmnopqrstuvxyzʻʼ",
    "uz-Cyrl": "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЪЬЭЮЯЎҚҒҲабвгдеёжзийклмнопрстуфхцчшъьэюяўқғҳ",
}
SIGNS = "0123456789₸₽₺₼֏₾€£$¥№%‰§©®°±×÷−+-=<>«»„“”‘’'\"()[]{}/\\|_*#@&^~`.,:;!?…·•–—─│┌┐└┘├┤┬┴┼═║━┄→✓"
SPACES = " \u00a0\u202f\u2009"


def from_hex(rows: str) -> Glyph:
    return tuple(int(rows[start : start + 3], 16) for start in range(0, 3 * HEIGHT, 3))


def glyph(char: str, weight: Weight) -> Glyph | None:
    rows = glyphs(weight).get(char)
    return None if rows is None else from_hex(rows)


@pytest.mark.parametrize("weight", list(Weight))
@pytest.mark.parametrize("language", ALPHABETS)
def test_every_letter_of_the_alphabet_has_ink(language: str, weight: Weight) -> None:
    assert [char for char in ALPHABETS[language] if not any(glyph(char, weight) or ())] == []


@pytest.mark.parametrize("weight", list(Weight))
def test_every_sign_has_ink_and_every_space_has_none(weight: Weight) -> None:
    assert [char for char in SIGNS if not any(glyph(char, weight) or ())] == []
    assert [char for char in SPACES if glyph(char, weight) != (0,) * HEIGHT] == []


def test_both_weights_have_the_same_characters() -> None:
    assert glyphs(Weight.REGULAR).keys() == glyphs(Weight.BOLD).keys()


@pytest.mark.parametrize("weight", list(Weight))
@pytest.mark.parametrize("language", ALPHABETS)
def test_no_two_letters_of_one_alphabet_are_drawn_the_same(language: str, weight: Weight) -> None:
    drawn = defaultdict(set)
    for char in ALPHABETS[language]:
        drawn[glyphs(weight)[char]].add(char)
    georgian_capitals = {"".join(sorted((chr(0x10D0 + n), chr(0x1C90 + n)))) for n in range(43)}
    same = {"".join(sorted(chars)) for chars in drawn.values() if len(chars) > 1}
    assert same - georgian_capitals == set()


@pytest.mark.parametrize("weight", list(Weight))
def test_every_glyph_is_24_rows_of_12_dots(weight: Weight) -> None:
    for char, rows in glyphs(weight).items():
        dots = from_hex(rows)
        assert len(rows) == 3 * HEIGHT, char
        assert all(0 <= row < 1 << WIDTH for row in dots)
        assert to_hex(dots) == rows


def test_a_letter_without_drawing_has_no_glyph() -> None:
    assert glyph("ツ", Weight.REGULAR) is None


def test_lines_meet_at_the_edges_of_their_cells() -> None:
    across, down = glyph("─", Weight.REGULAR), glyph("│", Weight.REGULAR)
    assert across is not None
    assert down is not None
    assert set(across) == {0, 0xFFF}
    assert len(set(down)) == 1


@pytest.mark.parametrize("weight", list(Weight))
def test_the_generator_makes_these_files_from_the_pinned_font(weight: Weight) -> None:
    features = pytest.importorskip("PIL.features")
    directory = Path("/usr/share/fonts/truetype/dejavu")
    kept = (Path(__file__).resolve().parents[3] / "drivers/printers/atlas" / f"{weight}.hex").read_text("ascii")
    if not (directory / FONTS[weight][0]).exists():
        pytest.skip("platform: DejaVu Sans Mono is not installed here")
    if f"FreeType {features.version('freetype2')}\n" not in kept:
        pytest.skip("platform: another version of FreeType draws other dots")
    assert atlas_text(weight, directory) == kept
