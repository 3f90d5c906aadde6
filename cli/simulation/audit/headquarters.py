"""HQ's book, read from its file: every chain computed anew, every posting counted once, every sum compared."""

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeAlias

from cli.simulation.audit.journals import CHAIN, Posted, beginning_of, postings_of
from cli.simulation.audit.violation import demand

EXACTLY_ONCE = "exactly once"
SUMS = "sums"
Journal: TypeAlias = tuple[str, int]
"""A terminal in hex, and an epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HqPicture:
    """What HQ holds.

    Attributes:
        hashes: Of each journal, the hash after each sequence, from 0.
        cores: Of each entry id, the core that counts.
        posted: Those of them that are not parked.
        balances: By (account, unit); nothing for zero.
        lots: By (account, unit, lot); nothing for zero.
        cards: Whose each card is.
        parked: (journal, sequence) of what is not posted.
        forks: Terminals with a fork that was reported.
    """

    hashes: dict[Journal, list[bytes]] = field(default_factory=dict)
    cores: dict[str, bytes] = field(default_factory=dict)
    posted: dict[str, bytes] = field(default_factory=dict)
    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    lots: dict[tuple[str, str, str], int] = field(default_factory=dict)
    cards: dict[int, str] = field(default_factory=dict)
    parked: frozenset[tuple[str, int, int]] = frozenset()
    forks: frozenset[str] = frozenset()

    def held(self, journal: Journal) -> int:
        """Give how many entries of a journal HQ holds."""
        return len(self.hashes.get(journal, [b""])) - 1


def look(connection: sqlite3.Connection) -> HqPicture:
    """Read and check HQ's book.

    Raises:
        Violation: a chain, a count or a sum is wrong.
    """
    hashes, cores, places = _journals(connection)
    _heads(connection, hashes)
    parked = frozenset(
        (terminal.hex(), epoch, sequence)
        for terminal, epoch, sequence in connection.execute(
            "SELECT terminal_id, epoch, sequence FROM parked WHERE state = 'open'"
        )
    )
    posted = {entry: core for entry, core in cores.items() if places[entry] not in parked}
    lines = _lines(connection, posted)
    balances, lots = _sums(connection, lines)
    cards = {key: member.hex() for key, member in connection.execute("SELECT card_key, member_id FROM card")}
    forks = frozenset(
        terminal.hex()
        for (terminal,) in connection.execute("SELECT terminal_id FROM exception WHERE reason IN ('fork', 'clone')")
    )
    return HqPicture(
        hashes=hashes,
        cores=cores,
        posted=posted,
        balances=balances,
        lots=lots,
        cards=cards,
        parked=parked,
        forks=forks,
    )


_Line: TypeAlias = tuple[str, str, str, int, int, str | None]


def _journals(
    connection: sqlite3.Connection,
) -> tuple[dict[Journal, list[bytes]], dict[str, bytes], dict[str, tuple[str, int, int]]]:
    keys = dict(connection.execute("SELECT terminal_id, public_key FROM terminal").fetchall())
    first = {
        entry.hex(): (terminal.hex(), epoch, sequence)
        for entry, terminal, epoch, sequence in connection.execute(
            "SELECT entry_id, terminal_id, epoch, sequence FROM entry"
        )
    }
    hashes: dict[Journal, list[bytes]] = {}
    cores: dict[str, bytes] = {}
    query = "SELECT terminal_id, epoch, sequence, hash, core FROM journal ORDER BY terminal_id, epoch, sequence"
    for terminal, epoch, sequence, stored, core in connection.execute(query):
        chain = hashes.setdefault((terminal.hex(), epoch), [beginning_of(keys[terminal], epoch)])
        demand(sequence == len(chain), CHAIN, f"HQ holds sequence {sequence} of a journal behind {len(chain) - 1}")
        computed = sha256(chain[-1] + core).digest()
        demand(computed == stored, CHAIN, f"HQ's hash of sequence {sequence} is another")
        chain.append(computed)
        entry, _, _ = postings_of(core)
        demand(entry in first, EXACTLY_ONCE, f"HQ stores entry {entry} and does not know its id")
        if first[entry] == (terminal.hex(), epoch, sequence):
            cores[entry] = core
    demand(len(cores) == len(first), EXACTLY_ONCE, "HQ knows the id of an entry that it does not hold")
    return hashes, cores, first


def _heads(connection: sqlite3.Connection, hashes: dict[Journal, list[bytes]]) -> None:
    heads = {
        (terminal.hex(), epoch): (sequence, head)
        for terminal, epoch, sequence, head in connection.execute(
            "SELECT terminal_id, epoch, sequence, hash FROM journal_head WHERE sequence > 0"
        )
    }
    ends = {journal: (len(chain) - 1, chain[-1]) for journal, chain in hashes.items()}
    demand(heads == ends, CHAIN, "HQ's heads are not where its journals end")


def _lines(connection: sqlite3.Connection, cores: dict[str, bytes]) -> list[_Line]:
    """Compare the ledger with the postings of every entry, each counted once; gives its lines."""
    owners = {
        account.hex(): owner.hex()
        for account, owner in connection.execute("SELECT account_id, canonical_id FROM account")
    }
    demand(all(owners.get(owner) == owner for owner in owners.values()), SUMS, "an alias of an alias")
    expected: list[_Line] = []
    for entry, core in cores.items():
        postings: tuple[Posted, ...] = postings_of(core)[2]
        for line, posting in enumerate(postings):
            owner = owners.get(posting.account)
            demand(owner is not None, EXACTLY_ONCE, f"entry {entry} is neither posted nor parked")
            expected.append((str(owner), posting.unit, entry, line, posting.amount, posting.lot))
    written: list[_Line] = [
        (account.hex(), unit, entry.hex(), line, amount, lot.hex() if lot is not None else None)
        for account, unit, entry, line, amount, lot in connection.execute(
            "SELECT account_id, unit, entry_id, line, amount, lot_id FROM ledger"
        )
    ]
    missing, surplus = Counter(expected) - Counter(written), Counter(written) - Counter(expected)
    said = f"{missing.total()} postings are missing from the ledger and {surplus.total()} are too many"
    demand(not missing and not surplus, EXACTLY_ONCE, said)
    return written


def _sums(
    connection: sqlite3.Connection, lines: list[_Line]
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str, str], int]]:
    balances: Counter[tuple[str, str]] = Counter()
    lots: Counter[tuple[str, str, str]] = Counter()
    for account, unit, _, _, amount, lot in lines:
        balances[account, unit] += amount
        if lot is not None:
            lots[account, unit, lot] += amount
    stored = {
        (account.hex(), unit): amount for account, unit, amount in connection.execute("SELECT * FROM balance") if amount
    }
    stored_lots = {
        (account.hex(), unit, lot.hex()): amount
        for account, unit, lot, amount in connection.execute("SELECT account_id, unit, lot_id, amount FROM lot")
    }
    summed = {key: amount for key, amount in balances.items() if amount}
    demand(stored == summed, SUMS, f"{_differ(stored, summed)} of HQ's balances are not the sums of the ledger")
    summed_lots = {key: amount for key, amount in lots.items() if amount}
    demand(stored_lots == summed_lots, SUMS, f"{_differ(stored_lots, summed_lots)} of HQ's lots are not their sums")
    return summed, summed_lots


def _differ(one: dict[Any, int], other: dict[Any, int]) -> int:
    return len(set(one.items()) ^ set(other.items()))
