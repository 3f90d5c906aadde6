"""The migrations make the schema that the program has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from hq.book.migrate import newest, upgrade
from hq.book.schema import metadata
from hq.book.sqlite import BOOK_FILE
from hq.errors import BookNewer
from tests.hq.houses import House


def test_the_migrations_leave_nothing_to_do(any_house: House) -> None:
    with any_house.hq.book.write() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == newest()


def shape(connection: sqlalchemy.Connection) -> dict[str, object]:
    """What SQLite says of every table: a column that was added later stands behind the constraints in its text."""

    def rows(pragma: str, name: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in connection.exec_driver_sql(f"PRAGMA {pragma}('{name}')")]

    tables = connection.exec_driver_sql("SELECT name, wr, strict FROM pragma_table_list WHERE type = 'table'").all()
    return {
        name: (
            (without_rowid, strict),
            rows("table_info", name),
            sorted(rows("foreign_key_list", name)),
            sorted((index[1:], rows("index_info", str(index[1]))) for index in rows("index_list", name)),
        )
        for name, without_rowid, strict in tables
        if name != "alembic_version"
    }


def test_on_sqlite_every_table_and_index_is_made_as_the_schema_makes_it(house: House) -> None:
    made = sqlalchemy.create_engine("sqlite://")
    metadata.create_all(made)
    with made.connect() as connection:
        expected = shape(connection)
    made.dispose()
    with house.hq.book.read() as connection:
        assert shape(connection) == expected


def test_upgrading_twice_changes_nothing(any_house: House) -> None:
    any_house.till()
    upgrade(any_house.hq.book)
    assert len(any_house.hq.overview.tills()) == 1


@pytest.fixture
def blank_book(tmp_path: Path) -> Path:
    """An empty file: here migrations begin from nothing."""
    nothing = tmp_path / "nothing" / BOOK_FILE
    nothing.parent.mkdir()
    nothing.touch()
    return nothing


def empty(url: str | None) -> None:
    """Take everything out of a database."""
    if url is not None:
        engine = sqlalchemy.create_engine("postgresql+psycopg://" + url.partition("://")[2])
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        engine.dispose()


def house_at(revision: str, build: Callable[..., House], any_url: str | None, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house whose book is of an old schema, from before there were leases."""
    empty(any_url)
    with monkeypatch.context() as past:
        past.setattr("hq.book.migrate.NEWEST", revision)
        past.setattr("hq.epochs.restored.last_change", lambda _connection: 0)
        return build(any_url)


def test_a_book_of_the_first_schema_is_brought_up_with_everything_in_it(
    build: Callable[..., House], any_url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_at("0001", build, any_url, monkeypatch)
    row = {"code": b"c" * 32, "until": 2**50}
    with house.hq.book.write() as connection:
        connection.execute(sqlalchemy.text("INSERT INTO pairing_code VALUES (:code, :until, 5, NULL)"), row)
    house.hq.close()
    again = build(any_url)
    assert again.rows("SELECT * FROM pairing_code") == [(b"c" * 32, 2**50, None)]
    with again.hq.book.write() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == newest() != "0001"


def test_a_book_before_lots_gets_them_from_its_ledger_and_its_accounts_are_members(
    build: Callable[..., House], any_url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_at("0002", build, any_url, monkeypatch)
    line = "INSERT INTO ledger VALUES (:account, 'points', :entry, 0, 'sale', :amount, :lot, NULL, :expires, 5)"
    account, lot = b"a" * 16, b"l" * 16
    given = [(b"1", 7, lot, 99), (b"2", -3, lot, 99), (b"3", 4, b"m" * 16, None), (b"4", -4, b"m" * 16, None)]
    with house.hq.book.write() as connection:
        connection.execute(sqlalchemy.text("INSERT INTO account VALUES (:own, :own)"), {"own": account})
        for entry, amount, of, expires in [*given, (b"5", 9, None, None)]:
            row = {"account": account, "entry": entry * 16, "amount": amount, "lot": of, "expires": expires}
            connection.execute(sqlalchemy.text(line), row)
    house.hq.close()
    again = build(any_url)
    assert again.rows("SELECT * FROM lot") == [(account, "points", lot, 4, None, 99)]
    assert again.rows("SELECT * FROM account") == [(account, account, "member")]


def test_a_book_of_a_newer_program_is_refused(build: Callable[..., House]) -> None:
    house = build()
    with house.hq.book.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(BookNewer, match="newer HQ"):
        upgrade(house.hq.book)


def test_a_book_is_found_again_with_everything_in_it(build: Callable[..., House]) -> None:
    house = build()
    till = house.till()
    till.sale(till.enrol("7001"), 3)
    house.take(till)
    epoch, balance = house.hq.hq_epoch, house.hq.member_balance("7001")
    house.hq.close()
    again = build()
    assert (again.hq.hq_epoch, again.hq.member_balance("7001")) == (epoch, balance)
