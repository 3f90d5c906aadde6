"""Finding lots by their keys, and those that are over."""

from collections.abc import Collection, Iterator
from typing import Any, TypeAlias

from sqlalchemy import Connection, bindparam, delete, select, tuple_

from hq.book.dialects import in_chunks
from hq.book.schema import lot

LotKey: TypeAlias = tuple[bytes, str, bytes]
"""Account, unit and lot id."""
_DELETE = delete(lot).where(
    lot.c.account_id == bindparam("account"), lot.c.unit == bindparam("of"), lot.c.lot_id == bindparam("lot")
)


def lots_at(connection: Connection, keys: Collection[LotKey]) -> Iterator[Any]:
    """Give the rows of `lot` with these keys; nothing for a lot of which nothing is left."""
    key = tuple_(lot.c.account_id, lot.c.unit, lot.c.lot_id)
    for some in in_chunks(keys):
        yield from connection.execute(select(lot).where(key.in_(some)))


def delete_lots(connection: Connection, keys: Collection[LotKey]) -> None:
    """Remove lots of which nothing is left."""
    if keys:
        rows = [{"account": account, "of": unit, "lot": lot_id} for account, unit, lot_id in keys]
        connection.execute(_DELETE, rows)
