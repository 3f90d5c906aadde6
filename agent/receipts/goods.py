"""The goods: what was sold, or what came back, line by line."""

from collections.abc import Iterator
from fractions import Fraction

from agent.receipts.frame import one_line
from agent.receipts.source import Source
from drivers.printers.document import Block, Columns, Rule, Style
from loyalty.journal.detail import DetailLine
from loyalty.numbers.limits import QUANTITY_SCALE
from loyalty.numbers.rates import Rounding, divide
from loyalty.rules.redemption import Settle

_ONE = 10**QUANTITY_SCALE
_INDENT = "  "


def sold(source: Source) -> Iterator[Block]:
    """Give every line at its price before discounts, what rewards and the host took off, and what its price became."""
    cuts = _cuts(source)
    for line in source.detail.lines:
        before = line.amount_minor + line.discount_minor
        yield _line(source, line, line.quantity_milli, before)
        own = cuts.get(line.line, [])
        for name, amount in own:
            label = _INDENT + (name or source.catalogue.text("receipt.discount"))
            yield Columns(left=label, right=source.money(-amount))
        rest = before - line.paid_minor - sum(amount for _, amount in own)
        if rest:
            label = _INDENT + source.catalogue.text("receipt.discount")
            yield Columns(left=label, right=source.money(-rest))
    if source.detail.credit_minor:
        label = source.catalogue.text("receipt.credit")
        yield Columns(left=label, right=source.money(-source.detail.credit_minor))
    yield Rule()


def charged_minor(source: Source) -> int:
    """Give what the customer owed, by whatever means it was paid."""
    return max(0, sum(line.paid_minor for line in source.detail.lines) - source.detail.credit_minor)


def came_back(source: Source) -> Iterator[Block]:
    """Give what came back at the price that was charged for it.

    The parts are shares of the lines of the sale, rounded so that they add up to the sum, which is rounded down.
    """
    so_far = Fraction(0)
    for line, quantity_milli, worth in _returned(source):
        before, so_far = so_far, so_far + worth
        yield _line(source, line, quantity_milli, int(so_far) - int(before))
    yield Rule()


def worth_of_return(source: Source) -> int:
    """Give what was charged for what came back, rounded down."""
    return int(sum((worth for _, _, worth in _returned(source)), Fraction(0)))


def reward_name(source: Source, reward_id: str) -> str | None:
    """Give a reward's name in the reader's language, or None where it has none or the version is not at hand."""
    reward = source.programme.reward(reward_id) if source.core.programme == source.programme.version else None
    if reward is None or reward.head.names is None:
        return None
    return reward.head.names.in_language(source.catalogue.language)


def total(source: Source, amount_minor: int) -> Block:
    """Give the sum."""
    return Columns(left=source.catalogue.text("receipt.total"), right=source.money(amount_minor), style=Style.DOUBLE)


def _returned(source: Source) -> Iterator[tuple[DetailLine, int, Fraction]]:
    owner = source.original or source.detail
    lines = {line.line: line for line in owner.lines}
    for back in source.detail.returned:
        line = lines.get(back.line)
        if line is not None:
            yield line, back.quantity_milli, Fraction(line.paid_minor * back.quantity_milli, line.quantity_milli)


def _cuts(source: Source) -> dict[int, list[tuple[str | None, int]]]:
    """Give (reward's name, minor units) of what each reward took off, by line."""
    cuts: dict[int, list[tuple[str | None, int]]] = {}
    for one in source.detail.redemptions:
        if one.settle == Settle.LINE_DISCOUNT.value:
            for line, amount in one.by_line:
                cuts.setdefault(line, []).append((reward_name(source, one.reward), amount))
    return cuts


def _line(source: Source, line: DetailLine, quantity_milli: int, amount_minor: int) -> Block:
    name = one_line(line.name) or one_line(line.item) or str(line.line)
    if quantity_milli != _ONE:
        name = f"{name}\n{_INDENT}{_quantity(source, quantity_milli, amount_minor)}"
    return Columns(left=name, right=source.money(amount_minor))


def _quantity(source: Source, quantity_milli: int, amount_minor: int) -> str:
    """Give ``2 x 1.50``, or ``x 3`` where no price of one piece gives the amount."""
    quantity = source.catalogue.quantity(quantity_milli)
    price_minor = divide(amount_minor * _ONE, quantity_milli, Rounding.HALF_UP)
    if divide(price_minor * quantity_milli, _ONE, Rounding.HALF_UP) != amount_minor:
        return f"x {quantity}"
    return source.catalogue.text("receipt.quantity_price", quantity=quantity, price=source.money(price_minor))
