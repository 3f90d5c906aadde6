"""The book on PostgreSQL: one HQ, whatever the server's defaults are and whoever ends a session."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy.pool import NullPool

from cli.doctor.hq_side import check_hq
from hq.asking import member_code
from hq.book import postgres
from hq.errors import BookBusy, BookInUse
from tests.hq.houses import House

Build = Callable[..., House]


@pytest.fixture
def beside(postgres_url: str) -> Iterator[sqlalchemy.Connection]:
    """A connection of somebody else to the same database."""
    address = "postgresql+psycopg://" + postgres_url.partition("://")[2]
    engine = sqlalchemy.create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def end_guard(beside: sqlalchemy.Connection) -> int:
    """End the session that holds the lock of the one HQ; gives how many there were."""
    holders = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    ended = list(
        beside.execute(sqlalchemy.text(f"SELECT pg_terminate_backend(pid, 5000) FROM ({holders}) AS held")).scalars()
    )
    assert all(ended)
    return len(ended)


def test_a_second_hq_on_one_database_is_refused_until_the_first_is_closed(
    build: Build, postgres_url: str, tmp_path: Path
) -> None:
    first = build(postgres_url)
    with pytest.raises(BookInUse, match="another HQ") as caught:
        build(postgres_url, data_dir=tmp_path / "other")
    assert postgres_url not in str(caught.value)
    first.till()
    first.hq.close()
    build(postgres_url).till()


def test_an_hq_whose_lock_was_cut_takes_it_again_before_it_writes(
    build: Build, postgres_url: str, beside: sqlalchemy.Connection
) -> None:
    house = build(postgres_url)
    house.till()
    assert end_guard(beside) == 1
    house.till("Till 2")
    assert end_guard(beside) == 1


def test_an_hq_whose_lock_another_has_taken_writes_nothing(
    build: Build, postgres_url: str, tmp_path: Path, beside: sqlalchemy.Connection
) -> None:
    first = build(postgres_url)
    assert end_guard(beside) == 1
    build(postgres_url, data_dir=tmp_path / "other")
    with pytest.raises(BookBusy, match="another HQ"):
        first.till()
    for _ in range(12):  # more often than there are connections to read by
        with pytest.raises(BookBusy, match="another HQ"):
            first.rows("SELECT * FROM terminal")


def test_an_hq_whose_book_another_used_meanwhile_tells_and_writes_nothing_any_more(
    build: Build, postgres_url: str, tmp_path: Path, beside: sqlalchemy.Connection
) -> None:
    first = build(postgres_url)
    till = first.till()
    till.enrol("7001")
    first.take(till)
    assert end_guard(beside) == 1
    build(postgres_url, data_dir=tmp_path / "other").hq.close()
    for _ in range(2):
        with pytest.raises(BookBusy, match="start this HQ again"):
            first.rows("SELECT * FROM terminal")
        with pytest.raises(BookBusy, match="start this HQ again"):
            first.till()
    first.hq.close()
    build(postgres_url).till()


def test_writers_see_what_was_committed_while_they_waited_whatever_the_default(
    build: Build, postgres_url: str, beside: sqlalchemy.Connection
) -> None:
    name = beside.execute(sqlalchemy.text("SELECT current_database()")).scalar_one()
    beside.execute(sqlalchemy.text(f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'serializable'"))
    house = build(postgres_url)
    with house.hq.book.write() as connection:
        assert connection.execute(sqlalchemy.text("SHOW transaction_isolation")).scalar_one() == "read committed"
        assert connection.execute(sqlalchemy.text("SHOW lock_timeout")).scalar_one() == "15s"


def test_who_only_looks_is_let_in_beside_an_hq(build: Build, postgres_url: str) -> None:
    house = build(postgres_url)
    house.till()
    assert "the database answers" in [found.text for found in check_hq(house.hq.config)]
    assert member_code(house.hq.config, "7001", 5, house.clock())
    house.till("Till 2")


def test_a_writer_whom_the_database_ends_to_undo_a_deadlock_wrote_nothing_and_is_asked_for_again(
    build: Build, postgres_url: str, beside: sqlalchemy.Connection
) -> None:
    house = build(postgres_url)
    till = house.till()
    till.sale(till.enrol("7001"), 5)
    beside.execute(sqlalchemy.text("SET deadlock_timeout = '30s'"))  # the other one looks first
    beside.execute(sqlalchemy.text("BEGIN"))
    beside.execute(sqlalchemy.text("LOCK TABLE journal IN EXCLUSIVE MODE"))
    raised: list[BaseException] = []

    def take() -> None:
        try:
            house.take(till)
        except BookBusy as fault:
            raised.append(fault)

    writer = threading.Thread(target=take)
    writer.start()
    waiting = sqlalchemy.text("SELECT count(*) FROM pg_locks WHERE relation = 'journal'::regclass AND NOT granted")
    while not beside.execute(waiting).scalar_one():
        time.sleep(0.01)
    beside.execute(sqlalchemy.text(f"SELECT pg_advisory_xact_lock({postgres.ONE_WRITER})"))
    beside.execute(sqlalchemy.text("ROLLBACK"))
    writer.join()
    assert len(raised) == 1
    assert house.rows("SELECT * FROM journal") == []
    assert (house.take(till), house.points("7001")) == (2, 5)


def test_a_writer_waits_for_a_lock_of_somebody_else_only_so_long(
    build: Build, postgres_url: str, beside: sqlalchemy.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "WRITE_WAIT_S", 0.2)
    house = build(postgres_url)
    till = house.till()
    till.enrol("7001")
    beside.execute(sqlalchemy.text("BEGIN"))
    beside.execute(sqlalchemy.text("LOCK TABLE journal IN EXCLUSIVE MODE"))
    with pytest.raises(BookBusy, match="locked by another program"):
        house.take(till)
    beside.execute(sqlalchemy.text("ROLLBACK"))
    assert house.take(till) == 1
