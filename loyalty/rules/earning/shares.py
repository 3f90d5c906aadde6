"""How the lines of a sale share in an award that does not follow from their amounts."""

from loyalty.rules.goods import Goods
from loyalty.rules.situation import Situation


def shares(goods: Goods, situation: Situation) -> tuple[tuple[int, int], ...]:
    """Give (line, share) of the lines of ``goods``: what is left to pay of each, or one each where all are free.

    Multipliers count for an award as far as the lines that they reach share in it, and a return takes it back as far as
    the lines that came back do.
    """
    lines = situation.select(goods)
    paid = tuple((line.line, left) for line in lines if (left := situation.bill.left[line.line]) > 0)
    return paid or tuple((line.line, 1) for line in lines)
