"""The goods: what was sold, or what came back, line by line."""

from collections.abc import Iterator
from fractions import Fraction

from agent.receipts.cleaning import one_line
from agent.receipts.source import Source
from agent.receipts.values import Cut, Goods
from loyalty.explain import Names
from loyalty.journal.detail import DetailLine
from loyalty.numbers.limits import QUANTITY_SCALE
from loyalty.numbers.rates import Rounding, divide
from loyalty.rules.redemption import Settle

_ONE = 10**QUANTITY_SCALE


def sold(source: Source) -> Iterator[Goods]:
    """Give every line at its price before discounts, what rewards took off it, and the host."""
    cuts = _cuts(source)
    for line in source.detail.lines:
        before = line.amount_minor + line.discount_minor
        own = cuts.get(line.line, [])
        rest = before - line.paid_minor - sum(cut.amount_minor for cut in own)
        taken = (*own, Cut(amount_minor=rest)) if rest else tuple(own)
        yield _goods(line, line.quantity_milli, before, taken)


def charged_minor(source: Source) -> int:
    """Give what the customer owed, by whatever means it was paid."""
    return max(0, sum(line.paid_minor for line in source.detail.lines) - source.detail.credit_minor)


def came_back(source: Source) -> Iterator[Goods]:
    """Give what came back at the price that was charged for it.

    The parts are shares of the lines of the sale, rounded so that they add up to the sum, which is rounded down.
    """
    so_far = Fraction(0)
    for line, quantity_milli, worth in _returned(source):
        before, so_far = so_far, so_far + worth
        yield _goods(line, quantity_milli, int(so_far) - int(before))


def worth_of_return(source: Source) -> int:
    """Give what was charged for what came back, rounded down."""
    return int(sum((worth for _, _, worth in _returned(source)), Fraction(0)))


def reward_name(source: Source, reward_id: str) -> Names | None:
    """Give a reward's name, or None where it has none or the version is not at hand."""
    reward = source.programme.reward(reward_id) if source.core.programme == source.programme.version else None
    return reward.head.names if reward is not None else None


def _returned(source: Source) -> Iterator[tuple[DetailLine, int, Fraction]]:
    owner = source.original or source.detail
    lines = {line.line: line for line in owner.lines}
    for back in source.detail.returned:
        line = lines.get(back.line)
        if line is not None:
            yield line, back.quantity_milli, Fraction(line.paid_minor * back.quantity_milli, line.quantity_milli)


def _cuts(source: Source) -> dict[int, list[Cut]]:
    """Give what each reward took off, by line."""
    cuts: dict[int, list[Cut]] = {}
    for one in source.detail.redemptions:
        if one.settle == Settle.LINE_DISCOUNT.value:
            for line, amount in one.by_line:
                cuts.setdefault(line, []).append(Cut(amount_minor=amount, name=reward_name(source, one.reward)))
    return cuts


def _goods(line: DetailLine, quantity_milli: int, amount_minor: int, cuts: tuple[Cut, ...] = ()) -> Goods:
    return Goods(
        name=one_line(line.name) or one_line(line.item) or str(line.line),
        amount_minor=amount_minor,
        quantity_milli=quantity_milli,
        price_minor=_price_minor(quantity_milli, amount_minor),
        cuts=cuts,
    )


def _price_minor(quantity_milli: int, amount_minor: int) -> int | None:
    """Give the price of one, where there is another quantity and a price that gives the amount."""
    price_minor = divide(amount_minor * _ONE, quantity_milli, Rounding.HALF_UP)
    exact = divide(price_minor * quantity_milli, _ONE, Rounding.HALF_UP) == amount_minor
    return price_minor if exact and quantity_milli != _ONE else None
