"""A currency as a programme or a basket names it: ISO 4217 code and the number of decimals it is kept with."""

from dataclasses import dataclass, field

from loyalty.numbers.limits import MAX_SCALE, require
from loyalty.numbers.rates import Rounding, divide


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """One currency.

    Attributes:
        code: Three capital ASCII letters, ISO 4217.
        scale: Decimals of the minor unit, 0 to 6; 2 for most, 0 where shops drop the fraction.
        sign: How a programme wants it written, or empty for the usual sign; it makes no other currency.
        cash_step_minor: What amounts paid in cash are rounded to; 1 where every minor unit has a coin.
    """

    code: str
    scale: int
    sign: str = field(default="", compare=False)
    cash_step_minor: int = field(default=1, compare=False)

    def __post_init__(self) -> None:
        require(is_currency_code(self.code), "currency code must be three capital letters, as in ISO 4217")
        require(0 <= self.scale <= MAX_SCALE, f"currency scale must be 0 to {MAX_SCALE}")
        require(self.cash_step_minor > 0, "a cash step is more than nothing")

    def in_cash(self, amount_minor: int) -> int:
        """Round an amount to what can be paid in cash, a half up."""
        return divide(amount_minor, self.cash_step_minor, Rounding.HALF_UP) * self.cash_step_minor


def is_currency_code(text: str) -> bool:
    """Tell whether ``text`` has the shape of an ISO 4217 code."""
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()


NO_CURRENCY = Currency(code="XXX", scale=2)
"""The code of ISO 4217 for none: what an entry names where no programme says which."""
