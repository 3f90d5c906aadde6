"""Jobs over many members: page by page, so that memory does not grow with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection

import pytest
from sqlalchemy import Connection

from hq.accounts.holdings import holdings_of
from hq.jobs import expiry, members
from hq.jobs.values import PAGE, Job
from loyalty.holding.standing import Holdings
from loyalty.journal.detail import DetailLine
from tests.hq.houses import House
from tests.hq.jobs.shops import instant, run, shop, units

MEMBERS = int(os.environ.get("MEMBERS", "1800"))
"""``MEMBERS=100000`` for the long run."""
JUNE = "2026-06-01T00:00+05:00"
TABLES = """
[[tier]]
id = "gold"
names.en = "Gold"
from = "1.00"
[tiers]
by = "spend"
[[segment]]
id = "buyers"
names.en = "Buyers"
least_visits = 1
[[rule]]
kind = "per_action"
id = "come-back"
units = 7
when.action = "hq"
when.absent_days = 30
"""
LINE = DetailLine(line=1, item="a", name="", category="bread", quantity_milli=1_000, amount_minor=900)


def filled(house: House, count: int) -> None:
    till = shop(house, TABLES)
    for number in range(count):
        member = till.enrol(f"8{number:07d}")
        postings = units(member, 10, JUNE), units(member, 500, None, "tier.progress")
        till.add("sale", *postings, member=member, lines=(LINE,))
    for first in range(1, len(till.entries) + 1, 500):
        house.take(till, first, min(first + 499, len(till.entries)))


def test_no_job_looks_at_more_than_a_page_at_once(build: Callable[..., House], monkeypatch: pytest.MonkeyPatch) -> None:
    house = build()
    filled(house, MEMBERS)
    house.clock.now = instant(JUNE)
    sizes: list[int] = []

    def counted(connection: Connection, accounts: Collection[bytes]) -> dict[bytes, Holdings]:
        sizes.append(len(accounts))
        return holdings_of(connection, accounts)

    for module in (expiry, members):
        monkeypatch.setattr(module, "holdings_of", counted)
    assert run(house, JUNE) == [(job.value, 0 if job in (Job.LEASES, Job.FEED) else MEMBERS) for job in Job]
    assert max(sizes) == PAGE
    kinds = "SELECT kind, count(*) FROM entry WHERE kind IN ('expire', 'tier', 'issue') GROUP BY kind"
    assert house.rows(kinds) == [("expire", MEMBERS), ("issue", MEMBERS), ("tier", MEMBERS)]
