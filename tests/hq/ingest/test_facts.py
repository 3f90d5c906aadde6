"""What a till says of itself in its hello is kept, written only where it is news, and never forgotten for nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sync.protocol.values import TillFacts
from tests.hq.houses import House
from tests.hq.tills import FakeTill


def hello(house: House, till: FakeTill, **facts: Any) -> None:
    house.hq.ingest.hello(house.known(till), replace(till.hello(), facts=TillFacts(**facts)))


def kept(house: House) -> list[tuple[Any, ...]]:
    return house.rows("SELECT zone, programme, unreadable, told_at_ms FROM till_facts")


def test_facts_are_kept_and_noted_anew_only_where_they_change(any_house: House) -> None:
    house, till = any_house, any_house.till()
    hello(house, till, zone="Asia/Almaty", programme="a" * 32)
    [first] = kept(house)
    house.clock.pass_time(minutes=5)
    hello(house, till, zone="Asia/Almaty", programme="a" * 32)
    assert kept(house) == [first] == [("Asia/Almaty", "a" * 32, None, first[3])]
    hello(house, till, zone="Asia/Almaty", programme="a" * 32, unreadable="b" * 32)
    assert kept(house) == [("Asia/Almaty", "a" * 32, "b" * 32, first[3] + 300_000)]
    hello(house, till, zone="Asia/Almaty", programme="b" * 32)
    assert kept(house)[0][:3] == ("Asia/Almaty", "b" * 32, None)


def test_a_clock_that_is_off_is_told_to_a_person_each_time_that_it_begins(any_house: House) -> None:
    house, till = any_house, any_house.till()

    def told() -> list[tuple[Any, ...]]:
        return house.rows("SELECT state, note FROM exception WHERE reason = 'clock_off'")

    hello(house, till, zone="Asia/Almaty", programme="a" * 32)
    assert told() == []
    for ahead_s in (-86_400, -86_460):
        hello(house, till, zone="Asia/Almaty", programme="a" * 32, clock_ahead_s=ahead_s)
    assert told() == [("open", "the till's clock was 86400 seconds behind HQ's")]
    with house.hq.book.write() as connection:
        connection.exec_driver_sql("UPDATE exception SET state = 'settled'")
    hello(house, till, zone="Asia/Almaty", programme="a" * 32, clock_ahead_s=-86_460)
    assert told()[0][0] == "settled"
    hello(house, till, zone="Asia/Almaty", programme="a" * 32)
    hello(house, till, zone="Asia/Almaty", programme="a" * 32, clock_ahead_s=301)
    assert told() == [("open", "the till's clock was 301 seconds ahead of HQ's")]


def test_an_older_program_says_nothing_and_takes_nothing_away(house: House) -> None:
    till = house.till()
    hello(house, till)
    assert kept(house) == []
    hello(house, till, zone="Asia/Almaty", programme="a" * 32)
    hello(house, till)
    assert kept(house)[0][:2] == ("Asia/Almaty", "a" * 32)


def test_a_zone_that_is_none_is_no_fault(house: House) -> None:
    till = house.till()
    for zone in ("Mars/Olympus", "../../etc/passwd", "no\nzone"):
        hello(house, till, zone=zone, programme="a" * 32)
        assert len(house.hq.programmes.history().tills) == 1


def test_that_a_till_works_on_an_old_copy_is_kept_until_it_says_so_no_more(any_house: House) -> None:
    house, till = any_house, any_house.till()
    said = []
    for old in (False, True, True, False):
        hello(house, till, zone="Asia/Almaty", programme="a" * 32, rolled_back=old)
        said += house.rows("SELECT rolled_back FROM till_facts")
    assert said == [(0,), (1,), (1,), (0,)]
