"""The few statements that SQLite and PostgreSQL write alike but SQLAlchemy keeps apart, made for many rows.

SQLAlchemy writes each statement once; the rows then go to the driver as they are, since its work on every value
of every row costs more than the database's (measured: ingest is twice as fast). So values must be what the
driver takes: bytes, int, str or None. PostgreSQL gets all rows in one statement, a list for each column: a statement
for each row costs more than what it does.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    func,
    literal,
    select,
    update,
)
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


def among(connection: Connection, column: Column[Any], keys: Collection[bytes | int | str]) -> ColumnElement[bool]:
    """Say that a column holds one of some keys, at most as many as `in_chunks` gives; PostgreSQL gets them as one value."""
    if connection.dialect.name != _POSTGRES:
        return column.in_(keys)
    return column == any_(cast(literal(array_literal(keys), Text()), ARRAY(_type_of(column))))


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


def update_rows(connection: Connection, table: Table, rows: Rows, *, keys: Sequence[str]) -> None:
    """Set columns of rows that are there; each of ``rows`` holds the columns ``keys``, by which its row is found, and the others."""
    if not rows:
        return
    changed = tuple(name for name in rows[0] if name not in keys)
    if connection.dialect.name == _POSTGRES:
        _execute(connection, _update_at_once(table, tuple(keys), changed), _last_words(rows, keys))
    else:
        _execute(connection, _update(table, tuple(keys), changed), rows)


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement as the driver takes it, and how it takes a row; all rows at once where it names no such way.

    Attributes:
        columns: Whose lists a statement for all rows takes.
    """

    sql: str
    row: Callable[[Mapping[str, Any]], Any] | None = None
    columns: tuple[str, ...] = ()


def _run(connection: Connection, table: Table, rows: Rows, *, change: tuple[str, ...] | None) -> None:
    if not rows:
        return
    columns = tuple(rows[0])
    if connection.dialect.name != _POSTGRES:
        _execute(connection, _insert(table, columns, change), rows)
        return
    if change:
        rows = _last_words(rows, [column.name for column in table.primary_key])
    _execute(connection, _insert_at_once(table, columns, change), rows)


def _last_words(rows: Rows, keys: Sequence[str]) -> Rows:
    """Give the last of the rows with one key: one statement may change a row once only."""
    key = itemgetter(*keys)
    return list({key(row): row for row in rows}.values())


def _execute(connection: Connection, written: _Written, rows: Rows) -> None:
    given: Any = (
        [written.row(row) for row in rows]
        if written.row is not None
        else {name: array_literal([row[name] for row in rows]) for name in written.columns}
    )
    connection.exec_driver_sql(written.sql, given)


@lru_cache(maxsize=256)
def _insert(table: Table, columns: tuple[str, ...], change: tuple[str, ...] | None) -> _Written:
    return _row_by_row(_or_change(sqlite.insert(table), table, change), columns)


@lru_cache(maxsize=256)
def _update(table: Table, keys: tuple[str, ...], changed: tuple[str, ...]) -> _Written:
    where = [table.c[name] == bindparam(f"{name}_") for name in keys]
    written = _row_by_row(update(table).where(*where), changed)
    assert written.row is not None
    pick = written.row
    return _Written(written.sql, lambda row: pick({**row, **{f"{name}_": row[name] for name in keys}}))


def _row_by_row(statement: Any, columns: Sequence[str]) -> _Written:
    """Write a statement of SQLite's, for one row."""
    compiled = statement.compile(dialect=_SQLITE_DIALECT, column_keys=list(columns))
    names = compiled.positiontup
    pick = itemgetter(*names)
    return _Written(str(compiled), pick if len(names) > 1 else lambda row: (pick(row),))


@lru_cache(maxsize=256)
def _insert_at_once(table: Table, columns: tuple[str, ...], change: tuple[str, ...] | None) -> _Written:
    statement = postgresql.insert(table).from_select(columns, select(*_lists(table, columns).c))
    return _Written(str(_or_change(statement, table, change).compile(dialect=_POSTGRES_DIALECT)), columns=columns)


@lru_cache(maxsize=256)
def _update_at_once(table: Table, keys: tuple[str, ...], changed: tuple[str, ...]) -> _Written:
    columns = (*keys, *changed)
    rows = _lists(table, columns)
    where = [table.c[name] == rows.c[name] for name in keys]
    statement = update(table).where(*where).values({name: rows.c[name] for name in changed})
    return _Written(str(statement.compile(dialect=_POSTGRES_DIALECT)), columns=columns)


def _lists(table: Table, columns: Sequence[str]) -> Any:
    """Give rows as PostgreSQL makes them of a list for each column."""
    lists = [cast(bindparam(name), ARRAY(_type_of(table.c[name]))) for name in columns]
    return func.unnest(*lists).table_valued(*columns).render_derived()


def array_literal(values: Iterable[bytes | int | str | None]) -> str:
    """Write values as the text of a PostgreSQL array; the driver's own way looks at every letter of every value.

    Source: PostgreSQL documentation, section 8.15.2.
    """
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: bytes | int | str | None) -> str:
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "NULL" if value is None else str(value)


def _type_of(column: Column[Any]) -> Any:
    """Give the type of a column, of a text without its length: a cast would cut off what the column refuses."""
    return Text() if isinstance(column.type, String) else column.type


def _or_change(statement: Any, table: Table, change: tuple[str, ...] | None) -> Any:
    """Say what happens where the key is there."""
    if change is None:
        return statement
    if change == ():
        return statement.on_conflict_do_nothing()
    keys = [column.name for column in table.primary_key]
    return statement.on_conflict_do_update(
        index_elements=keys, set_={name: statement.excluded[name] for name in change}
    )
