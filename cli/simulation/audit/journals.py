"""A till's journal, read from its file as bytes: chain, receipts and postings computed anew."""

import json
import sqlite3
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cli.simulation.audit.violation import demand

CHAIN = "chain"
RECEIPTS = "receipts"
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Posted:
    """One posting of a core. Accounts and lots in hex."""

    account: str
    unit: str
    amount: int
    lot: str | None


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """One entry as its bytes say.

    Attributes:
        sequence: Its position on the disk.
        wire, code: The sequence and the code that its receipt carries: those of the epoch in which it was written.
        left: Up to which position entries had left the till when this one was written; fewer where nobody looked.
    """

    sequence: int
    wire: int
    code: str
    entry: str
    kind: str
    core: bytes
    hash: bytes
    receipt: int | None
    postings: tuple[Posted, ...]
    left: int


def code_of(head: bytes) -> str:
    """Write the first 40 bits of a hash in Crockford's base 32, four and four."""
    number = int(head[:5].hex(), 16)
    letters = ""
    for _ in range(8):
        number, place = divmod(number, 32)
        letters = _LETTERS[place] + letters
    return f"{letters[:4]}-{letters[4:]}"


def terminal_of(public_key: bytes) -> bytes:
    """Give the terminal's id, as docs/SPEC-journal.md section 4 says."""
    return sha256(b"loyaltill terminal 1\0" + public_key).digest()[:16]


def beginning_of(public_key: bytes, epoch: int) -> bytes:
    """Give ``h_0``."""
    return sha256(b"loyaltill journal 1\0" + terminal_of(public_key) + epoch.to_bytes(8, "big") + public_key).digest()


def postings_of(core: bytes) -> tuple[str, str, tuple[Posted, ...]]:
    """Give (entry id, kind, postings) of a core."""
    said = json.loads(core)
    return (
        said["id"],
        said["kind"],
        tuple(
            Posted(posting[0], posting[1], posting[2], posting[3][0] if len(posting) > 3 else None)
            for posting in said.get("postings", ())
        ),
    )


def read_only(file: Path) -> sqlite3.Connection:
    """Open a book's file to look at it."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


class JournalView:
    """The journal on one disk, read as it grows.

    Attributes:
        entries: By sequence, from 1, at ``sequence - 1``.
        by_id: The same by entry id.
        left: Up to which position entries have left the till since its process began.
    """

    def __init__(self, file: Path) -> None:
        self.connection = read_only(file)
        (self._public_key,) = self.connection.execute("SELECT public_key FROM terminal").fetchone()
        self.terminal = terminal_of(self._public_key)
        self.left = 0
        self._forget()
        self.read()

    @property
    def journal(self) -> tuple[str, int]:
        """The terminal in hex, and the epoch of now."""
        return self.terminal.hex(), self.epoch

    @property
    def base(self) -> int:
        """The position behind which the epoch of now begins."""
        return self._epochs[-1][1]

    @property
    def head(self) -> bytes:
        """The hash after all that was read, in the epoch of now."""
        return self.entries[-1].hash if len(self.entries) > self.base else beginning_of(self._public_key, self.epoch)

    def read(self) -> None:
        """Read what was added, and check that it follows; all of it anew where an epoch has begun."""
        (epoch,) = self.connection.execute("SELECT epoch FROM terminal").fetchone()
        if epoch != self.epoch:
            self._forget()
        query = "SELECT sequence, hash, receipt_number, core FROM journal WHERE sequence > ? ORDER BY sequence"
        for position, stored, receipt, core in self.connection.execute(query, (len(self.entries),)).fetchall():
            self._take(position, stored, receipt, core)

    def _forget(self) -> None:
        self.entries: list[SeenEntry] = []
        self.by_id: dict[str, SeenEntry] = {}
        self._receipts = 0
        self._past: dict[int, tuple[int, bytes]] = {
            position: (first, hash_)
            for position, first, hash_ in self.connection.execute(
                "SELECT sequence, epoch, hash FROM past_hash ORDER BY epoch DESC"
            )
        }
        self._epochs: list[tuple[int, int]] = self.connection.execute(
            "SELECT epoch, base FROM epoch ORDER BY epoch"
        ).fetchall()
        self.epoch = self._epochs[-1][0]

    def _take(self, position: int, stored: bytes, receipt: int | None, core: bytes) -> None:
        demand(position == len(self.entries) + 1, CHAIN, f"entry {position} follows {len(self.entries)}")
        epoch, base = next(one for one in reversed(self._epochs) if one[1] < position)
        before = self.entries[-1].hash if position > base + 1 else beginning_of(self._public_key, epoch)
        demand(sha256(before + core).digest() == stored, CHAIN, f"the hash of entry {position} is another")
        entry, kind, postings = postings_of(core)
        demand(entry not in self.by_id, CHAIN, f"entry {entry} stands twice in one journal")
        if receipt is not None:
            demand(receipt == self._receipts + 1, RECEIPTS, f"receipt {receipt} follows {self._receipts}")
            self._receipts = receipt
        written, printed = self._past.get(position, (epoch, stored))
        wire = position - dict(self._epochs)[written]
        seen = SeenEntry(position, wire, code_of(printed), entry, kind, core, stored, receipt, postings, self.left)
        self.entries.append(seen)
        self.by_id[entry] = seen

    def close(self) -> None:
        """Let the file go."""
        self.connection.close()
