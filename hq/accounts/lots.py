"""Finding and removing lots by their keys."""

from collections.abc import Collection, Iterator
from typing import Any, TypeAlias

from sqlalchemy import Connection, bindparam, delete

from hq.book.dialects import in_chunks, marks
from hq.book.schema import lot

LotKey: TypeAlias = tuple[bytes, str, bytes]
"""Account, unit and lot id."""
_COLUMNS = ", ".join(f"lot.{column.name}" for column in lot.c)
_AT = " WHERE lot.account_id = wanted.column1 AND lot.unit = wanted.column2 AND lot.lot_id = wanted.column3"
_DELETE = delete(lot).where(
    lot.c.account_id == bindparam("account"), lot.c.unit == bindparam("of"), lot.c.lot_id == bindparam("lot")
)


def lots_at(connection: Connection, keys: Collection[LotKey]) -> Iterator[Any]:
    """Give the rows of `lot` with these keys; nothing for a lot of which nothing is left.

    Joined to a list of rows, since for ``(...) IN (...)`` of several columns SQLite reads the whole table, and the time
    of PostgreSQL's planner grows with the square of their number.
    """
    for some in in_chunks(keys):
        rows = ", ".join([f"({marks(connection, 3)})"] * len(some))
        query = f"SELECT {_COLUMNS} FROM (VALUES {rows}) AS wanted CROSS JOIN lot{_AT}"  # noqa: S608
        yield from connection.exec_driver_sql(query, tuple(part for key in some for part in key))


def delete_lots(connection: Connection, keys: Collection[LotKey]) -> None:
    """Remove lots of which nothing is left."""
    if keys:
        rows = [{"account": account, "of": unit, "lot": lot_id} for account, unit, lot_id in keys]
        connection.execute(_DELETE, rows)
