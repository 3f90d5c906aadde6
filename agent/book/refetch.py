"""A bucket of accounts whose checksum differs from HQ's, fetched alone: how far it came, and what HQ says otherwise.

What differs is staged among the rows of the feed, nothing for what HQ does not have. So it is shown with the next complete page,
and whatever the feed says later of the same thing counts.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from sqlalchemy import Connection, text

from agent.book import base
from agent.book.statements import Prepared
from sync.protocol.buckets import BucketPage
from sync.protocol.sums import bounds_of
from sync.protocol.values import FeedBalance, FeedLot, FeedRow

_K = TypeVar("_K")
_V = TypeVar("_V")
_NO_LOT = (0, None, None)


def _prepared(sql: str) -> Prepared:
    return Prepared(text(sql))


_FIRST = _prepared("SELECT first FROM refetch WHERE first IS NOT NULL")
_WAS_FETCHED = _prepared("SELECT EXISTS (SELECT 1 FROM refetch WHERE bucket = :bucket)")
_BEGIN = _prepared("INSERT INTO refetch (bucket, day, first) VALUES (:bucket, :day, :first)")
_REACHED = _prepared("UPDATE refetch SET first = :next WHERE first IS NOT NULL")
_DROP = _prepared("DELETE FROM refetch WHERE first IS NOT NULL")
_AGREES = _prepared("DELETE FROM refetch WHERE bucket = :bucket AND day <> :today AND first IS NULL")

_BALANCES = _prepared("SELECT account, unit, amount FROM posted WHERE account BETWEEN :first AND :last")
_LOTS = _prepared(
    "SELECT account, unit, lot_id, amount, usable_at, expires_at FROM posted_lot WHERE account BETWEEN :first AND :last"
)
_OWN = _prepared("SELECT member FROM member WHERE member BETWEEN :first AND :last")


def first(connection: Connection) -> bytes | None:
    """Give the account from which on the rest of a bucket is to come, or None where none is under way."""
    found: bytes | None = _FIRST.scalar(connection)
    return found


def was_fetched(connection: Connection, bucket: int) -> bool:
    """Tell whether a bucket was fetched alone, or is being, and has not agreed on a later day."""
    return bool(_WAS_FETCHED.scalar(connection, bucket=bucket))


def begin(connection: Connection, bucket: int, day: str) -> None:
    """Note that a bucket is to be fetched alone; none may be under way."""
    _BEGIN.run(connection, bucket=bucket, day=day, first=bounds_of(bucket)[0])


def reached(connection: Connection, following: bytes | None) -> None:
    """Note the account to go on with, or with None that no more is to come."""
    _REACHED.run(connection, next=following)


def drop(connection: Connection) -> None:
    """Forget the bucket that is under way, as if it had not been begun."""
    _DROP.run(connection)


def agrees(connection: Connection, bucket: int, today: str) -> None:
    """Note that a bucket agrees with HQ's: if it differs again another day, it is fetched alone again."""
    _AGREES.run(connection, bucket=bucket, today=today)


def own_of(connection: Connection, page: BucketPage) -> set[bytes]:
    """Give the till's own members among the accounts of a page."""
    return {row[0] for row in _OWN.run(connection, first=page.first, last=page.last)}


def differing(connection: Connection, page: BucketPage, own: set[bytes]) -> tuple[FeedRow, ...]:
    """Give what a page says otherwise than what is shown, as rows of the feed; zero for what it does not have.

    Of the till's ``own`` members it compares only the balance that the page tells of them where it does not tell everything.
    """
    return (*_balances(connection, page, own), *_amounts(connection, page, own), *_lots(connection, page, own))


def _balances(connection: Connection, page: BucketPage, own: set[bytes]) -> Iterator[FeedRow]:
    held = {
        (account, unit): amount
        for account, unit, amount in _BALANCES.run(connection, first=page.first, last=page.last)
        if page.everyone or unit == page.unit or account not in own
    }
    said = {
        (row.account, row.unit): row.amount
        for row in page.rows
        if isinstance(row, FeedBalance) and (page.everyone or row.common or row.account in own)
    }
    for (account, unit), amount in _otherwise(held, said, 0):
        yield FeedBalance(account=account, unit=unit, amount=amount, common=True)


def _amounts(connection: Connection, page: BucketPage, own: set[bytes]) -> Iterator[FeedRow]:
    """Compare the one balance of others."""
    if page.everyone or page.unit is None:
        return
    held = dict(base.amounts_between(connection, page.first, page.last))
    said = {
        row.account: row.amount
        for row in page.rows
        if isinstance(row, FeedBalance) and not row.common and row.account not in own
    }
    for account, amount in _otherwise(held, said, 0):
        yield FeedBalance(account=account, unit=page.unit, amount=amount)


def _lots(connection: Connection, page: BucketPage, own: set[bytes]) -> Iterator[FeedRow]:
    held = {
        (account, unit, lot_id): tuple(lot)
        for account, unit, lot_id, *lot in _LOTS.run(connection, first=page.first, last=page.last)
        if page.everyone or account not in own
    }
    said = {
        (row.account, row.unit, row.lot_id): (row.amount, row.usable_at, row.expires_at)
        for row in page.rows
        if isinstance(row, FeedLot)
    }
    for (account, unit, lot_id), (amount, usable_at, expires_at) in _otherwise(held, said, _NO_LOT):
        yield FeedLot(
            account=account, unit=unit, lot_id=lot_id, amount=amount,
            usable_at=usable_at, expires_at=expires_at, common=True,
        )  # fmt: skip


def _otherwise(held: Mapping[_K, _V], said: Mapping[_K, _V], nothing: _V) -> Iterator[tuple[_K, _V]]:
    """Give what is said of whatever is held otherwise, ``nothing`` where nothing is said."""
    for key in held.keys() | said.keys():
        now = said.get(key, nothing)
        if held.get(key, nothing) != now:
            yield key, now
