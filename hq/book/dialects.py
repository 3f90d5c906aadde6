"""The few statements that SQLite and PostgreSQL write alike but SQLAlchemy keeps apart, made for many rows.

SQLAlchemy writes each statement once; the rows then go to the driver as they are, since its work on every value
of every row costs more than the database's (measured: ingest is twice as fast). So values must be what the
driver takes: bytes, int, str or None.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.dialects.sqlite import pysqlite

Rows = Sequence[Mapping[str, Any]]
_K = TypeVar("_K")
_MOST_KEYS = 5_000
_POSTGRES = "postgresql"
_POSTGRES_DIALECT: Any = psycopg.dialect()  # type: ignore[no-untyped-call]
_SQLITE_DIALECT: Any = pysqlite.dialect()


def in_chunks(keys: Collection[_K]) -> Iterator[Sequence[_K]]:
    """Cut keys into runs that one ``IN (...)`` can hold on both databases."""
    ordered = list(keys)
    for start in range(0, len(ordered), _MOST_KEYS):
        yield ordered[start : start + _MOST_KEYS]


def marks(connection: Connection, count: int) -> str:
    """Give so many places for values as the driver writes them, for SQL that SQLAlchemy does not write."""
    return ", ".join(["%s" if connection.dialect.name == _POSTGRES else "?"] * count)


def insert_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows that must be new. Here and below: every row has the columns of the first."""
    _run(connection, table, rows, change=None)


def insert_missing(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, leaving those whose key is there as they are."""
    _run(connection, table, rows, change=())


def put_rows(connection: Connection, table: Table, rows: Rows, *, change: Sequence[str]) -> None:
    """Insert rows, or set the columns ``change`` of those whose key is there."""
    _run(connection, table, rows, change=tuple(change))


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement as the driver takes it, and how it takes a row."""

    sql: str
    row: Callable[[Mapping[str, Any]], Any]


def _run(connection: Connection, table: Table, rows: Rows, *, change: tuple[str, ...] | None) -> None:
    if rows:
        written = _write(connection.dialect.name, table, tuple(rows[0]), change)
        connection.exec_driver_sql(written.sql, [written.row(row) for row in rows])


@lru_cache(maxsize=256)
def _write(dialect: str, table: Table, columns: tuple[str, ...], change: tuple[str, ...] | None) -> _Written:
    statement: Any = (postgresql if dialect == _POSTGRES else sqlite).insert(table)
    if change == ():
        statement = statement.on_conflict_do_nothing()
    elif change is not None:
        keys = [column.name for column in table.primary_key]
        changes = {name: statement.excluded[name] for name in change}
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changes)
    if dialect == _POSTGRES:
        return _Written(str(statement.compile(dialect=_POSTGRES_DIALECT, column_keys=columns)), dict)
    compiled = statement.compile(dialect=_SQLITE_DIALECT, column_keys=columns)
    names = compiled.positiontup
    pick = itemgetter(*names)
    return _Written(str(compiled), pick if len(names) > 1 else lambda row: (pick(row),))
