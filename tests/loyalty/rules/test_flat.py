"""Units for a visit, for an action, and on top."""

import pytest

from loyalty.explain import Message, Names, Units, message
from loyalty.holding.standing import Standing
from loyalty.holding.units import VISITS, used_unit
from loyalty.quote import Ask, Quote, quote
from tests.loyalty.shop import GOLD, MEMBER, NOW, at, basket, earned, programme, quoted, sold, standing

PLAIN = '[[rule]]\nkind = "per_amount"\nid = "earn"\nunits = 1\nper = "1.00"\n'


def flat(kind: str, units: int = 10, more: str = "") -> str:
    return f'[[rule]]\nkind = "{kind}"\nid = "flat"\nunits = {units}\n{more}\n'


def points(amount: int) -> Units:
    return Units(amount=amount, scale=0, names=None)


def said(rules: str) -> tuple[Message, ...]:
    [award] = quoted(programme(rules), basket(100)).awards
    return award.because


def test_a_visit_gives_the_same_whatever_it_costs() -> None:
    rules = programme(flat("per_visit"))
    assert [earned(rules, amount) for amount in (0, 1, 10**9)] == [10, 10, 10]
    assert said(flat("per_visit")) == (message("explain.per_visit", units=points(10)),)


def test_a_visit_may_need_some_goods_and_their_lines_share_in_it() -> None:
    rules = programme(flat("per_visit", more='categories = ["tea"]'))
    assert earned(rules, 500) == 0
    [award] = quoted(rules, basket(sold(1, 300, category="tea"), sold(2, 500), sold(3, 700, category="tea"))).awards
    assert (award.amount, award.bases) == (10, ((1, 300), (3, 700)))
    [award] = quoted(rules, basket(sold(1, 0, category="tea"))).awards
    assert (award.amount, award.bases) == (10, ((1, 1),))
    [award] = quoted(rules, basket(500)).awards
    assert award.because == (message("explain.nothing_excluded"),)


def test_a_visit_is_multiplied_and_an_addition_is_not() -> None:
    assert earned(programme(flat("per_visit") + GOLD), 100, member=standing("gold")) == 15
    assert earned(programme(flat("per_visit", more="multiplied = false") + GOLD), 100, member=standing("gold")) == 10
    assert earned(programme(PLAIN + flat("add") + GOLD), 1_000, member=standing("gold")) == 25


def test_an_addition_stands_on_top_of_what_other_rules_give() -> None:
    rules = programme(PLAIN + flat("add", 50, 'names.en = "Tea week"\ncategories = ["tea"]\nwhen.least_spend = "9.00"'))
    answer = quoted(rules, basket(sold(1, 1_000, category="tea")))
    assert [(award.rule, award.amount) for award in answer.awards] == [("earn", 10), ("flat", 50)]
    name = Names(by_language=(("en", "Tea week"),))
    assert answer.awards[1].because == (message("explain.named_award", units=points(50), rule=name),)
    assert earned(rules, sold(1, 800, category="tea")) == 8
    assert said(flat("add")) == (message("explain.added", units=points(10)),)


@pytest.mark.parametrize(
    ("action", "word"),
    [("sign_up", "sign_up"), ("feedback", "feedback"), ("check_in", "check_in"), ("jump", "other")],
)
def test_an_action_with_a_sale_gives_its_units_and_no_line_shares_in_them(action: str, word: str) -> None:
    rules = programme(flat("per_action", more=f'when.action = "{action}"'))
    answer = quote(rules, basket(100), standing(), NOW, Ask(actions=(action,)))
    assert isinstance(answer, Quote)
    [award] = answer.awards
    assert (award.amount, award.bases) == (10, ())
    assert award.because == (message(f"explain.action_{word}", units=points(10)),)
    assert earned(rules, 100, member=standing()) == 0


def test_the_first_and_the_nth_purchase_count_by_visits() -> None:
    rules = programme(
        flat("add", more="when.first_purchase = true")
        + flat("add", 5, "when.nth_visit = 3").replace('"flat"', '"third"')
        + flat("add", 2, "when.every_nth_visit = 2").replace('"flat"', '"even"')
    )
    got = []
    for visits in range(5):
        member = Standing(member=MEMBER, balances=((VISITS, visits),))
        answer = quoted(rules, basket(100), member)
        got.append(answer.earned("points"))
        [count] = [count for count in answer.counts if count.unit == VISITS]
        assert (count.pool, count.amount, count.stays) == (None, 1, False)
    assert got == [10, 2, 5, 2, 0]
    assert earned(rules, 100) == 0, "without a member nobody counts"


def test_uses_bound_how_often_and_are_counted() -> None:
    rules = programme(flat("per_visit", more="uses.per_day = 1\nuses.per_member = 2\nuses.in_all = 100"))
    answer = quote(rules, basket(100), standing(), at("2026-02-03T12:00"))
    assert isinstance(answer, Quote)
    assert [(count.pool, count.unit, count.amount) for count in answer.counts] == [
        (None, used_unit("flat"), 1),
        (None, used_unit("flat", "20260203"), 1),
        ("uses.flat", "uses.flat", 1),
    ]
    for balances in ({used_unit("flat", "20260131"): 1}, {used_unit("flat"): 2}):
        member = Standing(member=MEMBER, balances=tuple(balances.items()))
        answer = quoted(rules, basket(100), member)
        assert answer.earned("points") == 0
        assert [one.message for one in answer.missed] == [message("explain.missing_used_up")]
