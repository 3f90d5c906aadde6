"""Jobs over many members: page by page, in memory that does not grow with them."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from hq.jobs.values import Job
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


def filled(house: House, members: int) -> None:
    till = shop(house, TABLES)
    for number in range(members):
        member = till.enrol(f"8{number:07d}")
        postings = units(member, 10, JUNE), units(member, 500, None, "tier.progress")
        till.add("sale", *postings, member=member, lines=(LINE,))
    for first in range(1, len(till.entries) + 1, 500):
        house.take(till, first, min(first + 499, len(till.entries)))


def peak(house: House) -> dict[str, int]:
    """The most memory of each job, in bytes."""
    found = {}
    for job in (Job.EXPIRY, Job.TIERS, Job.OFFERS):
        tracemalloc.start()
        run(house, JUNE, job)
        found[job.value] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return found


def test_memory_does_not_grow_with_the_members(build: Callable[..., House], tmp_path: Path) -> None:
    few, many = build(data_dir=tmp_path / "few"), build(data_dir=tmp_path / "many")
    filled(few, 600)
    filled(many, MEMBERS)
    for house in (few, many):
        house.clock.now = instant(JUNE)
    run(few, JUNE, Job.SEGMENTS)
    assert run(many, JUNE, Job.SEGMENTS) == [("segments", MEMBERS)]
    less, more = peak(few), peak(many)
    assert {job: more[job] < 1.6 * less[job] for job in less} == dict.fromkeys(less, True), (less, more)
    assert many.rows("SELECT kind, count(*) FROM entry WHERE kind IN ('expire', 'tier', 'issue') GROUP BY kind") == [
        ("expire", MEMBERS),
        ("issue", MEMBERS),
        ("tier", MEMBERS),
    ]
