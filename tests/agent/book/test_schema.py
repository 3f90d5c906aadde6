"""Schema versions: the code's tables are the files' tables, and every past file comes up with every row."""

from __future__ import annotations

import re
import sqlite3
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from agent.book import schema
from agent.book.book import FILE
from agent.book.files import APPLICATION_ID, migrations
from agent.keys import TillKeys
from agent.till.till import Till
from tests.agent.till.world import (
    CARD,
    CARRYING,
    OTHER_CARD,
    Clock,
    Mint,
    config,
    goods,
    line,
    programme_file,
    sale,
    void,
)

_FILLED = {("pending", 7): 0, ("print_job", 5): 0, ("print_job", 7): "slip", ("print_job", 8): 0}
"""New columns that hold something: what of pending postings is under leases; since when a receipt waits, which is long ago, and
that it is a receipt."""
DATA = Path(__file__).parent / "data"
Shape = dict[str, object]


def shape(connection: sqlite3.Connection) -> Shape:
    """Columns, keys and indexes of every table."""
    told: Shape = {}
    tables = connection.execute("SELECT name, wr FROM pragma_table_list WHERE type = 'table' AND schema = 'main'")
    for table, without_rowid in tables.fetchall():
        if table.startswith("sqlite_"):
            continue
        indexes = connection.execute(f"SELECT name, [unique], origin, partial FROM pragma_index_list('{table}')")
        told[table] = {
            "without_rowid": without_rowid,
            "columns": connection.execute(f"PRAGMA table_info('{table}')").fetchall(),
            "foreign": connection.execute(f"PRAGMA foreign_key_list('{table}')").fetchall(),
            "indexes": sorted(
                (name, unique, origin, partial, tuple(connection.execute(f"PRAGMA index_info('{name}')").fetchall()))
                for name, unique, origin, partial in indexes.fetchall()
            ),
        }
    partial = "SELECT name, replace(replace(sql, '\n', ''), '\t', '') FROM sqlite_schema WHERE sql LIKE '% WHERE %'"
    told["partial"] = sorted(connection.execute(partial).fetchall())
    return told


def migrated() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for script in migrations():
        connection.executescript(script)
    return connection


def test_the_codes_tables_are_what_the_migrations_make(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'code.db'}")
    schema.metadata.create_all(engine)
    engine.dispose()
    by_code, by_migrations = sqlite3.connect(tmp_path / "code.db"), migrated()
    try:
        assert shape(by_code) == shape(by_migrations)
    finally:
        by_code.close()
        by_migrations.close()


def test_enrolments_are_found_by_their_index() -> None:
    from agent.book import journal

    connection = migrated()
    plan = connection.execute(f"EXPLAIN QUERY PLAN {journal._ENROLMENTS.sql}").fetchall()
    connection.close()
    assert "journal_enrolments" in str(plan)


@pytest.mark.parametrize(
    ("module", "name"),
    [("journal", name) for name in ("_BY_ID", "_BY_BUSINESS_KEY", "_BY_SEQUENCE", "_RUN")]
    + [("epochs", name) for name in ("_HASH", "_FIRST_PAST", "_BEHIND")],
)
def test_no_question_of_a_sale_or_an_upload_reads_the_whole_journal(module: str, name: str) -> None:
    connection, prepared = migrated(), getattr(import_module(f"agent.book.{module}"), name)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {prepared.sql}", [None] * len(prepared._names)).fetchall()
    connection.close()
    assert "SEARCH" in str(plan)
    assert "SCAN" not in str(plan)


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(path)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    told = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    connection.close()
    return told


def brought_up(table: str, row: tuple[object, ...], now: list[tuple[object, ...]]) -> tuple[object, ...]:
    """The row of a past book with nothing in the columns that its table got since, and a member as one is written now."""
    added = (_FILLED.get((table, place)) for place in range(len(row), len(now[0])))
    if table == "member":
        assert row[0] == row[1], "nobody was merged in these books"
        row = (row[0], None, *(_day_number(value) for value in row[2:]))
    return (*row, *added)


def _day_number(value: object) -> object:
    is_day = isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)
    return date.fromisoformat(str(value)).toordinal() if is_day else value


@pytest.fixture(params=sorted(path.name for path in DATA.glob("schema_*.sql")))
def old_book(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A data directory with a book of a past schema, and the keys that it was begun with."""
    cfg = config(tmp_path)
    programme_file(tmp_path, CARRYING)
    cfg.data_dir.mkdir()
    TillKeys(cfg.data_dir / "keys", terminal_seed=bytes(range(32)), identifier_key=bytes(range(32, 64)))
    connection = sqlite3.connect(cfg.data_dir / FILE)
    connection.executescript((DATA / str(request.param)).read_text(encoding="utf-8"))
    connection.close()
    return tmp_path


def test_a_past_book_keeps_every_row(old_book: Path) -> None:
    path = old_book / "till-data" / FILE
    before = rows(path)
    with Till(config(old_book), clock=Clock(), mint=Mint()):
        pass
    after = rows(path)
    before.pop("feed_stage", None)
    (state,), (was,) = after.pop("sync_state"), before.pop("sync_state")
    for table, held in before.items():
        staged = table.startswith("stage_")  # what was staged is fetched again, with what members have in columns since
        assert after[table] == ([] if staged else [brought_up(table, row, after[table]) for row in held])
    assert state == (*was[:5], None, 0, was[7], 0, 0, None, 0, None, 0, 0, 0)
    assert after["epoch"] == [(1, 0)]
    connection = sqlite3.connect(path)
    marks = connection.execute("PRAGMA user_version").fetchone(), connection.execute("PRAGMA application_id").fetchone()
    connection.close()
    assert marks == ((len(migrations()),), (APPLICATION_ID,))


def test_a_past_book_goes_on_where_it_stood(old_book: Path) -> None:
    with Till(config(old_book), clock=Clock(), mint=Mint()) as till:
        head = till.context.book.head
        assert (head.sequence, head.receipts, till.member_count()) == (9, 6, 3)
        assert (till.member_balances(CARD), till.member_balances(OTHER_CARD)) == ({"points": 9}, {"points": 0})
        first = sale(
            "k1",
            line(1, 24_650, name='Šampan "Noč"', tax_minor=100),
            line(2, 5_000, category="alcohol", quantity_milli=1_500),
        )
        retried = till.commit(first)
        assert (retried.fresh, retried.values["receipt_number"]) == (False, 1)
        assert till.commit(sale("k4", currency="EUR")).refused == "currency_mismatch"
        back = till.return_goods(goods("later", retried.values["entry"], (1, 750)))
        assert back.values["balances"] == {"points": 0}
        assert till.void(void("later2", retried.values["entry"])).refused == "sale_returned"
        assert till.commit(sale("new")).values["receipt_number"] == 8


def test_members_of_a_past_book_keep_their_days_and_whom_they_became() -> None:
    connection = sqlite3.connect(":memory:")
    for script in migrations()[:12]:
        connection.executescript(script)
    for who, now in ((b"a", b"a"), (b"b", b"a")):
        connection.execute(
            "INSERT INTO member (member, canonical, joined_on, last_visit_on, seen_on) VALUES (?, ?, ?, ?, ?)",
            (who, now, "2024-02-29", "2026-12-31", None),
        )
    connection.executescript(migrations()[12])
    told = connection.execute("SELECT member, canonical, joined_on, last_visit_on, seen_on FROM member").fetchall()
    days = (date(2024, 2, 29).toordinal(), date(2026, 12, 31).toordinal(), None)
    assert told == [(b"a", None, *days), (b"b", b"a", *days)]
