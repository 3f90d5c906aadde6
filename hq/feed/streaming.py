"""Reading millions of rows as plain tuples: SQLAlchemy's own rows would cost more than the database."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

_AT_ONCE = 20_000
_CACHE_KIB = 65_536


def stream(connection: Connection, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
    """Give the rows of a query in the transaction of ``connection``; places for values are ``?``."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "postgresql":
        driver.execute(f"PRAGMA cache_size={-_CACHE_KIB}")
        yield from driver.execute(query, values)
        return
    with driver.cursor(name="stream") as cursor:  # a cursor of the server: the rows come as they are read
        cursor.itersize = _AT_ONCE
        cursor.execute(query.replace("?", "%s"), values)
        yield from cursor
