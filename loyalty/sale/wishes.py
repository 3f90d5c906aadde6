"""What a reward asks of the bill, exact: whole numbers over one denominator, so that nothing is rounded on the way."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Self

from loyalty.sale.basket import BasketLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of some pieces of a line.

    Attributes:
        line: The line.
        exact: What is to come off, in minor units.
        value: What is left to pay of the pieces.
        pieces: How many they are; 0 for the line as a whole.
    """

    line: BasketLine
    exact: Fraction
    value: Fraction
    pieces: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What is asked of one line, in ``1/scale`` of a minor unit; see `Wanted`."""

    line: BasketLine
    wants: int
    worth: int
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """All that a reward asks.

    Attributes:
        parts: One for each line.
        scale: Of the numbers in the parts, > 0.
    """

    parts: tuple[Part, ...]
    scale: int = 1

    @classmethod
    def of(cls, wanted: Iterable[Wanted]) -> Self:
        """Put together what is asked of single pieces; what is asked of one line adds up."""
        found = list(wanted)
        scale = lcm(*(one.exact.denominator for one in found), *(one.value.denominator for one in found))
        parts: dict[int, Part] = {}
        for one in found:
            wants, worth = _whole(one.exact, scale), _whole(one.value, scale)
            before = parts.get(one.line.line)
            if before is not None:
                wants, worth = wants + before.wants, worth + before.worth
            pieces = one.pieces + (before.pieces if before is not None else 0)
            parts[one.line.line] = Part(one.line, wants, worth, pieces)
        return cls(parts=tuple(parts.values()), scale=scale)

    @property
    def exact(self) -> Fraction:
        """What is asked in all, in minor units."""
        return Fraction(sum(part.wants for part in self.parts), self.scale)

    @property
    def value(self) -> Fraction:
        """What is left to pay of all that is concerned, in minor units."""
        return Fraction(sum(part.worth for part in self.parts), self.scale)


def _whole(value: Fraction, scale: int) -> int:
    return value.numerator * (scale // value.denominator)
