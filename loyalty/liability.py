"""Revenue from units: how much of a contract liability is earned by the share that was redeemed (IFRS 15).

The liability is recognised in proportion to what was redeemed of all that is expected to be; what will never be redeemed
(breakage) is thereby spread over what is. A changed estimate changes the cumulative figure, and the difference falls into
the period in which it is changed. Source: IFRS 15, B44 to B47; KPMG's handbook, examples 10A and 10B.
"""

from fractions import Fraction

from loyalty.numbers.limits import require
from loyalty.numbers.rates import Rounding, round_fraction


def revenue_minor(liability_minor: int, redeemed: int, expected: int, recognised_minor: int = 0) -> int:
    """Give what is recognised now, in minor units, rounded half up; below zero where earlier estimates were too low.

    Args:
        liability_minor: What was put off for the units when they were earned, >= 0.
        redeemed: Smallest steps redeemed so far, >= 0.
        expected: Smallest steps expected to be redeemed in all, > 0; fewer than were redeemed count as that many.
        recognised_minor: What was recognised in earlier periods.
    """
    require(liability_minor >= 0 and redeemed >= 0 and expected > 0, "a liability and its units are not below zero")
    share = Fraction(redeemed, max(expected, redeemed))
    return round_fraction(liability_minor * share, Rounding.HALF_UP) - recognised_minor
