"""Posting entries to accounts: ledger lines and balances, whole entries or nothing of them."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, select

from hq.book.dialects import in_chunks, insert_rows, put_rows
from hq.book.schema import account, balance, ledger
from hq.feed.log import Change, balance_change
from hq.ingest.arrivals import Arrived
from loyalty.numbers.limits import MAX_BALANCE


class UnknownAccount(Exception):
    """An entry posts to an account that HQ does not have."""

    def __init__(self, account_id: bytes) -> None:
        super().__init__("unknown account")
        self.account_id = account_id


class AmountTooLarge(Exception):
    """An entry would move a balance past `MAX_BALANCE`."""


class Ledgering:
    """The accounts that a batch touches, changed in memory and written together, in order of account."""

    def __init__(self, connection: Connection, entries: Iterable[Arrived]) -> None:
        """Load what the postings of ``entries`` touch."""
        self._connection = connection
        named = {posting.account for one in entries if one.core for posting in one.core.postings}
        self._canonical = _canonical(connection, named)
        self._balances = _balances(connection, set(self._canonical.values()))
        self._touched: set[tuple[bytes, str]] = set()
        self._lines: list[dict[str, Any]] = []

    def post(self, one: Arrived) -> None:
        """Post every posting of one entry.

        Raises:
            UnknownAccount, AmountTooLarge: nothing of the entry was posted.
        """
        assert one.core is not None
        after: dict[tuple[bytes, str], int] = {}
        for posting in one.core.postings:
            owner = self._canonical.get(posting.account)
            if owner is None:
                raise UnknownAccount(posting.account)
            key = (owner, posting.unit)
            after[key] = after.get(key, self._balances.get(key, 0)) + posting.amount
            if abs(after[key]) > MAX_BALANCE:
                raise AmountTooLarge
        self._balances.update(after)
        self._touched.update(after)
        self._lines.extend(self._lines_of(one))

    def write(self) -> list[Change]:
        """Write the lines and balances; give what the feed must tell."""
        touched = sorted(self._touched)
        insert_rows(self._connection, ledger, self._lines)
        rows = [{"account_id": owner, "unit": unit, "amount": self._balances[owner, unit]} for owner, unit in touched]
        put_rows(self._connection, balance, rows, change=("amount",))
        return [balance_change(owner, unit) for owner, unit in touched]

    def _lines_of(self, one: Arrived) -> list[dict[str, Any]]:
        assert one.core is not None
        effective_ms = one.effective_ms() if one.core.postings else 0
        return [
            {
                "account_id": self._canonical[posting.account],
                "unit": posting.unit,
                "entry_id": one.core.entry_id,
                "line": line,
                "kind": one.core.kind,
                "amount": posting.amount,
                "lot_id": posting.lot.lot_id if posting.lot else None,
                "usable_at_s": posting.lot.usable_at if posting.lot else None,
                "expires_at_s": posting.lot.expires_at if posting.lot else None,
                "effective_at_ms": effective_ms,
            }
            for line, posting in enumerate(one.core.postings)
        ]


def _canonical(connection: Connection, accounts: Collection[bytes]) -> dict[bytes, bytes]:
    return {
        row.account_id: row.canonical_id
        for some in in_chunks(accounts)
        for row in connection.execute(select(account).where(account.c.account_id.in_(some)))
    }


def _balances(connection: Connection, accounts: Collection[bytes]) -> dict[tuple[bytes, str], int]:
    return {
        (row.account_id, row.unit): row.amount
        for some in in_chunks(accounts)
        for row in connection.execute(select(balance).where(balance.c.account_id.in_(some)))
    }
