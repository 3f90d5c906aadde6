"""The few statements that SQLite and PostgreSQL write alike but SQLAlchemy keeps apart."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Rows = Sequence[Mapping[str, Any]]
_K = TypeVar("_K")
_MOST_KEYS = 5_000


def in_chunks(keys: Collection[_K]) -> Iterator[Sequence[_K]]:
    """Cut keys into runs that one ``IN (...)`` can hold on both databases."""
    ordered = list(keys)
    for start in range(0, len(ordered), _MOST_KEYS):
        yield ordered[start : start + _MOST_KEYS]


def insert_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows that must be new."""
    if rows:
        connection.execute(table.insert(), list(rows))


def insert_missing(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, leaving those whose key is there as they are."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), list(rows))


def put_rows(connection: Connection, table: Table, rows: Rows, *, change: Sequence[str]) -> None:
    """Insert rows, or set the columns ``change`` of those whose key is there."""
    if rows:
        statement = _insert(connection, table)
        keys = [column.name for column in table.primary_key]
        changes = {name: statement.excluded[name] for name in change}
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), list(rows))


def _insert(connection: Connection, table: Table) -> Any:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
