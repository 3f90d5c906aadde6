"""What so many steps of a unit may buy at most, and what a programme may cost tills without HQ."""

from __future__ import annotations

import pytest

from loyalty.authoring.exposure import worst_case, worth_minor
from loyalty.programme.reader import read_programme

HEAD = """
[programme]
id = "club"
label = "1"
names.en = "Club"

[currency]
code = "KZT"
scale = 2

[[unit]]
id = "points"
value = "0.50"

[[unit]]
id = "gift"
kind = "money"
scale = 2
names.en = "Gift card"
holder = "card"

[[item]]
id = "mug"
names.en = "Mug"
"""
OFF = '[[reward]]\nid = "off"\nkind = "points_discount"\ncost = 10\ndiscount = "100.00"\n'
MUG = (
    '[[reward]]\nid = "mug"\nkind = "gift"\nnames.en = "A mug"\nitems = ["mug"]\ncost = 15\nvalue = "500.00"\n'
    'stock = true\noffline = "cap"\nuses.in_all = 9\n'
)
PAY = '[[reward]]\nid = "pay"\nkind = "tender"\nnames.en = "Gift card"\nunit = "gift"\noffline = "cap"\n'
TENTH = '[[reward]]\nid = "tenth"\nkind = "percent"\nnames.en = "Ten"\ncost = 5\npercent = 10\noffline = "cap"\n'


@pytest.mark.parametrize(
    ("rewards", "unit", "steps", "worth"),
    [
        ("", "points", 3, 150),
        (OFF, "points", 10, 10_000),
        (OFF, "points", 1, 1_000),
        (OFF + MUG, "points", 10, 33_334),
        (OFF + TENTH, "points", 10, None),
        (OFF + TENTH + "most = '20.00'\n", "points", 10, 10_000),
        (TENTH + "most = '20.00'\n", "points", 10, 4_000),
        (MUG, "stock.mug", 2_000, 100_000),
        (MUG, "uses.mug", 2, 100_000),
        (PAY, "gift", 1_234, 1_234),
        (PAY, "budget.any", 77, 77),
        (PAY, "coupon.any", 1, None),
        (PAY, "seats.any", 1, None),
    ],
)
def test_what_is_held_is_worth_what_the_best_reward_gives_for_it(
    rewards: str, unit: str, steps: int, worth: int | None
) -> None:
    assert worth_minor(read_programme(HEAD + rewards, "club.toml"), unit, steps) == worth


def test_the_chain_costs_its_days_limits_at_worst() -> None:
    floors = '[offline]\nfloor_per_sale = "5.00"\nfloor_per_member = "2.00"\nfloor_per_till_day = "3.00"\n'
    worst = worst_case(read_programme(HEAD + floors + OFF, "club.toml"), tills=4, days=2)
    figures = (worst.per_sale_minor, worst.per_member_minor, worst.per_till_day_minor, worst.chain_minor)
    assert figures == (300, 800, 300, 2_400)
    free = worst_case(read_programme(HEAD + OFF, "club.toml"), tills=4, days=2)
    assert (free.chain_minor, free.unbounded) == (None, ("off",))
