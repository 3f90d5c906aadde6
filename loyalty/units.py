"""Units: what a programme counts."""

from dataclasses import dataclass

from loyalty.explain import Names, Units

POINTS = "points"
"""The unit whose word the message catalogue declines itself; others are named by the programme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit.

    Attributes:
        id: Outlives programme versions; the key of balances.
        scale: Decimals of its smallest step.
        names: Its names, or None for plain points.
    """

    id: str
    scale: int
    names: Names | None = None

    def amount(self, steps: int) -> Units:
        """Give ``steps`` smallest steps as an argument of a message."""
        return Units(amount=steps, scale=self.scale, names=self.names)


def remainder_unit(unit: str, rule: str, denominator: int) -> str:
    """Name the hidden unit that keeps what ``rule`` carried over, in ``1/denominator`` of a smallest step.

    A remainder is posted like any unit, so that it adds up over tills and over returns. The denominator is part
    of the name, since a later version of the rule may divide differently.
    """
    return f"{unit}.remainder.{rule}.{denominator}"


def is_remainder(unit: str) -> bool:
    """Tell whether ``unit`` is a hidden unit for remainders."""
    return ".remainder." in unit
