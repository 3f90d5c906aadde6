"""Currencies and the bounds of numbers and texts."""

import pytest

from loyalty.numbers.currency import Currency, is_currency_code
from loyalty.numbers.limits import INT64_MAX, fits_int64, is_storable


def test_a_currency_has_a_code_and_a_scale() -> None:
    assert Currency(code="KZT", scale=2) != Currency(code="KZT", scale=0)


@pytest.mark.parametrize("code", ["", "KZ", "KZTT", "kzt", "K1T", "КЗТ", "K T"])
def test_a_code_is_three_capital_ascii_letters(code: str) -> None:
    assert not is_currency_code(code)
    with pytest.raises(ValueError, match="three capital letters"):
        Currency(code=code, scale=2)


@pytest.mark.parametrize("scale", [-1, 7])
def test_a_scale_is_0_to_6(scale: int) -> None:
    with pytest.raises(ValueError, match="scale must be 0 to 6"):
        Currency(code="GBP", scale=scale)


def test_64_bits_have_two_ends() -> None:
    ends = (INT64_MAX, INT64_MAX + 1, -INT64_MAX - 1, -INT64_MAX - 2)
    assert [fits_int64(value) for value in ends] == [True, False, True, False]


def test_a_storable_text_is_short_and_whole() -> None:
    texts = ("", "Сүт 2,5%", "🍞" * 200, "x" * 201, "a\0b", "\ud83c", "\udf5e")
    assert [is_storable(text) for text in texts] == [True, True, True, False, False, False, False]


@pytest.mark.parametrize(
    ("amount", "step", "cash"), [(1_004, 5, 1_005), (1_002, 5, 1_000), (1_250, 100, 1_300), (7, 1, 7)]
)
def test_what_is_paid_in_cash_is_a_number_of_coins(amount: int, step: int, cash: int) -> None:
    assert Currency(code="KZT", scale=2, cash_step_minor=step).in_cash(amount) == cash


def test_a_sign_or_a_coin_makes_no_other_currency() -> None:
    assert Currency(code="KZT", scale=2, sign="тг", cash_step_minor=100) == Currency(code="KZT", scale=2)
