"""The feed in the book: large ones move in slices, a crash between two loses nothing, and nothing new writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.book import staging, sync_state
from agent.book.sync_state import BookFeed
from agent.till.till import Till
from loyalty.cards import card_key
from sync.protocol.values import FeedBalance, FeedCard, FeedMember, FeedPage, FeedRow
from tests.agent.till.world import Clock, line, open_till, sale

EPOCH = "hq-1"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def till(tmp_path: Path, clock: Clock) -> Iterator[Till]:
    with open_till(tmp_path, clock=clock) as opened:
        yield opened


@pytest.fixture
def feed(till: Till, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> BookFeed:
    monkeypatch.setattr(staging, "SLICE", 3)
    return BookFeed(till.context.book, clock)


def card(number: int) -> str:
    return f"2100{number:09d}"


def member(number: int) -> bytes:
    return number.to_bytes(16, "big")


def rows_of(till: Till, number: int, points: int) -> list[FeedRow]:
    key = card_key(card(number), till.context.keys.identifier_key)
    return [
        FeedMember(member=member(number), canonical=member(number), nickname=None, tier=None, language=None),
        FeedCard(card_key=key, member=member(number)),
        FeedBalance(account=member(number), unit="points", amount=points),
    ]


def page(after: int, *rows: FeedRow, complete: bool = True, applied: int = 0, parked: tuple[int, ...] = ()) -> FeedPage:
    return FeedPage(
        hq_epoch=EPOCH,
        after=after,
        upto=after + len(rows),
        complete=complete,
        applied=applied,
        rows=tuple(rows),
        parked=parked,
    )


def people(till: Till, count: int, points: int = 0) -> list[FeedRow]:
    return [row for number in range(1, count + 1) for row in rows_of(till, number, points or number)]


def shown(till: Till, count: int) -> list[dict[str, int] | None]:
    return [till.member_balances(card(number)) for number in range(1, count + 1)]


def written(till: Till) -> int:
    return till.context.book._connection.connection.driver_connection.total_changes  # type: ignore[union-attr,no-any-return]


def test_a_large_first_feed_is_shown_whole(till: Till, feed: BookFeed) -> None:
    rows = people(till, 20)
    feed.stage(page(0, *rows[:30], complete=False))
    assert till.member_count() == 0
    feed.stage(page(30, *rows[30:]))
    assert shown(till, 20) == [{"points": number} for number in range(1, 21)]
    with till.context.book.read() as connection:
        assert staging.is_empty(connection)
        assert not staging.has_replaced(connection)


def test_a_later_feed_changes_what_it_names_and_a_whole_one_replaces_every_balance(till: Till, feed: BookFeed) -> None:
    feed.stage(page(0, *people(till, 5)))
    feed.stage(page(15, *rows_of(till, 2, 99)))
    assert shown(till, 3) == [{"points": 1}, {"points": 99}, {"points": 3}]
    feed.restart("hq-2")
    feed.stage(replace(page(0, *rows_of(till, 3, 7)), hq_epoch="hq-2"))
    assert shown(till, 3) == [{}, {}, {"points": 7}]


@pytest.mark.parametrize("slices", range(9))
def test_a_crash_between_two_slices_is_made_good_by_the_next_complete_page(
    till: Till, feed: BookFeed, monkeypatch: pytest.MonkeyPatch, slices: int
) -> None:
    feed.stage(page(0, *people(till, 4, points=5)))
    feed.restart(EPOCH)
    real, left = staging.move_slice, iter(range(slices))

    def dying(*given: object, **more: object) -> object:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return real(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(staging, "move_slice", dying)
    with pytest.raises(KeyboardInterrupt):
        feed.stage(page(0, *people(till, 12)))
    assert shown(till, 4) == [{"points": 5}] * 4
    monkeypatch.setattr(staging, "move_slice", real)
    feed.stage(page(36))
    assert shown(till, 12) == [{"points": number} for number in range(1, 13)]


def test_what_a_crash_left_of_the_replaced_balances_is_removed_and_never_shown(
    till: Till, feed: BookFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.stage(page(0, *people(till, 4, points=5)))
    feed.restart(EPOCH)

    def die(_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(staging, "drop_replaced", die)
        with pytest.raises(KeyboardInterrupt):
            feed.stage(page(0, *people(till, 4)))
    assert shown(till, 4) == [{"points": number} for number in range(1, 5)]
    feed.restart(EPOCH)
    feed.stage(page(0, *people(till, 4, points=8)))
    feed.stage(page(12, *rows_of(till, 9, 9)))
    assert shown(till, 4) == [{"points": 8}] * 4


def test_merges_and_cards_that_change_hands_are_seen_together_with_their_balances(till: Till, feed: BookFeed) -> None:
    till.commit(sale("k1", line(1, 24_000), card=card(1)))
    with till.context.book.read() as connection:
        provisional = till.context.find_member(connection, card(1))
    assert provisional is not None
    merged = FeedMember(member=provisional, canonical=member(1), nickname=None, tier=None, language=None)
    feed.stage(page(0, *people(till, 9), merged, applied=1))
    assert till.member_balances(card(1)) == {"points": 1 + 12}
    key = card_key(card(2), till.context.keys.identifier_key)
    feed.stage(page(28, FeedCard(card_key=key, member=None), applied=2))
    assert (till.member_balances(card(1)), till.member_balances(card(2))) == ({"points": 1}, None)


def test_an_entry_that_hq_has_parked_goes_on_counting_here(till: Till, feed: BookFeed) -> None:
    till.commit(sale("k1", card=card(1)))
    till.commit(sale("k2", card=card(1)))
    feed.stage(page(0, applied=3, parked=(3,)))
    assert till.unshown() == 1


def test_a_page_with_nothing_new_writes_nothing_but_as_of_once_a_minute(
    till: Till, feed: BookFeed, clock: Clock
) -> None:
    feed.stage(page(0, *people(till, 2)))
    before = written(till)
    for _ in range(5):
        clock.now += timedelta(seconds=10)
        feed.stage(page(6))
    assert written(till) == before
    clock.now += timedelta(seconds=15)
    feed.stage(page(6))
    with till.context.book.read() as connection:
        assert sync_state.state(connection).as_of == clock.now.isoformat()


def test_an_empty_page_still_drops_what_hq_shows_since(till: Till, feed: BookFeed) -> None:
    till.commit(sale("k1", card=card(1)))
    feed.stage(page(0))
    assert till.unshown() == 1
    feed.stage(page(0, applied=2))
    assert till.unshown() == 0


def whole(till: Till, numbers: range, horizon: int) -> FeedPage:
    """A feed from its beginning, of an HQ that has forgotten tombstones up to ``horizon``."""
    rows = [row for number in numbers for row in rows_of(till, number, number)]
    return replace(page(0, *rows), upto=100, horizon=horizon)


def keys_of(till: Till) -> set[int]:
    with till.context.book.read() as connection:
        return {row[0] for row in connection.exec_driver_sql("SELECT card_key FROM card")}


def card_keys(till: Till, numbers: range) -> set[int]:
    return {card_key(card(number), till.context.keys.identifier_key) for number in numbers}


@pytest.mark.parametrize("people_told", [range(2, 4), range(2, 12)])
def test_a_whole_feed_removes_cards_of_which_hq_may_have_forgotten_the_tombstone(
    till: Till, feed: BookFeed, people_told: range
) -> None:
    feed.stage(whole(till, range(1, 12), horizon=0))
    assert (feed.since(), feed.cursor()) == (100, (EPOCH, 100))
    till.commit(sale("mine", line(1), card=card(77)))
    feed.restart("")
    feed.stage(whole(till, people_told, horizon=101))
    assert keys_of(till) == card_keys(till, people_told) | card_keys(till, range(77, 78))
    feed.stage(replace(page(100, *rows_of(till, 1, 5)), upto=103, horizon=101))
    feed.restart("")
    feed.stage(whole(till, people_told, horizon=101))
    assert keys_of(till) >= card_keys(till, range(1, 2)), "it had missed nothing: cards stay as ever"


def test_a_whole_feed_after_which_no_tombstone_is_missing_removes_no_card(till: Till, feed: BookFeed) -> None:
    feed.stage(whole(till, range(1, 5), horizon=0))
    feed.restart("")
    feed.stage(whole(till, range(2, 3), horizon=100))
    assert keys_of(till) == card_keys(till, range(1, 5))


def test_what_was_staged_before_hq_forgot_more_is_staged_anew(till: Till, feed: BookFeed) -> None:
    feed.stage(replace(page(0, *rows_of(till, 1, 1), complete=False), upto=0, horizon=3))
    feed.stage(replace(page(0, *rows_of(till, 2, 2), complete=False), upto=0, horizon=3))
    assert (feed.since(), feed.cursor()) == (3, (EPOCH, 0))
    feed.stage(whole(till, range(3, 4), horizon=9))
    assert keys_of(till) == card_keys(till, range(3, 4))
