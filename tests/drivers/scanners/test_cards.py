"""The merchant's own numbers are told by ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.cards import CardRange, CheckDigit, in_ranges

EAN_CARDS = CardRange(prefix="2100", min_length=13, max_length=13)
NAMED_CARDS = CardRange(prefix="LOY-", min_length=8, max_length=10)
LONG_CARDS = CardRange(prefix="600300", min_length=16, max_length=16)
RANGES = (EAN_CARDS, NAMED_CARDS, LONG_CARDS)


@pytest.mark.parametrize("number", ["2100000000012", "LOY-0042", "LOY-004200", "6003001000001448"])
def test_a_number_of_a_range_is_a_card(number: str) -> None:
    assert in_ranges(number, RANGES)


@pytest.mark.parametrize(
    "text",
    ["", "210000000001", "21000000000123", "2200000000012", "LOY-00a2", "loy-0042", "2100٠٠٠٠٠٠٠١٢", " 2100000000012"],
)
def test_anything_else_is_not(text: str) -> None:
    assert not in_ranges(text, RANGES)


CHECKED = [
    (CheckDigit.LUHN, "49", "49927398716", "49927398717"),
    (CheckDigit.EAN, "21", "2100000000012", "2100000000013"),
    (CheckDigit.VERHOEFF, "23", "2363", "2364"),
    (CheckDigit.MOD_11_2, "07", "07940", "07941"),
    (CheckDigit.MOD_11_2, "07", "079X", "0790"),
    (CheckDigit.MOD_97_10, "79", "79444", "79445"),
    (CheckDigit.MOD_11_10, "07", "07945", "07946"),
    (CheckDigit.MOD_37_2, "A999", "A999914123456N", "A999914123456M"),
    (CheckDigit.MOD_37_36, "A1", "A12425GABC1234002M", "A12425GABC1234002N"),
    (CheckDigit.LUHN, "LOY-", "LOY-49927398716", "LOY-49927398717"),
]


@pytest.mark.parametrize(("check", "prefix", "good", "bad"), CHECKED)
def test_a_range_with_a_check_digit_holds_only_numbers_that_have_it(
    check: CheckDigit, prefix: str, good: str, bad: str
) -> None:
    card_range = CardRange(prefix=prefix, min_length=len(good), max_length=len(good), check=check)
    assert (card_range.holds(good), card_range.holds(bad)) == (True, False)
    assert card_range.is_shaped(good)


def test_only_what_a_check_digit_needs_may_stand_behind_the_prefix() -> None:
    x_last = CardRange(prefix="07", min_length=4, max_length=4, check=CheckDigit.MOD_11_2)
    assert [x_last.is_shaped(number) for number in ("079X", "0X99", "079x", "079*")] == [True, False, False, False]


@pytest.mark.parametrize(
    ("prefix", "shortest", "longest", "message"),
    [
        ("", 1, 2, "prefix"),
        ("№1", 2, 3, "prefix"),
        ("21", 1, 13, "lengths"),
        ("21", 13, 12, "lengths"),
        ("2", 1, 65, "64"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(prefix: str, shortest: int, longest: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CardRange(prefix=prefix, min_length=shortest, max_length=longest)


@given(text=st.text(max_size=80))
def test_what_is_a_card_has_the_prefix_of_a_range_and_digits_behind_it(text: str) -> None:
    if in_ranges(text, RANGES):
        assert any(text.startswith(one.prefix) and text[len(one.prefix) :].isdecimal() for one in RANGES)
