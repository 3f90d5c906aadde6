"""Posting entries to accounts: ledger lines, balances and lots, whole entries or nothing of them."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, select

from hq.accounts.lots import LotKey, delete_lots, lots_at
from hq.book.dialects import among, in_chunks, insert_rows, put_rows
from hq.book.schema import balance, ledger, lot
from hq.feed.log import Change, balance_change, lot_change
from hq.feed.sums import note_balances
from hq.ingest.accounts import Owner
from hq.ingest.arrivals import Arrived
from loyalty.holding.standing import LotBalance
from loyalty.journal.entry import Lot
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

    def __init__(self, connection: Connection, entries: Collection[Arrived], owners: Mapping[bytes, Owner]) -> None:
        """Load what the postings of ``entries`` touch; ``owners`` knows their accounts, as far as HQ does."""
        self._connection = connection
        named = {posting.account for one in entries if one.core for posting in one.core.postings}
        self._canonical = {name: owners[name].account for name in named if name in owners}
        self._balances = _balances(connection, set(self._canonical.values()))
        self._before = dict(self._balances)
        self._touched: set[tuple[bytes, str]] = set()
        self._lots = self._read_lots(entries)
        self._touched_lots: set[LotKey] = set()
        self._lines: list[dict[str, Any]] = []

    def post(self, one: Arrived) -> None:
        """Post every posting of one entry.

        Raises:
            UnknownAccount, AmountTooLarge: nothing of the entry was posted.
        """
        assert one.core is not None
        after: dict[tuple[bytes, str], int] = {}
        lots: dict[LotKey, LotBalance] = {}
        for posting in one.core.postings:
            owner = self._canonical.get(posting.account)
            if owner is None:
                raise UnknownAccount(posting.account)
            key = (owner, posting.unit)
            after[key] = after.get(key, self._balances.get(key, 0)) + posting.amount
            if abs(after[key]) > MAX_BALANCE:
                raise AmountTooLarge
            if posting.lot is not None:
                self._change_lot(lots, (owner, posting.unit, posting.lot.lot_id), posting.lot, posting.amount)
        self._balances.update(after)
        self._touched.update(after)
        self._lots.update(lots)
        self._touched_lots.update(lots)
        self._lines.extend(self._lines_of(one))

    def write(self) -> list[Change]:
        """Write the lines and balances; give what the feed must tell."""
        touched = sorted(self._touched)
        insert_rows(self._connection, ledger, self._lines)
        rows = [{"account_id": owner, "unit": unit, "amount": self._balances[owner, unit]} for owner, unit in touched]
        put_rows(self._connection, balance, rows, change=("amount",))
        note_balances(self._connection, ((*key, self._before.get(key, 0), self._balances[key]) for key in touched))
        return [*(balance_change(owner, unit) for owner, unit in touched), *self._write_lots()]

    def _read_lots(self, entries: Collection[Arrived]) -> dict[LotKey, LotBalance]:
        named = {
            (owner, posting.unit, posting.lot.lot_id)
            for one in entries
            for posting in (one.core.postings if one.core else ())
            if posting.lot is not None and (owner := self._canonical.get(posting.account)) is not None
        }
        return {
            (row.account_id, row.unit, row.lot_id): LotBalance(
                unit=row.unit,
                lot=Lot(lot_id=row.lot_id, usable_at=row.usable_at_s, expires_at=row.expires_at_s),
                amount=row.amount,
            )
            for row in lots_at(self._connection, named)
        }

    def _change_lot(self, lots: dict[LotKey, LotBalance], key: LotKey, named: Lot, amount: int) -> None:
        """Change a lot; one that is open keeps its own instants, whatever a posting says of them."""
        before = lots.get(key) or self._lots.get(key)
        lot_now = before.lot if before is not None and before.amount else named
        left = amount + (before.amount if before is not None else 0)
        if abs(left) > MAX_BALANCE:
            raise AmountTooLarge
        lots[key] = LotBalance(unit=key[1], lot=lot_now, amount=left)

    def _write_lots(self) -> list[Change]:
        touched = sorted(self._touched_lots)
        left = [(key, self._lots[key]) for key in touched if self._lots[key].amount]
        rows = [
            {
                "account_id": key[0],
                "unit": key[1],
                "lot_id": key[2],
                "amount": one.amount,
                "usable_at_s": one.lot.usable_at,
                "expires_at_s": one.lot.expires_at,
            }
            for key, one in left
        ]
        put_rows(self._connection, lot, rows, change=("amount", "usable_at_s", "expires_at_s"))
        delete_lots(self._connection, [key for key in touched if not self._lots[key].amount])
        return [lot_change(*key) for key in touched]

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


def _balances(connection: Connection, accounts: Collection[bytes]) -> dict[tuple[bytes, str], int]:
    return {
        (row.account_id, row.unit): row.amount
        for some in in_chunks(accounts)
        for row in connection.execute(select(balance).where(among(connection, balance.c.account_id, some)))
    }
