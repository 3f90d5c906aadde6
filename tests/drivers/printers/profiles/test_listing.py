"""The profiles that come with this program: python-escpos' data where it is right, and nothing that it only claims."""

import pytest

from drivers.printers.encoders.spelling import letters_of
from drivers.printers.profiles.generate import CORRECTED, EXCLUDED, TARGET, capability_data, models_text
from drivers.printers.profiles.listing import load, names
from drivers.printers.profiles.profile import CodePage, PrinterProfile


def test_the_generator_makes_this_file_from_the_data_of_python_escpos() -> None:
    assert models_text() == TARGET.read_text(encoding="utf-8")


def test_every_profile_of_python_escpos_is_here_or_left_out_for_a_reason() -> None:
    theirs = set(capability_data()["profiles"])
    assert theirs - set(EXCLUDED) == set(names()) & theirs
    assert set(EXCLUDED) <= theirs
    assert set(CORRECTED) <= theirs
    assert set(names()) - theirs == {"unknown", "cp866-58mm", "cp866-80mm", "cp857-80mm", "TM-T20III"}


def test_an_unknown_printer_is_trusted_with_ascii_and_pictures_alone() -> None:
    assert load("unknown") == PrinterProfile(
        name="unknown", title="any ESC/POS printer for 80 mm paper", columns=48, width_dots=576
    )


def test_a_name_that_is_not_listed_has_no_profile() -> None:
    with pytest.raises(KeyError):
        load("TM-T99")


@pytest.mark.parametrize("name", names())
def test_the_kazakh_page_is_claimed_but_never_verified(name: str) -> None:
    kazakh = [page for page in load(name).pages if page.codec == "kz1048"]
    assert all(page == CodePage(number=53, codec="kz1048", verified=False) for page in kazakh)


def test_the_kazakh_page_is_named_by_the_models_that_have_it() -> None:
    claims = [name for name in names() if any(page.codec == "kz1048" for page in load(name).pages)]
    assert claims == [
        "TEP-200M",
        "TM-L90",
        "TM-P80",
        "TM-P80-42col",
        "TM-T20II",
        "TM-T20II-42col",
        "TM-T20III",
        "TM-T88II",
        "TM-T88V",
    ]


@pytest.mark.parametrize(
    ("name", "codec", "number"), [("CT-S651", "cp866", 7), ("POS-5890", "cp437", 0), ("POS-5890", "cp866", 17)]
)
def test_a_page_that_is_named_twice_has_its_first_number(name: str, codec: str, number: int) -> None:
    assert [page.number for page in load(name).pages if page.codec == codec] == [number]


@pytest.mark.parametrize("name", names())
def test_every_page_has_ascii_where_it_belongs_and_one_byte_a_letter(name: str) -> None:
    ascii_letters = "".join(map(chr, range(0x20, 0x7F)))
    for page in load(name).pages:
        assert ascii_letters.encode(page.codec) == ascii_letters.encode("ascii")
        assert all(len(char.encode(page.codec)) == 1 for char in letters_of(page))


@pytest.mark.parametrize("name", names())
def test_the_letters_of_every_profile_fit_on_its_paper(name: str) -> None:
    profile = load(name)
    assert profile.columns * (profile.width_dots // profile.columns) <= profile.width_dots
    assert profile.small_columns is None or profile.small_columns * 9 <= profile.width_dots
    assert not (profile.inline and not profile.on_grid)


def test_a_page_has_a_number_of_one_byte_and_a_printer_none_twice() -> None:
    with pytest.raises(ValueError, match="0 to 255"):
        CodePage(number=256, codec="cp866")
    page = CodePage(number=17, codec="cp866")
    with pytest.raises(ValueError, match="twice"):
        PrinterProfile(name="x", title="x", columns=48, width_dots=576, pages=(page, page))
    with pytest.raises(ValueError, match="even"):
        PrinterProfile(name="x", title="x", columns=47, width_dots=576)
    with pytest.raises(ValueError, match="1200"):
        PrinterProfile(name="x", title="x", columns=48, width_dots=0)
