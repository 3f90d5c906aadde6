"""Core statements compiled once, so that a sale does not pay for building SQL text or wrapping rows.

SQLAlchemy Core writes the SQL and checks the names against the schema; at run time only the finished text and a
tuple of values go to the driver, and plain tuples come back. Faults are the driver's own (`sqlite3.Error`).
"""

import sqlite3
from collections.abc import Iterator
from typing import Any, TypeAlias, cast

from sqlalchemy import ClauseElement, Connection
from sqlalchemy.dialects import sqlite

Row: TypeAlias = tuple[Any, ...]
_DIALECT = sqlite.dialect(paramstyle="qmark")


def driver(connection: Connection) -> sqlite3.Connection:
    """Give the driver's connection behind SQLAlchemy's, in the same transaction."""
    return cast(sqlite3.Connection, connection.connection.driver_connection)


class Prepared:
    """One statement as text, and the names of its parameters in order."""

    __slots__ = ("_fixed", "_names", "sql")

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self.sql = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}

    def run(self, connection: Connection, **values: Any) -> sqlite3.Cursor:
        """Run with one value for each parameter; the cursor gives plain tuples."""
        return driver(connection).execute(self.sql, self._row(values))

    def one(self, connection: Connection, **values: Any) -> Row | None:
        """Run and give the first row, or None."""
        row: Row | None = self.run(connection, **values).fetchone()
        return row

    def scalar(self, connection: Connection, **values: Any) -> Any:
        """Run and give the first column of the first row, or None where there is no row."""
        row = self.run(connection, **values).fetchone()
        return None if row is None else row[0]

    def rows(self, connection: Connection, **values: Any) -> list[Row]:
        """Run and give every row."""
        return self.run(connection, **values).fetchall()

    def stream(self, connection: Connection, **values: Any) -> Iterator[Row]:
        """Run and give the rows one by one."""
        yield from self.run(connection, **values)

    def run_many(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        """Run once for each row; nothing for none."""
        if rows:
            driver(connection).executemany(self.sql, [self._row(row) for row in rows])

    def _row(self, values: dict[str, Any]) -> list[Any]:
        given = {**self._fixed, **values} if self._fixed else values
        return [given[name] for name in self._names]
