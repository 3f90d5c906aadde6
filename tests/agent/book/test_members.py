"""What the book says of members and other accounts: HQ's word and the own unsent entries added up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.book import members
from agent.book.book import Book
from agent.book.files import migrations
from agent.book.journal import Draft, append
from agent.book.members import NewMember
from agent.book.sync_state import BookFeed
from loyalty.holding.ledger import Ledger
from loyalty.holding.standing import NOTHING, Holdings, LotBalance, Standing
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import EntryKind, Lot, Posting
from sync.protocol.values import FeedBalance, FeedLot, FeedMember, FeedPage, FeedRow

PUBLIC = bytes(range(32))
NOON = datetime(2026, 3, 2, 7, tzinfo=UTC)
MEMBER, POOL, OTHER = b"M" * 16, b"P" * 16, b"O" * 16
YEAR, LATER = Lot(lot_id=b"\x01" * 16, expires_at=2_000), Lot(lot_id=b"\x02" * 16, usable_at=1_000, expires_at=3_000)
DETAIL = EntryDetail(
    salt=bytes(16),
    local_time="2026-03-02T12:00:00+05:00",
    business_date="2026-03-02",
    store="S1",
    currency="KZT",
    currency_scale=2,
)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book(tmp_path, PUBLIC, b"12345678") as one:
        yield one


def posted(account: bytes, amount: int, lot: Lot | None = None, unit: str = "points") -> Posting:
    return Posting(account=account, unit=unit, amount=amount, lot=lot)


def sell(book: Book, *postings: Posting) -> None:
    entry_id = (book.head.sequence + 1).to_bytes(16, "big")
    with book.write() as writing:
        append(writing, Draft(entry_id=entry_id, kind=EntryKind.SALE, detail=DETAIL, postings=postings))


def tell(book: Book, *rows: FeedRow, applied: int = 0, parked: tuple[int, ...] = (), epoch: str = "e1") -> None:
    """Take one complete page that goes on behind the last one."""
    feed = BookFeed(book, lambda: NOON)
    if feed.cursor()[0] not in (None, epoch):
        feed.restart(epoch)
    after = feed.cursor()[1]
    upto = after + len(rows)
    feed.stage(
        FeedPage(hq_epoch=epoch, after=after, upto=upto, complete=True, applied=applied, rows=rows, parked=parked)
    )


def lot_row(account: bytes, lot: Lot, amount: int, unit: str = "points") -> FeedLot:
    return FeedLot(
        account=account,
        unit=unit,
        lot_id=lot.lot_id,
        amount=amount,
        usable_at=lot.usable_at if amount else None,
        expires_at=lot.expires_at if amount else None,
    )


def held(book: Book, account: bytes) -> Holdings:
    with book.read() as connection:
        return members.holdings(connection, account)


def of_points(amount: int, *lots: tuple[Lot, int]) -> Holdings:
    kept = tuple(LotBalance(unit="points", lot=lot, amount=left) for lot, left in lots)
    return Holdings(balances=(("points", amount),), lots=kept)


def test_an_account_has_what_hq_says_and_what_was_posted_here_since(book: Book) -> None:
    tell(book, FeedBalance(account=POOL, unit="points", amount=12), lot_row(POOL, YEAR, 7), lot_row(POOL, LATER, 2))
    assert held(book, POOL) == of_points(12, (YEAR, 7), (LATER, 2))
    sell(book, posted(POOL, -3, YEAR), posted(POOL, -1), posted(POOL, -2, LATER))
    sell(book, posted(POOL, 4, Lot(lot_id=b"\x03" * 16)), posted(POOL, 1, YEAR))
    assert held(book, POOL) == of_points(11, (YEAR, 5), (Lot(lot_id=b"\x03" * 16), 4))
    assert held(book, OTHER) == NOTHING


def test_what_hq_shows_is_not_counted_twice_and_what_it_parked_goes_on_counting(book: Book) -> None:
    sell(book, posted(POOL, 5, YEAR))
    sell(book, posted(POOL, 1, LATER))
    tell(book, FeedBalance(account=POOL, unit="points", amount=5), lot_row(POOL, YEAR, 5), applied=2, parked=(2,))
    assert held(book, POOL) == of_points(6, (YEAR, 5), (LATER, 1))
    tell(book, FeedBalance(account=POOL, unit="points", amount=6), lot_row(POOL, LATER, 1), applied=2)
    assert held(book, POOL) == of_points(6, (YEAR, 5), (LATER, 1))


def test_a_lot_that_is_gone_is_gone_and_may_come_back(book: Book) -> None:
    tell(book, FeedBalance(account=POOL, unit="points", amount=5), lot_row(POOL, YEAR, 5))
    tell(book, FeedBalance(account=POOL, unit="points", amount=0), lot_row(POOL, YEAR, 0))
    assert held(book, POOL) == of_points(0)
    tell(book, FeedBalance(account=POOL, unit="points", amount=2), lot_row(POOL, YEAR, 2))
    assert held(book, POOL) == of_points(2, (YEAR, 2))


def test_a_feed_from_its_beginning_replaces_every_lot(book: Book) -> None:
    sell(book, posted(POOL, 1, LATER))
    tell(book, FeedBalance(account=OTHER, unit="points", amount=5), lot_row(OTHER, YEAR, 5))
    whole: list[FeedRow] = [
        FeedBalance(account=POOL, unit="points", amount=3),
        lot_row(POOL, YEAR, 3),
        lot_row(POOL, LATER, 0),
    ]
    tell(book, *whole, epoch="e2")
    assert (held(book, OTHER), held(book, POOL)) == (NOTHING, of_points(4, (YEAR, 3), (LATER, 1)))
    with book.read() as connection:
        tables = {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
            for name in ("posted_lot", "stage_lot", "replaced_lot")
        }
    assert tables == {"posted_lot": 1, "stage_lot": 0, "replaced_lot": 0}


def test_a_lot_is_not_shown_before_the_feed_is_complete(book: Book) -> None:
    feed = BookFeed(book, lambda: NOON)
    feed.stage(FeedPage(hq_epoch="e1", after=0, upto=1, complete=False, applied=0, rows=(lot_row(POOL, YEAR, 5),)))
    assert held(book, POOL) == NOTHING
    gone = (lot_row(POOL, YEAR, 0), lot_row(OTHER, YEAR, 1))
    feed.stage(FeedPage(hq_epoch="e1", after=1, upto=3, complete=True, applied=0, rows=gone))
    assert held(book, POOL) == NOTHING
    assert [one.amount for one in held(book, OTHER).lots] == [1]


def test_a_merged_members_own_lots_move_with_its_postings(book: Book) -> None:
    sell(book, posted(OTHER, 5, YEAR))
    tell(book, FeedMember(member=OTHER, canonical=MEMBER, nickname=None, tier=None, language=None))
    assert (held(book, OTHER), held(book, MEMBER)) == (NOTHING, of_points(5, (YEAR, 5)))


def test_accounts_that_nobody_told_of_are_unseen(book: Book) -> None:
    sell(book, posted(POOL, 1))
    tell(book, FeedBalance(account=MEMBER, unit="points", amount=0))
    with book.read() as connection:
        assert members.unseen(connection, [POOL, MEMBER, OTHER]) == {OTHER}
        assert members.holdings_of(connection, [POOL, OTHER]) == {POOL: of_points(1), OTHER: NOTHING}


def test_a_standing_says_everything_that_hq_told(book: Book) -> None:
    told = FeedMember(
        member=MEMBER,
        canonical=MEMBER,
        nickname="Әлия",
        tier="gold",
        language="kk",
        birthday="02-29",
        joined_on="2025-01-31",
        last_visit_on="2026-03-01",
        segments=("lapsed", "low"),
        tier_until=1_800_000_000,
        referrer=OTHER,
    )
    tell(book, told, FeedBalance(account=MEMBER, unit="points", amount=5), lot_row(MEMBER, YEAR, 5))
    with book.read() as connection:
        assert members.standing(connection, MEMBER) == Standing(
            member=MEMBER,
            balances=(("points", 5),),
            lots=(LotBalance(unit="points", lot=YEAR, amount=5),),
            tier="gold",
            tier_until=datetime(2027, 1, 15, 8, tzinfo=UTC),
            nickname="Әлия",
            language="kk",
            segments=("lapsed", "low"),
            birthday=(2, 29),
            joined_on=date(2025, 1, 31),
            last_visit_on=date(2026, 3, 1),
            referrer=OTHER,
            as_of=NOON,
        )


def visit(book: Book, day: date) -> bool:
    """Note a visit; tells whether anything was written for it."""
    with book.write() as writing:
        before = writing.connection.connection.driver_connection.total_changes  # type: ignore[union-attr]
        known = members.standing(writing.connection, MEMBER)
        assert known is not None
        members.visited(writing.connection, known, day)
        after = writing.connection.connection.driver_connection.total_changes  # type: ignore[union-attr]
    return bool(after > before)


def last_visit(book: Book) -> date | None:
    with book.read() as connection:
        known = members.standing(connection, MEMBER)
    assert known is not None
    return known.last_visit_on


def test_the_last_visit_only_moves_on_whether_hq_or_this_till_says_it(book: Book) -> None:
    new = NewMember(
        member=MEMBER, card_key=1, nickname=None, language=None, joined_on=date(2026, 3, 1), birthday="12-31"
    )
    with book.write() as writing:
        members.enrol(writing.connection, new)
    with book.read() as connection:
        assert members.standing(connection, MEMBER) == members.joined(new)
    assert [visit(book, date(2026, 3, day)) for day in (2, 2, 1)] == [True, False, False]
    of_hq = FeedMember(member=MEMBER, canonical=MEMBER, nickname=None, tier=None, language=None)
    tell(book, of_hq)
    assert last_visit(book) == date(2026, 3, 2)
    tell(book, FeedMember(**{name: getattr(of_hq, name) for name in of_hq.__slots__} | {"last_visit_on": "2026-03-05"}))
    assert last_visit(book) == date(2026, 3, 5)


@pytest.mark.parametrize("name", ["_MEMBER", "_CANONICAL", "_HELD", "_SEEN", "_VISITED", "_FIND"])
def test_no_question_about_one_account_reads_a_whole_table(name: str) -> None:
    connection, prepared = sqlite3.connect(":memory:"), getattr(members, name)
    for script in migrations():
        connection.executescript(script)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {prepared.sql}", [None] * len(prepared._names)).fetchall()
    connection.close()
    assert "SEARCH" in str(plan)
    assert "SCAN posted" not in str(plan)
    assert "SCAN pending" not in str(plan)
    assert "SCAN member" not in str(plan)


lots = st.none() | st.integers(0, 2).map(lambda place: Lot(lot_id=bytes([place]) * 16, expires_at=place))
postings = st.lists(
    st.builds(
        Posting, account=st.just(POOL), unit=st.sampled_from(["points", "x"]), amount=st.integers(-3, 3), lot=lots
    ),
    max_size=4,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(postings, max_size=8), share=st.integers(0, 8))
def test_the_books_sums_are_those_of_a_ledger(
    tmp_path_factory: pytest.TempPathFactory, entries: list[list[Posting]], share: int
) -> None:
    by_hq, by_all = Ledger(), Ledger()
    with Book(tmp_path_factory.mktemp("book"), PUBLIC, b"12345678") as book:
        for number, one in enumerate(entries):
            sell(book, *one)
            by_all.post(number.to_bytes(16, "big"), one)
            if number < share:
                by_hq.post(number.to_bytes(16, "big"), one)
        of_hq = by_hq.holdings(POOL)
        rows: list[FeedRow] = [FeedBalance(account=POOL, unit=unit, amount=sum_) for unit, sum_ in of_hq.balances]
        rows += [lot_row(POOL, one.lot, one.amount, one.unit) for one in of_hq.lots]
        tell(book, *rows, applied=min(share, len(entries)))
        assert held(book, POOL) == by_all.holdings(POOL)


def test_what_is_pending_is_summed_from_its_index_alone() -> None:
    connection = sqlite3.connect(":memory:")
    for script in migrations():
        connection.executescript(script)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {members._HELD.sql}", [None] * 3).fetchall()
    connection.close()
    assert "USING COVERING INDEX pending_account" in str(plan)
    assert "TEMP B-TREE" not in str(plan)
