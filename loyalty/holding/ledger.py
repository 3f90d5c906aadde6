"""A ledger in memory: postings folded to what every account has, each entry once.

The same arithmetic as a book's, for whatever needs no book: cases, simulation, properties.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from loyalty.holding.standing import Holdings, LotBalance
from loyalty.journal.entry import Lot, Posting
from loyalty.numbers.limits import require


class Ledger:
    """What every account has, from the entries posted so far."""

    def __init__(self) -> None:
        self._balances: dict[bytes, dict[str, int]] = defaultdict(dict)
        self._lots: dict[bytes, dict[tuple[str, bytes], LotBalance]] = defaultdict(dict)
        self._seen: set[bytes] = set()

    def post(self, entry_id: bytes, postings: Iterable[Posting]) -> bool:
        """Post an entry; one that was posted before changes nothing and gives False."""
        if entry_id in self._seen:
            return False
        self._seen.add(entry_id)
        for posting in postings:
            balances = self._balances[posting.account]
            balances[posting.unit] = balances.get(posting.unit, 0) + posting.amount
            if posting.lot is not None:
                self._post_lot(posting.account, posting.unit, posting.lot, posting.amount)
        return True

    def holdings(self, account: bytes) -> Holdings:
        """Give what an account has; nothing for one that was never posted to."""
        lots = self._lots.get(account, {})
        return Holdings(
            balances=tuple(sorted(self._balances.get(account, {}).items())),
            lots=tuple(lots[key] for key in sorted(lots)),
        )

    def accounts(self) -> Iterator[tuple[bytes, Holdings]]:
        """Give every account that was posted to, by id."""
        for account in sorted(self._balances):
            yield account, self.holdings(account)

    def _post_lot(self, account: bytes, unit: str, lot: Lot, amount: int) -> None:
        lots, key = self._lots[account], (unit, lot.lot_id)
        before = lots.get(key)
        require(before is None or before.lot == lot, "a lot keeps its dates")
        held = amount + (before.amount if before is not None else 0)
        if held:
            lots[key] = LotBalance(unit=unit, lot=lot, amount=held)
        else:
            lots.pop(key, None)
