"""A draft beside the programme in force."""

import json

import pytest

from hq.simulation.compare import BreakEven, compare
from hq.simulation.figures import as_json
from tests.hq.simulation.pasts import EARN, SPEND, programme, sale, simulated

PAST = [sale("1", "2026-01-10", "250.00"), sale("2", "2026-02-01", "10.00"), sale("3", "2026-02-02", "5.00", "bob")]
DOUBLE = EARN.replace("units = 1", "units = 2")


def test_who_wins_and_who_loses_is_told_by_member() -> None:
    found = compare(simulated(programme(DOUBLE), PAST), simulated(programme(label="now"), PAST), (20,))
    assert (found.winners, found.losers, found.same) == (2, 0, 0)
    assert [one.change_minor for one in found.most_won] == [260, 5]
    other = compare(simulated(programme(label="now"), PAST), simulated(programme(DOUBLE), PAST), (20,))
    assert [one.change_minor for one in other.most_lost] == [-260, -5]


def test_the_break_even_says_what_more_would_have_to_be_sold() -> None:
    draft, current = simulated(programme(DOUBLE), PAST), simulated(programme(label="now"), PAST)
    found = compare(draft, current, (20, 50))
    assert found.extra_minor == 265
    assert found.break_even == (
        BreakEven(margin_percent=20, sales_minor=1_325, permille=50),
        BreakEven(margin_percent=50, sales_minor=530, permille=20),
    )


def test_a_cheaper_draft_needs_no_growth() -> None:
    found = compare(simulated(programme(), PAST), simulated(programme(DOUBLE, label="now"), PAST), (30,))
    assert found.break_even == (BreakEven(margin_percent=30, sales_minor=0, permille=0),)


def test_without_a_programme_in_force_all_that_the_draft_gives_is_new() -> None:
    found = compare(simulated(programme(EARN + SPEND), PAST), None, (100,))
    assert found.extra_minor == found.draft.cost_minor + found.draft.liability_minor == 200 + 63


def test_an_empty_past_divides_by_nothing() -> None:
    found = compare(simulated(programme(), []), None, (10,))
    assert (found.extra_minor, found.break_even[0].permille) == (0, 0)


@pytest.mark.parametrize("margin", [0, 101])
def test_a_margin_beyond_the_possible_is_the_callers_bug(margin: int) -> None:
    with pytest.raises(ValueError, match="margin"):
        compare(simulated(programme(), []), None, (margin,))


def test_the_figures_are_plain_json() -> None:
    found = compare(simulated(programme(EARN + SPEND), PAST), simulated(programme(label="now"), PAST), (20,))
    told = json.loads(json.dumps(as_json(found)))
    assert told["draft"]["months"][1]["units"]["points"]["redeemed"] == 200
    assert told["current"]["label"] == "now"
    assert told["members"]["winners"] + told["members"]["losers"] + told["members"]["same"] == 2
