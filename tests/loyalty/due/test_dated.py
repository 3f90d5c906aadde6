"""What HQ gives by the date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from loyalty.due.dated import ask_dated, dated_heads, occasion
from loyalty.holding.standing import Standing
from loyalty.holding.units import used_unit
from loyalty.moment import Moment
from tests.loyalty.shop import MEMBER, programme

RULES = """
[[coupon]]
id = "cake"
names.en = "Cake"
[[rule]]
kind = "issue_coupon"
id = "birthday"
coupon = "cake"
priority = 5
when.action = "hq"
when.birthday_days_before = 3
when.birthday_days_after = 3
[[rule]]
kind = "per_action"
id = "away"
units = 50
when.action = "hq"
when.absent_days = 30
uses.per_member = 1
[[rule]]
kind = "per_action"
id = "welcome"
units = 5
when.action = "hq"
when.joined_within_days = 7
[[rule]]
kind = "per_action"
id = "rating"
units = 1
when.action = "feedback"
[[rule]]
kind = "per_visit"
id = "visit"
units = 1
"""


def at(day: date) -> Moment:
    return Moment(at=datetime(day.year, day.month, day.day, 3, tzinfo=UTC), business_date=day)


def given(day: date, **known: Any) -> dict[str, tuple[int, int]]:
    """Rule to (points, coupons) of what is due on a day."""
    rules, standing = programme(RULES), Standing(member=MEMBER, **known)
    found = {head.id: ask_dated(rules, head, standing, at(day), {}) for head in dated_heads(rules)}
    return {rule: (one.earned("points"), len(one.issues)) for rule, one in found.items() if one is not None}


def test_only_rules_that_ask_for_it_are_hqs() -> None:
    assert [head.id for head in dated_heads(programme(RULES))] == ["away", "welcome", "birthday"]


def test_each_is_given_when_its_conditions_hold() -> None:
    assert given(date(2026, 6, 1)) == {}  # nothing is known, and so nothing is welcomed day after day
    assert given(date(2026, 6, 1), joined_on=date(2026, 5, 30)) == {"welcome": (5, 0)}
    assert given(date(2026, 6, 1), birthday=(6, 4), joined_on=date(2020, 1, 1)) == {"birthday": (0, 1)}
    assert given(date(2026, 6, 1), last_visit_on=date(2026, 5, 2), joined_on=date(2020, 1, 1)) == {"away": (50, 0)}
    used = ((used_unit("away"), 1),)
    assert given(date(2026, 6, 1), last_visit_on=date(2026, 5, 2), joined_on=date(2020, 1, 1), balances=used) == {}


@pytest.mark.parametrize(
    ("rule", "known", "today", "named"),
    [
        ("birthday", {"birthday": (6, 4)}, date(2026, 6, 1), date(2026, 6, 4)),
        ("birthday", {"birthday": (6, 4)}, date(2026, 6, 7), date(2026, 6, 4)),
        ("birthday", {"birthday": (1, 1)}, date(2026, 12, 30), date(2027, 1, 1)),
        ("birthday", {"birthday": (2, 29)}, date(2026, 2, 27), date(2026, 2, 28)),
        ("away", {"last_visit_on": date(2026, 5, 2)}, date(2026, 6, 30), date(2026, 5, 2)),
        ("welcome", {"joined_on": date(2026, 6, 28)}, date(2026, 6, 30), date(2026, 6, 28)),
        ("away", {}, date(2026, 6, 30), date(2026, 6, 30)),
    ],
)
def test_an_occasion_has_one_day_however_often_it_is_looked_at(
    rule: str, known: dict[str, Any], today: date, named: date
) -> None:
    head = next(one for one in dated_heads(programme(RULES)) if one.id == rule)
    assert occasion(head, Standing(member=MEMBER, **known), today) == named


def test_a_tier_that_is_reached_counts_before_hq_has_said_so() -> None:
    rules = programme(
        '[[tier]]\nid = "gold"\nnames.en = "Gold"\nfrom = "1.00"\n[tiers]\nby = "spend"\n'
        '[[rule]]\nkind = "per_action"\nid = "gift"\nunits = 9\nwhen.action = "hq"\nwhen.tiers = ["gold"]'
    )
    (head,) = dated_heads(rules)
    low = Standing(member=MEMBER)
    assert ask_dated(rules, head, low, at(date(2026, 6, 1)), {}) is None
    high = replace(low, balances=(("tier.progress", 100),))
    found = ask_dated(rules, head, high, at(date(2026, 6, 1)), {})
    assert found is not None
    assert found.earned("points") == 9
