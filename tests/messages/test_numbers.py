"""How numbers, money and rates are written, against Babel's copy of CLDR."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from loyalty.explain import Money
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import Rate
from messages.languages import PAPER_LANGUAGES
from messages.numbers import (
    CURRENCY_SIGNS,
    NO_BREAK_SPACE,
    STYLES,
    write_money,
    write_number,
    write_rate,
    write_trimmed,
)

INT64 = st.integers(-(2**63), 2**63 - 1)
languages = st.sampled_from(PAPER_LANGUAGES)


def money(amount_minor: int, code: str = "KZT", scale: int = 2) -> Money:
    return Money(amount_minor=amount_minor, currency=Currency(code=code, scale=scale))


def plain(text: str) -> str:
    """The text with ordinary spaces for no-break ones."""
    return text.replace(NO_BREAK_SPACE, " ")


def test_every_language_has_a_style() -> None:
    assert set(STYLES) == set(PAPER_LANGUAGES)


@given(value=INT64, scale=st.integers(0, 6), language=languages)
def test_numbers_are_written_as_cldr_writes_them(value: int, scale: int, language: str) -> None:
    pattern = "#,##0" + ("." + "0" * scale if scale else "")
    exact = Decimal(value).scaleb(-scale)
    expected = format_decimal(exact, format=pattern, locale=language)
    assert write_number(value, scale, language) == (expected.removeprefix("-") if value == 0 else expected)


@given(value=INT64, scale=st.integers(0, 6), language=languages)
def test_trimmed_numbers_lose_only_the_zeros_at_the_end(value: int, scale: int, language: str) -> None:
    expected = format_decimal(Decimal(value).scaleb(-scale), format="#,##0.######", locale=language)
    assert write_trimmed(value, scale, language) == (expected.removeprefix("-") if value == 0 else expected)


@pytest.mark.parametrize("code", sorted(CURRENCY_SIGNS))
@pytest.mark.parametrize("language", PAPER_LANGUAGES)
@pytest.mark.parametrize("amount", [0, 5, 123_456_789, -123_456_789])
def test_a_sign_stands_where_cldr_puts_it(language: str, code: str, amount: int) -> None:
    pattern = Locale.parse(language).currency_formats["standard"]
    number = format_decimal(Decimal(abs(amount)).scaleb(-2), format="#,##0.00", locale=language)
    expected = pattern.pattern.replace("#,##0.00", number).replace("¤", CURRENCY_SIGNS[code])
    assert write_money(money(amount, code), language) == ("-" if amount < 0 else "") + expected


@pytest.mark.parametrize("code", sorted(CURRENCY_SIGNS))
def test_every_sign_is_one_that_cldr_knows(code: str) -> None:
    known = {Locale.parse(language).currency_symbols.get(code) for language in (*PAPER_LANGUAGES, "en_GB")}
    assert CURRENCY_SIGNS[code] in known


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("kk", "1 234,50 UZS"),
        ("az", "1.234,50 UZS"),
        ("ru", "1 234,50 UZS"),
        ("hy", "1 234,50 UZS"),
        ("en", "UZS 1,234.50"),
        ("ka", "1 234,50 UZS"),
        ("tr", "UZS 1.234,50"),
        ("uz", "1 234,50 soʻm"),
    ],
)
def test_a_currency_without_a_sign_is_written_with_its_code_or_the_word_of_its_country(
    language: str, expected: str
) -> None:
    assert plain(write_money(money(123_450, "UZS"), language)) == expected


def test_a_currency_without_decimals_has_none() -> None:
    assert write_money(money(1234, "AMD", scale=0), "hy") == f"1{NO_BREAK_SPACE}234{NO_BREAK_SPACE}֏"


@pytest.mark.parametrize(
    ("rate", "language", "expected"),
    [
        (Rate.of(3, 2), "en", "1.5"),
        (Rate.of(3, 2), "ru", "1,5"),
        (Rate.of(2, 1), "kk", "2"),
        (Rate.of(1, 10**6), "hy", "0,000001"),
        (Rate.of(0, 1), "az", "0"),
    ],
)
def test_a_rate_is_written_as_short_as_it_is_exact(rate: Rate, language: str, expected: str) -> None:
    assert write_rate(rate, language) == expected


def test_a_rate_that_no_decimal_holds_stays_a_fraction() -> None:
    assert write_rate(Rate.of(1, 3), "ru") == "1/3"
    assert write_rate(Rate.of(1, 10**7), "en") == "1/10000000"


@given(value=INT64, scale=st.integers(0, 6), language=languages)
def test_plain_numbers_have_no_space_that_a_printer_lacks(value: int, scale: int, language: str) -> None:
    text = plain(write_number(value, scale, language))
    assert text.isascii()
    assert text.isprintable()
