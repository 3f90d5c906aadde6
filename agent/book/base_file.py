"""Reading the file that holds a few bytes of every member: written by HQ once, never changed, so read without locks."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sqlalchemy import Connection

from agent.book.statements import driver
from sync.protocol.replica import PREFIX_BYTES, WORTH_BITS, unpacked

_SLOT = "base file"
"""Where a connection of the book keeps the open file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseMember:
    """What a till holds of a member who is not its own.

    Attributes:
        canonical: Another member after a merge, else the member.
        tier: The tier's id, or None.
        amount: HQ's balance of the unit that ``reach`` names, in its smallest steps.
    """

    canonical: bytes
    tier: str | None
    amount: int


class BaseFile:
    """One file, open; for one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open ``path``; raises sqlite3.Error for what is no such file."""
        self.name = path.name
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        self._tiers: dict[int, str] = dict(self._connection.execute("SELECT number, name FROM tier"))
        self._merged = bool(self._connection.execute("SELECT EXISTS (SELECT 1 FROM alias)").fetchone()[0])
        self.members = int(self._connection.execute("SELECT members FROM about").fetchone()[0])

    def card(self, card_key: int) -> bytes | None:
        """Give the member that a card names, before merges, or None."""
        row = self._connection.execute("SELECT member FROM base_card WHERE card_key = ?", (card_key,)).fetchone()
        if row is None:
            return None
        start: bytes = row[0]
        if len(start) > PREFIX_BYTES:
            return start
        found = self._connection.execute("SELECT member FROM base WHERE member >= ? LIMIT 1", (start,)).fetchone()
        return found[0] if found is not None and found[0].startswith(start) else None

    def member(self, member_id: bytes) -> BaseMember | None:
        """Give a member, or None for one that the file does not hold."""
        row = self._connection.execute("SELECT worth FROM base WHERE member = ?", (member_id,)).fetchone()
        if row is None:
            return None
        amount, tier = unpacked(row[0])
        return BaseMember(canonical=self.canonical(member_id), tier=self._tiers.get(tier), amount=amount)

    def canonical(self, member_id: bytes) -> bytes:
        """Give the member that another one became by a merge, or the same one."""
        if not self._merged:
            return member_id
        row = self._connection.execute("SELECT canonical FROM alias WHERE member = ?", (member_id,)).fetchone()
        return row[0] if row is not None else member_id

    def amounts_between(self, first: bytes, last: bytes) -> Iterator[tuple[bytes, int]]:
        """Give (member, balance) from one id to another."""
        query = "SELECT member, worth FROM base WHERE member BETWEEN ? AND ?"
        for member_id, packed in self._connection.execute(query, (first, last)):
            yield member_id, packed >> WORTH_BITS

    def outstanding(self) -> int:
        """Add up all balances; reads the whole file."""
        row = self._connection.execute(f"SELECT ifnull(sum(worth >> {WORTH_BITS}), 0) FROM base").fetchone()  # noqa: S608
        return int(row[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def opened(connection: Connection, name: str | None) -> BaseFile | None:
    """Give the file ``name`` beside the book of ``connection``, which keeps it open; None where there is none."""
    held = cast("BaseFile | None", connection.info.get(_SLOT))
    if held is not None and held.name == name:
        return held
    if held is not None:
        held.close()
        del connection.info[_SLOT]
    if name is None:
        return None
    path = folder_of(connection) / name
    if not path.exists():
        return None
    connection.info[_SLOT] = found = BaseFile(path)
    return found


def folder_of(connection: Connection) -> Path:
    """Give the folder of the book's file."""
    listed = driver(connection).execute("PRAGMA database_list").fetchall()
    return next(Path(file).parent for _, schema, file in listed if schema == "main")
