"""Balances and lots of accounts in the order of their ids, for a till that fetches one bucket alone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, exists, false, or_, select, true

from hq.book.schema import account, balance, lot
from hq.feed.log import ACCOUNT_BYTES
from hq.feed.values import MEMBER, common_of, lot_row
from sync.protocol.buckets import BucketRow
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.sums import bounds_of, bucket_of
from sync.protocol.values import FeedBalance


def tell_accounts(
    connection: Connection, first: bytes, *, everyone: bool, unit: str | None, most: int
) -> tuple[bytes, tuple[BucketRow, ...]]:
    """Give what is held of the accounts from ``first`` on, at most to the end of its bucket, and up to which id.

    Args:
        connection: One state of the book.
        first: Where the page begins.
        everyone: Tell everything of every account, not only of those that are no member's.
        unit: Whose balance is told of members otherwise.
        most: Balances, and lots, that a page holds; accounts stay whole.

    Raises:
        SyncRefused: TOO_LARGE where ``first`` has more of either.
    """
    last = bounds_of(bucket_of(first))[1]
    balances, last = _whole(connection, balance, true() if everyone else balance.c.unit == unit, first, last, most)
    lots, last = _whole(connection, lot, true() if everyone else false(), first, last, most)
    balances = [row for row in balances if row.account_id <= last]
    common = common_of(connection, {row.account_id for row in (*balances, *lots)})
    return last, (
        *(
            FeedBalance(account=row.account_id, unit=row.unit, amount=row.amount, common=row.account_id in common)
            for row in balances
        ),
        *(lot_row(row, common=row.account_id in common) for row in lots),
    )


def _whole(
    connection: Connection, table: Table, of_members: ColumnElement[bool], first: bytes, last: bytes, most: int
) -> tuple[Sequence[Any], bytes]:
    """Give the rows of whole accounts, and up to which id they are all that there is."""
    of_nobody = exists().where(account.c.account_id == table.c.account_id, account.c.kind != MEMBER)
    query = (
        select(table)
        .where(table.c.account_id.between(first, last), table.c.amount != 0, or_(of_members, of_nobody))
        .order_by(table.c.account_id)
        .limit(most + 1)
    )
    rows = connection.execute(query).all()
    if len(rows) <= most:
        return rows, last
    cut: bytes = rows[-1].account_id
    if rows[0].account_id == cut:
        raise SyncRefused(SyncErrorCode.TOO_LARGE, "an account with more rows than a page holds")
    return [row for row in rows if row.account_id < cut], (int.from_bytes(cut) - 1).to_bytes(ACCOUNT_BYTES)
