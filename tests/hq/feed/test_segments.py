"""The chain of segment files, on every database: closed, written anew, served for a day, and what tombstones have to do with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy

from hq.book.schema import card as cards
from hq.book.schema import member as member_table
from hq.feed.chain import FOLDER, Segments
from hq.feed.log import card_change, forgotten_change, member_change, record_changes
from hq.feed.reader import FeedReader
from hq.feed.segments import SegmentKeeper
from loyalty.journal.entry import Lot, Posting
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.segment_files import decode_segment
from sync.protocol.segments import SegmentRef
from sync.protocol.values import FeedCard, FeedLot, FeedMember, FeedPage, FeedRow
from tests.hq.houses import House
from tests.hq.tills import POINTS, FakeTill

LEAST, MOST = 6, 4
SEVEN = [f"700{number}" for number in range(7)]


@dataclass
class Shop:
    """A house whose files are small, with one till that sells."""

    house: House
    folder: Path
    till: FakeTill
    taken: int = 0

    def keep(self, **passed: float) -> tuple[int, int, int]:
        self.house.clock.pass_time(**passed)
        keeper = SegmentKeeper(
            self.house.hq.book, self.folder, self.house.hq.hq_epoch, least_rows=LEAST, most_rows=MOST
        )
        kept = keeper.run(self.house.clock())
        return kept.rows, kept.files, kept.forgotten

    def page(self, after: int, since: int | None = None, *, segments: bool = True) -> FeedPage:
        reader = FeedReader(
            self.house.hq.book,
            hq_epoch=self.house.hq.hq_epoch,
            tell=lambda _: None,
            page_rows=3,
            segments=Segments(self.folder, self.house.hq.hq_epoch),
        )
        return reader.page(terminal=self.till.id, epoch=1, after=after, since=since, segments=segments)

    def send(self) -> None:
        self.taken = self.house.take(self.till, self.taken + 1)

    def enrol(self, *cards: str) -> list[bytes]:
        members = [self.till.enrol(card) for card in cards]
        self.send()
        return members

    def sell(self, member: bytes, points: int) -> None:
        self.till.sale(member, points)
        self.send()

    def withdraw(self, card: int) -> None:
        """As a person at HQ would: nothing in a journal does it yet."""
        with self.house.hq.book.write() as connection:
            own = sqlalchemy.update(cards).where(cards.c.card_key == card)
            connection.execute(own.values(member_id=None))
            record_changes(connection, [card_change(card)])

    def files(self) -> set[str]:
        return {path.name for path in (self.folder / FOLDER).iterdir()}

    def rows_of(self, ref: SegmentRef) -> tuple[FeedRow, ...]:
        return decode_segment((self.folder / FOLDER / ref.name).read_bytes(), ref, self.house.hq.hq_epoch)

    def walk(self, after: int = 0, *, segments: bool) -> dict[object, FeedRow]:
        """Fetch everything behind a cursor and keep the latest of each thing."""
        held: dict[object, FeedRow] = {}
        while True:
            page = self.page(after, segments=segments)
            rows, after = list(page.rows), page.upto
            for ref in page.segments:
                rows += self.rows_of(ref)
                after = ref.upto
            held |= {_key(row): row for row in rows}
            if page.complete:
                return held


def _key(row: FeedRow) -> object:
    match row:
        case FeedCard():
            return row.card_key
        case _:
            names = [name for name in ("member", "account", "unit", "lot_id") if hasattr(row, name)]
            return type(row).__name__, *(getattr(row, name) for name in names)


@pytest.fixture
def shop(any_house: House, tmp_path: Path) -> Shop:
    return Shop(any_house, tmp_path / "served", any_house.till())


def test_rows_are_closed_into_files_once_there_are_enough(shop: Shop) -> None:
    shop.enrol("7001", "7002")
    assert (shop.keep(), shop.page(0).segments) == ((0, 0, 0), ())
    shop.enrol("7003", "7004", "7005")
    assert shop.keep() == (10, 3, 0)
    told = shop.page(0)
    assert [(ref.after, ref.upto) for ref in told.segments] == [(0, 4), (4, 8), (8, 10)]
    assert (told.rows, told.complete, told.upto) == ((), False, 0)
    assert shop.files() == {ref.name for ref in told.segments}
    assert shop.keep() == (0, 0, 0)
    assert shop.walk(segments=True) == shop.walk(segments=False)


def test_a_till_near_the_end_of_the_chain_gets_rows(shop: Shop) -> None:
    shop.enrol("7001", "7002", "7003", "7004", "7005")
    shop.keep()
    assert [ref.after for ref in shop.page(5).segments] == [4, 8]
    for cursor in (7, 10):
        told = shop.page(cursor)
        assert (told.segments, told.upto) == ((), 10)
    assert shop.page(0, segments=False).segments == ()


def test_superseded_rows_go_when_they_are_more_than_the_others_and_old_files_are_served_for_a_day(shop: Shop) -> None:
    members = shop.enrol(*SEVEN)
    shop.keep()
    old = shop.files()
    for points in range(1, 7):
        for member in members:
            shop.sell(member, points)
        shop.keep()
    names = {ref.name for ref in shop.page(0).segments}
    rows = [row for (row,) in shop.house.rows("SELECT rows FROM feed_segment WHERE retired_at_ms IS NULL")]
    assert sum(rows) <= 2 * 21
    assert old <= shop.files(), "a client that was told of the old files fetches them yet"
    assert names <= shop.files()
    assert shop.walk(segments=True) == shop.walk(segments=False)
    shop.keep(hours=25)
    assert shop.files() == {ref.name for ref in shop.page(0).segments}


def test_any_run_of_old_files_and_then_the_new_chain_give_what_pages_give(shop: Shop) -> None:
    members = shop.enrol(*SEVEN)
    for points in range(1, 3):
        for member in members:
            shop.sell(member, points)
        shop.keep()
    old = [(ref.upto, shop.rows_of(ref)) for ref in shop.page(0).segments]
    names = shop.files()
    for points in range(3, 7):
        for member in members:
            shop.sell(member, points)
        shop.keep()
    assert not names <= {ref.name for ref in shop.page(0).segments}, "the chain was written anew"
    for files in range(len(old) + 1):
        held: dict[object, FeedRow] = {_key(row): row for _, rows in old[:files] for row in rows}
        held |= shop.walk(old[files - 1][0] if files else 0, segments=True)
        assert held == shop.walk(segments=False)


def test_after_an_erasure_no_file_of_before_stays_longer_than_a_day(shop: Shop) -> None:
    members = [shop.till.enrol(card, nickname="Aida") for card in SEVEN]
    shop.send()
    shop.keep()
    old = shop.files()
    with shop.house.hq.book.write() as connection:
        own = sqlalchemy.update(member_table).where(member_table.c.member_id == members[0])
        connection.execute(own.values(nickname=None))
        record_changes(connection, [member_change(members[0]), forgotten_change(members[0])])
    shop.keep()
    shop.keep(hours=25)
    names = {ref.name for ref in shop.page(0).segments}
    assert shop.files() == names
    assert old - names
    told = [row for ref in shop.page(0).segments for row in shop.rows_of(ref) if isinstance(row, FeedMember)]
    assert {row.member: row.nickname for row in told} == {one: "Aida" if one != members[0] else None for one in members}
    assert shop.keep() == (0, 0, 0)


@pytest.mark.parametrize("cut", [None, 10])
def test_a_file_that_is_gone_or_cut_makes_all_be_written_anew(shop: Shop, cut: int | None) -> None:
    shop.enrol("7001", "7002", "7003")
    shop.keep()
    lost = shop.folder / FOLDER / shop.page(0).segments[1].name
    data = lost.read_bytes()
    lost.unlink() if cut is None else lost.write_bytes(data[:cut])
    assert shop.keep() == (6, 2, 0)
    assert lost.read_bytes() == data


def test_what_a_run_that_was_cut_left_is_removed(shop: Shop) -> None:
    shop.enrol("7001", "7002", "7003")
    shop.keep()
    names = shop.files()
    for name in ("0-9-0123456789abcdef.seg", "0-9-0123456789abcdef.seg.new"):
        (shop.folder / FOLDER / name).write_bytes(b"x")
    shop.keep()
    assert shop.files() == names


def test_files_of_another_hq_epoch_are_no_part_of_the_chain(shop: Shop) -> None:
    shop.enrol("7001", "7002", "7003")
    shop.keep()
    old = shop.files()
    with shop.house.hq.book.read() as connection:
        assert Segments(shop.folder, "restored").behind(connection, 0) == ()
    kept = SegmentKeeper(shop.house.hq.book, shop.folder, "restored", least_rows=LEAST, most_rows=MOST)
    assert kept.run(shop.house.clock()).files == 2
    with shop.house.hq.book.read() as connection:
        named = Segments(shop.folder, "restored").behind(connection, 0)
    assert (len(named), {ref.name for ref in named} & old) == (2, set())
    assert shop.page(0).segments == (), "the old epoch has no chain any more"


def test_tombstones_stay_for_90_days_and_a_cursor_from_before_is_too_old(shop: Shop) -> None:
    (anna,) = shop.enrol("7001")
    ends = Lot(lot_id=b"L" * 16, expires_at=4_000_000_000)
    shop.till.add("sale", Posting(account=anna, unit=POINTS, amount=5, lot=ends))
    shop.send()
    shop.till.add("sale", Posting(account=anna, unit=POINTS, amount=-5, lot=ends))
    shop.send()
    ((key,),) = shop.house.rows("SELECT card_key FROM card")
    shop.withdraw(key)
    shop.keep()
    gone: list[FeedRow] = [
        FeedCard(card_key=key, member=None),
        FeedLot(account=anna, unit=POINTS, lot_id=b"L" * 16, amount=0),
    ]
    for _ in range(89):
        assert shop.keep(days=1)[2] == 0
    assert set(gone) <= set(shop.walk(segments=False).values())
    assert shop.keep(days=1)[2] == 2
    assert not set(gone) & set(shop.walk(segments=False).values())
    told = shop.page(0, 0)
    assert told.horizon > 0
    for cursor, since in ((1, 0), (told.horizon - 1, told.horizon - 1)):
        with pytest.raises(SyncRefused) as caught:
            shop.page(cursor, since)
        assert caught.value.code is SyncErrorCode.CURSOR_TOO_OLD
    assert shop.page(1, told.horizon).after == 1, "it began behind the horizon"
    assert shop.page(told.horizon, 0).complete


def test_while_there_is_a_chain_tombstones_go_only_with_it(shop: Shop) -> None:
    shop.enrol(*SEVEN)
    ((key,), *_) = shop.house.rows("SELECT card_key FROM card ORDER BY card_key")
    shop.withdraw(key)
    shop.keep()
    assert shop.page(0).segments
    assert shop.keep(days=91)[2] == 0
    forgotten = 0
    for points in range(1, 8):
        for (member,) in shop.house.rows("SELECT member_id FROM member"):
            shop.sell(member, points)
        forgotten += shop.keep()[2]
    assert (forgotten, shop.page(0).horizon > 0) == (1, True)
    assert FeedCard(card_key=key, member=None) not in shop.walk(segments=True).values()
    assert shop.walk(segments=True) == shop.walk(segments=False)
