"""Limits: budgets, seats and uses, as far as everybody shares them."""

from __future__ import annotations

from loyalty.holding.accounts import pool_account
from loyalty.journal.entry import Opened, Posting
from tests.hq.houses import House
from tests.hq.jobs.shops import shop
from tests.hq.programmes.programmes import till_of

LIMITED = """
[[budget]]
id = "all"
most = "1000.00"
[[budget]]
id = "daily"
most = "50.00"
per = "day"
scope = "store"
[[budget]]
id = "till"
most = "5.00"
scope = "till"
[[budget]]
id = "own"
most = "5.00"
scope = "member"
[[event]]
id = "evening"
names.en = "Evening"
seats = 30
[[rule]]
kind = "per_visit"
id = "visit"
units = 1
uses.in_all = 100
uses.budget = "all"
"""


def test_each_limit_says_what_is_used_of_it(any_house: House) -> None:
    till = shop(any_house, LIMITED)
    till_of(any_house, "S2", "Till 2")
    taken = {
        "budget.all": ("budget.all", 12_345),
        "budget.daily/20260302/S2": ("budget.daily", 700),
        "budget.daily/20260301/S2": ("budget.daily", 900),
        f"budget.till/{till.id.hex()}": ("budget.till", 42),
        "seats.evening": ("seats.evening", -4),
        "uses.visit": ("uses.visit", 7),
    }
    accounts = {pool: pool_account("club", pool) for pool in taken}
    till.add(
        "sale",
        *(Posting(account=accounts[pool], unit=unit, amount=amount) for pool, (unit, amount) in taken.items()),
        opens=tuple(Opened(account=account, kind="pool") for account in accounts.values()),
    )
    any_house.take(till)
    assert [(row.kind.value, row.id, row.where, row.used, row.most) for row in any_house.hq.limits.rows()] == [
        ("budget", "all", "", "123.45", "1000.00"),
        ("budget", "daily", "S1", "0.00", "50.00"),
        ("budget", "daily", "S2", "7.00", "50.00"),
        ("budget", "till", "S1/Till 1", "0.42", "5.00"),
        ("budget", "till", "S2/Till 2", "0.00", "5.00"),
        ("seats", "evening", "", "4", "30"),
        ("uses", "visit", "", "7", "100"),
    ]


def test_without_a_programme_nothing_is_limited(house: House) -> None:
    assert house.hq.limits.rows() == []
