"""Members who are not the till's own: what is held of them, how they become own ones, and how they go back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.book import base, base_stage, members, staging, sums
from agent.book.book import Book
from agent.book.journal import Draft, append
from agent.book.sync_state import KEPT, BookFeed
from hq.feed.replica import About, ReplicaWriter
from loyalty.holding.standing import LotBalance, Standing
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import EntryKind, Lot, Posting
from sync.protocol.replica import worth
from sync.protocol.sums import BUCKETS, bucket_of, term_of
from sync.protocol.values import FeedBalance, FeedCard, FeedLot, FeedMember, FeedPage, FeedRow

NOON = datetime(2026, 3, 2, 7, tzinfo=UTC)
HERE, THERE = "S1", "S2"
ANNA, BORIS, POOL = b"A" * 16, b"B" * 16, b"P" * 16
YEAR = Lot(lot_id=b"\x01" * 16, expires_at=2_000)
DETAIL = EntryDetail(
    salt=bytes(16),
    local_time="2026-03-02T12:00:00+05:00",
    business_date="2026-03-02",
    store=HERE,
    currency="KZT",
    currency_scale=2,
)


class Shop:
    """A till's book, what HQ tells it, and the clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOON
        self.book = Book(folder, bytes(range(32)), b"12345678")
        self.feed = BookFeed(self.book, lambda: self.now, HERE)

    def tell(
        self,
        *rows: FeedRow,
        told: tuple[bytes, ...] = (),
        applied: int = 0,
        everyone: bool = False,
        whole: bool = False,
        check: tuple[int, int] | None = None,
    ) -> None:
        after = 0 if whole else self.feed.cursor()[1]
        self.feed.stage(
            FeedPage(
                hq_epoch="e1",
                after=after,
                upto=after + max(1, len(rows)),
                complete=True,
                applied=applied,
                rows=rows,
                everyone=everyone,
                unit="points",
                told=told,
                check=check,
            )
        )

    def mismatch(self) -> tuple[int | None, str | None]:
        with self.book.read() as connection:
            return base_stage.mismatch(connection)

    def sell(self, *postings: Posting) -> None:
        entry_id = (self.book.head.sequence + 1).to_bytes(16, "big")
        with self.book.write() as writing:
            append(writing, Draft(entry_id=entry_id, kind=EntryKind.SALE, detail=DETAIL, postings=postings))

    def scan(self, key: int) -> Standing | None:
        with self.book.read() as connection:
            member = members.by_card(connection, key)
            return members.standing(connection, member) if member is not None else None

    def points(self, key: int) -> int | None:
        found = self.scan(key)
        return found.balance("points") if found is not None else None

    def own(self) -> set[bytes]:
        with self.book.read() as connection:
            return {row[0] for row in connection.exec_driver_sql("SELECT member FROM member")}

    def held(self, account: bytes) -> dict[str, int]:
        with self.book.read() as connection:
            return dict(members.holdings(connection, account).balances)

    def totals(self) -> tuple[int, int]:
        with self.book.read() as connection:
            return members.count(connection), members.outstanding(connection, "points")

    def stand_on(self, file: str) -> None:
        with self.book.write() as writing:
            writing.connection.exec_driver_sql("UPDATE sync_state SET feed_epoch = 'e1', feed_cursor = 1")
            writing.connection.exec_driver_sql(
                "UPDATE reach SET file = ?, everyone = 0, unit = 'points', stage_unit = 'points'", (file,)
            )


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    one = Shop(tmp_path)
    yield one
    one.book.close()


def member(who: bytes, home: str | None = THERE, tier: str | None = None, canonical: bytes | None = None) -> FeedMember:
    return FeedMember(
        member=who,
        canonical=canonical or who,
        nickname="Анна",
        tier=tier,
        language="ru",
        joined_on="2026-01-01",
        home=home,
    )


def points(who: bytes, amount: int, *, unit: str = "points", common: bool = False) -> FeedBalance:
    return FeedBalance(account=who, unit=unit, amount=amount, common=common)


def lot(who: bytes, amount: int) -> FeedLot:
    return FeedLot(account=who, unit="points", lot_id=YEAR.lot_id, amount=amount, expires_at=YEAR.expires_at)


def everything(who: bytes, key: int, amount: int, home: str = THERE) -> list[FeedRow]:
    return [
        member(who, home, "gold"),
        FeedCard(card_key=key, member=who),
        points(who, amount),
        points(who, 2, unit="visit.count"),
        lot(who, 1),
    ]


def base_standing(who: bytes, amount: int, tier: str | None = "gold") -> Standing:
    return Standing(member=who, balances=(("points", amount),), tier=tier, as_of=NOON)


def full_standing(who: bytes, amount: int) -> Standing:
    return Standing(
        member=who,
        balances=(("points", amount), ("visit.count", 2)),
        lots=(LotBalance(unit="points", lot=YEAR, amount=1),),
        tier="gold",
        nickname="Анна",
        language="ru",
        joined_on=NOON.date().replace(month=1, day=1),
        as_of=NOON,
    )


def write_file(folder: Path, people: dict[bytes, tuple[int, int]], cards: dict[int, bytes]) -> str:
    name = f"members-{len(list(folder.iterdir()))}.db"
    with ReplicaWriter(folder / name, About(hq_epoch="e1", position=0, unit="points")) as writer:
        writer.tiers(["gold", "silver"])
        writer.members((who, worth(*of)) for who, of in sorted(people.items()))
        writer.cards(sorted(cards.items()))
        writer.finish()
    return name


def test_of_others_the_till_holds_one_balance_and_the_tier_and_wants_nothing_more(shop: Shop) -> None:
    shop.tell(*everything(ANNA, 1, 40), points(POOL, 7, unit="stock", common=True))
    assert shop.scan(1) == base_standing(ANNA, 40)
    assert shop.own() == set()
    assert shop.held(POOL) == {"stock": 7}
    assert (shop.totals(), shop.feed.wanted()) == ((1, 40), ())


def test_later_pages_change_what_they_name(shop: Shop) -> None:
    shop.tell(*everything(ANNA, 1, 40))
    shop.tell(points(ANNA, 41))
    assert shop.scan(1) == base_standing(ANNA, 41)
    shop.tell(member(ANNA, tier=None))
    assert shop.scan(1) == base_standing(ANNA, 41, tier=None)
    shop.tell(FeedCard(card_key=1, member=None), FeedCard(card_key=2, member=ANNA))
    assert (shop.scan(1), shop.points(2)) == (None, 41)


def test_own_postings_of_others_count_until_hq_shows_them(shop: Shop) -> None:
    shop.tell(*everything(ANNA, 1, 40))
    shop.sell(Posting(account=ANNA, unit="points", amount=5), Posting(account=ANNA, unit="stamps", amount=1))
    assert shop.scan(1) == replace(base_standing(ANNA, 45), balances=(("points", 45), ("stamps", 1)))
    shop.tell(points(ANNA, 45), applied=1)
    assert shop.scan(1) == base_standing(ANNA, 45)


def test_who_is_scanned_becomes_an_own_member_with_everything_in_the_commit_that_drops_own_postings(shop: Shop) -> None:
    shop.tell(*everything(ANNA, 1, 40))
    shop.sell(Posting(account=ANNA, unit="points", amount=5))
    shop.feed.want([ANNA])
    assert shop.feed.wanted() == (ANNA,)
    shop.tell(*everything(ANNA, 1, 45), told=(ANNA,), applied=1)
    assert shop.scan(1) == full_standing(ANNA, 45)
    assert (shop.own(), shop.feed.wanted(), shop.totals()) == ({ANNA}, (), (1, 45))
    shop.tell(points(ANNA, 50), points(ANNA, 3, unit="visit.count"))
    assert shop.held(ANNA) == {"points": 50, "visit.count": 3}


def test_everything_of_an_own_member_is_replaced_when_it_is_told_again(shop: Shop) -> None:
    shop.tell(*everything(ANNA, 1, 45), told=(ANNA,))
    shop.tell(member(ANNA), points(ANNA, 9), told=(ANNA,))
    assert shop.held(ANNA) == {"points": 9}
    with shop.book.read() as connection:
        assert members.holdings(connection, ANNA).lots == ()


@pytest.mark.parametrize("told", [(), (ANNA,)])
def test_whoever_is_named_and_not_told_stays_as_the_till_has_them(shop: Shop, told: tuple[bytes, ...]) -> None:
    shop.tell(*everything(ANNA, 1, 40), told=told)
    was = shop.scan(1)
    shop.feed.want([ANNA])
    shop.tell(told=(ANNA,))
    assert (shop.scan(1), shop.feed.wanted()) == (was, ())


def test_members_of_the_tills_store_are_wanted_and_told_ids_that_hq_does_not_know_are_not_wanted_again(
    shop: Shop,
) -> None:
    shop.tell(*everything(ANNA, 1, 40, home=HERE), *everything(BORIS, 2, 30))
    assert shop.feed.wanted() == (ANNA,)
    shop.tell(member(BORIS, home=HERE))
    assert shop.feed.wanted() == (ANNA, BORIS)
    shop.feed.want([POOL])
    assert shop.feed.wanted() == (POOL, ANNA, BORIS)
    shop.tell(told=(POOL,))
    assert shop.feed.wanted() == (ANNA, BORIS)


def test_whoever_stays_away_goes_back_to_the_others_and_home_members_stay(shop: Shop) -> None:
    shop.feed.want([BORIS])
    shop.tell(*everything(ANNA, 1, 40, home=HERE), *everything(BORIS, 2, 30), told=(ANNA, BORIS))
    shop.now += KEPT
    shop.tell()
    assert shop.own() == {ANNA, BORIS}
    shop.sell(Posting(account=BORIS, unit="points", amount=1))
    shop.now += timedelta(days=1)
    shop.tell(member(ANNA, home=THERE))
    assert shop.own() == {ANNA, BORIS}
    shop.now += timedelta(days=1)
    shop.tell(points(BORIS, 31), applied=1)
    assert shop.own() == {ANNA}
    assert shop.scan(2) == replace(base_standing(BORIS, 31), as_of=shop.now)
    assert shop.totals() == (2, 71)
    shop.now += KEPT - timedelta(days=1)
    shop.tell()
    assert shop.own() == {ANNA}
    shop.tell(member(ANNA, home=HERE))
    shop.now += timedelta(days=1)
    shop.tell(member(ANNA, home=THERE))
    shop.now += timedelta(days=1)
    shop.tell()
    assert shop.own() == {ANNA}
    shop.now += KEPT + timedelta(days=1)
    shop.tell()
    assert shop.own() == set()


def test_a_card_goes_with_its_member_between_own_ones_and_others(shop: Shop) -> None:
    shop.tell(*everything(ANNA, 1, 40), told=(ANNA,))
    shop.tell(*everything(BORIS, 2, 30), FeedCard(card_key=1, member=BORIS))
    assert (shop.points(1), shop.points(2)) == (30, 30)
    shop.tell(FeedCard(card_key=2, member=ANNA))
    assert (shop.points(1), shop.points(2)) == (30, 40)
    shop.feed.stage(page_of(shop, FeedCard(card_key=2, member=BORIS), complete=False))
    shop.feed.stage(page_of(shop, FeedCard(card_key=2, member=ANNA)))
    assert shop.points(2) == 40
    shop.tell(FeedCard(card_key=2, member=None))
    assert shop.points(2) is None


def page_of(shop: Shop, *rows: FeedRow, complete: bool = True) -> FeedPage:
    after = shop.feed.cursor()[1]
    return FeedPage(
        hq_epoch="e1",
        after=after,
        upto=after + 1,
        complete=complete,
        applied=0,
        rows=rows,
        everyone=False,
        unit="points",
    )


def test_a_merge_of_another_moves_its_card_and_own_postings(shop: Shop) -> None:
    shop.tell(*everything(ANNA, 1, 40), *everything(BORIS, 2, 30))
    shop.sell(Posting(account=ANNA, unit="points", amount=5))
    shop.tell(member(ANNA, canonical=BORIS))
    assert shop.scan(1) == base_standing(BORIS, 35)
    with shop.book.read() as connection:
        assert members.canonical(connection, ANNA) == BORIS


def test_an_own_member_who_becomes_another_makes_that_one_wanted(shop: Shop) -> None:
    shop.tell(*everything(ANNA, 1, 40), told=(ANNA,))
    shop.tell(*everything(BORIS, 2, 30), member(ANNA, canonical=BORIS), FeedCard(card_key=1, member=BORIS))
    assert (shop.points(1), shop.feed.wanted()) == (30, (BORIS,))
    shop.tell(*everything(BORIS, 2, 30), FeedCard(card_key=1, member=BORIS), told=(BORIS,))
    assert shop.scan(1) == full_standing(BORIS, 30)


def test_where_everyone_was_held_growth_lets_go_only_of_who_stays_away(shop: Shop) -> None:
    shop.tell(*everything(ANNA, 1, 40), *everything(BORIS, 2, 30, home=HERE), everyone=True)
    assert shop.own() == {ANNA, BORIS}
    shop.tell(*everything(b"C" * 16, 3, 20))
    assert shop.own() == {ANNA, BORIS}
    shop.now += KEPT + timedelta(days=1)
    shop.tell()
    assert shop.own() == {BORIS}
    assert [shop.points(key) for key in (1, 2, 3)] == [40, 30, 20]


def test_where_everyone_is_to_be_held_again_the_feed_begins_anew(shop: Shop) -> None:
    shop.tell(*everything(ANNA, 1, 40))
    shop.tell(everyone=True)
    assert (shop.feed.cursor(), shop.points(1)) == (("e1", 0), 40)
    shop.tell(*everything(ANNA, 1, 41), everyone=True)
    assert (shop.own(), shop.scan(1)) == ({ANNA}, full_standing(ANNA, 41))


def test_another_unit_makes_the_feed_begin_anew(shop: Shop) -> None:
    shop.tell(*everything(ANNA, 1, 40))
    shop.feed.stage(replace(page_of(shop, points(ANNA, 8, unit="cashback")), unit="cashback"))
    assert (shop.feed.cursor(), shop.points(1)) == (("e1", 0), 40)
    shop.feed.stage(replace(page_of(shop, *everything(ANNA, 1, 40), points(ANNA, 8, unit="cashback")), unit="cashback"))
    assert shop.held(ANNA) == {"cashback": 8}


def test_a_whole_feed_replaces_all_others_and_every_balance(shop: Shop) -> None:
    shop.tell(*everything(ANNA, 1, 40), *everything(BORIS, 2, 30), told=(BORIS,))
    shop.tell(*everything(BORIS, 2, 31), whole=True)
    assert (shop.scan(1), shop.points(2), shop.totals()) == (None, 31, (1, 31))


def test_what_a_file_says_counts_until_the_feed_says_something_else(shop: Shop) -> None:
    twin = ANNA[:4] + bytes(12)
    people = {ANNA: (40, 1), BORIS: (-30, 0), twin: (5, 2), b"C" * 16: (0, 0)}
    name = write_file(shop.folder, people, {1: ANNA, 2: BORIS, 3: twin, -(2**63): ANNA, 2**63 - 1: b"C" * 16})
    shop.stand_on(name)
    assert shop.scan(1) == replace(base_standing(ANNA, 40), as_of=None)
    assert shop.scan(2) == replace(base_standing(BORIS, -30, tier=None), as_of=None)
    assert shop.scan(3) == replace(base_standing(twin, 5, tier="silver"), as_of=None)
    assert (shop.scan(-(2**63)), shop.points(2**63 - 1), shop.points(4)) == (shop.scan(1), 0, None)
    assert shop.totals() == (4, 15)
    shop.tell(
        points(ANNA, 50), FeedCard(card_key=2, member=None), FeedCard(card_key=9, member=BORIS), member(BORIS, tier="x")
    )
    assert shop.scan(1) == base_standing(ANNA, 50)
    assert (shop.points(2), shop.scan(9)) == (None, base_standing(BORIS, -30, tier="x"))
    shop.tell(*everything(ANNA, 1, 60), told=(ANNA,))
    assert (shop.scan(1), shop.totals()) == (full_standing(ANNA, 60), (4, 35))
    shop.tell(*everything(b"D" * 16, 6, 7), member(twin, canonical=BORIS))
    assert (shop.points(3), shop.totals()) == (-30, (4, 37))


def test_a_file_knows_who_became_another(shop: Shop) -> None:
    name = "members-x.db"
    with ReplicaWriter(shop.folder / name, About(hq_epoch="e1", position=0, unit="points")) as writer:
        writer.aliases([(ANNA, BORIS)])
        writer.members([(ANNA, 0), (BORIS, worth(30, 0))])
        writer.cards([(1, ANNA), (2, BORIS)])
        assert writer.finish() == 1
    shop.stand_on(name)
    assert (shop.points(1), shop.points(2), shop.totals()) == (30, 30, (1, 30))


def test_readers_see_a_new_file_with_what_changed_since(shop: Shop) -> None:
    first = write_file(shop.folder, {ANNA: (1, 0)}, {1: ANNA})
    second = write_file(shop.folder, {ANNA: (2, 0)}, {1: ANNA})
    shop.stand_on(first)
    with shop.book.read() as early:
        assert members.by_card(early, 1) == ANNA
        shop.stand_on(second)
        held = members.standing(early, ANNA)
        assert held is not None
        assert held.balance("points") == 1
    assert shop.points(1) == 2
    shop.stand_on("members-gone.db")
    assert shop.points(1) is None


ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99), st.sampled_from([HERE, THERE])), max_size=6)


@given(st.lists(st.tuples(ROWS, st.sets(st.integers(0, 5)), st.booleans()), max_size=5), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_is_own_or_other_has_what_hq_said_last(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[tuple[list[tuple[int, int, str]], set[int], bool]], seed: int
) -> None:
    """Any order of changes, of members that are told, and of pages that are cut in two."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    chance = random.Random(seed)
    now: dict[int, tuple[int, str]] = {}
    try:
        for changes, told, day_passes in rounds:
            changed = {who: (amount, home) for who, amount, home in changes}
            now |= changed
            rows = [
                row
                for who, (amount, home) in changed.items()
                for row in everything(bytes([who]) * 16, who, amount, home)
            ]
            cut = chance.randrange(len(rows) + 1)
            shop.feed.stage(page_of(shop, *rows[:cut], complete=False))
            names = tuple(bytes([who]) * 16 for who in sorted(told & now.keys()))
            extra = [row for who in sorted(told & now.keys()) for row in everything(bytes([who]) * 16, who, *now[who])]
            shop.tell(*rows[cut:], *extra, told=names)
            if day_passes:
                shop.now += KEPT + timedelta(days=1)
                shop.tell()
            assert {who: shop.points(who) for who in range(6)} == {
                who: now[who][0] if who in now else None for who in range(6)
            }
            assert shop.totals() == (len(now), sum(amount for amount, _ in now.values()))
            for who in shop.own():
                assert shop.held(who) == {"points": now[who[0]][0], "visit.count": 2}
    finally:
        shop.book.close()


def test_nothing_new_writes_nothing(shop: Shop) -> None:
    shop.tell(*everything(ANNA, 1, 40))
    held = shop.book._connection.connection.driver_connection.total_changes  # type: ignore[union-attr]
    page = page_of(shop)
    shop.feed.stage(replace(page, upto=page.after))
    assert shop.book._connection.connection.driver_connection.total_changes == held  # type: ignore[union-attr]
    with shop.book.read() as connection:
        assert staging.is_empty(connection)
        assert base.reach_of(connection) == base.Reach(everyone=False, unit="points", file=None)


ANNAS = bucket_of(ANNA)


@pytest.mark.parametrize(("everyone", "told"), [(False, ()), (False, (ANNA,)), (True, ())])
def test_a_bucket_that_agrees_with_hqs_changes_nothing(shop: Shop, everyone: bool, told: tuple[bytes, ...]) -> None:
    total = term_of(ANNA, "points", 40) + (term_of(ANNA, "visit.count", 2) if everyone else 0)
    shop.tell(*everything(ANNA, 1, 40), told=told, everyone=everyone, check=(ANNAS, total))
    shop.sell(Posting(account=ANNA, unit="points", amount=5))
    shop.now += timedelta(minutes=1)
    shop.tell(check=(ANNAS, total), everyone=everyone)
    assert (shop.feed.cursor()[1], shop.mismatch()) == (6, (None, None))


def test_the_checksum_of_others_is_that_of_the_file_and_what_changed_since(shop: Shop) -> None:
    people = {ANNA: (40, 1), BORIS: (30, 0), b"C" * 16: (5, 0), b"\xff" * 16: (1, 0)}
    shop.stand_on(write_file(shop.folder, people, {1: ANNA, 2: BORIS}))
    shop.feed.want([BORIS])
    shop.tell(points(ANNA, 41), *everything(BORIS, 2, 31), *everything(b"D" * 16, 4, 7), told=(BORIS,))
    now = {ANNA: 41, BORIS: 31, b"C" * 16: 5, b"D" * 16: 7, b"\xff" * 16: 1}
    with shop.book.read() as connection:
        assert [sums.sum_of(connection, bucket) for bucket in range(BUCKETS)] == [
            sum(term_of(who, "points", amount) for who, amount in now.items() if bucket_of(who) == bucket)
            for bucket in range(BUCKETS)
        ]
