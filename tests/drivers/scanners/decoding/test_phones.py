"""Phone numbers become E.164 by the store's country."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.decoding.phones import PLANS, is_international, parse_phone

SPELLINGS = [
    ("KZ", "87071234567", "+77071234567"),
    ("KZ", "77071234567", "+77071234567"),
    ("KZ", "7071234567", "+77071234567"),
    ("KZ", "+7 (707) 123-45-67", "+77071234567"),
    ("KZ", "8 707 123 45 67", "+77071234567"),
    ("KZ", "8(727)250-00-00", "+77272500000"),
    ("KZ", "0077071234567", "+77071234567"),
    ("KZ", "89161234567", "+79161234567"),
    ("KZ", "810994501234567", "+994501234567"),
    ("RU", "8 (916) 123-45-67", "+79161234567"),
    ("RU", "9161234567", "+79161234567"),
    ("AZ", "0501234567", "+994501234567"),
    ("AZ", "501234567", "+994501234567"),
    ("AZ", "994501234567", "+994501234567"),
    ("AZ", "00994501234567", "+994501234567"),
    ("AZ", "+7 707 123 45 67", "+77071234567"),
    ("AM", "077123456", "+37477123456"),
    ("AM", "77 12-34-56", "+37477123456"),
    ("AM", "37477123456", "+37477123456"),
    ("GE", "555123456", "+995555123456"),
    ("GE", "0322123456", "+995322123456"),
    ("TR", "05321234567", "+905321234567"),
    ("TR", "905321234567", "+905321234567"),
    ("UZ", "901234567", "+998901234567"),
    ("UZ", "998901234567", "+998901234567"),
    ("GB", "07911123456", "+447911123456"),
    ("GB", "02079460018", "+442079460018"),
    ("GB", "447911123456", "+447911123456"),
    ("", "+77071234567", "+77071234567"),
    ("", "tel:+447911123456", "+447911123456"),
    ("", "TEL:+44-7911-123456", "+447911123456"),
    ("", "+4915112345678", "+4915112345678"),
]


@pytest.mark.parametrize(("country", "text", "number"), SPELLINGS)
def test_a_number_has_one_spelling(country: str, text: str, number: str) -> None:
    assert parse_phone(text, country) == number


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("KZ", "8707123456"),
        ("RU", "8121234567"),
        ("KZ", "870712345678"),
        ("KZ", "5071234567"),
        ("KZ", "+7707123456"),
        ("AZ", "87071234567"),
        ("AM", "0771234567"),
        ("TR", "5321234"),
        ("UZ", "8901234567"),
        ("GB", "7911"),
        ("", "87071234567"),
        ("DE", "015112345678"),
        ("KZ", ""),
        ("KZ", "+"),
        ("KZ", "tel:87071234567"),
        ("KZ", "8707123456a"),
        ("KZ", "٨٧٠٧١٢٣٤٥٦٧"),
        ("KZ", "+8"),
        ("KZ", "+0123456789"),
        ("KZ", "8707+1234567"),
        ("KZ", "1" * 100),
    ],
)
def test_what_the_country_does_not_dial_is_none(country: str, text: str) -> None:
    assert parse_phone(text, country) is None


def test_only_a_plus_and_a_scheme_say_themselves_that_it_is_one() -> None:
    assert [is_international(text) for text in ("+77071234567", "tel:+7", "TEL:+7", "87071234567", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@given(text=st.text("0123456789+-() ", max_size=25), country=st.sampled_from([*PLANS, ""]))
def test_a_normal_form_is_its_own(text: str, country: str) -> None:
    number = parse_phone(text, country)
    if number is not None:
        assert number[0] == "+"
        assert number[1:].isascii()
        assert number[1:].isdigit()
        assert 8 <= len(number) <= 16
        assert parse_phone(number, "") == number
