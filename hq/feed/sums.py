"""The checksums of HQ's balances, kept in the transaction that changes them."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from hq.book.dialects import put_rows
from hq.book.schema import feed_sum
from sync.protocol.sums import BUCKETS, MODULUS, bucket_of, term_of

_BYTES = 8


def note_balances(connection: Connection, changes: Iterable[tuple[bytes, str, int, int]]) -> None:
    """Note changed balances as (account, unit, before, after), each account and unit once."""
    moved: dict[str, list[int]] = {}
    for account, unit, before, after in changes:
        if before != after:
            sums = moved.setdefault(unit, [0] * BUCKETS)
            sums[bucket_of(account)] += term_of(account, unit, after) - term_of(account, unit, before)
    if not moved:
        return
    held = {row.unit: row.sums for row in connection.execute(select(feed_sum).where(feed_sum.c.unit.in_(moved)))}
    rows = [{"unit": unit, "sums": _added(held.get(unit, b""), moved[unit])} for unit in sorted(moved)]
    put_rows(connection, feed_sum, rows, change=("sums",))


def sum_of(connection: Connection, bucket: int, unit: str | None) -> int:
    """Give the checksum of a bucket over one unit's balances, or over those of all units."""
    query = select(feed_sum.c.sums)
    if unit is not None:
        query = query.where(feed_sum.c.unit == unit)
    return sum(sums_in(sums)[bucket] for sums in connection.execute(query).scalars()) % MODULUS


def _added(held: bytes, moved: list[int]) -> bytes:
    sums = ((one + more) % MODULUS for one, more in zip(sums_in(held), moved, strict=True))
    return b"".join(one.to_bytes(_BYTES, "big") for one in sums)


def sums_in(held: bytes) -> list[int]:
    """Give the checksums of all buckets as they are kept; of nothing, nothing."""
    if not held:
        return [0] * BUCKETS
    return [int.from_bytes(held[start : start + _BYTES], "big") for start in range(0, BUCKETS * _BYTES, _BYTES)]
