"""What a backup holds is durable from then on: in answers to batches and to hellos, and never more than that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hq.backups import desk
from hq.backups.copying import Covered
from hq.config import DurableRule
from sync.protocol.values import Acknowledged
from tests.hq.houses import House
from tests.hq.tills import FakeTill

Build = Callable[..., House]


def till_with(house: House, entries: int) -> FakeTill:
    till = house.till()
    for number in range(entries):
        till.enrol(f"70{number}{till.id.hex()[:6]}")
    house.take(till)
    return till


def durable(house: House, till: FakeTill) -> tuple[int, int]:
    """What HQ says of a till's journal, to a hello and to a batch that it has."""
    known = house.known(till)
    answered = house.hq.ingest.batch(known, till.batch())
    assert answered == Acknowledged(acked=len(till.entries), durable=answered.durable)
    return house.hq.ingest.hello(known, till.hello()).durable, answered.durable


def covers(till: FakeTill, sequence: int, epoch: int = 1) -> Covered:
    return Covered(terminal=till.id, epoch=epoch, sequence=sequence)


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, build: Build) -> House:
    url = str(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else None
    return build(url, durable=DurableRule.BACKUP)


def test_nothing_is_durable_before_a_backup_and_then_what_it_holds(house: House) -> None:
    one, other = till_with(house, 5), till_with(house, 3)
    assert (durable(house, one), durable(house, other)) == ((0, 0), (0, 0))
    assert house.hq.backups.record([covers(one, 4), covers(other, 3)]) == 2
    assert (durable(house, one), durable(house, other)) == ((4, 4), (3, 3))


def test_a_mark_never_goes_back_and_never_passes_what_hq_holds(house: House) -> None:
    till = till_with(house, 5)
    moved = [house.hq.backups.record([covers(till, sequence)]) for sequence in (3, 2, 9, 5, 5)]
    assert (moved, durable(house, till)) == ([1, 0, 0, 1, 0], (5, 5))
    assert house.hq.backups.record([covers(till, 5, epoch=7), Covered(terminal=bytes(16), epoch=1, sequence=1)]) == 0


def test_where_the_only_disk_counts_everything_that_is_committed_is_durable(build: Build) -> None:
    house = build(durable=DurableRule.COMMIT)
    assert durable(house, till_with(house, 5)) == (5, 5)


def test_a_new_epoch_begins_with_nothing_that_is_durable(house: House) -> None:
    till = till_with(house, 5)
    house.hq.backups.record([covers(till, 5)])
    house.hq.epochs.open_epoch(house.known(till), till.copied(3).epoch_request(2, 3))
    later = till.reopened(2, 3)
    house.take(later)
    assert durable(house, later) == (0, 0)
    house.hq.backups.record([covers(till, 1, epoch=2)])
    assert durable(house, later) == (1, 1)


def test_a_persons_word_vouches_for_what_was_there_a_minute_before(house: House) -> None:
    till = till_with(house, 2)
    received = house.clock.now
    house.clock.pass_time(seconds=30)
    till.enrol("7999")
    house.take(till)
    house.clock.pass_time(days=1)
    said = []
    for seconds in (59, 60, 89, 90):
        house.hq.backups.record_external(received + timedelta(seconds=seconds))
        said.append(durable(house, till)[0])
    assert said == [0, 2, 2, 3]


def test_an_instant_to_come_vouches_for_nothing(house: House) -> None:
    till = till_with(house, 2)
    assert house.hq.backups.record_external(house.clock.now + timedelta(seconds=1)) is None
    assert durable(house, till) == (0, 0)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"do": "external", "at": "yesterday"}, "--external: expected an instant"),
        ({"do": "external", "at": "2026-03-01T03:00"}, "--external: expected an instant"),
        ({"do": "external", "at": "2999-03-01T03:00+00:00"}, "--external: this instant is still to come"),
        ({"do": "external", "at": 7}, "HQ is of another version"),
        ({"do": "record", "covered": [["zz", 1, 1]]}, "HQ is of another version"),
        ({"do": "record", "covered": [7]}, "HQ is of another version"),
        ({}, "HQ is of another version"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_words(house: House, asked: dict[str, Any], says: str) -> None:
    said = desk.answer(house.hq.backups, asked)
    assert said["refused"] == "bad_request"
    assert said["lines"][0].startswith(says)


def test_the_desk_records_what_a_command_read_from_its_copy(house: House) -> None:
    till = till_with(house, 5)
    assert desk.answer(house.hq.backups, desk.asked_to_record([covers(till, 4)])) == {"journals": 1}
    assert durable(house, till) == (4, 4)
    house.clock.pass_time(minutes=2)
    assert desk.answer(house.hq.backups, {"do": "external", "at": house.clock.now.isoformat()}) == {"journals": 1}
