"""Amounts, currencies, days and times of elements."""

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.gs1.elements import Element, check_element
from drivers.scanners.gs1.meanings import amount_of, currency_of, date_of, time_of
from tests.drivers.scanners.gs1.samples import VALUES


@pytest.mark.parametrize(
    ("ai", "value", "amount", "currency"),
    [
        ("3103", "000195", "0.195", None),
        ("3100", "000195", "195", None),
        ("3365", "123456", "1.23456", None),
        ("3922", "0299", "2.99", None),
        ("3902", "500", "5.00", None),
        ("3932", "0510299", "2.99", "AMD"),
        ("3910", "64312301", "12301", "RUB"),
        ("3909", "5", "5E-9", None),
        ("3940", "0010", "10", None),
        ("3941", "0125", "12.5", None),
        ("3952", "001234", "12.34", None),
    ],
)
def test_an_amount_is_exact(ai: str, value: str, amount: str, currency: str | None) -> None:
    element = Element(ai=ai, value=value)
    assert check_element(ai, value) is None
    assert (amount_of(element), currency_of(element)) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("ai", "value", "day", "at"),
    [
        ("17", "261231", date(2026, 12, 31), None),
        ("17", "280200", date(2028, 2, 29), None),
        ("15", "270200", date(2027, 2, 28), None),
        ("11", "770101", date(1977, 1, 1), None),
        ("17", "760101", date(2076, 1, 1), None),
        ("7003", "2612312359", date(2026, 12, 31), time(23, 59)),
        ("4324", "2612319999", date(2026, 12, 31), None),
        ("4325", "2612310830", date(2026, 12, 31), time(8, 30)),
        ("7007", "261201261231", date(2026, 12, 1), None),
        ("7011", "261201", date(2026, 12, 1), None),
        ("7011", "2612010915", date(2026, 12, 1), time(9, 15)),
        ("8008", "26120108", date(2026, 12, 1), time(8)),
        ("8008", "2612010815", date(2026, 12, 1), time(8, 15)),
        ("8008", "261201081530", date(2026, 12, 1), time(8, 15, 30)),
        ("7250", "19991231", date(1999, 12, 31), None),
        ("7251", "199912312359", date(1999, 12, 31), time(23, 59)),
        ("10", "261231", None, None),
    ],
)
def test_a_day_is_of_the_century_that_is_nearest(ai: str, value: str, day: date | None, at: time | None) -> None:
    element = Element(ai=ai, value=value)
    assert check_element(ai, value) is None
    assert (date_of(element, 2026), time_of(element)) == (day, at)


@pytest.mark.parametrize("ai", ["01", "10", "30", "37", "8005", "8111", "310", "400"])
def test_other_identifiers_have_no_amount(ai: str) -> None:
    element = Element(ai=ai, value="12345678901231")
    assert (amount_of(element), currency_of(element)) == (None, None)


@given(st.sampled_from(sorted(VALUES)).flatmap(lambda ai: st.tuples(st.just(ai), VALUES[ai])), st.integers(2000, 2099))
def test_no_good_element_makes_it_raise(case: tuple[str, str], year: int) -> None:
    element = Element(ai=case[0], value=case[1])
    amount, day = amount_of(element), date_of(element, year)
    assert amount is None or amount >= 0
    assert day is None or element.ai.startswith("725") or -49 <= day.year - year <= 50
    assert time_of(element) is None or day is not None
