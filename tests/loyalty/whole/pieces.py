"""Two pieces on one line and one piece on each of two lines are the same purchase, where no rule looks at lines."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from loyalty.programme.model import Programme
from loyalty.quote import Quote
from loyalty.refusals import Refusal
from loyalty.sale.basket import Basket, BasketLine, make_basket
from tests.loyalty.whole.visits import Visit, a_line, a_visit

BY_LINE = (
    "round_at",
    "per_line",
    "line_floor",
    "divisible_lines",
    "excluded",
    "tax_rounding",
    "after_rewards",
)
"""What makes lines matter: roundings, caps, floors and taxes by line."""


def independent_of_lines(text: str, programme: Programme, rng: Random) -> None:
    """Ask the same of both baskets, and compare what is paid, earned, spent, handed out and counted."""
    if any(word in text for word in BY_LINE):
        return
    visit = a_visit(programme, rng)
    one = a_line(1, programme, rng)
    one = replace(one, quantity_milli=1000, floor_minor=0, tax_ppm=None, tax_minor=0, gift=None)
    visit = replace(visit, ask=replace(visit.ask, loads=()))
    together = _asked(visit, programme, [_doubled(one)])
    apart = _asked(visit, programme, [one, replace(one, line=2)])
    assert _figures(together) == _figures(apart)


def _doubled(line: BasketLine) -> BasketLine:
    return replace(
        line,
        quantity_milli=2 * line.quantity_milli,
        amount_minor=2 * line.amount_minor,
        discount_minor=2 * line.discount_minor,
        deposit_minor=2 * line.deposit_minor,
    )


def _asked(visit: Visit, programme: Programme, lines: list[BasketLine]) -> Quote | Refusal:
    basket = make_basket(programme.currency, lines)
    assert isinstance(basket, Basket)
    return replace(visit, basket=basket).quoted(programme)


def _figures(answer: Quote | Refusal) -> object:
    if isinstance(answer, Refusal):
        return answer.code
    return (
        (answer.total_minor, answer.paid_minor),
        [(one.rule, one.unit.id, one.amount) for one in answer.awards],
        [(one.reward, one.units, one.discount_minor, one.gifts, one.times) for one in answer.redemptions],
        [(one.rule, one.count, one.uses) for one in answer.issues],
        answer.counts,
        [(one.asked, one.refusal.code) for one in answer.declined],
    )
