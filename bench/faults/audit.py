"""Looks at the books of an HQ and its tills from outside, with arithmetic of its own, once every process has ended.

Nothing of the program is used but the texts of receipts' marks: the files are read with sqlite3, chains and balances are
computed here. What does not hold comes back as sentences; none means that all of it holds.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.faults.pos import Told

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
Balances = dict[tuple[bytes, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a journal, as it is stored."""

    sequence: int
    core: bytes
    detail: bytes
    hash: bytes

    @property
    def value(self) -> Mapping[str, Any]:
        """The core as JSON."""
        value: dict[str, Any] = json.loads(self.core)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class TillBook:
    """One till's book, read at once.

    Attributes:
        balances: What the till counts, its own unsent postings included.
        prints: State and copies of each print job, by the entry's sequence.
    """

    name: str
    public_key: bytes
    epoch: int
    entries: Sequence[Entry]
    balances: Balances
    numbers: Sequence[int]
    prints: Mapping[int, tuple[str, int]]

    @property
    def terminal(self) -> bytes:
        """Its id, from its key."""
        return terminal_of(self.public_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class HqBook:
    """HQ's book, read at once; accounts of the ledger and of balances are canonical ones."""

    journals: Mapping[bytes, Sequence[Entry]]
    seen: Mapping[bytes, int]
    ledger: Balances
    balances: Balances
    canonical: Mapping[bytes, bytes]
    exceptions: Sequence[str]
    parked: int


def opened(path: Path) -> closing[sqlite3.Connection]:
    """Open a book to read; the process that writes it may run."""
    return closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True))


def has_heard_all(till: Path, hq: Path) -> bool:
    """Tell whether a till has all of HQ's feed, and HQ's balances contain all of its entries; both may run."""
    with opened(hq) as rows:
        [ends] = rows.execute("SELECT position FROM feed_head").fetchone()
    with opened(till) as rows:
        [cursor] = rows.execute("SELECT feed_cursor FROM sync_state").fetchone()
        [unshown] = rows.execute("SELECT count(*) FROM pending").fetchone()
    return (cursor, unshown) == (ends, 0)


def terminal_of(public_key: bytes) -> bytes:
    """Give the id of the terminal that holds a key. Source: docs/SPEC-journal.md, section 4."""
    return sha256(b"loyaltill terminal 1\0" + public_key).digest()[:16]


def first_hash(public_key: bytes, epoch: int) -> bytes:
    """Give ``h_0``. Source: docs/SPEC-journal.md, section 4."""
    return sha256(b"loyaltill journal 1\0" + terminal_of(public_key) + epoch.to_bytes(8, "big") + public_key).digest()


def code_of(head: bytes) -> str:
    """Give the head code of a receipt: 40 bits in Crockford's base 32."""
    bits = int.from_bytes(head[:5], "big")
    letters = "".join(_LETTERS[bits >> shift & 31] for shift in range(35, -1, -5))
    return f"{letters[:4]}-{letters[4:]}"


def read_till(name: str, path: Path) -> TillBook:
    """Read a till's book."""
    with opened(path) as rows:
        public_key, epoch = rows.execute("SELECT public_key, epoch FROM terminal").fetchone()
        held: Balances = defaultdict(int)
        for table in ("posted", "pending"):
            for account, unit, amount in rows.execute(f"SELECT account, unit, amount FROM {table}"):
                held[account, unit] += amount
        journal = rows.execute("SELECT sequence, core, detail, hash FROM journal ORDER BY sequence").fetchall()
        numbers = rows.execute("SELECT receipt_number FROM journal WHERE receipt_number IS NOT NULL ORDER BY sequence")
        jobs = rows.execute("SELECT sequence, state, copies FROM print_job").fetchall()
        return TillBook(
            name=name,
            public_key=public_key,
            epoch=epoch,
            entries=[Entry(sequence=at, core=core, detail=detail, hash=head) for at, core, detail, head in journal],
            balances=_without_zeros(held),
            numbers=[number for (number,) in numbers],
            prints={sequence: (state, copies) for sequence, state, copies in jobs},
        )


def read_hq(path: Path) -> HqBook:
    """Read HQ's book."""
    with opened(path) as rows:
        canonical = dict(rows.execute("SELECT account_id, canonical_id FROM account").fetchall())
        journals: dict[bytes, list[Entry]] = defaultdict(list)
        query = "SELECT terminal_id, sequence, core, detail, hash FROM journal ORDER BY terminal_id, epoch, sequence"
        for terminal, at, core, detail, head in rows.execute(query):
            journals[terminal].append(Entry(sequence=at, core=core, detail=detail, hash=head))
        ledger, balances = (
            _summed(rows.execute(f"SELECT account_id, unit, amount FROM {table}"), canonical)
            for table in ("ledger", "balance")
        )
        return HqBook(
            journals=journals,
            seen=Counter(entry for (entry,) in rows.execute("SELECT entry_id FROM entry")),
            ledger=ledger,
            balances=balances,
            canonical=canonical,
            exceptions=[f"{reason}: {note}" for reason, note in rows.execute("SELECT reason, note FROM exception")],
            parked=rows.execute("SELECT count(*) FROM parked").fetchone()[0],
        )


def faults(hq: HqBook, tills: Mapping[str, tuple[TillBook, Sequence[Told]]]) -> list[str]:
    """Say what does not hold of HQ, and of each till with what its POS was told."""
    found = [f"HQ has an exception: {said}" for said in hq.exceptions]
    if hq.parked:
        found.append(f"HQ parked {hq.parked} entries")
    if hq.ledger != hq.balances:
        found.append("HQ's ledger does not add up to its balances")
    posted = [entry for entries in hq.journals.values() for entry in entries]
    if hq.ledger != _without_zeros(_postings(posted, hq.canonical)):
        found.append("HQ's ledger is not what the journals post")
    for till, told in tills.values():
        found += [
            f"{till.name}: {said}" for said in (*own_faults(till), *_answered(till, told, hq), *_balances(till, hq))
        ]
    return found


def paper_faults(till: TillBook, folder: Path, copy_mark: str) -> list[str]:
    """Say what does not hold of the receipts that a till printed into ``folder``; ``copy_mark`` marks a copy."""
    found: list[str] = []
    with_number = {one.sequence for one in till.entries if "receipt_number" in json.loads(one.detail)}
    if set(till.prints) != with_number:
        found.append("the print jobs are not those of the entries with a receipt")
    heads = {one.sequence: one.hash for one in till.entries}
    printed = {path.stem for path in folder.glob("*.txt")}
    for sequence, (state, copies) in till.prints.items():
        if state != "confirmed":
            found.append(f"the receipt of entry {sequence} is {state}")
        last = f"receipt-{sequence:06}" + (f"-copy-{copies}" if copies else "")
        if last not in printed:
            found.append(f"{last} was not printed")
    for name in printed:
        sequence = int(name.split("-")[1])
        text = (folder / f"{name}.txt").read_text(encoding="utf-8")
        if sequence not in till.prints or sequence not in heads:
            found.append(f"{name} is of no committed entry")
        elif code_of(heads[sequence]) not in text:
            found.append(f"{name} does not carry the code of its entry")
        if (copy_mark in text) is not ("-copy-" in name):
            found.append(f"{name} is marked as a copy or not, and should be the other")
    return [f"{till.name}: {said}" for said in found]


def own_faults(till: TillBook) -> Iterator[str]:
    """Say what does not hold of a till's journal by itself: the chain, the digests, the receipt numbers."""
    head = first_hash(till.public_key, till.epoch)
    for place, one in enumerate(till.entries, start=1):
        head = sha256(head + one.core).digest()
        if (one.sequence, one.hash) != (place, head):
            yield f"the chain breaks at entry {place}"
            return
        if one.value["detail"] != sha256(one.detail).hexdigest()[:32]:
            yield f"the detail of entry {place} is not the one that its core names"
    if list(till.numbers) != list(range(1, len(till.numbers) + 1)):
        yield "the receipt numbers have a gap or a double"


def _answered(till: TillBook, told: Sequence[Told], hq: HqBook) -> Iterator[str]:
    if list(hq.journals.get(till.terminal, ())) != list(till.entries):
        yield "HQ does not hold the same journal"
    ids = Counter(str(one.value["id"]) for one in till.entries)
    kinds = {str(one.value["id"]): one.value["kind"] for one in till.entries}
    answered = Counter(one.entry for one in told if one.entry is not None and not one.values.get("known"))
    for entry, times in answered.items():
        if times != 1 or ids[entry] != 1 or hq.seen.get(bytes.fromhex(entry), 0) != 1:
            yield f"the answered entry {entry} is not there exactly once"
    nobodys = [entry for entry in ids if entry not in answered and kinds[entry] != "enrol"]
    if nobodys:
        yield f"{len(nobodys)} entries were written that no answer names"
    enrolled = sum(1 for entry in ids if entry not in answered and kinds[entry] == "enrol")
    by_sales = sum(1 for one in told if one.path.endswith("commit") and one.values.get("enrolled") is True)
    if enrolled != by_sales:
        yield f"{enrolled} enrolments were written by sales, {by_sales} were answered"


def _balances(till: TillBook, hq: HqBook) -> Iterator[str]:
    if till.balances != hq.balances:
        differing = {
            key for key in till.balances.keys() | hq.balances.keys() if till.balances.get(key) != hq.balances.get(key)
        }
        yield f"{len(differing)} balances are not HQ's"


def _postings(entries: Sequence[Entry], canonical: Mapping[bytes, bytes]) -> Balances:
    rows = (posting[:3] for one in entries for posting in one.value.get("postings", ()))
    return _summed(((bytes.fromhex(account), unit, amount) for account, unit, amount in rows), canonical)


def _summed(rows: Iterator[Any] | sqlite3.Cursor, canonical: Mapping[bytes, bytes]) -> Balances:
    held: Balances = defaultdict(int)
    for account, unit, amount in rows:
        held[canonical.get(account, account), unit] += amount
    return _without_zeros(held)


def _without_zeros(held: Balances) -> Balances:
    return {key: amount for key, amount in held.items() if amount}
