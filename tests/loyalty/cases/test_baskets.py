"""Prices of a case become what an engine counts in: gross minor units, with the tax in them."""

from typing import Any

import pytest

from loyalty.cases.baskets import BadTax, Goods, make_goods, parse_tax
from loyalty.cases.figures import Figure, TaxText
from loyalty.cases.values import HostDiscount, Line
from loyalty.numbers.currency import Currency
from loyalty.refusals import Refusal, RefusalCode
from loyalty.sale.basket import BasketLine

EUR = Currency(code="EUR", scale=2)


def goods(*lines: Line, host: HostDiscount | None = None) -> Goods:
    made = make_goods(lines, host, EUR)
    assert isinstance(made, Goods)
    return made


def one(price: str, tax: str = "none", quantity: str = "1", **more: Any) -> BasketLine:
    line = Line(item="A", price=Figure(price), quantity=Figure(quantity), tax=TaxText(tax), **more)
    return goods(line).basket.lines[0]


@pytest.mark.parametrize(
    ("price", "tax", "quantity", "amount", "contained"),
    [
        ("100.00", "none", "1", 10000, 0),
        ("100.00", "15% excl", "4", 46000, 6000),
        ("100.00", "10% incl", "3", 30000, 2727),
        ("100.00", "35% incl + 50% excl", "3", 41111, 18889),
        ("25.00", "15% excl", "1", 2875, 375),
        ("0.30", "15% excl", "1", 35, 5),
        ("1.99", "12.5% incl", "0.345", 69, 8),
    ],
)
def test_tax_is_in_the_amount(price: str, tax: str, quantity: str, amount: int, contained: int) -> None:
    line = one(price, tax, quantity)
    assert (line.amount_minor, line.tax_minor) == (amount, contained)


def test_levies_and_deposits_are_on_top_and_are_not_to_be_discounted() -> None:
    line = one("100.00", "15% excl + fixed 10.00", deposit=Figure("0.25"), quantity="2")
    assert (line.amount_minor, line.deposit_minor) == (23000 + 2050, 2050)
    assert goods(Line(item="A", price=Figure("100"), tax=TaxText("15% excl + fixed 10.00"))).fixed_minor == {1: 1000}


def test_a_line_below_zero_is_the_basket_s_credit() -> None:
    made = goods(Line(item="A", price=Figure("100")), Line(item="B", price=Figure("-95"), tax=TaxText("20% excl")))
    assert made.basket.credit_minor == 11400
    assert [line.line for line in made.basket.lines] == [1]


def test_the_host_s_discount_of_a_line_is_told() -> None:
    line = one("20.00", host_discount=Figure("5.00"), tax="15% excl")
    assert (line.amount_minor, line.discount_minor) == (1725, 575)


def test_the_cashier_s_discount_is_spread_in_proportion() -> None:
    lines = [Line(item="A", price=Figure("50.00")), Line(item="B", price=Figure("20.00"), deposit=Figure("1.00"))]
    percent = goods(*lines, host=HostDiscount(percent=Figure("10"))).basket.lines
    assert [(line.amount_minor, line.discount_minor) for line in percent] == [(4500, 500), (1900, 200)]
    amount = goods(*lines, host=HostDiscount(amount=Figure("7.00"))).basket.lines
    assert [line.discount_minor for line in amount] == [500, 200]


@pytest.mark.parametrize("tax", ["", "15", "15%", "15% inc", "15 % incl", "15% incl+5% excl", "fixed", "-5% incl"])
def test_a_tax_that_is_not_written_so_is_told(tax: str) -> None:
    with pytest.raises(BadTax):
        parse_tax(tax)


def test_a_basket_that_is_none_is_refused_as_by_a_till() -> None:
    refusal = make_goods([Line(item="A", price=Figure("1"), quantity=Figure("0"))], None, EUR)
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.QUANTITY_NOT_POSITIVE
