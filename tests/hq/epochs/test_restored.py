"""A restored HQ: found out by itself, or told by a person; tills that were ahead miss nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import sqlalchemy

from hq.book.sqlite import BOOK_FILE
from hq.epochs.witness import WITNESS_FILE
from hq.errors import BookInUse
from hq.server import declare_restored
from sync.download import download
from sync.protocol.epochs import EpochOpened, EpochRequest, HashAnswer, HashAsked
from sync.protocol.leases import LeaseAnswer, LeaseRequest
from sync.protocol.values import Acknowledged, Batch, FeedMember, FeedPage, Hello, HelloAnswer
from tests.hq.houses import House
from tests.hq.tills import FakeTill
from tests.sync.journals import MemoryFeed

Build = Callable[..., House]


class Line:
    """A till's way to a house's feed, without HTTP."""

    def __init__(self, house: House, till: FakeTill) -> None:
        self.house, self.till = house, till

    def leases(self, request: LeaseRequest) -> LeaseAnswer:
        raise NotImplementedError

    def feed(self, after: int, epoch: int, wanted: Sequence[bytes] = ()) -> FeedPage:
        return self.house.hq.feed.page(terminal=self.till.id, epoch=epoch, after=after)

    def hello(self, hello: Hello) -> HelloAnswer:
        raise NotImplementedError

    def upload(self, batch: Batch) -> Acknowledged:
        raise NotImplementedError

    def hash_at(self, asked: HashAsked) -> HashAnswer:
        raise NotImplementedError

    def open_epoch(self, request: EpochRequest) -> EpochOpened:
        raise NotImplementedError


def restored(house: House) -> list[tuple[object, ...]]:
    return house.rows("SELECT sequence, state FROM exception WHERE reason = 'hq_restored' ORDER BY sequence")


def busy(house: House, *cards: str) -> FakeTill:
    """A till that enrolled some cards and was told of them."""
    till = house.till()
    for card in cards:
        till.enrol(card)
    house.take(till)
    Line(house, till).feed(0, 1)
    return till


def anew(build: Build, house: House, *, url: str | None = None) -> House:
    house.hq.close()
    again = build(url, data_dir=house.hq.config.data_dir)
    again.tokens = house.tokens
    return again


def rewind(house: House, position: int) -> None:
    """Make the feed as short as an older backup's."""
    with house.hq.book.write() as connection:
        for sql in ("DELETE FROM feed WHERE position > :at", "UPDATE feed_head SET position = :at"):
            connection.execute(sqlalchemy.text(sql), {"at": position})


def test_closing_and_opening_keeps_the_epoch(build: Build, any_url: str | None) -> None:
    house = build(any_url)
    epoch = house.hq.hq_epoch
    again = anew(build, house, url=any_url)
    busy(again, "7001")
    last = anew(build, again, url=any_url)
    assert (again.hq.hq_epoch, last.hq.hq_epoch, restored(last)) == (epoch, epoch, [])


def test_a_book_behind_what_was_told_has_a_new_epoch_and_says_so_once(build: Build, any_url: str | None) -> None:
    house = build(any_url)
    busy(house, "7001", "7002")
    epoch = house.hq.hq_epoch
    rewind(house, 3)
    again = anew(build, house, url=any_url)
    assert again.hq.hq_epoch != epoch
    assert restored(again) == [(1, "open")]
    last = anew(build, again, url=any_url)
    assert (last.hq.hq_epoch, restored(last)) == (again.hq.hq_epoch, [(1, "open")])


def test_what_was_committed_and_told_to_nobody_makes_no_new_epoch(build: Build) -> None:
    house = build()
    till = busy(house, "7001")
    till.enrol("7002")
    house.take(till, 2)
    rewind(house, 2)
    assert anew(build, house).hq.hq_epoch == house.hq.hq_epoch


def test_a_till_ahead_of_a_restored_backup_misses_nothing_that_others_send_since(build: Build, tmp_path: Path) -> None:
    house = build()
    ahead, other = house.till("Till 1"), house.till("Till 2")
    sink = MemoryFeed()
    house.hq.close()
    shutil.copy(house.hq.config.data_dir / BOOK_FILE, tmp_path / "backup")
    house = anew(build, house)
    lost = ahead.enrol("7001")
    house.take(ahead)
    download(sink, Line(house, ahead))
    house.hq.close()
    shutil.copy(tmp_path / "backup", house.hq.config.data_dir / BOOK_FILE)
    house = anew(build, house)
    since = [other.enrol(f"800{number}") for number in range(5)]
    house.take(other)
    house.take(ahead)
    download(sink, Line(house, ahead))
    told = {row.member for page in sink.pages for row in page.rows if isinstance(row, FeedMember)}
    assert told == {lost, *since}
    assert len(restored(house)) == 1


def test_a_backup_of_an_earlier_epoch_is_found_out_however_long_its_feed(build: Build, tmp_path: Path) -> None:
    house = build()
    busy(house, "7001", "7002")
    house.hq.close()
    shutil.copy(house.hq.config.data_dir / BOOK_FILE, tmp_path / "backup")
    declare_restored(house.hq.config)
    shutil.copy(tmp_path / "backup", house.hq.config.data_dir / BOOK_FILE)
    assert anew(build, house).hq.hq_epoch != house.hq.hq_epoch


@pytest.mark.parametrize("left", [None, b"", b"loyaltill-told-2 nonsense"])
def test_without_a_witness_a_feed_is_taken_for_a_restored_one(build: Build, left: bytes | None) -> None:
    house = build()
    busy(house, "7001")
    house.hq.close()
    path = house.hq.config.data_dir / WITNESS_FILE
    path.unlink() if left is None else path.write_bytes(left)
    again = anew(build, house)
    assert again.hq.hq_epoch != house.hq.hq_epoch
    assert len(restored(again)) == 1


def test_a_person_can_say_that_hq_was_restored(build: Build) -> None:
    house = build()
    busy(house, "7001")
    with pytest.raises(BookInUse):
        declare_restored(house.hq.config)
    house.hq.close()
    epochs = [house.hq.hq_epoch, declare_restored(house.hq.config), declare_restored(house.hq.config)]
    again = anew(build, house)
    assert len(set(epochs)) == 3
    assert again.hq.hq_epoch == epochs[-1]
    assert restored(again) == [(1, "open"), (2, "open")]


def test_an_hq_that_was_killed_is_witnessed_all_the_same(build: Build) -> None:
    house = build()
    busy(house, "7001", "7002")
    path = house.hq.config.data_dir / WITNESS_FILE
    assert f" {house.rows('SELECT position FROM feed_head')[0][0]:020} ".encode() in path.read_bytes()
