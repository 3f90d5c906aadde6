"""A programme run over a small past, counted by hand."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hq.simulation.past import Past, PastReturn
from hq.simulation.values import Benefit, Month, Redeeming, UnitFlow
from tests.hq.simulation.pasts import EARN, SPEND, back, programme, sale, simulated


def test_what_is_earned_and_never_redeemed_is_owed() -> None:
    found = simulated(programme(), [sale("1", "2026-01-10", "150.00"), sale("2", "2026-01-11", "20.50", None)])
    points = UnitFlow(earned=150, outstanding=150, liability_minor=150)
    assert found.months == (
        Month(
            month="2026-01",
            sales=2,
            sales_minor=17_050,
            member_sales=1,
            member_sales_minor=15_000,
            units={"points": points},
        ),
    )
    assert (found.cost_minor, found.liability_minor, found.burden_minor) == (0, 150, 150)
    assert list(found.benefits.values()) == [Benefit(received_minor=0, held_minor=150)]


def test_an_eager_member_redeems_at_the_next_sale() -> None:
    past = [sale("1", "2026-01-10", "250.00"), sale("2", "2026-02-01", "10.00")]
    found = simulated(programme(EARN + SPEND), past)
    january, february = found.months
    assert january.units == {"points": UnitFlow(earned=250, outstanding=250, liability_minor=250)}
    assert february.units == {"points": UnitFlow(earned=8, redeemed=200, outstanding=58, liability_minor=58)}
    assert (january.cost_minor, february.cost_minor) == (0, 200)
    assert found.rewards == {"spend": (1, 200)}


def test_nobody_redeems_where_that_is_assumed() -> None:
    past = [sale("1", "2026-01-10", "250.00"), sale("2", "2026-02-01", "10.00")]
    found = simulated(programme(EARN + SPEND), past, Redeeming.NEVER)
    assert (found.cost_minor, found.total("points", "redeemed"), found.liability_minor) == (0, 0, 260)


def test_what_the_host_took_off_the_basket_earns_nothing_here_either() -> None:
    credited = replace(sale("1", "2026-01-10", "100.00"), credit_minor=4_000)
    assert simulated(programme(), [credited]).total("points", "earned") == 60


def test_a_return_takes_back_what_was_earned_and_what_it_cost() -> None:
    tenth = '[[reward]]\nkind = "percent"\nid = "tenth"\npercent = "10"\n'
    past: list[Past] = [sale("1", "2026-01-10", "100.00"), back("1", "2026-01-12", 1000)]
    found = simulated(programme(EARN + tenth), past)
    (january,) = found.months
    assert january.cost_minor == 500
    assert january.units == {"points": UnitFlow(earned=90, reversed=45, outstanding=45, liability_minor=45)}


def test_a_return_of_a_redeemed_sale_gives_the_units_back() -> None:
    past: list[Past] = [sale("1", "2026-01-10", "250.00"), sale("2", "2026-01-11", "10.00"), back("2", "2026-01-12")]
    found = simulated(programme(EARN + SPEND), past)
    (january,) = found.months
    assert january.units["points"] == UnitFlow(earned=258, redeemed=0, reversed=8, outstanding=250, liability_minor=250)
    assert january.cost_minor == 0


def test_units_end_with_the_month_that_ends_them_also_where_nobody_came() -> None:
    rules = programme(unit='expires = "P1M"\nexpires_round_up = "month"')
    found = simulated(rules, [sale("1", "2026-01-10", "150.00"), sale("2", "2026-04-01", "1.00", None)])
    assert [(month.month, month.units.get("points", UnitFlow()).expired) for month in found.months] == [
        ("2026-01", 0),
        ("2026-02", 150),
        ("2026-03", 0),
        ("2026-04", 0),
    ]
    assert found.liability_minor == 0


def test_members_climb_tiers() -> None:
    tiers = '[tiers]\nby = "spend"\n[[tier]]\nid = "low"\nnames.en = "L"\n[[tier]]\nid = "high"\nfrom = "100.00"\nnames.en = "H"\n'
    past = [sale("1", "2026-01-10", "60.00"), sale("2", "2026-02-10", "60.00"), sale("3", "2026-02-11", "1.00", "bob")]
    found = simulated(programme(EARN + tiers), past)
    assert [month.tier_moves for month in found.months] == [{("", "low"): 1}, {("", "low"): 1, ("low", "high"): 1}]
    assert found.tiers == {"high": 1, "low": 1}


def test_a_coupon_is_used_at_the_next_sale_and_counts_as_cost() -> None:
    coupon = """
[[coupon]]
id = "next"
names.en = "Next"
[[rule]]
kind = "issue_coupon"
id = "issue"
coupon = "next"
when.least_spend = "50.00"
[[reward]]
kind = "percent"
id = "tenth"
coupon = "next"
percent = "10"
"""
    past = [sale("1", "2026-01-10", "60.00"), sale("2", "2026-01-11", "10.00"), sale("3", "2026-01-12", "10.00")]
    found = simulated(programme(EARN + coupon), past)
    assert found.rewards == {"tenth": (1, 100)}


def test_a_budget_is_told_by_its_fullest_pool() -> None:
    budget = '[[budget]]\nid = "b"\nmost = "3.00"\nper = "month"\n'
    spend = SPEND + 'uses.budget = "b"\n'
    past = [sale("1", "2026-01-10", "900.00"), sale("2", "2026-01-11", "2.00"), sale("3", "2026-01-12", "2.00")]
    found = simulated(programme(budget + EARN + spend), past)
    assert found.budgets == {"b": (200, 300)}


def test_only_the_sales_of_the_stores_that_are_asked_for_count() -> None:
    past = [sale("1", "2026-01-10", "10.00", store="a"), sale("2", "2026-01-10", "20.00", store="b")]
    found = simulated(programme(), past, stores=frozenset({"b"}))
    assert found.sales_minor == 2_000


def test_a_return_of_a_sale_that_is_not_there_changes_nothing() -> None:
    found = simulated(programme(), [sale("1", "2026-01-10", "10.00"), back("x", "2026-01-11")])
    assert found.total("points", "reversed") == 0


def test_a_receipt_that_the_programme_refuses_is_counted() -> None:
    at = datetime(2026, 1, 10, tzinfo=UTC)
    empty = sale("1", "2026-01-10", "10.00")
    broken = [PastReturn(sale="1", at=at, business_date=at.date(), lines=((9, 1),))]
    found = simulated(programme(), [empty, *broken])
    assert found.refused == {"line_unknown": 1}


amounts = st.integers(1, 20_000)


@given(st.lists(st.tuples(amounts, st.sampled_from(["ann", "bob", None]), st.booleans()), max_size=12))
def test_units_are_conserved_whatever_happens(rows: list[tuple[int, str | None, bool]]) -> None:
    past: list[Past] = []
    for number, (amount, member, returned) in enumerate(rows):
        day = f"2026-{number // 4 + 1:02}-{number + 1:02}"
        past.append(sale(str(number), day, f"{amount // 100}.{amount % 100:02}", member))
        if returned:
            past.append(back(str(number), day, 1000))
    found = simulated(programme(EARN + SPEND, unit='expires = "P1M"'), past)
    flows = {name: found.total("points", name) for name in ("earned", "redeemed", "expired", "reversed")}
    held = found.months[-1].units["points"].outstanding if found.months and found.months[-1].units else 0
    assert flows["earned"] == held + flows["redeemed"] + flows["expired"] + flows["reversed"]


def test_a_member_who_stays_away_loses_what_idles() -> None:
    rules = programme(unit='expires_when_idle = "P2M"')
    past = [sale("1", "2026-01-10", "150.00"), sale("2", "2026-05-01", "1.00", None)]
    found = simulated(rules, past)
    assert [month.units["points"].expired for month in found.months] == [0, 0, 150, 0, 0]


def test_a_tier_is_lost_at_a_review_when_the_window_no_longer_holds_enough() -> None:
    tiers = '[tiers]\nby = "spend"\nwindow = "P1M"\n[[tier]]\nid = "low"\nnames.en = "L"\n'
    high = '[[tier]]\nid = "high"\nfrom = "100.00"\nnames.en = "H"\n'
    past = [sale("1", "2026-01-10", "160.00"), sale("2", "2026-04-10", "1.00", None)]
    found = simulated(programme(EARN + tiers + high), past)
    assert [month.tier_moves for month in found.months] == [{("", "high"): 1}, {("high", "low"): 1}, {}, {}]


def test_a_segment_is_counted_at_the_end_of_each_month() -> None:
    big = """
[[segment]]
id = "big"
names.en = "Big"
window = "P1M"
least_spend = "100.00"
[[reward]]
kind = "percent"
id = "tenth"
percent = "10"
when.segments = ["big"]
"""
    past = [sale("1", "2026-01-10", "150.00"), sale("2", "2026-02-10", "10.00"), sale("3", "2026-03-10", "10.00")]
    assert simulated(programme(EARN + big), past).rewards == {"tenth": (1, 100)}
    returned: list[Past] = [past[0], back("1", "2026-01-12"), *past[1:]]
    assert simulated(programme(EARN + big), returned).rewards == {}
