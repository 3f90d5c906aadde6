"""What is left of the bill and the tax in it."""

from dataclasses import replace

import pytest

from loyalty.parts.policies import DEFAULT_POLICIES, TaxRounding
from loyalty.quote.totals import line_totals
from loyalty.sale.basket import BasketLine, make_basket
from loyalty.sale.bill import Bill, Cut
from tests.loyalty.shop import KZT, sold


def taxes(*lines: BasketLine, off: dict[int, int], rounding: TaxRounding = TaxRounding.GROUP) -> list[int]:
    basket = make_basket(KZT, lines)
    bill = Bill.of(basket, replace(DEFAULT_POLICIES, tax_rounding=rounding))  # type: ignore[arg-type]
    return [line.tax_minor for line in line_totals(bill.cut(Cut(by_line=tuple(off.items()))))]


def test_the_tax_of_what_is_left_follows_the_rate() -> None:
    assert taxes(sold(1, 11_500, tax_minor=1_500, tax_ppm=150_000), off={1: 5_750}) == [750]


def test_a_deposit_has_no_tax_by_rate() -> None:
    line = sold(1, 12_500, tax_minor=1_500, tax_ppm=150_000, deposit_minor=1_000)
    assert taxes(line, off={1: 5_750}) == [750]
    assert taxes(line, off={1: 5_750}, rounding=TaxRounding.LINE) == [750]


@pytest.mark.parametrize(("rounding", "tax"), [(TaxRounding.GROUP, 865), (TaxRounding.LINE, 866)])
def test_the_tax_of_price_and_discount_is_rounded_together_or_each(rounding: TaxRounding, tax: int) -> None:
    assert taxes(sold(1, 5_000, tax_minor=1_154, tax_ppm=300_000), off={1: 1_250}, rounding=rounding) == [tax]


def test_lines_of_one_rate_are_rounded_together() -> None:
    lines = [sold(number, 105, tax_minor=10, tax_ppm=100_000) for number in (1, 2, 3)]
    assert sum(taxes(*lines, off={1: 5, 2: 5, 3: 5})) == 27


def test_without_a_rate_the_tax_shrinks_in_proportion() -> None:
    assert taxes(sold(1, 1_000, tax_minor=107), off={1: 500}) == [54]


def test_what_is_not_discounted_keeps_its_tax() -> None:
    assert taxes(sold(1, 1_000, tax_minor=111, tax_ppm=100_000), off={}) == [111]
