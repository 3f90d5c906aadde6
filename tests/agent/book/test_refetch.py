"""A bucket that differs from HQ's: it comes alone, is shown with the next complete page, and heals whatever was damaged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.book import base, base_stage, members, refetch, staging, sums
from loyalty.journal.entry import Posting
from sync.protocol.buckets import BucketPage, BucketRow
from sync.protocol.sums import bounds_of, bucket_of, term_of
from sync.protocol.values import FeedBalance, FeedLot, FeedPage, FeedRow
from tests.agent.book.test_base import (
    ANNA,
    HERE,
    YEAR,
    Shop,
    base_standing,
    everything,
    full_standing,
    lot,
    member,
    points,
    write_file,
)

BUCKET = bucket_of(ANNA)
FIRST, LAST = bounds_of(BUCKET)
ALMA, POOL = ANNA[:1] + b"L" * 15, ANNA[:1] + b"P" * 15
"""Two more accounts of Anna's bucket: a member's and nobody's."""
KINDS = pytest.mark.parametrize("everyone", [False, True])


class Damaged(Shop):
    """A till that held three accounts of a bucket as HQ does, before something was damaged."""

    everyone = False

    def begin(self, *, everyone: bool, told: tuple[bytes, ...] = (ANNA,)) -> None:
        self.everyone = everyone
        self.tell(*feed_rows(), told=told, everyone=everyone, check=(BUCKET, total(everyone)))
        assert self.is_right()

    def damage(self, *statements: str) -> None:
        with self.book.write() as writing:
            for statement in statements:
                changed = writing.connection.exec_driver_sql(statement, {"anna": ANNA, "alma": ALMA, "pool": POOL})
                assert changed.rowcount == 1

    def compare(self, *, wrong: int = 0) -> None:
        """A minute later a page with HQ's checksum comes; ``wrong`` is what HQ counts more."""
        self.now += timedelta(minutes=1)
        self.tell(everyone=self.everyone, check=(BUCKET, total(self.everyone) + wrong))

    def page(self, *rows: BucketRow, first: bytes = FIRST, last: bytes = LAST) -> BucketPage:
        if not self.everyone:
            rows = tuple(row for row in rows if row.common or (isinstance(row, FeedBalance) and row.unit == "points"))
        position = self.feed.cursor()[1] + 10
        return BucketPage(
            hq_epoch="e1",
            position=position,
            first=first,
            last=last,
            rows=rows,
            everyone=self.everyone,
            unit="points",
        )

    def next_page(self, *rows: FeedRow, told: tuple[bytes, ...] = (), complete: bool = True) -> None:
        after = self.feed.cursor()[1]
        page = FeedPage(
            hq_epoch="e1",
            after=after,
            upto=after + 20,
            complete=complete,
            applied=0,
            rows=rows,
            everyone=self.everyone,
            unit="points",
            told=told,
        )
        self.feed.stage(page)

    def heal(self) -> None:
        """Fetch the bucket and show it; whom the till wants is told, as HQ does."""
        self.feed.stage_bucket(self.page(*hqs_rows()))
        self.next_page(*(everything(ANNA, 1, 40) if self.feed.wanted() else ()), told=tuple(self.feed.wanted()))

    def is_right(self) -> bool:
        with self.book.read() as connection:
            assert staging.is_empty(connection)
            anna, alma = members.holdings(connection, ANNA), members.holdings(connection, ALMA)
            pool = members.holdings(connection, POOL)
            summed = sums.sum_of(connection, BUCKET)
        assert summed == total(self.everyone)
        own = {ANNA, ALMA} if self.everyone else {ANNA} & self.own()
        for who, held, amount in ((ANNA, anna, 40), (ALMA, alma, 30)):
            more = {"visit.count": 2} if who in own else {}
            assert {unit: of for unit, of in held.balances if of} == {"points": amount, **more}
            assert [one.amount for one in held.lots] == ([1] if who in own else [])
        assert ([one.amount for one in pool.lots], dict(pool.balances)["stock"]) == ([7], 7)
        return True

    def fetching(self) -> bytes | None:
        return self.feed.bucket_first()


def feed_rows() -> list[FeedRow]:
    return [*everything(ANNA, 1, 40), *everything(ALMA, 2, 30), *pool_rows()]


def pool_rows() -> tuple[FeedBalance, FeedLot]:
    return (
        points(POOL, 7, unit="stock", common=True),
        FeedLot(account=POOL, unit="stock", lot_id=YEAR.lot_id, amount=7, common=True),
    )


def hqs_rows() -> list[BucketRow]:
    return [row for row in feed_rows() if isinstance(row, BucketRow)]


def total(everyone: bool) -> int:
    balances = [row for row in hqs_rows() if isinstance(row, FeedBalance)]
    return sum(term_of(row.account, row.unit, row.amount) for row in balances if everyone or row.unit == "points")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Damaged]:
    one = Damaged(tmp_path)
    yield one
    one.book.close()


def anything() -> Sequence[str]:
    """A balance that makes the checksum differ, in either kind of till."""
    return ("UPDATE posted SET amount = 41 WHERE account = :anna AND unit = 'points'",)


@KINDS
@pytest.mark.parametrize(
    "damage",
    [
        (),
        ("DELETE FROM posted WHERE account = :anna AND unit = 'points'",),
        ("UPDATE posted SET amount = 9 WHERE account = :anna AND unit = 'visit.count'",),
        ("INSERT INTO posted VALUES (:anna, 'stamps', 3)",),
        ("UPDATE posted_lot SET amount = 40 WHERE account = :anna",),
        ("UPDATE posted_lot SET expires_at = 9999 WHERE account = :anna",),
        ("DELETE FROM posted_lot WHERE account = :anna",),
        ("INSERT INTO posted_lot VALUES (:anna, 'points', :alma, 5, NULL, NULL)",),
        ("UPDATE posted SET amount = -7 WHERE account = :pool",),
        ("INSERT INTO posted VALUES (:pool, 'points', 5)",),
        ("DELETE FROM posted_lot WHERE account = :pool",),
        ("INSERT INTO posted_lot VALUES (:pool, 'stock', :alma, 5, NULL, NULL)",),
        ("INSERT INTO posted VALUES (x'" + ("41" * 15 + "00") + "', 'points', 5)",),
    ],
)
def test_whatever_row_is_damaged_is_healed_by_its_bucket(shop: Damaged, damage: Sequence[str], everyone: bool) -> None:
    shop.begin(everyone=everyone)
    shop.damage(*anything(), *damage)
    shop.compare()
    assert (shop.fetching(), shop.mismatch()) == (FIRST, (BUCKET, None))
    cursor = shop.feed.cursor()
    shop.heal()
    assert shop.is_right()
    assert (shop.fetching(), shop.feed.cursor()) == (None, ("e1", cursor[1] + 20)), "nothing else was fetched anew"
    shop.compare()
    assert shop.mismatch() == (None, None)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE base SET amount = 31 WHERE member = :alma",
        "UPDATE base SET amount = 0 WHERE member = :alma",
        "INSERT INTO base (member, canonical, tier, amount) VALUES (x'" + "41" * 15 + "00', NULL, NULL, 5)",
        "INSERT INTO posted VALUES (:alma, 'points', 5)",
    ],
)
def test_what_is_held_of_others_is_healed_too(shop: Damaged, damage: str) -> None:
    shop.begin(everyone=False)
    shop.damage(damage)
    shop.compare()
    shop.heal()
    assert shop.is_right()


def test_zero_stands_over_what_a_file_says_and_hq_does_not(shop: Damaged) -> None:
    shop.stand_on(write_file(shop.folder, {ANNA: (50, 1), ALMA: (30, 0), b"\xff" * 16: (7, 0)}, {1: ANNA, 2: ALMA}))
    shop.compare()
    shop.feed.stage_bucket(shop.page(points(ALMA, 31), *pool_rows()))
    assert shop.points(1) == 50
    shop.next_page()
    assert [shop.points(key) for key in (1, 2)] == [0, 31]
    with shop.book.read() as connection:
        held = {row[0] for row in connection.exec_driver_sql("SELECT member FROM base")}
        assert held == {ANNA, ALMA}, "only what differs is written over the file"
        assert base.totals(connection) == base.Totals(members=3, amount=38)


@KINDS
def test_nothing_of_a_bucket_is_shown_before_a_complete_page(shop: Damaged, everyone: bool) -> None:
    shop.begin(everyone=everyone)
    shop.damage(*anything())
    shop.compare()
    shop.feed.stage_bucket(shop.page(*hqs_rows()))
    assert shop.held(ANNA)["points"] == 41
    shop.next_page(complete=False)
    assert shop.held(ANNA)["points"] == 41
    shop.next_page()
    assert shop.held(ANNA)["points"] == 40


@KINDS
def test_what_the_feed_says_after_a_page_of_a_bucket_counts(shop: Damaged, everyone: bool) -> None:
    shop.begin(everyone=everyone)
    shop.damage(*anything(), "INSERT INTO posted_lot VALUES (:pool, 'stock', :alma, 5, NULL, NULL)")
    shop.compare()
    half = ANNA[:1] + b"K" * 15
    shop.feed.stage_bucket(shop.page(points(ANNA, 39), first=FIRST, last=half))
    assert shop.fetching() == ANNA[:1] + b"K" * 14 + b"L"
    came = FeedLot(account=POOL, unit="stock", lot_id=ALMA, amount=2, common=True)
    rest: list[BucketRow] = [points(ALMA, 30), *pool_rows()]
    if everyone:
        rest += [points(ALMA, 2, unit="visit.count"), lot(ALMA, 1)]
    shop.next_page(points(ANNA, 40), points(ALMA, 29))
    assert (shop.held(ANNA)["points"], shop.points(2)) == (40, 29)
    shop.feed.stage_bucket(shop.page(*rest, first=ANNA[:1] + b"K" * 14 + b"L", last=LAST))
    shop.next_page(points(ALMA, 28), came)
    assert (shop.points(2), shop.fetching()) == (28, None)
    with shop.book.read() as connection:
        assert {one.lot.lot_id: one.amount for one in members.holdings(connection, POOL).lots} == {
            YEAR.lot_id: 7,
            ALMA: 2,
        }


@KINDS
def test_own_postings_are_counted_once_through_a_bucket(shop: Damaged, everyone: bool) -> None:
    shop.begin(everyone=everyone)
    shop.damage(*anything())
    shop.compare()
    shop.sell(Posting(account=ANNA, unit="points", amount=5))
    shop.feed.stage_bucket(
        shop.page(*(replace(row, amount=45) if row == points(ANNA, 40) else row for row in hqs_rows()))
    )
    assert shop.held(ANNA)["points"] == 46
    shop.tell(points(ANNA, 45), applied=1, everyone=everyone)
    assert shop.held(ANNA)["points"] == 45


def test_own_members_are_told_in_full_with_the_page_that_shows_the_bucket(shop: Damaged) -> None:
    shop.begin(everyone=False)
    shop.damage(*anything())
    shop.compare()
    assert shop.feed.wanted() == ()
    shop.feed.stage_bucket(shop.page(*hqs_rows()))
    assert shop.feed.wanted() == (ANNA,)
    shop.next_page(told=(ANNA,))
    assert shop.scan(1) == replace(full_standing(ANNA, 40), as_of=shop.now), (
        "only named: it stays, and the one balance heals"
    )
    shop.next_page(*everything(ANNA, 1, 40), told=(ANNA,))
    assert shop.scan(1) == replace(full_standing(ANNA, 40), as_of=shop.now)


def test_one_who_becomes_an_own_member_meanwhile_and_one_who_is_merged(shop: Damaged) -> None:
    shop.begin(everyone=False)
    shop.damage("UPDATE base SET amount = 31 WHERE member = :alma")
    shop.compare()
    shop.feed.stage_bucket(shop.page(*hqs_rows()))
    shop.next_page(*everything(ALMA, 2, 70), member(ANNA, canonical=ALMA), points(ANNA, 0), told=(ALMA, ANNA))
    assert shop.scan(2) == replace(full_standing(ALMA, 70), as_of=shop.now)
    with shop.book.read() as connection:
        assert members.canonical(connection, ANNA) == ALMA
        assert sums.sum_of(connection, BUCKET) == term_of(ALMA, "points", 70)


@pytest.mark.parametrize(
    "changes",
    [
        {"hq_epoch": "e2"},
        {"position": 1},
        {"first": ANNA},
        {"everyone": True},
        {"unit": "cashback"},
        {"unit": None},
    ],
)
def test_a_page_that_does_not_fit_is_left_and_the_bucket_with_it(shop: Damaged, changes: dict[str, object]) -> None:
    shop.begin(everyone=False)
    shop.damage(*anything())
    shop.compare()
    shop.feed.stage_bucket(replace(shop.page(points(ANNA, 1)), **changes))  # type: ignore[arg-type]
    assert shop.fetching() is None
    with shop.book.read() as connection:
        assert staging.is_empty(connection)
    shop.compare()
    assert shop.fetching() == FIRST, "it is seen to differ again"


@KINDS
def test_a_feed_that_begins_anew_needs_no_bucket(shop: Damaged, everyone: bool) -> None:
    shop.begin(everyone=everyone)
    shop.damage(*anything())
    shop.compare()
    shop.feed.stage_bucket(shop.page(points(ANNA, 1), last=ANNA))
    shop.feed.restart("e1")
    assert shop.fetching() is None
    with shop.book.read() as connection:
        assert staging.is_empty(connection)
    shop.feed.stage_bucket(shop.page(points(ANNA, 1)))
    shop.tell(*feed_rows(), told=(ANNA,), everyone=everyone, whole=True)
    assert shop.is_right()


def test_a_till_whose_file_is_lost_begins_with_nothing_of_a_bucket(shop: Damaged) -> None:
    shop.stand_on(write_file(shop.folder, {ANNA: (50, 1), ALMA: (30, 0)}, {1: ANNA, 2: ALMA}))
    shop.compare()
    shop.feed.stage_bucket(shop.page(points(ANNA, 40), last=ANNA))
    shop.stand_on("members-gone.db")
    assert (shop.feed.cursor(), shop.fetching()) == (("e1", 0), (int.from_bytes(ANNA) + 1).to_bytes(16))
    shop.tell(*everything(ALMA, 2, 30), whole=True)
    assert (shop.points(1), shop.points(2), shop.totals(), shop.fetching()) == (None, 30, (1, 30), None)


def test_a_till_that_is_killed_goes_on_with_the_rest(shop: Damaged) -> None:
    shop.begin(everyone=False)
    shop.damage(*anything())
    shop.compare()
    shop.feed.stage_bucket(shop.page(points(ANNA, 40), last=ANNA))
    shop.book.close()
    again = Damaged(shop.folder)
    again.now = shop.now
    following = (int.from_bytes(ANNA) + 1).to_bytes(16)
    assert (again.fetching(), again.feed.wanted()) == (following, (ANNA,))
    rest = tuple(row for row in hqs_rows() if row.account != ANNA)
    again.feed.stage_bucket(again.page(*rest, first=following))
    again.next_page(*everything(ANNA, 1, 40), told=(ANNA,))
    assert again.is_right()
    again.book.close()


@KINDS
def test_a_bucket_that_differs_again_makes_everything_come_anew_once_a_day(shop: Damaged, everyone: bool) -> None:
    shop.begin(everyone=everyone)
    shop.compare(wrong=1)
    shop.compare(wrong=1)
    assert shop.fetching() == FIRST, "it is on its way"
    shop.heal()
    assert shop.feed.cursor()[1] > 0
    shop.compare(wrong=1)
    assert (shop.feed.cursor(), shop.fetching(), shop.mismatch()) == (("e1", 0), None, (BUCKET, "2026-03-02"))
    assert shop.held(ANNA)["points"] == 40, "what there is is shown until the rest has come"
    shop.tell(*feed_rows(), told=(ANNA,), everyone=everyone, whole=True)
    shop.compare(wrong=1)
    assert shop.feed.cursor()[1] > 0
    shop.now += timedelta(days=1)
    shop.compare(wrong=1)
    assert (shop.feed.cursor(), shop.mismatch()) == (("e1", 0), (BUCKET, "2026-03-03"))


def test_a_bucket_that_agreed_on_a_later_day_comes_alone_again(shop: Damaged) -> None:
    shop.begin(everyone=False)
    shop.compare(wrong=1)
    shop.heal()
    shop.compare()
    assert shop.mismatch() == (None, None)
    with shop.book.read() as connection:
        assert refetch.was_fetched(connection, BUCKET), "twice in a day is a fault of a program"
    shop.now += timedelta(days=1)
    shop.compare()
    shop.compare(wrong=1)
    assert (shop.fetching(), shop.mismatch()) == (FIRST, (BUCKET, None))


def test_another_bucket_that_differs_waits_for_the_one_on_its_way(shop: Damaged) -> None:
    shop.begin(everyone=False)
    shop.compare(wrong=1)
    shop.now += timedelta(minutes=1)
    shop.tell(check=(BUCKET + 1, 5))
    assert (shop.fetching(), shop.mismatch()) == (FIRST, (BUCKET, None))
    shop.heal()
    shop.now += timedelta(minutes=1)
    shop.tell(check=(BUCKET + 1, 5))
    assert (shop.fetching(), shop.mismatch()) == (bounds_of(BUCKET + 1)[0], (BUCKET + 1, None))


def test_a_bucket_that_hq_does_not_tell_makes_everything_come_anew_once_a_day(shop: Damaged) -> None:
    shop.begin(everyone=False)
    shop.compare(wrong=1)
    shop.feed.give_bucket_up()
    assert (shop.feed.cursor(), shop.fetching(), shop.mismatch()) == (("e1", 0), None, (BUCKET, "2026-03-02"))
    shop.tell(*feed_rows(), told=(ANNA,), whole=True)
    shop.now += timedelta(minutes=1)
    shop.tell(check=(BUCKET + 1, 5))
    shop.feed.give_bucket_up()
    assert (shop.fetching(), shop.mismatch()) == (None, (BUCKET + 1, "2026-03-02"))
    assert shop.feed.cursor()[1] > 0


def test_where_the_feed_is_empty_everything_is_asked_for_and_no_bucket(shop: Damaged) -> None:
    page = FeedPage(hq_epoch="e1", after=0, upto=0, complete=True, applied=0, rows=(), check=(BUCKET, 1))
    shop.feed.stage(page)
    assert (shop.fetching(), shop.mismatch()) == (None, (BUCKET, "2026-03-02"))


def test_members_at_home_here_stay_wanted(shop: Damaged) -> None:
    shop.begin(everyone=False, told=())
    shop.tell(*everything(ALMA, 2, 30, home=HERE))
    assert shop.feed.wanted() == (ALMA,)
    shop.damage("UPDATE base SET amount = 31 WHERE member = :alma")
    shop.compare()
    shop.feed.stage_bucket(shop.page(*hqs_rows()))
    assert shop.feed.wanted() == (ALMA,)
    shop.next_page()
    assert shop.scan(2) == replace(base_standing(ALMA, 30), as_of=shop.now)
    with shop.book.read() as connection:
        assert base_stage.is_empty(connection)
