"""One pass through the ledger in order of accounts: balances, lots, merged accounts, and the checksums of balances.

Of each account so much is kept as it has units and lots, and of a few thousand accounts at a time.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Table, and_, select, true

from hq.auditing.postings import Postings
from hq.auditing.values import Check, Tally
from hq.book.schema import balance, feed_sum, lot
from hq.feed.streaming import stream
from hq.feed.sums import sums_in
from sync.protocol.sums import BUCKETS, MODULUS, bucket_of, term_of

Key: TypeAlias = tuple[Any, ...]
_AT_ONCE = 2_000
_MERGED = "SELECT account_id, canonical_id FROM account WHERE canonical_id <> account_id"
_LEDGER = """
SELECT account_id, unit, entry_id, line, kind, amount, lot_id, usable_at_s, expires_at_s FROM ledger ORDER BY account_id
"""


def merged_accounts(connection: Connection) -> dict[bytes, bytes]:
    """Give whom each account that was merged became."""
    return dict(stream(connection, _MERGED))


class Sums:
    """Compares what the ledger adds up to with what stands in the book."""

    def __init__(self, connection: Connection, became: Mapping[bytes, bytes]) -> None:
        self.balances, self.lots = Tally(Check.BALANCES), Tally(Check.LOTS)
        self.merges = Tally(Check.MERGES, looked_at=len(became))
        self.checksums = Tally(Check.CHECKSUMS)
        self._connection, self._became = connection, became
        self._added: Counter[Key] = Counter()
        self._in_lots: Counter[Key] = Counter()
        self._terms: dict[str, list[int]] = {}

    def walk(self, postings: Postings) -> None:
        """Read the ledger once, for this and for ``postings``, and compare."""
        after = last = None
        for own, unit, entry_id, line, kind, amount, lot_id, usable_at, expires_at in stream(self._connection, _LEDGER):
            if own != last:
                if len(self._added) + len(self._in_lots) >= _AT_ONCE:
                    self._compare(after, last)
                    after = last
                last = own
            postings.found((entry_id, line, kind, (own, unit, amount, lot_id, usable_at, expires_at)))
            self._added[own, unit] += amount
            if lot_id is not None:
                self._in_lots[own, unit, lot_id] += amount
        self._compare(after, None)
        self._look_at_checksums()
        self._look_at_merges()

    def _compare(self, after: bytes | None, last: bytes | None) -> None:
        """Compare the accounts behind ``after`` up to ``last``; None for no bound."""
        for key, added, held in self._differing(
            balance, ("account_id", "unit"), self._added, self.balances, after, last
        ):
            own, unit = key
            self.balances.fault(f"account {own.hex()}, {unit}: the ledger adds up to {added}, the balance says {held}")
        names = ("account_id", "unit", "lot_id")
        for key, added, held in self._differing(lot, names, self._in_lots, self.lots, after, last):
            own, unit, lot_id = key
            said = f"account {own.hex()}, {unit}, lot {lot_id.hex()}"
            self.lots.fault(f"{said}: the ledger adds up to {added}, the lot says {held}")

    def _differing(
        self,
        table: Table,
        names: tuple[str, ...],
        added: Counter[Key],
        tally: Tally,
        after: bytes | None,
        last: bytes | None,
    ) -> Iterator[tuple[Key, int, int]]:
        query = select(*(table.c[name] for name in names), table.c.amount).where(_between(table, after, last))
        for *parts, amount in self._connection.execute(query):
            key = tuple(parts)
            tally.looked_at += 1
            expected = added.pop(key, 0)
            if table is balance:
                self._note(key[0], key[1], amount)
            if amount != expected:
                yield key, expected, amount
        for key, amount in sorted((key, amount) for key, amount in added.items() if amount):
            yield key, amount, 0
        added.clear()

    def _note(self, own: bytes, unit: str, amount: int) -> None:
        """Note a balance for its checksum; an account that became another should have none."""
        terms = self._terms.setdefault(unit, [0] * BUCKETS)
        terms[bucket_of(own)] += term_of(own, unit, amount)
        if amount and own in self._became:
            self.merges.fault(f"account {own.hex()} became {self._became[own].hex()} and has {amount} of {unit}")

    def _look_at_checksums(self) -> None:
        held = {row.unit: sums_in(row.sums) for row in self._connection.execute(select(feed_sum))}
        none = [0] * BUCKETS
        for unit in sorted({*held, *self._terms}):
            self.checksums.looked_at += 1
            expected = [one % MODULUS for one in self._terms.get(unit, none)]
            for bucket, (said, sums) in enumerate(zip(held.get(unit, none), expected, strict=True)):
                if said != sums:
                    self.checksums.fault(f"{unit}, bucket {bucket}: the checksum is not that of the balances")

    def _look_at_merges(self) -> None:
        for own, owner in sorted(self._became.items()):
            if owner in self._became:
                self.merges.fault(f"account {own.hex()} became {owner.hex()}, which became another itself")


def _between(table: Table, after: bytes | None, last: bytes | None) -> ColumnElement[bool]:
    own = table.c.account_id
    lower = own > after if after is not None else true()
    return and_(lower, own <= last) if last is not None else lower
