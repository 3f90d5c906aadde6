"""Scenarios of other loyalty products that this engine can express so far, with their figures.

Covered: ERP-004, ERP-018, ERP-020, ISS-004, ISS-005, LOY-001, ODP-012, OLO-002, OSP-008, SMI-001, WOO-001, YTH-002; and
the earning side only, with the host's discount already taken off the basket, of ISS-006, ODP-024 and ODS-057.
Not covered: everything with free goods, coupons, percentages, caps, steps, tier qualification, lots or wallets.
"""

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from loyalty.programme.model import Programme
from loyalty.quote import Quote
from loyalty.refusals import Refusal, RefusalCode
from loyalty.returns import ReturnPlan, plan_return, plan_void
from tests.loyalty.shop import SPEND, UNDOING, ask, basket, earned, earning, programme, quoted, sale, sold, standing

FILE = Path(__file__).parents[3] / "shared" / "cases" / "loyalty_cases.json"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="shared: the shared cases are not beside this checkout")


@cache
def cases() -> dict[str, dict[str, Any]]:
    return {case["id"]: case for case in json.loads(FILE.read_text(encoding="utf-8"))["cases"]}


def expected(case: str) -> dict[str, Any]:
    found: dict[str, Any] = cases()[case]["expected"]
    return found


def step(case: str, do: str) -> dict[str, Any]:
    return next(found for found in cases()[case]["steps"] if found["do"] == do)


def minor(text: str) -> int:
    return int(Decimal(text) * 100)


def goods(case: str) -> list[tuple[int, int]]:
    """(amount in minor units, quantity in thousandths) of each line of the case's basket, without tax on top."""
    lines = step(case, "basket")["lines"]
    return [(minor(line["unit_price"]) * line["qty"], line["qty"] * 1000) for line in lines]


def spending(cost: str, discount: str) -> Programme:
    return programme(SPEND.replace("100", cost).replace("1.00", discount))


@pytest.mark.parametrize("case", ["ERP-004", "ERP-018"])
def test_the_integer_part_of_the_amount_by_1000_is_earned(case: str) -> None:
    amount = sum(amount for amount, _ in goods(case))
    assert earned(earning(per="1000.00"), amount) == int(expected(case)["earned"])


def test_erp_004_a_return_takes_back_its_share() -> None:
    [(amount, milli)] = goods("ERP-004")
    made = sale(earning(per="1000.00"), basket(sold(1, amount, quantity_milli=milli)), standing())
    plan = plan_return(made, [(1, step("ERP-004", "refund")["lines"][0]["qty"] * 1000)], None, UNDOING)
    assert isinstance(plan, ReturnPlan)
    assert made.awards[0].amount + plan.postings[0].amount == int(expected("ERP-004")["after_return"])


def test_odp_012_a_manual_discount_shrinks_what_earns() -> None:
    [(net, _)] = goods("ODP-012")
    gross = net * 115 // 100
    percent = 100 - int(step("ODP-012", "manual_discount")["percent"])
    assert earned(earning(), gross) == int(expected("ODP-012")["earned_before"])
    assert earned(earning(), gross * percent // 100) == int(expected("ODP-012")["earned_after"])


@pytest.mark.parametrize(("case", "units"), [("ODS-057", "1"), ("ODP-024", "1"), ("ISS-006", "10")])
def test_what_the_host_took_off_earns_nothing(case: str, units: str) -> None:
    [(amount, _)] = goods(case)
    assert earned(earning(units=units), amount * 90 // 100) == int(expected(case)["earned"])


def test_smi_001_a_return_uses_the_rule_of_the_sale() -> None:
    amount = minor(step("SMI-001", "sale")["amount"])
    plan = plan_void(sale(earning(), basket(amount), standing()), earning(units="2"), UNDOING)
    assert isinstance(plan, ReturnPlan)
    assert plan.postings[0].amount == int(expected("SMI-001")["our_expected"])


@pytest.mark.parametrize(("name", "rounding"), [("up", "ceiling"), ("nearest", "half_up"), ("down", "floor")])
def test_woo_001_rounding_is_a_setting(name: str, rounding: str) -> None:
    amount = minor(step("WOO-001", "sale")["amount"])
    assert earned(earning(f'rounding = "{rounding}"'), amount) == int(expected("WOO-001")[name])


def test_loy_001_one_percent_of_the_bill_and_a_point_is_worth_one() -> None:
    case = "LOY-001"
    assert earned(earning(per="100.00"), minor(step(case, "sale")["amount"])) == int(expected(case)["earned"])
    points = int(step(case, "redeem")["points"])
    answer = quoted(spending("1", "1.00"), basket(100_000), standing(points=points), ("spend", points))
    assert answer.redemption is not None
    assert answer.redemption.discount_minor == minor(expected(case)["redeem_value"])


@pytest.mark.parametrize(
    ("case", "cost", "discount", "points", "money"),
    [
        ("OLO-002", "1", "2.00", None, "discount"),
        ("ISS-004", "2", "3.00", "points_spent", "discount"),
        ("ISS-005", "100", "1.00", "points_spent", "discount"),
        ("ERP-020", "1", "1.00", "points_redeemed", "money"),
    ],
)
def test_points_are_taken_for_a_discount(case: str, cost: str, discount: str, points: str | None, money: str) -> None:
    balance = int(step(case, "card")["balance"])
    rules = spending(cost, discount)
    big_enough = basket(10_000)
    redeems = [found for found in cases()[case]["steps"] if found["do"] in {"redeem", "redeem_max"}]
    asked = redeems[0].get("points")
    [offer] = quoted(rules, big_enough, standing(points=balance)).offers
    units = int(asked) if asked is not None else offer.most_units
    answer = quoted(rules, big_enough, standing(points=balance), ("spend", units))
    assert answer.redemption is not None
    assert answer.redemption.discount_minor == abs(minor(expected(case)[money]))
    if points is not None:
        assert answer.redemption.units == int(expected(case)[points])
    if "to_pay" in expected(case):
        assert big_enough.total_minor - answer.redemption.discount_minor == minor(expected(case)["to_pay"])


def test_yth_002_nothing_is_redeemed_below_the_minimum() -> None:
    rules = programme(SPEND.replace("100", "10").replace('"1.00"', '"1.00"\nminimum = 50'))
    balances = step("YTH-002", "balances")["points"]
    allowed = [
        isinstance(ask(rules, basket(10_000), standing(points=int(balance)), ("spend", 50)), Quote)
        for balance in balances
    ]
    assert allowed == expected("YTH-002")["allowed"]


def test_osp_008_more_points_than_there_are_cannot_pay() -> None:
    balance = int(step("OSP-008", "card")["balance"])
    points = int(step("OSP-008", "sale")["pay_with_points"])
    amount = minor(step("OSP-008", "sale")["amount"])
    answer = ask(spending("1", "1.00"), basket(amount), standing(points=balance), ("spend", points))
    assert isinstance(answer, Refusal)
    assert answer.code is RefusalCode.INSUFFICIENT_UNITS
