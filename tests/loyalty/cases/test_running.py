"""Running cases: what a runner must notice, refuse and never let pass."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loyalty.cases.reading import read_cases
from loyalty.cases.run import Outcome, run_case
from loyalty.cases.world import CaseFault
from loyalty.reading.problems import BadFile

EARN = {"rule": [{"kind": "per_amount", "id": "earn", "units": 1, "per": "1.00"}]}
LINE = {"item": "A", "price": "10.00"}
SALE = {"do": "sale", "id": "s", "member": "anna", "lines": [LINE]}


def run(*steps: dict[str, Any], **more: Any) -> list[Outcome]:
    content = {"id": "x", "programme": EARN, "members": [{"id": "anna"}], "steps": list(steps), **more}
    [case] = read_cases(json.dumps(content), "x.json")
    return list(run_case(case, ZoneInfo(case.zone)))


def differences(*steps: dict[str, Any], **more: Any) -> list[tuple[str, str, str, str]]:
    return [
        (one.step, one.key, one.expected, one.got) for outcome in run(*steps, **more) for one in outcome.differences
    ]


def test_an_action_draws_from_what_is_limited_for_everybody_and_keeps_the_tier() -> None:
    rule = {"kind": "per_action", "id": "rate", "units": 5, "when": {"action": "feedback"}, "uses": {"in_all": 1}}
    rules = {"rule": [rule], "tier": [{"id": "gold"}]}
    members = [{"id": "anna", "tier": "gold"}, {"id": "ben"}]
    steps = [
        {
            "do": "action",
            "member": member,
            "action": "feedback",
            "expect": {"balances": {"points": points}, "tier": tier},
        }
        for member, points, tier in (("anna", "5", "gold"), ("ben", "0", ""))
    ]
    assert differences(*steps, programme=rules, members=members) == []


def test_coupons_by_hand_begin_as_their_kind_says() -> None:
    coupon = {"id": "c", "usable_after_days": 1, "lasts": "P1D"}
    reward = {"kind": "percent", "id": "ten", "percent": 10, "coupon": "c"}
    shown = {"do": "quote", "lines": [LINE], "coupons": ["X"]}
    steps: list[dict[str, Any]] = [
        {"do": "issue", "coupon": "c", "codes": ["X"]},
        {**shown, "expect": {"turned_down": {"X": "coupon_not_yet"}}},
        {**shown, "after": "P1D", "expect": {"turned_down": {"X": ""}, "total": "9.00"}},
        {**shown, "after": "P1D", "expect": {"turned_down": {"X": "coupon_expired"}}},
    ]
    assert differences(*steps, programme={**EARN, "coupon": [coupon], "reward": [reward]}) == []


def expecting(**expect: Any) -> list[tuple[str, str, str, str]]:
    return differences({**SALE, "expect": expect})


def test_what_comes_as_expected_is_no_difference() -> None:
    assert expecting(total="10", earned={"points": "10.0"}, balances={"points": "10"}, refused="", recorded=True) == []


@pytest.mark.parametrize(
    ("expect", "difference"),
    [
        ({"total": "10.01"}, ("s", "total", "10.01", "10.00")),
        ({"total": "-10"}, ("s", "total", "-10", "10.00")),
        ({"earned": {"points": "9"}}, ("s", "earned.points", "9", "10")),
        ({"earned": {"stars": "1"}}, ("s", "earned.stars", "1", "nothing")),
        ({"refused": "basket_empty"}, ("s", "refused", "basket_empty", '""')),
        ({"recorded": False}, ("s", "recorded", "false", "true")),
        ({"entries": 2}, ("s", "entries", "2", "1")),
        ({"rewards": {"ten": {"applied": True}}}, ("s", "rewards.ten.applied", "true", "nothing")),
        ({"changes": {"points": ["5", "5"]}}, ("s", "changes.points", "[5, 5]", "[10]")),
        ({"lines": {"1": {"total": "9"}}}, ("s", "lines.1.total", "9", "10.00")),
        ({"lines": {"2": {"total": "9"}}}, ("s", "lines.2.total", "9", "nothing")),
        ({"subtotals": [{"lines": [1], "total": "9"}]}, ("s", "subtotals[1].total", "9", "10.00")),
        ({"tier": "gold"}, ("s", "tier", "gold", '""')),
        ({"gift_cards": {"G": "1"}}, ("s", "gift_cards.G", "1", "0")),
        ({"revenue": "1"}, ("s", "revenue", "1", "nothing")),
        ({"says": ["explain.nothing_like_it"]}, None),
    ],
)
def test_what_comes_otherwise_is_a_difference(expect: dict[str, Any], difference: Any) -> None:
    found = expecting(**expect)
    assert len(found) == 1
    assert difference is None or found == [difference]


def test_a_refusal_that_is_not_expected_is_a_difference() -> None:
    assert differences({**SALE, "lines": []}) == [("s", "refused", '""', "basket_empty")]
    assert differences({**SALE, "lines": [], "expect": {"refused": "basket_empty", "recorded": False}}) == []
    back = {"do": "return", "of": "s", "lines": [{"line": 7, "quantity": "1"}]}
    assert differences(SALE, back) == [("2", "refused", '""', "line_unknown")]


def test_a_figure_that_did_not_come_counts_as_zero() -> None:
    assert expecting(earned={"stars": "0"}, rewards={"ten": {"applied": False, "discount": "0.00"}}) == []


def test_a_quote_keeps_nothing_but_says_how_accounts_would_stand() -> None:
    quote = {**SALE, "do": "quote", "expect": {"balances": {"points": "10"}, "recorded": False, "entries": 1}}
    after = {"do": "look", "expect": {"members": {"anna": {"balances": {"points": "0"}}}, "entries": 0}}
    assert differences(quote, after) == []


def test_a_retry_changes_nothing() -> None:
    again = {"do": "retry", "of": "s", "expect": {"recorded": False, "balances": {"points": "10"}, "entries": 1}}
    assert differences(SALE, again) == []


def test_steps_are_done_as_often_as_they_say() -> None:
    assert differences({**SALE, "repeat": 3, "expect": {"balances": {"points": "30"}, "entries": 3}}) == []


def test_a_variant_runs_from_the_beginning_under_its_own_switch() -> None:
    variant = {"id": "two", "change": {"rule.earn.units": 2}, "expect": {"s": {"earned": {"points": "20"}}}}
    outcomes = run({**SALE, "expect": {"earned": {"points": "10"}}}, variants=[variant])
    assert [(outcome.id, outcome.passed) for outcome in outcomes] == [("x", True), ("x/two", True)]


def test_a_variant_that_changes_nothing_is_noticed_by_its_figures() -> None:
    variant = {"id": "same", "expect": {"s": {"earned": {"points": "20"}}}}
    assert [outcome.passed for outcome in run(SALE, variants=[variant])] == [True, False]


def test_deferred_steps_are_not_run_and_told() -> None:
    step = {**SALE, "deferred": {"to": "ledger", "reason": "two tills"}, "expect": {"total": "99"}}
    [outcome] = run(step, {"do": "look", "expect": {"entries": 0}})
    assert outcome.passed
    assert [(name, deferred.to) for name, deferred in outcome.deferred] == [("s", "ledger")]


def test_a_return_uses_the_version_of_the_sale() -> None:
    changed = {"do": "publish", "change": {"rule.earn.units": 5}}
    back = {"do": "return", "of": "s", "expect": {"net": {"points": "-10"}, "balances": {"points": "0"}}}
    assert differences(SALE, changed, back) == []


@pytest.mark.parametrize(
    "step",
    [
        {**SALE, "member": "nobody"},
        {"do": "adjust", "unit": "points", "amount": "1"},
        {"do": "adjust", "unit": "points", "amount": "1", "member": "anna", "gift_card": "G"},
        {"do": "adjust", "unit": "points", "amount": "0.5", "member": "anna"},
        {"do": "issue", "coupon": "none", "codes": ["C"]},
        {**SALE, "at": "2020-01-01"},
        {**SALE, "after": "P1H"},
    ],
)
def test_what_cannot_be_is_a_fault_of_the_case(step: dict[str, Any]) -> None:
    with pytest.raises(CaseFault):
        run(step)


def test_only_what_was_sold_comes_back() -> None:
    look = {"do": "look", "id": "l"}
    with pytest.raises(CaseFault):
        run(look, {"do": "void", "of": "l"})
    with pytest.raises(CaseFault):
        run(SALE, {"do": "commit", "of": "s"})


@pytest.mark.parametrize("change", [{"rule.other.units": 2}, {"policies.a.b.c": 1}, {"currency.code": "lower"}])
def test_a_change_that_leads_nowhere_is_told(change: dict[str, Any]) -> None:
    with pytest.raises(BadFile):
        run(SALE, variants=[{"id": "v", "change": change}])
