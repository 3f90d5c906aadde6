"""A house whose till earned something, under a programme whose units end, whose tiers move and that gives by the date."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hq.accounts.holdings import holdings
from hq.jobs.values import Done, Job
from hq.programmes.values import When
from loyalty.holding.lots import lot_of
from loyalty.holding.standing import Holdings
from loyalty.journal.detail import DetailLine
from loyalty.journal.entry import Posting
from tests.hq.houses import House
from tests.hq.programmes.programmes import till_of
from tests.hq.tills import FakeTill

ALMATY = "Asia/Almaty"
HEAD = """
[programme]
id = "club"
label = "v1"
names.en = "The Club"
[currency]
code = "KZT"
"""


def shop(house: House, tables: str = "", *, store: str = "S1") -> FakeTill:
    """Publish a programme and pair a till in Almaty."""
    till = till_of(house, store, zone=ALMATY)
    house.hq.programmes.publish(HEAD + tables, "club.toml", When(new_store=True))
    return till


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def seconds(text: str) -> int:
    return int(instant(text).timestamp())


def units(account: bytes, amount: int, ends: str | None = None, unit: str = "points") -> Posting:
    """Units of an account, in a lot that ends at an instant."""
    lot = lot_of(None, seconds(ends)) if ends is not None else None
    return Posting(account=account, unit=unit, amount=amount, lot=lot)


def bought(
    till: FakeTill, member: bytes, day: str, amount_minor: int, category: str | None = None, **more: Any
) -> bytes:
    """A sale of one line without postings of its own unless they are given."""
    line = DetailLine(line=1, item="a", name="", category=category, quantity_milli=2_000, amount_minor=amount_minor)
    postings = more.pop("postings", ())
    return till.add(
        "sale",
        *postings,
        member=member,
        business_date=day,
        local_time=f"{day}T10:00:00+05:00",
        lines=(line,),
        **more,
    )


def held(house: House, account: bytes) -> Holdings:
    with house.hq.book.read() as connection:
        return holdings(connection, account)


def run(house: House, at: str, *only: Job) -> list[tuple[str, int]]:
    """Run jobs; gives each with what it changed."""
    return [(one.job.value, one.changed) for one in results(house, at, *only)]


def results(house: House, at: str, *only: Job) -> tuple[Done, ...]:
    house.clock.now = max(house.clock.now, instant(at))
    return house.hq.jobs.run(instant(at), only)


def tier(house: House, member: bytes) -> tuple[str | None, int | None]:
    (row,) = house.rows("SELECT tier, tier_until_s FROM member WHERE member_id = :own", own=member)
    return row[0], row[1]


def segments(house: House, member: bytes) -> str | None:
    ((found,),) = house.rows("SELECT segments FROM member WHERE member_id = :own", own=member)
    return None if found is None else str(found)


def kinds(house: House) -> list[str]:
    """The kinds of HQ's own entries, in their order."""
    found = house.rows(
        "SELECT entry.kind FROM entry JOIN terminal ON terminal.terminal_id = entry.terminal_id"
        " WHERE role = 'hq' ORDER BY sequence"
    )
    return [str(row[0]) for row in found]
