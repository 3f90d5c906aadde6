"""Bands are whole rows, never higher than cheap printers take, and without the paper beside the ink."""

import random

import pytest

from drivers.printers.encoders.bands import MAX_BAND_DOTS, Bands
from tests.drivers.printers.paper import Paper

LINE = 8


def rows(dice: random.Random) -> list[bytes]:
    """Rows of 24 dot lines with ink somewhere, or nowhere."""
    made = []
    for _ in range(dice.randint(1, 30)):
        begin = dice.randint(0, LINE)
        end = dice.randint(begin, LINE)
        line = bytes(begin) + bytes(dice.choices(range(256), k=end - begin)) + bytes(LINE - end)
        made.append(line * 24)
    return made


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("aligned", [False, True])
def test_the_bands_leave_the_dots_of_their_rows(narrow: bool, aligned: bool) -> None:
    dice = random.Random(f"bands {narrow} {aligned}")
    for _ in range(40):
        given = rows(dice)
        bands = Bands(LINE, narrow=narrow, aligned=aligned)
        for lines in given:
            bands.add(lines)
        taken = bands.take()
        paper = Paper(width_dots=8 * LINE, pages={}).feed(b"".join(taken))
        dots = b"".join(given)
        assert paper.lines == [
            f"{int.from_bytes(dots[at : at + LINE], 'big'):0{8 * LINE}b}" for at in range(0, len(dots), LINE)
        ]
        assert bands.take() == []
        if not narrow:
            assert len(taken) == -(-24 * len(given) // MAX_BAND_DOTS)


def test_bytes_are_saved_on_a_slow_cable_and_pictures_on_a_fast_one() -> None:
    given = [b"\xff" + bytes(LINE - 1), b"\xff" * LINE, bytes(LINE - 1) + b"\xff"]
    sizes = []
    for narrow, aligned in ((False, True), (True, False), (True, True)):
        bands = Bands(LINE, narrow=narrow, aligned=aligned)
        for line in given:
            bands.add(line * 24)
        taken = bands.take()
        sizes.append((len(taken), sum(map(len, taken))))
    assert sizes == [(1, 8 + 3 * 24 * LINE), (2, 2 * 8 + 24 + 2 * 24 * LINE), (3, 3 * 8 + 24 + 24 * LINE + 24 + 6)]


def test_a_picture_higher_than_a_band_is_cut_into_several() -> None:
    bands = Bands(LINE, narrow=True, aligned=False)
    bands.add(b"\xff" * LINE * 400)
    assert [band[6] for band in bands.take()] == [192, 192, 16]
