"""Integer fractions with named rounding: the only way an amount is ever multiplied."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Self

from loyalty.numbers.limits import require
from loyalty.numbers.scaled import parse_scaled


class Rounding(StrEnum):
    """What happens to a fraction of the smallest step."""

    FLOOR = "floor"
    CEILING = "ceiling"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A non-negative fraction ``numerator / denominator`` in lowest terms."""

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        require(self.numerator >= 0 and self.denominator > 0, "a rate is a non-negative fraction")

    @classmethod
    def of(cls, numerator: int, denominator: int) -> Self:
        """Make the rate ``numerator / denominator`` in lowest terms."""
        require(denominator > 0, "a rate is a non-negative fraction")
        reduced = Fraction(numerator, denominator)
        return cls(numerator=reduced.numerator, denominator=reduced.denominator)

    @classmethod
    def parse(cls, text: str, *, scale: int = 6) -> Self:
        """Read a decimal such as ``1.5`` as a rate.

        Raises:
            NotScaled: ``text`` is not a decimal with at most ``scale`` decimals.
        """
        return cls.of(parse_scaled(text, scale), 10**scale)

    def __mul__(self, other: Self) -> Self:
        return type(self).of(self.numerator * other.numerator, self.denominator * other.denominator)


ONE = Rate(numerator=1, denominator=1)


def divide(dividend: int, divisor: int, rounding: Rounding) -> int:
    """Divide exactly and round the quotient as named; ``divisor`` > 0."""
    require(divisor > 0, "divisor must be positive")
    floor, rest = divmod(dividend, divisor)
    if rest == 0 or rounding is Rounding.FLOOR:
        return floor
    if rounding is Rounding.CEILING:
        return floor + 1
    twice = 2 * rest
    if twice != divisor:
        return floor + (twice > divisor)
    if rounding is Rounding.HALF_UP:
        return floor + (dividend > 0)
    return floor + (floor % 2)
