"""A member is forgotten: at HQ, and at every till that ever wrote something about them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.book import forgetting
from agent.till.requests import EnrolRequest
from hq.accounts.holdings import holdings
from hq.members.values import Erase, Erased
from loyalty.sale.basket import BasketLine
from tests.cli.together.chains import CARD, CLUB, OTHER, Chain, Make
from tests.cli.together.resting import at_rest, exceptions

FREE = '[[reward]]\nkind = "points_discount"\nid = "off"\ncost = 100\ndiscount = "1.00"\n'
NICKNAME = "Dananame"
TRACES = (CARD.encode(), NICKNAME.encode())


def enrol(chain: Chain, number: int = 0) -> None:
    request = EnrolRequest(key=f"e{number}", card=CARD, nickname=NICKNAME, provenance=chain.sale().provenance)
    assert "refused" not in chain.tills[number].enrol(request).values


def erase(chain: Chain) -> None:
    assert isinstance(chain.hq.erasing.erase(Erase(card=CARD, reason="request 17")), Erased)


def traces(connection: Any) -> list[tuple[str, int]]:
    """Which tables of a book of SQLite hold a trace, and in how many rows."""
    query = "SELECT name FROM sqlite_schema WHERE type = 'table'"
    names = connection.exec_driver_sql(query).scalars().all()
    found = []
    for name in sorted(names):
        rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()
        hits = [row for row in rows if any(trace in _bytes(value) for value in row for trace in TRACES)]
        found += [(name, len(hits))] if hits else []
    return found


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def all_traces(chain: Chain) -> list[list[tuple[str, int]]]:
    found = []
    for book in (chain.hq.book, *(till.context.book for till in chain.tills)):
        with book.read() as connection:  # type: ignore[attr-defined]
            found.append(traces(connection))
    return found


def files_with_traces(chain: Chain) -> list[str]:
    """The files of all books that hold a trace, once their write-ahead logs are brought home."""
    chain.hq.book.settle()
    for till in chain.tills:
        till.context.book._connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    files = [path for path in chain.folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(trace in path.read_bytes() for trace in TRACES)]


def test_no_table_of_hq_or_of_a_till_says_who_it_was_and_all_still_agrees(make: Make) -> None:
    chain = make(CLUB + FREE)
    enrol(chain)
    sold = chain.buy(0, "100.00")
    chain.buy(1, "40.00", card=OTHER)
    chain.talk()
    chain.buy(1, "7.00")
    chain.bring_back(1, "00" * 16)
    chain.talk()
    member = chain.member(CARD)
    chain.cut(1)
    chain.buy(1, "30.00")  # on its way while the member is forgotten
    erase(chain)
    chain.cut(1, on=False)
    at_rest(chain)
    assert (all_traces(chain), files_with_traces(chain)) == ([[], [], []], [])
    assert exceptions(chain) == []
    with chain.hq.book.read() as connection:
        assert holdings(connection, member).balance("points") == 137
    chain.later(minutes=1)
    assert chain.bring_back(0, sold["entry"])["refused"] == "sale_unknown"
    assert chain.buy(0, "1.00")["enrolled"]  # who shows the card from now on is somebody new
    at_rest(chain)
    assert chain.member(CARD) != member
    with chain.tills[0].context.book.read() as connection:
        assert traces(connection) != []  # and is not forgotten


def test_a_till_that_was_away_for_weeks_and_enrolled_the_card_too_forgets_it_with_what_it_sends(make: Make) -> None:
    chain = make(CLUB + FREE)
    chain.talk()
    chain.cut(1)
    enrol(chain)
    enrol(chain, 1)
    chain.buy(0, "100.00")
    chain.buy(1, "5.00")
    chain.talk(0)
    erase(chain)
    chain.later(days=20)
    chain.cut(1, on=False)
    at_rest(chain)
    assert all_traces(chain) == [[], [], []]
    assert exceptions(chain) == []


def test_no_letter_is_left_in_the_files_of_a_till_with_many_long_entries(make: Make) -> None:
    chain = make(CLUB + FREE, tills=1)
    enrol(chain)
    for number in range(120):
        lines = tuple(
            BasketLine(line=line, item=f"item {line}", name="n" * number, quantity_milli=1_000, amount_minor=100)
            for line in range(1, 2 + number % 40)
        )
        chain.commit(0, replace(chain.sale(card=CARD if number % 3 else OTHER), lines=lines))
    chain.talk()
    erase(chain)
    at_rest(chain)
    assert (all_traces(chain), files_with_traces(chain)) == ([[], []], [])


def test_it_is_done_slice_by_slice_and_never_before_hq_has_the_entry(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = make(CLUB + FREE)
    enrol(chain)
    for _ in range(5):
        chain.buy(0, "1.00")
    chain.talk()
    monkeypatch.setattr("agent.sync_worker.forget", lambda *_: False)
    erase(chain)
    chain.talk(0)
    context = chain.tills[0].context
    assert forgetting.forget(context.book, context.keys.identifier_key, most=2)
    with context.book.read() as connection:
        left = connection.exec_driver_sql("SELECT count(*) FROM journal WHERE detail <> x''").scalar_one()
        sent = connection.exec_driver_sql("SELECT acked FROM sync_state").scalar_one()
    assert (left, sent) == (6 - 2, 6)
    rounds = 0
    while forgetting.forget(context.book, context.keys.identifier_key, most=2):
        rounds += 1
    assert rounds == 2
    with context.book.read() as connection:
        assert traces(connection) == []
