"""Comparing all balances of two books without sending them: one digest over them in order."""

from collections.abc import Iterable
from hashlib import sha256


def balances_digest(balances: Iterable[tuple[bytes, str, int]]) -> bytes:
    """Digest (account, unit, smallest steps), sorted by account and unit; zero balances do not count.

    A book that never saw an account and one where it is empty are equal.
    """
    digest = sha256()
    for account, unit, amount in balances:
        if amount:
            digest.update(account + unit.encode() + b"\0" + str(amount).encode() + b"\n")
    return digest.digest()
