"""The chain of each journal, its head, how its epoch began, and the details that cores vouch for.

Source: docs/SPEC-journal.md, sections 4 and 6.
"""

from collections.abc import Sequence
from typing import TypeAlias

from sqlalchemy import Connection, and_, select

from hq.attention.parking import ExceptionReason, Place
from hq.auditing.journals import Stored
from hq.auditing.values import Check, Tally
from hq.book.schema import epoch_opening, exception, journal_head, terminal
from hq.pairing.terminals import FIRST_EPOCH
from loyalty.journal.chain import HASH_BYTES, first_head, next_head, terminal_id
from loyalty.journal.codec import detail_digest

Journal: TypeAlias = tuple[bytes, int]
"""A terminal and an epoch."""
_NOBODY = bytes(HASH_BYTES)


class Chains:
    """Follows each journal from its first hash to its head."""

    def __init__(self, connection: Connection) -> None:
        """Read whose journals there may be, and how they should end."""
        self.chains, self.heads, self.epochs = Tally(Check.CHAINS), Tally(Check.HEADS), Tally(Check.EPOCHS)
        tills = select(terminal.c.terminal_id, terminal.c.public_key, terminal.c.epoch)
        self._keys = {row.terminal_id: row.public_key for row in connection.execute(tills)}
        self._newest = {row.terminal_id: row.epoch for row in connection.execute(tills)}
        self._heads: dict[Journal, tuple[int, bytes]] = {
            (row.terminal_id, row.epoch): (row.sequence, row.hash) for row in connection.execute(select(journal_head))
        }
        self._openings: dict[Journal, tuple[int, int]] = {
            (row.terminal_id, row.epoch): (row.from_epoch, row.common)
            for row in connection.execute(select(epoch_opening))
        }
        self._journal: Journal | None = None
        self._last = (0, _NOBODY)
        self._ends: dict[Journal, tuple[int, bytes]] = {}

    def look(self, entries: Sequence[Stored]) -> None:
        """Look at entries as they follow each other."""
        for one in entries:
            self.chains.looked_at += 1
            own, sequence = one.place[:2], one.place[2]
            if own != self._journal:
                self._journal, self._last = own, (0, self._beginning(own))
            before, hash_before = self._last
            if sequence != before + 1:
                self.chains.fault(f"{one.said} follows sequence {before}")
            elif next_head(hash_before, one.core) != one.hash:
                self.chains.fault(f"{one.said}: its core and the hash before it do not give its hash")
            follows = one.hash if len(one.hash) == HASH_BYTES else next_head(hash_before, one.core)
            self._last = sequence, follows
            self._ends[own] = sequence, one.hash

    def finish(self) -> None:
        """Compare how journals ended with their heads, and how epochs were opened."""
        for own in sorted({*self._heads, *self._ends}):
            self._look_at_head(own)
        for own in sorted({*self._heads, *self._ends, *self._openings}):
            self._look_at_epoch(own)
        for owner, newest in sorted(self._newest.items()):
            last = max((epoch for of, epoch in self._openings if of == owner), default=FIRST_EPOCH)
            if newest != last:
                self.epochs.fault(f"till {owner.hex()} is in epoch {newest}, and {last} was opened last")
            if terminal_id(self._keys[owner]) != owner:
                self.epochs.fault(f"till {owner.hex()} has another id than its key gives")

    def _look_at_head(self, own: Journal) -> None:
        self.heads.looked_at += 1
        held = self._heads.get(own, (0, _NOBODY))
        end = self._ends.get(own, (0, self._beginning(own)))
        if held != end:
            self.heads.fault(
                f"the head of {_name(own)} says sequence {held[0]}; its entries end with {end[0]}{_but(held, end)}"
            )

    def _look_at_epoch(self, own: Journal) -> None:
        self.epochs.looked_at += 1
        owner, epoch = own
        opening = self._openings.get(own)
        if owner not in self._keys:
            self.epochs.fault(f"{_name(own)} is of a till that HQ does not know")
        elif opening is None:
            if epoch != FIRST_EPOCH:
                self.epochs.fault(f"{_name(own)} was never opened")
        elif opening[0] >= epoch or opening[1] > self._ends.get((owner, opening[0]), (0, _NOBODY))[0]:
            self.epochs.fault(
                f"{_name(own)} goes on behind sequence {opening[1]} of epoch {opening[0]}, which HQ does not hold"
            )

    def _beginning(self, own: Journal) -> bytes:
        key = self._keys.get(own[0])
        return first_head(key, own[1]) if key is not None and own[1] >= FIRST_EPOCH else _NOBODY


def _name(own: Journal) -> str:
    return f"journal {own[0].hex()}/{own[1]}"


def _but(held: tuple[int, bytes], end: tuple[int, bytes]) -> str:
    return " with another hash" if held[0] == end[0] else ""


class Details:
    """Compares details with the digests in their cores."""

    def __init__(self) -> None:
        self.tally = Tally(Check.DETAILS)
        self._erased = self._told = 0

    def look(self, connection: Connection, entries: Sequence[Stored], counted: set[Place]) -> None:
        """Look at some entries; what differed when it came, and what only came again, is no fault of the book.

        Args:
            connection: On the book.
            entries: Them.
            counted: The places of those that are posted and did not come before.
        """
        for one in entries:
            if one.facts is None:
                continue
            self.tally.looked_at += 1
            if not one.detail:
                self._erased += 1
            elif detail_digest(one.detail) != one.facts.digest:
                if one.place in counted and not _was_told(connection, one.place):
                    self.tally.fault(f"{one.said}: its detail is not the one that its core vouches for")
                else:
                    self._told += 1

    def finish(self) -> None:
        """Say what else was seen."""
        notes = ((self._erased, "erased"), (self._told, "different when they came"))
        self.tally.note = ", ".join(f"{count} {what}" for count, what in notes if count)


def _was_told(connection: Connection, place: Place) -> bool:
    """Tell whether a person was told, when the entry came."""
    owner, epoch, sequence = place
    own = and_(exception.c.terminal_id == owner, exception.c.epoch == epoch, exception.c.sequence == sequence)
    query = select(exception.c.reason).where(own, exception.c.reason == ExceptionReason.DETAIL_MISMATCH.value)
    return connection.execute(query).first() is not None
