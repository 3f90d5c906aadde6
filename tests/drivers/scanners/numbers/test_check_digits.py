"""A computed check digit passes; what each promises to find, it finds; no text at all makes it raise."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.numbers.check_digits import (
    gs1_check_digit,
    gs1_check_pair,
    luhn_check_digit,
    passes_gs1,
    passes_gs1_pair,
    passes_luhn,
    passes_price_check,
    passes_verhoeff,
    price_check_digit,
    verhoeff_check_digit,
)

Compute = Callable[[str], str]
Passes = Callable[[str], bool]
SYSTEMS: list[tuple[Compute, Passes]] = [
    (gs1_check_digit, passes_gs1),
    (luhn_check_digit, passes_luhn),
    (verhoeff_check_digit, passes_verhoeff),
]
each_system = pytest.mark.parametrize(("compute", "passes"), SYSTEMS, ids=["gs1", "luhn", "verhoeff"])
payloads = st.text("0123456789", min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("payload", "digit"),
    [
        # GS1 General Specifications, section 7.9.1 and the examples of its keys
        ("37610425002123456", "9"),
        ("629104150021", "3"),
        ("9638507", "4"),
        ("03600029145", "2"),
        ("0", "0"),
    ],
)
def test_gs1_by_the_book(payload: str, digit: str) -> None:
    assert gs1_check_digit(payload) == digit
    assert passes_gs1(payload + digit)


@pytest.mark.parametrize(("field", "digit"), [("2875", "9"), ("14685", "6"), ("0000", "0"), ("00000", "0")])
def test_a_price_by_the_book(field: str, digit: str) -> None:
    assert price_check_digit(field) == digit
    assert passes_price_check(digit, field)


@given(value=st.integers(0, 99_999), length=st.sampled_from([4, 5]), place=st.integers(0, 4), other=st.integers(1, 9))
def test_one_wrong_digit_of_a_price_is_found(value: int, length: int, place: int, other: int) -> None:
    field = str(value).zfill(5)[-length:]
    wrong = replace(field, place % length, other)
    assert not passes_price_check(price_check_digit(field), wrong)


@pytest.mark.parametrize("field", ["", "123", "123456", "12.4", "⁰⁰⁰⁰", "١٢٣٤"])
def test_a_price_of_another_shape_has_no_check_digit(field: str) -> None:
    assert not passes_price_check("0", field)
    with pytest.raises(ValueError, match=r"4 or 5 digits|ASCII digits"):
        price_check_digit(field)


@pytest.mark.parametrize(
    ("number", "good"),
    [("78949", True), ("49927398716", True), ("49927398717", False), ("142857", False), ("1428572", True)],
)
def test_luhn_by_the_book(number: str, good: bool) -> None:
    assert passes_luhn(number) is good


@pytest.mark.parametrize(
    ("number", "good"), [("2363", True), ("2364", False), ("123451", True), ("1234567890120", True)]
)
def test_verhoeff_by_the_book(number: str, good: bool) -> None:
    assert passes_verhoeff(number) is good


@each_system
@given(payload=payloads)
def test_a_computed_digit_passes_and_no_other_does(compute: Compute, passes: Passes, payload: str) -> None:
    good = [digit for digit in "0123456789" if passes(payload + digit)]
    assert good == [compute(payload)]


@each_system
@given(payload=payloads, place=st.integers(0, 30), other=st.integers(1, 9))
def test_every_single_wrong_digit_is_found(
    compute: Compute, passes: Passes, payload: str, place: int, other: int
) -> None:
    number = payload + compute(payload)
    assert not passes(replace(number, place % len(number), other))


MISSED_SWAPS: list[tuple[Compute, Passes, Callable[[int, int], bool]]] = [
    (gs1_check_digit, passes_gs1, lambda a, b: abs(a - b) == 5),
    (luhn_check_digit, passes_luhn, lambda a, b: {a, b} == {0, 9}),
    (verhoeff_check_digit, passes_verhoeff, lambda a, b: False),
]


@pytest.mark.parametrize(("compute", "passes", "missed"), MISSED_SWAPS, ids=["gs1", "luhn", "verhoeff"])
@given(payload=payloads, place=st.integers(0, 29))
def test_swapped_neighbours_are_found_but_for_the_pairs_that_the_sum_cannot_see(
    compute: Compute, passes: Passes, missed: Callable[[int, int], bool], payload: str, place: int
) -> None:
    number = payload + compute(payload)
    place %= len(number) - 1
    first, second = number[place], number[place + 1]
    swapped = number[:place] + second + first + number[place + 2 :]
    assert passes(swapped) is (first == second or missed(int(first), int(second)))


@pytest.mark.parametrize("passes", [passes_gs1, passes_luhn, passes_verhoeff, passes_gs1_pair])
@given(text=st.text(max_size=40))
def test_no_text_makes_a_check_raise(passes: Passes, text: str) -> None:
    assert passes(text) in {True, False}


@pytest.mark.parametrize("passes", [passes_gs1, passes_luhn, passes_verhoeff])
@pytest.mark.parametrize("text", ["", "0", "٠٠", "⁰⁰", " 00", "00\n", "0 0", "-0"])
def test_what_is_not_two_or_more_ascii_digits_does_not_pass(passes: Passes, text: str) -> None:
    assert not passes(text)


@pytest.mark.parametrize("compute", [gs1_check_digit, luhn_check_digit, verhoeff_check_digit])
@pytest.mark.parametrize("payload", ["", "12a4", "٤٠١٢"])
def test_the_message_about_a_bad_payload_does_not_show_it(compute: Compute, payload: str) -> None:
    with pytest.raises(ValueError, match=r"^a check digit is computed over one or more ASCII digits$"):
        compute(payload)


def test_a_check_pair_by_the_book() -> None:
    # GS1 General Specifications, section 7.9.5, the worked example of a Global Model Number
    assert gs1_check_pair("1987654Ad4X4bL5ttr2310c") == "2K"
    assert passes_gs1_pair("1987654Ad4X4bL5ttr2310c2K")


@given(
    payload=st.text("0123456789ABCabc!%&_z", min_size=1, max_size=23),
    place=st.integers(0, 22),
    char=st.sampled_from("0Zy"),
)
def test_one_wrong_character_before_a_check_pair_is_found(payload: str, place: int, char: str) -> None:
    place %= len(payload)
    pair = gs1_check_pair(payload)
    assert passes_gs1_pair(payload + pair)
    wrong = payload[:place] + char + payload[place + 1 :]
    assert passes_gs1_pair(wrong + pair) is (wrong == payload)


@pytest.mark.parametrize("payload", ["", "x" * 24, "a b", "a~"])
def test_a_check_pair_needs_a_model_number(payload: str) -> None:
    assert not passes_gs1_pair(payload + "22")
    with pytest.raises(ValueError, match="set 82"):
        gs1_check_pair(payload)


def replace(number: str, place: int, by: int) -> str:
    """``number`` with one digit changed, by 1 to 9 further on."""
    return number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
