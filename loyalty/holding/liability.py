"""Revenue from units: what of a price is put off for them, and what of that is earned as they are redeemed (IFRS 15).

A price is shared between the goods and the units that come with them in proportion to what each would sell for alone.

The liability is recognised in proportion to what was redeemed of all that is expected to be; what will never be redeemed
(breakage) is thereby spread over what is. A changed estimate changes the cumulative figure, and the difference falls into
the period in which it is changed. Source: IFRS 15, 74, B39 to B47 and example 52;
KPMG's handbook, examples 10A and 10B.
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


def deferred_minor(price_minor: int, goods_minor: int, units_minor: int) -> int:
    """Give what of a price is put off for the units that come with the goods, in minor units, rounded half up.

    Args:
        price_minor: What was charged, >= 0.
        goods_minor: What the goods sell for alone.
        units_minor: What the units are worth alone, those left out that are expected never to be redeemed.
    """
    require(price_minor >= 0 and goods_minor >= 0 and units_minor >= 0, "a price and its parts are not below zero")
    whole = goods_minor + units_minor
    return round_fraction(Fraction(price_minor * units_minor, whole), Rounding.HALF_UP) if whole else 0
