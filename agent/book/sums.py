"""The checksum of a bucket of HQ's balances as this till holds them, to compare with HQ's; own pending postings are not in it."""

from sqlalchemy import Connection, text

from agent.book import base
from agent.book.statements import Prepared
from sync.protocol.sums import MODULUS, bounds_of, term_of

_POSTED = Prepared(text("SELECT account, unit, amount FROM posted WHERE account BETWEEN :first AND :last"))


def sum_of(connection: Connection, bucket: int) -> int:
    """Give the checksum over all balances where the till holds everyone's, else over those of the unit it holds of others."""
    held = base.reach_of(connection)
    first, last = bounds_of(bucket)
    total = 0
    for account, unit, amount in _POSTED.run(connection, first=first, last=last):
        if held.everyone or unit == held.unit:
            total += term_of(account, unit, amount)
    if not held.everyone and held.unit is not None:
        for account, amount in base.amounts_between(connection, first, last):
            total += term_of(account, held.unit, amount)
    return total % MODULUS
