"""The entries of a running case: an append-only list, folded to what accounts hold."""

from collections.abc import Iterable

from loyalty.holding.ledger import Ledger
from loyalty.holding.standing import Holdings
from loyalty.journal.entry import Posting


class Journal:
    """Entries in the order of posting, and the ledger that they make."""

    def __init__(self) -> None:
        self._entries: dict[bytes, tuple[Posting, ...]] = {}
        self._ledger = Ledger()

    def post(self, entry_id: bytes, postings: Iterable[Posting]) -> bool:
        """Post an entry; False, and nothing changes, where it was posted before."""
        made = tuple(postings)
        if not self._ledger.post(entry_id, made):
            return False
        self._entries[entry_id] = made
        return True

    def holdings(self, account: bytes) -> Holdings:
        """Give what an account holds."""
        return self._ledger.holdings(account)

    def postings(self, entry_id: bytes) -> tuple[Posting, ...]:
        """Give what an entry posted; nothing for one that is not known."""
        return self._entries.get(entry_id, ())

    def entries(self, account: bytes | None = None) -> tuple[bytes, ...]:
        """Give the entries that posted to ``account`` (all, without one), in the order of posting."""
        return tuple(
            entry_id
            for entry_id, made in self._entries.items()
            if account is None or any(posting.account == account for posting in made)
        )

    def copy(self) -> "Journal":
        """Give a journal of its own with the same entries."""
        other = Journal()
        for entry_id, postings in self._entries.items():
            other.post(entry_id, postings)
        return other
