"""Core statements compiled once, so that a sale does not pay for building SQL text.

SQLAlchemy Core writes the SQL and checks the names against the schema; at run time only the finished text and a
tuple of values go to the driver.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ClauseElement, Connection, CursorResult
from sqlalchemy.dialects import sqlite

_DIALECT = sqlite.dialect(paramstyle="qmark")


class Prepared:
    """One statement as text, and the names of its parameters in order."""

    __slots__ = ("_fixed", "_names", "sql")

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self.sql = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}

    def run(self, connection: Connection, **values: Any) -> CursorResult[Any]:
        """Run with one value for each parameter."""
        return connection.exec_driver_sql(self.sql, self._row(values))

    def rows(self, connection: Connection, **values: Any) -> list[tuple[Any, ...]]:
        """Run and give every row as a plain tuple."""
        return [tuple(row) for row in self.run(connection, **values)]

    def stream(self, connection: Connection, **values: Any) -> Iterator[tuple[Any, ...]]:
        """Run and give the rows one by one."""
        for row in self.run(connection, **values):
            yield tuple(row)

    def run_many(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        """Run once for each row; nothing for none."""
        if rows:
            connection.exec_driver_sql(self.sql, [self._row(row) for row in rows])

    def _row(self, values: dict[str, Any]) -> tuple[Any, ...]:
        fixed = self._fixed
        return tuple(values[name] if name in values else fixed[name] for name in self._names)
