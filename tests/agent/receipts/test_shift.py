"""What a till did in a shift, added up from its journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.receipts.finding import shift_report
from agent.receipts.shift import Asked, report
from agent.receipts.values import Refused, Shift
from agent.till.requests import ActionRequest, CommitRequest, Provenance, QuoteRequest, ReturnRequest, VoidRequest
from loyalty.explain import Units
from loyalty.quote import RedeemRequest
from loyalty.sale.basket import BasketLine
from tests.agent.receipts.cafe import CAKE, COFFEE, Day, a_day
from tests.agent.receipts.papers import text
from tests.agent.shops import CARD

TODAY = date(2026, 3, 5)
FEEDBACK = """
[[rule]]
id = "rated"
kind = "per_action"
units = 10
when.action = "feedback"
"""


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with Day(tmp_path, "en") as opened:
        yield opened


def sell(
    day: Day, *lines: BasketLine, shift: str | None = None, training: bool = False, **asked: Any
) -> dict[str, Any]:
    day.count += 1
    said = Provenance(operator="Асель", shift=shift, training=training)
    request = QuoteRequest(currency="KZT", lines=lines, provenance=said, **({"card": CARD} | asked))
    quoted = day.till.quote(request)
    commit = CommitRequest(key=f"s{day.count}", check_id=f"s{day.count}", sale=request, quote=quoted["quote"])
    return day.till.commit(commit).values


def points(amount: int) -> Units:
    return Units(amount=amount, scale=0, names=None)


def units(found: tuple[Units, ...]) -> list[int]:
    """Amounts of cashback, points and stamps, as the report sorts them."""
    return [one.amount for one in found]


def test_a_shift_is_the_sum_of_its_sales(day: Day) -> None:
    first = sell(day, COFFEE, CAKE)
    sell(day, CAKE, card=None, coupons=("C12345678903",))
    sell(day, COFFEE, redeem=(RedeemRequest(reward="off", units=50),), coupons=("C12345678903",))
    sell(day, COFFEE, training=True)
    found = report(day.till.context, Asked(day=TODAY))
    assert found == Shift(
        shop="Әлия",
        till="till 1",
        at=found.at,
        currency=found.currency,
        cashier="Асель",
        begins=found.begins,
        ends=found.ends,
        first=1,
        last=5,
        sales=3,
        member_sales=2,
        training=1,
        enrolled=1,
        turnover_minor=315_000 + 125_000 + 180_000,
        discounts_minor=10_000,
        earned=found.earned,
        spent=(points(50),),
        coupons_issued=len(first["coupons"]),
        refused=(Refused(code="coupon_unknown", times=2),),
        code=found.code,
    )
    assert units(found.earned) == [15_750 + 9_000, 157 + 90, 4]


def test_a_void_and_a_return_are_taken_off_the_turnover(day: Day) -> None:
    sold, kept = sell(day, COFFEE), sell(day, COFFEE, CAKE)
    day.till.void(VoidRequest(key="v", sale=sold["entry"]))
    day.till.return_goods(
        ReturnRequest(key="r", check_id="99", currency="KZT", sale=kept["entry"], lines=((2, 1_000),))
    )
    found = report(day.till.context, Asked(day=TODAY))
    assert (found.sales, found.voids, found.returns, found.turnover_minor) == (2, 1, 1, 190_000)
    assert units(found.reversed)[1] == 95 + 62


def test_only_the_shift_and_the_day_that_are_asked_for_count(day: Day) -> None:
    sell(day, COFFEE, shift="1")
    sell(day, CAKE, shift="2")
    day.now += timedelta(days=1)
    sell(day, CAKE, shift="1")
    asked = [
        Asked(day=TODAY, name="1"),
        Asked(day=TODAY, name="2"),
        Asked(day=TODAY),
        Asked(day=TODAY + timedelta(days=1)),
    ]
    found = [report(day.till.context, one) for one in asked]
    assert [one.turnover_minor for one in found] == [190_000, 125_000, 315_000, 125_000]
    assert [one.name for one in found] == ["1", "2", "", ""]


def test_what_came_before_a_while_in_which_the_clock_was_wrong_counts_too(day: Day) -> None:
    sell(day, COFFEE)
    noon, day.now = day.now, day.now - timedelta(days=2_000)
    sell(day, CAKE)
    day.now = noon + timedelta(hours=1)
    sell(day, CAKE)
    found = report(day.till.context, Asked(day=TODAY))
    assert (found.sales, found.turnover_minor) == (2, 190_000 + 125_000)


def test_what_was_earned_without_buying_is_earned_too(tmp_path: Path) -> None:
    with Day(tmp_path, "en", more=FEEDBACK) as day:
        sell(day, COFFEE)
        rated = day.till.act(ActionRequest(key="a", card=CARD, action="feedback")).values
        assert [one["amount"] for one in rated["awards"]] == [10]
        assert units(report(day.till.context, Asked(day=TODAY)).earned)[1] == 95 + 10


def test_a_day_without_sales_is_an_empty_report(day: Day) -> None:
    sell(day, COFFEE)
    found = report(day.till.context, Asked(day=date(2026, 1, 1)))
    assert found == Shift(shop="Әлия", till="till 1", at=found.at, currency=found.currency)
    assert "Sales                                          0" in text(
        shift_report(day.till.context, Asked(day=TODAY - timedelta(days=9)))
    )


def test_several_cashiers_are_not_named_as_one(day: Day) -> None:
    sell(day, COFFEE)
    request = QuoteRequest(currency="KZT", lines=(CAKE,), provenance=Provenance(operator="Лев"))
    day.till.commit(CommitRequest(key="other", check_id="other", sale=request))
    assert report(day.till.context, Asked(day=TODAY)).cashier == ""


def test_every_unit_of_a_whole_day_is_written(day: Day) -> None:
    a_day(day)
    said = text(shift_report(day.till.context, Asked(day=TODAY + timedelta(days=20))))
    for label in (
        "Earned: cashback",
        "Loaded: gift card",
        "Used: cashback",
        "Used: gift card",
        "Taken back",
        "Given back",
    ):
        assert label in said
    assert replace(report(day.till.context, Asked(day=TODAY + timedelta(days=20))), refused=()).coupons_used == 1
