"""A frame is an AIM identifier and a text."""

import pytest

from drivers.scanners.framing import Ending, Frame
from drivers.scanners.symbols import Misreading, Symbol, decode, is_digits, read_symbol, read_text


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("2112345678900", Symbol(text="2112345678900")),
        ("]E02112345678900", Symbol(aim="]E0", text="2112345678900")),
        ("]C110AB\x1d21X", Symbol(aim="]C1", text="10AB\x1d21X")),
        ("]Q1https://example.com/", Symbol(aim="]Q1", text="https://example.com/")),
        ("]Q1", Symbol(aim="]Q1", text="")),
        ("]XFA", Symbol(aim="]XF", text="A")),
        ("]GmA", Symbol(aim="]Gm", text="A")),
        ("]Y1abcdef", Symbol(aim="]Y1a", text="bcdef")),
        ("]Y9abcdefghi", Symbol(aim="]Y9abcdefghi", text="")),
        ("LOY-0042", Symbol(text="LOY-0042")),
        ("a]E0", Symbol(text="a]E0")),
    ],
)
def test_an_identifier_is_split_from_the_text(text: str, symbol: Symbol) -> None:
    assert read_text(text) == symbol


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Misreading.EMPTY),
        ("]", Misreading.SHORT_AIM),
        ("]X", Misreading.SHORT_AIM),
        ("]Y3ab", Misreading.SHORT_AIM),
        ("]-1A", Misreading.UNKNOWN_AIM),
        ("]E A", Misreading.UNKNOWN_AIM),
        ("]XX", Misreading.UNKNOWN_AIM),
        ("]Qa1", Misreading.UNKNOWN_AIM),
        ("]G-1", Misreading.UNKNOWN_AIM),
        ("]E\u0661A", Misreading.UNKNOWN_AIM),
    ],
)
def test_what_is_no_identifier_is_named(text: str, reason: Misreading) -> None:
    assert read_text(text) == reason


def test_an_incomplete_frame_is_never_read() -> None:
    with pytest.raises(ValueError, match="incomplete"):
        read_symbol(Frame(data=b"211", ending=Ending.CUT))


def test_text_is_utf_8_or_else_one_character_per_byte() -> None:
    assert decode("Қазақ".encode()) == "Қазақ"
    assert decode(b"caf\xe9") == "café"


def test_digits_of_other_scripts_are_no_digits() -> None:
    assert is_digits("2112345678900")
    assert not is_digits("٢١١٢٣")
    assert not is_digits("")


def test_a_symbol_never_shows_its_text() -> None:
    assert "2112" not in repr(read_text("]E02112345678900"))
