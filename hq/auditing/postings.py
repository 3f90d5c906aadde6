"""The ledger against what stored entries post, in one pass through each and without keeping either.

Every posting has a mark, a hash of all that it says. The marks of what should be there are added up, those of what is there are
taken off, in groups by the beginning of the entry's id. A group in which something is left is then looked through by name.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, TypeAlias

from sqlalchemy import Connection

from hq.auditing.cores import Posted, read_core
from hq.auditing.journals import Stored, is_held_back
from hq.auditing.values import Tally
from hq.feed.streaming import stream

Line: TypeAlias = tuple[bytes, int, str, Posted]
"""Entry id, line, kind, and what is posted, to the account after merges."""
_GROUPS = 1 << 16
_GROUP_BYTES = 2
_MODULUS = 1 << 64
_MOST_NAMED = 32
"""Groups that are looked through by name."""
_EXPECTED = """
SELECT journal.core, parked.state, parked.settled_by
FROM entry
JOIN journal ON journal.terminal_id = entry.terminal_id AND journal.epoch = entry.epoch
    AND journal.sequence = entry.sequence
LEFT JOIN parked ON parked.terminal_id = entry.terminal_id AND parked.epoch = entry.epoch
    AND parked.sequence = entry.sequence
WHERE substr(entry.entry_id, 1, 2) IN ({marks})
"""
_WRITTEN = """
SELECT entry_id, line, kind, account_id, unit, amount, lot_id, usable_at_s, expires_at_s FROM ledger
WHERE substr(entry_id, 1, 2) IN ({marks})
"""


class Postings:
    """Compares marks of postings; tells an account and what it became by merges apart no more."""

    def __init__(self, tally: Tally, held: Tally, became: Mapping[bytes, bytes]) -> None:
        """Begin.

        Args:
            tally: Of what is missing or too much.
            held: Of parked entries that are in the ledger.
            became: Whom each account that was merged became.
        """
        self._tally, self._held, self._became = tally, held, became
        self._sums = array("Q", bytes(8 * _GROUPS))

    def expect(self, entries: Iterable[Stored]) -> None:
        """Count what entries post."""
        for one in entries:
            assert one.facts is not None
            facts = one.facts
            for number, posted in enumerate(facts.postings):
                self._tally.looked_at += 1
                self._add((facts.entry_id, number, facts.kind, self._owned(posted)), 1)

    def found(self, line: Line) -> None:
        """Take off what the ledger holds."""
        entry_id, number, kind, posted = line
        self._add((entry_id, number, kind, self._owned(posted)), -1)

    def finish(self, connection: Connection) -> None:
        """Name what is left."""
        groups = [place for place, left in enumerate(self._sums) if left]
        some = [place.to_bytes(_GROUP_BYTES, "big") for place in groups[:_MOST_NAMED]]
        if not some:
            return
        if len(groups) > len(some):
            self._tally.note = f"only {len(some)} of {len(groups)} groups of entries that differ were looked through"
        expected, held_back = self._expected(connection, some)
        written = Counter(self._written(connection, some))
        for line in sorted(expected - written, key=repr):
            self._tally.fault(f"{_named(line)} is missing from the ledger")
        for line in sorted(written - expected, key=repr):
            if line[0] in held_back:
                self._held.fault(f"{_named(line)} is in the ledger, and its entry is parked")
            else:
                self._tally.fault(f"{_named(line)} is in the ledger, and no entry posts it so")

    def _expected(self, connection: Connection, groups: Sequence[bytes]) -> tuple[Counter[Line], set[bytes]]:
        expected: Counter[Line] = Counter()
        held_back: set[bytes] = set()
        for core, state, settled_by in _rows(connection, _EXPECTED, groups):
            facts = read_core(core)
            if facts is None:
                continue
            if is_held_back(state, settled_by):
                held_back.add(facts.entry_id)
                continue
            for number, posted in enumerate(facts.postings):
                expected[facts.entry_id, number, facts.kind, self._owned(posted)] += 1
        return expected, held_back

    def _written(self, connection: Connection, groups: Sequence[bytes]) -> Iterator[Line]:
        for entry_id, number, kind, *posted in _rows(connection, _WRITTEN, groups):
            account, unit, amount, lot_id, usable_at, expires_at = posted
            yield entry_id, number, kind, self._owned((account, unit, amount, lot_id, usable_at, expires_at))

    def _owned(self, posted: Posted) -> Posted:
        return (self._became.get(posted[0], posted[0]), *posted[1:])

    def _add(self, line: Line, sign: int) -> None:
        group = int.from_bytes(line[0][:_GROUP_BYTES], "big")
        self._sums[group] = (self._sums[group] + sign * _mark(line)) % _MODULUS


def _mark(line: Line) -> int:
    """Give a number that stands for a posting: two that differ in anything have another one."""
    entry_id, number, kind, (account, unit, amount, lot_id, usable_at, expires_at) = line
    said = f"{kind}\0{unit}\0{number} {amount} {usable_at} {expires_at}\0".encode(errors="surrogatepass")
    return int.from_bytes(blake2b(said + entry_id + account + (lot_id or b""), digest_size=8).digest(), "big")


def _named(line: Line) -> str:
    entry_id, number, _, (account, unit, amount, *_) = line
    return f"posting {number} of entry {entry_id.hex()}, {amount} of {unit} to account {account.hex()},"


def _rows(connection: Connection, query: str, groups: Sequence[bytes]) -> Iterator[tuple[Any, ...]]:
    """Read what belongs to some groups of entries."""
    return stream(connection, query.format(marks=", ".join("?" * len(groups))), *groups)
