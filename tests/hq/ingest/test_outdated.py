"""Sales by an old programme or an old tier are posted as printed, and a person hears of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hq.programmes.values import When
from loyalty.journal.detail import DetailTier, StandingUsed
from loyalty.journal.entry import Posting
from tests.hq.houses import House
from tests.hq.tills import POINTS, FakeTill

SOURCE = """
[programme]
id = "club"
label = "{label}"
names.en = "Club"

[currency]
code = "KZT"
scale = 2

[[unit]]
id = "points"

[[rule]]
id = "points"
kind = "per_amount"
units = 1
per = "10.00"
"""


def publish(house: House, label: str, when: When | None = None) -> str:
    return house.hq.programmes.publish(SOURCE.format(label=label), "club.toml", when or When()).row.release.version


def sell(house: House, till: FakeTill, version: str | None, member: bytes | None = None, **detail: Any) -> bytes:
    postings = [Posting(account=member, unit=POINTS, amount=7)] if member is not None else []
    at = detail.pop("local_time", house.clock().isoformat())
    return till.add("sale", *postings, programme=version, member=member, local_time=at, **detail)


def raised(house: House) -> list[tuple[Any, ...]]:
    return house.rows("SELECT reason, sequence, entry_id, note FROM exception ORDER BY sequence, reason")


def test_a_till_that_sells_by_a_replaced_version_is_told_of_once(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    first = publish(any_house, "one")
    any_house.clock.pass_time(days=1)
    second = publish(any_house, "two")
    any_house.clock.pass_time(minutes=59)
    sell(any_house, till, first, member)  # by a quote from before
    any_house.take(till)
    assert raised(any_house) == []
    any_house.clock.pass_time(minutes=2)
    old = sell(any_house, till, first, member)
    any_house.clock.pass_time(minutes=1)
    sell(any_house, till, first, member)
    sell(any_house, till, second, member)
    any_house.take(till, 3)
    assert raised(any_house) == [("programme_old", 3, old, f"sold by {first}, and {second} was in force")]
    assert any_house.points(member) == 28


def test_what_came_late_is_judged_by_what_was_in_force_when_it_was_sold(any_house: House) -> None:
    till = any_house.till()
    till.enrol("7001")
    first = publish(any_house, "one")
    any_house.clock.pass_time(hours=2)
    sell(any_house, till, first)
    any_house.clock.pass_time(days=1)
    second = publish(any_house, "two")
    any_house.clock.pass_time(hours=2)
    sell(any_house, till, second)
    ahead = (any_house.clock() + timedelta(days=3)).isoformat()
    any_house.clock.pass_time(days=1)
    third = publish(any_house, "three", When(effective=any_house.clock() + timedelta(days=1)))
    sell(any_house, till, third, local_time=ahead)  # its clock is wrong
    any_house.take(till)
    assert raised(any_house) == []


def test_before_anything_was_released_no_version_is_old(any_house: House) -> None:
    till = any_house.till()
    sell(any_house, till, "f" * 32)
    publish(any_house, "one")
    any_house.take(till)
    assert raised(any_house) == []


def test_a_sale_by_a_tier_that_the_member_had_left_is_posted_and_told(any_house: House) -> None:
    till, other = any_house.till(), any_house.till("Till 2")
    member = till.enrol("7001")
    any_house.take(till)
    gold = StandingUsed(tier="gold", balances=(), as_of=None)
    sell(any_house, till, None, member, standing=StandingUsed(tier=None, balances=(), as_of=None))
    any_house.clock.pass_time(days=1)
    other.add("tier", member=member, tier=DetailTier(after="gold"), local_time=any_house.clock().isoformat())
    any_house.take(other)
    any_house.clock.pass_time(days=1)
    late = sell(any_house, till, None, member, standing=StandingUsed(tier=None, balances=((POINTS, 3),), as_of=None))
    sell(any_house, till, None, member, standing=gold)
    sell(any_house, till, None, member)
    sell(any_house, till, None, standing=gold)
    any_house.take(till, 2)
    assert raised(any_house) == [("tier_old", 3, late, "sold by tier -, and the member was in gold")]
    assert any_house.points(member) == 28
    other.add("tier", member=member, tier=DetailTier(before="gold"), local_time=any_house.clock().isoformat())
    any_house.take(other, 2)
    any_house.clock.pass_time(minutes=1)
    again = sell(any_house, till, None, member, standing=gold)
    any_house.take(till, 7)
    assert raised(any_house)[1:] == [("tier_old", 7, again, "sold by tier gold, and the member was in -")]
