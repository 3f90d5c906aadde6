"""Every letter that a receipt can need has a drawing, and no two letters that differ are drawn the same."""

from collections import defaultdict
from pathlib import Path

import pytest

from drivers.printers.atlas.generate import FONTS, atlas_text
from drivers.printers.atlas.glyphs import CELLS, Face, Glyph, glyphs, to_hex
from tests.apt import need_file
from tests.drivers.printers.alphabets import ALPHABETS, SIGNS, SPACES


def from_hex(rows: str) -> Glyph:
    return tuple(int(rows[start : start + 3], 16) for start in range(0, len(rows), 3))


def glyph(char: str, face: Face) -> Glyph | None:
    rows = glyphs(face).get(char)
    return None if rows is None else from_hex(rows)


@pytest.mark.parametrize("face", list(Face))
@pytest.mark.parametrize("language", ALPHABETS)
def test_every_letter_of_the_alphabet_has_ink(language: str, face: Face) -> None:
    assert [char for char in ALPHABETS[language] if not any(glyph(char, face) or ())] == []


@pytest.mark.parametrize("face", list(Face))
def test_every_sign_has_ink_and_every_space_has_none(face: Face) -> None:
    assert [char for char in SIGNS if not any(glyph(char, face) or ())] == []
    assert [char for char in SPACES if glyph(char, face) != (0,) * CELLS[face].height] == []


def test_every_face_has_the_same_characters() -> None:
    assert {face: glyphs(face).keys() - glyphs(Face.REGULAR).keys() for face in Face} == {face: set() for face in Face}
    assert {face: glyphs(Face.REGULAR).keys() - glyphs(face).keys() for face in Face} == {face: set() for face in Face}


@pytest.mark.parametrize("face", list(Face))
@pytest.mark.parametrize("language", ALPHABETS)
def test_no_two_letters_of_one_alphabet_are_drawn_the_same(language: str, face: Face) -> None:
    drawn = defaultdict(set)
    for char in ALPHABETS[language]:
        drawn[glyphs(face)[char]].add(char)
    georgian_capitals = {"".join(sorted((chr(0x10D0 + n), chr(0x1C90 + n)))) for n in range(43)}
    same = {"".join(sorted(chars)) for chars in drawn.values() if len(chars) > 1}
    assert same - georgian_capitals == set()


@pytest.mark.parametrize("face", list(Face))
def test_every_glyph_fills_its_cell(face: Face) -> None:
    cell = CELLS[face]
    for char, rows in glyphs(face).items():
        dots = from_hex(rows)
        assert len(rows) == 3 * cell.height, char
        assert all(0 <= row < 1 << cell.width for row in dots)
        assert to_hex(dots) == rows


def test_the_cells_are_those_of_font_a_and_font_b() -> None:
    assert {face: (cell.width, cell.height) for face, cell in CELLS.items()} == {
        Face.REGULAR: (12, 24),
        Face.BOLD: (12, 24),
        Face.SMALL: (9, 17),
    }


def test_a_letter_without_drawing_has_no_glyph() -> None:
    assert glyph("ツ", Face.REGULAR) is None


@pytest.mark.parametrize("face", list(Face))
def test_lines_meet_at_the_edges_of_their_cells(face: Face) -> None:
    across, down = glyph("─", face), glyph("│", face)
    assert across is not None
    assert down is not None
    assert set(across) == {0, (1 << CELLS[face].width) - 1}
    assert len(set(down)) == 1


@pytest.mark.parametrize("face", list(Face))
def test_the_generator_makes_these_files_from_the_pinned_font(face: Face) -> None:
    features = pytest.importorskip("PIL.features")
    directory = Path(need_file("fonts-dejavu-core", path=f"/usr/share/fonts/truetype/dejavu/{FONTS[face][0]}")).parent
    kept = (Path(__file__).resolve().parents[3] / "drivers/printers/atlas" / f"{face}.hex").read_text("ascii")
    if f"FreeType {features.version('freetype2')}\n" not in kept:
        pytest.skip("platform: another version of FreeType draws other dots")
    assert atlas_text(face, directory) == kept
