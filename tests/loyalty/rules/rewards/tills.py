"""What the tests of rewards say often: what comes off a basket, and what is at work."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from loyalty.holding.standing import Holdings, Standing
from loyalty.moment import Moment
from loyalty.quote import Quote, quote
from loyalty.reading.problems import BadFile
from loyalty.refusals import Refusal
from loyalty.rules.redemption import Redemption
from loyalty.sale.ask import NOTHING_ASKED, Ask, RedeemRequest, ShownCoupon, ShownGiftCard
from loyalty.sale.basket import Basket, BasketLine
from tests.loyalty.shop import NOW, basket, programme, sold

HERE = replace(NOW, store="s1")


def reward(kind: str, keys: str = "", reward_id: str = "r") -> str:
    """A ``[[reward]]`` with these keys."""
    return f'[[reward]]\nkind = "{kind}"\nid = "{reward_id}"\n{keys}\n'


def goods(number: int, price: int, pieces: int = 1, **fields: Any) -> BasketLine:
    """A line of ``pieces`` pieces at ``price`` minor units each."""
    return sold(number, price * pieces, **{"quantity_milli": pieces * 1000, **fields})


def answer(
    tables: str,
    *lines: BasketLine | int,
    member: Standing | None = None,
    ask: Ask = NOTHING_ASKED,
    pools: Mapping[str, Holdings] | None = None,
    moment: Moment = HERE,
    credit_minor: int = 0,
) -> Quote | Refusal:
    """Quote a basket under a programme with these tables."""
    bought = basket(*lines)
    if credit_minor:
        bought = Basket(currency=bought.currency, lines=bought.lines, credit_minor=credit_minor)
    return quote(programme(tables), bought, member, moment, ask, pools)


def quoted(tables: str, *lines: BasketLine | int, **more: Any) -> Quote:
    """Quote what cannot be refused."""
    found = answer(tables, *lines, **more)
    assert isinstance(found, Quote), found
    return found


def refused(tables: str, *lines: BasketLine | int, **more: Any) -> Refusal:
    """Quote what must be refused."""
    found = answer(tables, *lines, **more)
    assert isinstance(found, Refusal), found
    return found


def off(tables: str, *lines: BasketLine | int, **more: Any) -> tuple[int, ...]:
    """What comes off each line."""
    return tuple(line.discount_minor for line in quoted(tables, *lines, **more).lines)


def total(tables: str, *lines: BasketLine | int, **more: Any) -> int:
    """What is to pay."""
    return quoted(tables, *lines, **more).total_minor


def at_work(tables: str, *lines: BasketLine | int, **more: Any) -> Redemption:
    """The one reward that is at work."""
    [one] = quoted(tables, *lines, **more).redemptions
    return one


def said(found: Quote) -> tuple[str, ...]:
    """The ids of what is said of the rewards at work."""
    return tuple(one.id for redemption in found.redemptions for one in redemption.because)


def chosen(reward_id: str = "r", **more: Any) -> Ask:
    """The member chose one reward."""
    return Ask(redeem=(RedeemRequest(reward=reward_id, **more),))


def coupon(code: str = "C1", uses: int = 1, kind: str = "c", account: bytes = b"\x01" * 16) -> ShownCoupon:
    """A coupon with so many uses."""
    return ShownCoupon(code=code, account=account, holdings=Holdings(balances=((f"coupon.{kind}", uses),)))


def card(steps: int, account: bytes = b"\x02" * 16, unit: str = "gift", **more: Any) -> ShownGiftCard:
    """A gift card that pays through reward ``r``."""
    holdings = Holdings(balances=((unit, steps),))
    return ShownGiftCard(**{"account": account, "holdings": holdings, "reward": "r", **more})


def faults(tables: str) -> list[str]:
    """What is wrong with a programme of these tables: ``key: fault``."""
    with pytest.raises(BadFile) as bad:
        programme(tables)
    assert all(problem.line is not None for problem in bad.value.problems)
    return [f"{problem.key}: {problem.fault}" for problem in bad.value.problems]
