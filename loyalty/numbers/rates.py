"""Integer fractions with named rounding: the only way an amount is ever multiplied."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import gcd
from typing import Self

from loyalty.numbers.limits import require


class Rounding(StrEnum):
    """What happens to a fraction of the smallest step."""

    FLOOR = "floor"
    CEILING = "ceiling"
    HALF_UP = "half_up"
    """Half a step goes away from zero."""
    HALF_DOWN = "half_down"
    """Half a step goes towards zero: what is left of a price that loses it is rounded half up."""
    HALF_EVEN = "half_even"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A non-negative fraction ``numerator / denominator`` in lowest terms."""

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        require(self.numerator >= 0 and self.denominator > 0, "a rate is a non-negative fraction")
        require(gcd(self.numerator, self.denominator) == 1, "a rate is in lowest terms")

    @classmethod
    def of(cls, numerator: int, denominator: int) -> Self:
        """Make the rate ``numerator / denominator`` in lowest terms."""
        require(numerator >= 0 and denominator > 0, "a rate is a non-negative fraction")
        common = gcd(numerator, denominator)
        return cls(numerator=numerator // common, denominator=denominator // common)

    @property
    def fraction(self) -> Fraction:
        """The same as a fraction of the standard library."""
        return Fraction(self.numerator, self.denominator)

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
    if rounding is Rounding.HALF_DOWN:
        return floor + (dividend < 0)
    return floor + (floor % 2)


def round_fraction(value: Fraction, rounding: Rounding) -> int:
    """Round an exact fraction to a whole number as named."""
    return divide(value.numerator, value.denominator, rounding)


def total(values: Iterable[Fraction]) -> Fraction:
    """Add up exact fractions; most of ours share few denominators, so that whole numbers are added."""
    sums: dict[int, int] = {}
    for value in values:
        denominator = value.denominator
        sums[denominator] = sums.get(denominator, 0) + value.numerator
    if len(sums) == 1:
        [(denominator, numerator)] = sums.items()
        return Fraction(numerator, denominator)
    return sum((Fraction(numerator, denominator) for denominator, numerator in sums.items()), Fraction(0))


def least_for_one(divisor: int, rounding: Rounding) -> int:
    """Give the least dividend that `divide` rounds to one; ``divisor`` > 0."""
    require(divisor > 0, "divisor must be positive")
    least = {
        Rounding.FLOOR: divisor,
        Rounding.CEILING: 1,
        Rounding.HALF_UP: -(-divisor // 2),
        Rounding.HALF_DOWN: divisor // 2 + 1,
        Rounding.HALF_EVEN: divisor // 2 + 1,
    }
    return least[rounding]
