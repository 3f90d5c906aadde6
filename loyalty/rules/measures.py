"""What an amount of a line is without its tax."""

from loyalty.numbers.rates import Rounding, divide
from loyalty.sale.basket import BasketLine

_MILLION = 1_000_000


def net_minor(line: BasketLine, amount_minor: int) -> int:
    """Give ``amount_minor`` of a line without the tax in it.

    The rate is the line's own where the host says it, and what is left is rounded half up; else the tax counts in
    proportion to the line's amount and is rounded down, so that a whole line is left without exactly its tax.
    """
    if line.tax_ppm is not None:
        return divide(amount_minor * _MILLION, _MILLION + line.tax_ppm, Rounding.HALF_UP)
    if line.amount_minor == 0:
        return amount_minor
    return amount_minor - divide(line.tax_minor * amount_minor, line.amount_minor, Rounding.FLOOR)
