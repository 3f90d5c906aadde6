"""Decimal text and scaled integers."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.numbers.limits import INT64_MAX, MAX_SCALE
from loyalty.numbers.scaled import NotScaled, format_scaled, parse_scaled

int64 = st.integers(-INT64_MAX - 1, INT64_MAX)


@pytest.mark.parametrize(
    ("text", "scale", "steps"),
    [
        ("12.50", 2, 1250),
        ("12.5", 2, 1250),
        ("12", 2, 1200),
        ("-0.01", 2, -1),
        ("0", 0, 0),
        ("-0", 2, 0),
        ("007", 0, 7),
        ("1.000000", 0, 1),
        ("4.5", 1, 45),
        ("9223372036854775807", 0, INT64_MAX),
        ("-9223372036854775808", 0, -INT64_MAX - 1),
        ("000000000000000000000000000001", 0, 1),
    ],
)
def test_decimal_text_is_read_exactly(text: str, scale: int, steps: int) -> None:
    assert parse_scaled(text, scale) == steps


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "+1",
        "1,5",
        ".5",
        "5.",
        "1e3",
        "1_000",
        "0x1",
        "--1",
        "NaN",
        "١٢",
        "\uff11",
        "1.5.0",
        "\n1",
        "1\n",
    ],
)
def test_anything_but_ascii_digits_a_sign_and_a_point_is_refused(text: str) -> None:
    with pytest.raises(NotScaled, match=r"^expected a decimal number such as 12\.50$"):
        parse_scaled(text, 2)


def test_more_decimals_than_the_scale_holds_are_refused() -> None:
    with pytest.raises(NotScaled, match=r"^has 3 decimals, at most 2 are possible$"):
        parse_scaled("1.005", 2)


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("9223372036854775808", 0),
        ("-9223372036854775809", 0),
        ("92233720368547758.08", 2),
        ("1" + "0" * 30, 0),
        ("9" * 5000, 2),
    ],
)
def test_a_number_beyond_64_bits_is_refused_as_too_large(text: str, scale: int) -> None:
    with pytest.raises(NotScaled, match=r"^is too large for 64 bits$"):
        parse_scaled(text, scale)


@given(int64, st.integers(0, MAX_SCALE))
def test_reading_is_the_inverse_of_writing(value: int, scale: int) -> None:
    assert parse_scaled(format_scaled(value, scale), scale) == value


@given(st.text(max_size=40), st.integers(0, MAX_SCALE))
def test_any_text_gives_a_number_or_not_scaled(text: str, scale: int) -> None:
    with suppress(NotScaled):
        value = parse_scaled(text, scale)
        assert parse_scaled(format_scaled(value, scale), scale) == value


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        (1250, 2, "12.50"),
        (-1, 2, "-0.01"),
        (0, 2, "0.00"),
        (5, 0, "5"),
        (-5, 0, "-5"),
        (45, 1, "4.5"),
        (7, 6, "0.000007"),
    ],
)
def test_writing_keeps_every_decimal(value: int, scale: int, text: str) -> None:
    assert format_scaled(value, scale) == text


def test_a_scale_beyond_the_bound_is_the_callers_bug() -> None:
    with pytest.raises(ValueError, match=r"^scale must be 0 to 6$"):
        parse_scaled("1", 7)
