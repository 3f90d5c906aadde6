"""From the lines of a case to a basket: prices with and without tax, levies, deposits and what the host took off."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from loyalty.cases.figures import NO_TAX
from loyalty.cases.values import HostDiscount, Line
from loyalty.numbers.allocation import allocate
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import Rounding, round_fraction
from loyalty.refusals import Refusal, RefusalCode
from loyalty.sale.basket import Basket, BasketLine, make_basket

_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?)% (incl|excl)", re.ASCII)
_FIXED = re.compile(r"fixed ([0-9]+(?:\.[0-9]+)?)", re.ASCII)
_MILLION = 1_000_000


class BadTax(ValueError):
    """A tax is not written as the format says."""

    def __init__(self) -> None:
        super().__init__('expected "none", "15% incl", "15% excl", "fixed 10.00", or several joined by " + "')


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """One line's taxes.

    Attributes:
        included: Rates in the price, as a fraction of the net price.
        excluded: Rates on top of it, of the net price too.
        fixed: Money per unit, on top.
    """

    included: Fraction = Fraction(0)
    excluded: Fraction = Fraction(0)
    fixed: Fraction = Fraction(0)

    @property
    def rate(self) -> Fraction:
        """All that depends on the price, as a fraction of the net price."""
        return self.included + self.excluded


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A basket and what the engine is not told of it.

    Attributes:
        taxes: Line to its tax as the case writes it: its group.
        fixed_minor: Line to the fixed levies in its deposit, which are tax, and which its ``tax_minor`` leaves out.
    """

    basket: Basket
    taxes: dict[int, str]
    fixed_minor: dict[int, int]


def parse_tax(text: str) -> Tax:
    """Read a tax as ``"15% excl + fixed 10.00"``.

    Raises:
        BadTax: the text is none.
    """
    if text == NO_TAX:
        return Tax()
    tax = Tax()
    for part in text.split(" + "):
        if rate := _RATE.fullmatch(part):
            share = Fraction(rate.group(1)) / 100
            included = rate.group(2) == "incl"
            tax = replace(tax, included=tax.included + (share if included else 0))
            tax = replace(tax, excluded=tax.excluded + (0 if included else share))
        elif fixed := _FIXED.fullmatch(part):
            tax = replace(tax, fixed=tax.fixed + Fraction(fixed.group(1)))
        else:
            raise BadTax
    return tax


def make_goods(lines: Sequence[Line], host: HostDiscount | None, currency: Currency) -> Goods | Refusal:
    """Make the basket of a step; lines with a price below zero become the basket's credit."""
    if host is not None and min(Fraction(host.percent or 0), Fraction(host.amount or 0)) < 0:
        return Refusal(
            code=RefusalCode.PRICE_NEGATIVE, field="host_discount", detail="what the host takes off is zero or more"
        )
    goods = [_line(number, line, currency) for number, line in enumerate(lines, start=1) if _price(line) >= 0]
    credit = sum(-_gross(line, currency) for line in lines if _price(line) < 0)
    basket = make_basket(currency, _discounted(goods, host, currency), credit)
    if isinstance(basket, Refusal):
        return basket
    fixed = {
        number: _minor(parse_tax(line.tax).fixed * Fraction(line.quantity), currency)
        for number, line in enumerate(lines, start=1)
        if _price(line) >= 0
    }
    taxes: dict[int, str] = {number: line.tax for number, line in enumerate(lines, start=1)}
    return Goods(basket=basket, taxes=taxes, fixed_minor=fixed)


def _line(number: int, line: Line, currency: Currency) -> BasketLine:
    tax, pieces = parse_tax(line.tax), Fraction(line.quantity)
    off = Fraction(line.host_discount or 0)
    gross, net = _amounts(_price(line) * pieces - off, tax, currency)
    before, _ = _amounts(_price(line) * pieces, tax, currency)
    deposit = _minor((tax.fixed + Fraction(line.deposit or 0)) * pieces, currency)
    return BasketLine(
        line=number,
        item=line.item,
        name=line.name,
        category=line.category,
        quantity_milli=int(pieces * 1000),
        amount_minor=gross + deposit,
        tax_minor=gross - net,
        discount_minor=before - gross,
        tax_ppm=int(tax.rate * _MILLION),
        floor_minor=_minor(Fraction(line.floor or 0) * pieces, currency),
        deposit_minor=deposit,
        tags=line.tags,
        gift=line.gift,
    )


def _amounts(price: Fraction, tax: Tax, currency: Currency) -> tuple[int, int]:
    """Give what a price comes to with all tax and without any, each rounded half up."""
    net = price / (1 + tax.included)
    return _minor(net * (1 + tax.rate), currency), _minor(net, currency)


def _discounted(lines: list[BasketLine], host: HostDiscount | None, currency: Currency) -> list[BasketLine]:
    """Take the cashier's discount off in proportion; deposits stay. Lines that make no basket stay as they are."""
    open_minor = [(line.line, line.amount_minor - line.deposit_minor) for line in lines]
    whole = sum(amount for _, amount in open_minor)
    if host is None or whole <= 0 or any(amount < 0 for _, amount in open_minor):
        return lines
    if host.percent is not None:
        off = round_fraction(whole * Fraction(host.percent) / 100, Rounding.HALF_UP)
    else:
        off = min(whole, _minor(Fraction(host.amount or 0), currency))
    parts = dict(allocate(off, open_minor)) if off else {}
    return [_less(line, parts.get(line.line, 0)) for line in lines]


def _less(line: BasketLine, off: int) -> BasketLine:
    whole = line.amount_minor - line.deposit_minor
    tax = round_fraction(Fraction(line.tax_minor * (whole - off), whole), Rounding.HALF_UP) if whole else 0
    return replace(line, amount_minor=line.amount_minor - off, discount_minor=line.discount_minor + off, tax_minor=tax)


def _gross(line: Line, currency: Currency) -> int:
    return _amounts(_price(line) * Fraction(line.quantity), parse_tax(line.tax), currency)[0]


def _price(line: Line) -> Fraction:
    return Fraction(line.price)


def _minor(amount: Fraction, currency: Currency) -> int:
    return round_fraction(amount * 10**currency.scale, Rounding.HALF_UP)
