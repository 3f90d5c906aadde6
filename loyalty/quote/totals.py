"""What is left of the bill, line by line, with the tax that is still in it."""

from collections import defaultdict
from collections.abc import Sequence

from loyalty.numbers.allocation import allocate
from loyalty.numbers.rates import Rounding, divide
from loyalty.parts.policies import TaxRounding
from loyalty.quote.values import LineTotal
from loyalty.sale.basket import BasketLine
from loyalty.sale.bill import Bill

_MILLION = 1_000_000


def line_totals(bill: Bill) -> tuple[LineTotal, ...]:
    """Give what is left of each line; ``bill`` is closed."""
    taxes = _taxes(bill)
    return tuple(
        LineTotal(
            line=line.line,
            amount_minor=bill.left[line.line],
            discount_minor=line.amount_minor - bill.left[line.line],
            tax_minor=taxes.get(line.line, 0),
        )
        for line in bill.basket.lines
    )


def _taxes(bill: Bill) -> dict[int, int]:
    """Give the tax in what is left of each line: in proportion, or by its rate where the host says it.

    Lines of one rate are rounded together, and the sum is split over them, unless the policy says line by line. By rate,
    a deposit has no tax in it.
    """
    groups: dict[int, list[BasketLine]] = defaultdict(list)
    taxes: dict[int, int] = {}
    grouped = bill.policies.tax_rounding is TaxRounding.GROUP
    for line in bill.basket.lines:
        if bill.left[line.line] == line.amount_minor and line.tax_minor:
            taxes[line.line] = line.tax_minor
        elif line.tax_ppm is None:
            left, whole = bill.left[line.line], line.amount_minor
            taxes[line.line] = divide(line.tax_minor * left, whole, Rounding.HALF_UP) if whole else 0
        elif grouped:
            groups[line.tax_ppm].append(line)
        else:
            taxes[line.line] = _by_itself(bill, line, line.tax_ppm)
    for rate, lines in groups.items():
        taxes |= _of_group(bill, rate, lines)
    return taxes


def _of_group(bill: Bill, rate: int, lines: Sequence[BasketLine]) -> dict[int, int]:
    weights = [(line.line, _taxed(bill, line)) for line in lines]
    tax = _tax(sum(weight for _, weight in weights), rate)
    return dict(allocate(tax, weights)) if tax else {}


def _by_itself(bill: Bill, line: BasketLine, rate: int) -> int:
    """Round the tax of the price and that of the discount each, as registers do that print both."""
    before = line.tax_minor or _tax(line.amount_minor - line.deposit_minor, rate)
    return max(0, before - _tax(line.amount_minor - bill.left[line.line], rate))


def _taxed(bill: Bill, line: BasketLine) -> int:
    return max(0, bill.left[line.line] - line.deposit_minor)


def _tax(gross_minor: int, rate: int) -> int:
    return gross_minor - divide(gross_minor * _MILLION, _MILLION + rate, Rounding.HALF_UP)
