"""The goods: what was sold, or what came back, line by line, and the sum."""

from collections.abc import Iterator
from fractions import Fraction

from agent.receipts.frame import one_line
from agent.receipts.source import Source
from drivers.printers.document import Block, Columns, Rule, Style
from loyalty.journal.detail import DetailLine
from loyalty.numbers.limits import QUANTITY_SCALE
from loyalty.numbers.rates import Rounding, divide

_ONE = 10**QUANTITY_SCALE
_INDENT = "  "


def sold(source: Source) -> Iterator[Block]:
    """Give every line at its price before discounts, the discounts, and what was paid."""
    for line in source.detail.lines:
        before = line.amount_minor + line.discount_minor
        yield _line(source, line, line.quantity_milli, before)
        if line.discount_minor:
            label = _INDENT + source.catalogue.text("receipt.discount")
            yield Columns(left=label, right=source.money(-line.discount_minor))
    yield Rule()
    yield total(source, sum(line.amount_minor for line in source.detail.lines))


def came_back(source: Source) -> Iterator[Block]:
    """Give what came back at the price that was paid for it, and the sum.

    The parts are shares of the lines of the sale, rounded so that they add up to the sum, which is rounded down.
    """
    owner = source.original or source.detail
    lines = {line.line: line for line in owner.lines}
    so_far = Fraction(0)
    for back in source.detail.returned:
        line = lines.get(back.line)
        if line is None:
            continue
        before, so_far = so_far, so_far + Fraction(line.amount_minor * back.quantity_milli, line.quantity_milli)
        yield _line(source, line, back.quantity_milli, int(so_far) - int(before))
    yield Rule()
    yield total(source, int(so_far))


def total(source: Source, amount_minor: int) -> Block:
    """Give the sum."""
    return Columns(left=source.catalogue.text("receipt.total"), right=source.money(amount_minor), style=Style.DOUBLE)


def _line(source: Source, line: DetailLine, quantity_milli: int, amount_minor: int) -> Block:
    name = one_line(line.name) or one_line(line.item) or str(line.line)
    if quantity_milli != _ONE:
        name = f"{name}\n{_INDENT}{_quantity(source, quantity_milli, amount_minor)}"
    return Columns(left=name, right=source.money(amount_minor))


def _quantity(source: Source, quantity_milli: int, amount_minor: int) -> str:
    """Give ``2 x 1.50``, or ``x 3`` where no price of one piece gives the amount."""
    quantity = source.catalogue.quantity(quantity_milli)
    price_minor = divide(amount_minor * _ONE, quantity_milli, Rounding.HALF_UP)
    if divide(price_minor * quantity_milli, _ONE, Rounding.HALF_UP) != amount_minor:
        return f"x {quantity}"
    return source.catalogue.text("receipt.quantity_price", quantity=quantity, price=source.money(price_minor))
