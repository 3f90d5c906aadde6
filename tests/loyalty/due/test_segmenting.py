"""Who is in which segment."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from loyalty.due.segmenting import Figures, came_back, is_in, segments_of
from loyalty.explain import Names
from loyalty.holding.periods import Period
from loyalty.journal.detail import DetailLine
from loyalty.parts.segments import Segment

TODAY = date(2026, 6, 30)
NAMES = Names(by_language=(("en", "S"),))


def segment(segment_id: str = "s", **bounds: Any) -> Segment:
    return Segment(id=segment_id, names=NAMES, **bounds)


@pytest.mark.parametrize(
    ("bounds", "figures", "inside"),
    [
        ({"least_spend_minor": 100}, {"spend_minor": 100}, True),
        ({"least_spend_minor": 100}, {"spend_minor": 99}, False),
        ({"least_spend_minor": 100, "most_spend_minor": 200}, {"spend_minor": 201}, False),
        ({"most_visits": 2}, {"visits": 2}, True),
        ({"least_visits": 1, "most_visits": 2}, {}, False),
        ({"absent_days": 30}, {"last_visit_on": date(2026, 5, 31)}, True),
        ({"absent_days": 30}, {"last_visit_on": date(2026, 6, 1)}, False),
        ({"absent_days": 30}, {}, False),
        ({"joined_within_days": 1}, {"joined_on": TODAY}, True),
        ({"joined_within_days": 1}, {"joined_on": date(2026, 6, 29)}, False),
        ({"joined_within_days": 1}, {}, False),
        ({"favourite_category": "bread"}, {"spend_by_category": {"bread": 5, "milk": 5}}, True),
        ({"favourite_category": "milk"}, {"spend_by_category": {"bread": 5, "milk": 5}}, False),
        ({"favourite_category": "bread"}, {"spend_by_category": {"bread": 0}}, False),
        ({"external": True}, {}, False),
    ],
)
def test_every_bound_must_hold(bounds: dict[str, Any], figures: dict[str, Any], inside: bool) -> None:
    assert is_in(segment(**bounds), Figures(**figures), TODAY) is inside


def test_each_segment_is_counted_in_its_own_window_and_external_ones_stay() -> None:
    month = Period(months=1)
    known = [
        segment("ever", least_spend_minor=100),
        segment("now", least_spend_minor=100, window=month),
        segment("vip", external=True),
        segment("friends", external=True),
    ]
    figures = {None: Figures(spend_minor=150), month: Figures(spend_minor=50)}
    assert segments_of(known, figures, ("gone", "now", "vip"), TODAY) == ("ever", "vip")
    assert segments_of(known, {}, (), TODAY) == ()


def test_what_came_back_counts_by_category_rounded_down_line_by_line() -> None:
    lines = tuple(
        DetailLine(line=number, item="i", name="", category=category, quantity_milli=3_000, amount_minor=100)
        for number, category in ((1, "tea"), (2, "tea"), (3, None))
    )
    assert came_back(lines, [(1, 1_000), (2, 2_000), (3, 3_000), (9, 1_000)]) == {"tea": 33 + 66, None: 100}
