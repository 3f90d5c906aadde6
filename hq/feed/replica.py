"""Writing the file that holds a few bytes of every member; who its members are is the caller's business.

It is written once, in order of its keys, with nothing to fall back on: a half-written one is thrown away.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sync.protocol.replica import APPLICATION_ID, DDL, FORMAT, PREFIX_BYTES

_PRAGMAS = ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-65536")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """As of when a file is, and whose balance it holds."""

    hq_epoch: str
    position: int
    unit: str | None


class ReplicaWriter:
    """One new file. Give it members, then cards, each in the order of their keys; a context manager."""

    def __init__(self, path: Path, about: About) -> None:
        """Begin the file at ``path``, where nothing may be."""
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in (*_PRAGMAS, f"application_id={APPLICATION_ID}", f"user_version={FORMAT}"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("BEGIN")
        for statement in DDL:
            self._connection.execute(statement)
        self._about = about
        self._twins: set[bytes] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def tiers(self, names: Iterable[str]) -> None:
        """Name the tiers; the first is number 1."""
        self._connection.executemany("INSERT INTO tier (number, name) VALUES (?, ?)", enumerate(names, start=1))

    def aliases(self, aliases: Iterable[tuple[bytes, bytes]]) -> None:
        """Say which members became others: (member, canonical). They are among the members too."""
        self._connection.executemany("INSERT INTO alias (member, canonical) VALUES (?, ?)", aliases)

    def members(self, members: Iterable[tuple[bytes, int]]) -> None:
        """Write (member, worth) in order of member; the rows pass through without being looked at, but for twins."""
        self._connection.executemany("INSERT INTO base (member, worth) VALUES (?, ?)", self._noting_twins(members))

    def cards(self, cards: Iterable[tuple[int, bytes]]) -> None:
        """Write (card key, member) in order of key, once all members are there."""
        twins = self._twins
        rows = ((key, start if (start := of[:PREFIX_BYTES]) not in twins else of) for key, of in cards)
        self._connection.executemany("INSERT INTO base_card (card_key, member) VALUES (?, ?)", rows)

    def control(self, rows: Iterable[str]) -> None:
        """Write rows of the feed, as JSON."""
        self._connection.executemany("INSERT INTO control (row) VALUES (?)", ((row,) for row in rows))

    def finish(self) -> int:
        """Write what the file is about and make it whole; gives the number of members, merged ones counted once."""
        count = "SELECT (SELECT count(*) FROM base) - (SELECT count(*) FROM alias)"
        members: int = self._connection.execute(count).fetchone()[0]
        about = (self._about.hq_epoch, self._about.position, self._about.unit, members)
        self._connection.execute("INSERT INTO about VALUES (1, ?, ?, ?, ?)", about)
        self._connection.execute("COMMIT")
        return members

    def _noting_twins(self, members: Iterable[tuple[bytes, int]]) -> Iterator[tuple[bytes, int]]:
        """Note which beginnings are those of several members."""
        last = b""
        for row in members:
            start = row[0][:PREFIX_BYTES]
            if start == last:
                self._twins.add(start)
            last = start
            yield row
