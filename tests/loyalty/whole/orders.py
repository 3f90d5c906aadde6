"""What must not change an answer: asking again, and the order of tables, lines, pools, choices and codes."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.quote import Quote
from loyalty.refusals import Refusal
from loyalty.sale.ask import Ask
from loyalty.sale.basket import Basket, make_basket
from tests.loyalty.whole.visits import Visit


def repeated(programme: Programme, visit: Visit, answer: Quote | Refusal) -> None:
    """The same question has the same answer."""
    assert visit.quoted(programme) == answer


def in_any_order(text: str, visit: Visit, answer: Quote | Refusal, rng: Random) -> None:
    """Neither the order of the file, of the lines, of the pools nor of what was asked changes the answer."""
    other = read_programme(text, "p")
    lines = list(visit.basket.lines)
    rng.shuffle(lines)
    basket = make_basket(visit.basket.currency, lines, visit.basket.credit_minor)
    names = list(visit.pools)
    rng.shuffle(names)
    assert isinstance(basket, Basket)
    moved = replace(visit, basket=basket, pools={name: visit.pools[name] for name in names})
    assert moved.quoted(other) == answer, "the order of tables, lines or pools changes the answer"
    ask = visit.ask
    asked = Ask(
        redeem=_moved(ask.redeem, rng),
        codes=_moved(ask.codes, rng),
        coupons=ask.coupons,
        gift_cards=ask.gift_cards,
        declined=_moved(ask.declined, rng),
        loads=ask.loads,
        actions=_moved(ask.actions, rng),
        rights=ask.rights,
    )
    said_so = replace(visit, ask=asked).quoted(other)
    if isinstance(answer, Refusal):
        assert isinstance(said_so, Refusal), "what is refused does not depend on the order of asking"
        return
    assert isinstance(said_so, Quote), "what is answered does not depend on the order of asking"
    assert replace(said_so, declined=()) == replace(answer, declined=())
    codes = sorted(one.refusal.code for one in said_so.declined)
    assert codes == sorted(one.refusal.code for one in answer.declined)


def _moved(items: tuple, rng: Random) -> tuple:
    listed = list(items)
    rng.shuffle(listed)
    return tuple(listed)


def renumbered(programme: Programme, visit: Visit, answer: Quote, rng: Random) -> None:
    """Where no reward is at work, the numbers of the lines do not matter to what is earned."""
    if answer.redemptions or visit.ask.loads or answer.grants:
        return
    numbers = [line.line for line in visit.basket.lines]
    rng.shuffle(numbers)
    lines = [replace(line, line=number) for line, number in zip(visit.basket.lines, numbers, strict=True)]
    basket = make_basket(visit.basket.currency, lines, visit.basket.credit_minor)
    assert isinstance(basket, Basket)
    other = replace(visit, basket=basket).quoted(programme)
    assert isinstance(other, Quote)
    if visit.basket.credit_minor:
        return
    assert [(one.rule, one.amount) for one in other.awards] == [(one.rule, one.amount) for one in answer.awards]
    assert (other.total_minor, other.tax_minor) == (answer.total_minor, answer.tax_minor)
