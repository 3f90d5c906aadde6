"""A currency as a programme or a basket names it: ISO 4217 code and the number of decimals it is kept with."""

from dataclasses import dataclass

from loyalty.numbers.limits import MAX_SCALE, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """One currency.

    Attributes:
        code: Three capital ASCII letters, ISO 4217.
        scale: Decimals of the minor unit, 0 to 6; 2 for most, 0 where shops drop the fraction.
    """

    code: str
    scale: int

    def __post_init__(self) -> None:
        require(is_currency_code(self.code), "currency code must be three capital letters, as in ISO 4217")
        require(0 <= self.scale <= MAX_SCALE, f"currency scale must be 0 to {MAX_SCALE}")


def is_currency_code(text: str) -> bool:
    """Tell whether ``text`` has the shape of an ISO 4217 code."""
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()
