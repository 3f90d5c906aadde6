"""The till's book, read without a trace: is it there, is it ours, and does its journal hold together."""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, NullPool, create_engine, inspect, select
from sqlalchemy.exc import DBAPIError

from agent.book import schema
from agent.book.book import FILE, LOCK
from agent.book.files import APPLICATION_ID, explain, migrations
from cli.doctor.findings import Finding, fail, ok, warn
from cli.locks import address, is_held
from loyalty.journal.chain import first_head, head_code, next_head
from loyalty.journal.codec import decode_detail

_T = TypeVar("_T")
ABOUT = "book"
LONGEST_S = 12
_RUN = 2_000
_KEEP = "keep the folder as it is, stop the till, and restore a copy; HQ holds what was uploaded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """How far a journal was recomputed.

    Attributes:
        entries: Entries that hold together, from the first on; those that were removed count.
        head: The hash after them, in the epoch that the last of them is in.
        broken_at: The first sequence that does not follow, or None.
        whole: Whether the end was reached in time.
    """

    entries: int
    head: bytes
    broken_at: int | None
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """How a journal is divided: (epoch, base) of its epochs, and what was removed; a book without epochs is one."""

    epochs: tuple[tuple[int, int], ...] = ((1, 0),)
    pruned: int = 0
    pruned_hash: bytes | None = None

    def begins(self, public_key: bytes, entries: int) -> bytes | None:
        """Give the first hash of the epoch that begins behind ``entries``, the newest where several do; None for none."""
        begun = [epoch for epoch, base in self.epochs if base == entries]
        lasting = [epoch for epoch in begun if all(base >= entries for later, base in self.epochs if later > epoch)]
        return first_head(public_key, max(lasting)) if lasting else None


_WHOLE = Parts()


@dataclass(frozen=True, slots=True, kw_only=True)
class BookState:
    """What a till's book says of itself.

    Attributes:
        acked: The last sequence that HQ acknowledged.
        last_local_time: When the newest entry was written, ISO 8601; None for an empty journal.
    """

    public_key: bytes
    epoch: int
    parts: Parts
    rolled_back: bool
    identifier_key_id: bytes
    hq_epoch: str | None
    acked: int
    chain: Chain
    last_local_time: str | None

    @property
    def base(self) -> int:
        """Entries before the present epoch."""
        return max(self.parts.epochs)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What came of looking at a book; ``state`` is None where there is none that can be read."""

    running: bool
    state: BookState | None
    findings: list[Finding]


def look(data_dir: Path) -> Looked:
    """Look at the book in ``data_dir``; also while an agent is at work on it."""
    running = is_held(data_dir / LOCK)
    path = data_dir / FILE
    if not path.exists():
        there = fail(ABOUT, f"{path} is missing although the keys beside it are there", _KEEP)
        none = ok(ABOUT, f"there is no book in {data_dir} yet; the first start makes it")
        return Looked(running=running, state=None, findings=[none if _is_new(data_dir) else there])
    found = _read(path, in_use=running)
    if found.state is None and not running and is_held(data_dir / LOCK):
        found, running = _read(path, in_use=True), True  # an agent has started meanwhile
    said = [ok("agent", f"an agent is running on {data_dir}")] if running else []
    return Looked(running=running, state=found.state, findings=said + found.findings)


def hash_at(data_dir: Path, sequence: int, book: BookState) -> bytes | None:
    """Give the hash after ``sequence`` entries of the epoch as the book has it now, or None where it has no such entry."""
    if sequence <= 0:
        return first_head(book.public_key, book.epoch) if sequence == 0 else None
    if book.base + sequence == book.parts.pruned:
        return book.parts.pruned_hash
    with _open(data_dir / FILE, in_use=is_held(data_dir / LOCK)) as connection:
        query = select(schema.journal.c.hash).where(schema.journal.c.sequence == book.base + sequence)
        found: bytes | None = connection.execute(query).scalar()
    return found


def read_from(data_dir: Path, read: Callable[[Connection], _T]) -> _T | None:
    """Read something more from a book, also of an agent at work; None where there is no book, or an older one lacks it."""
    path = data_dir / FILE
    if not path.exists():
        return None
    try:
        with _open(path, in_use=is_held(data_dir / LOCK)) as connection:
            return read(connection)
    except (DBAPIError, sqlite3.Error):
        return None


def verify(connection: Connection, public_key: bytes, parts: Parts = _WHOLE, *, longest_s: float = LONGEST_S) -> Chain:
    """Recompute the hashes of a journal from its first entry; stops, saying so, when it takes too long."""
    columns, deadline = schema.journal.c, time.monotonic() + longest_s
    query = select(columns.sequence, columns.hash, columns.core).order_by(columns.sequence).limit(_RUN)
    entries, head = parts.pruned, parts.pruned_hash or first_head(public_key, 1)
    while rows := connection.execute(query.where(columns.sequence > entries)).all():
        for sequence, stored, core in rows:
            head = parts.begins(public_key, entries) or head
            whole = isinstance(core, bytes) and sequence == entries + 1
            if not whole or stored != (following := next_head(head, core)):
                return Chain(entries=entries, head=head, broken_at=entries + 1, whole=False)
            entries, head = sequence, following
        if time.monotonic() > deadline:
            return Chain(entries=entries, head=head, broken_at=None, whole=False)
    return Chain(entries=entries, head=parts.begins(public_key, entries) or head, broken_at=None, whole=True)


def _is_new(data_dir: Path) -> bool:
    return not (data_dir / "keys").exists()


def _read(path: Path, *, in_use: bool) -> Looked:
    try:
        with _open(path, in_use=in_use) as connection:
            wrong = _check_schema(connection, path)
            if wrong is not None:
                return Looked(running=in_use, state=None, findings=[wrong])
            state = _state(connection)
    except (DBAPIError, sqlite3.Error) as fault:
        return Looked(running=in_use, state=None, findings=[fail(ABOUT, str(explain(fault, path)))])
    if state is None:
        return Looked(running=in_use, state=None, findings=[ok(ABOUT, f"{path} is a book that nobody has used yet")])
    return Looked(running=in_use, state=state, findings=[_check_chain(state.chain, path), *_check_age(state)])


def _check_age(state: BookState) -> list[Finding]:
    if not state.rolled_back:
        return []
    text = "the book is an old copy: this till had sold more than it knows; its rights to redeem without HQ are void"
    return [
        warn(ABOUT, text, "let the till reach HQ: it goes on in a new epoch, and HQ shows what it had heard of before")
    ]


def _open(path: Path, *, in_use: bool) -> Connection:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address(path, in_use=in_use), uri=True, timeout=5)

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
    )
    return engine.connect()


def _check_schema(connection: Connection, path: Path) -> Finding | None:
    held = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    owner = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    known = len(migrations())
    if owner != APPLICATION_ID:
        return fail(ABOUT, f"{path} is not a till's book", "move it away, or set another data_dir")
    if held > known:
        return fail(
            ABOUT,
            f"{path} was written by a newer agent (schema {held}); this one knows {known}",
            "install that version or a later one",
        )
    return None


def _state(connection: Connection) -> BookState | None:
    """Read what every schema version has had."""
    columns = schema.terminal.c
    owner = connection.execute(select(columns.public_key, columns.epoch, columns.identifier_key_id)).one_or_none()
    if owner is None:
        return None
    sync = connection.execute(select(schema.sync_state.c.acked, schema.sync_state.c.hq_epoch)).one()
    parts, rolled_back = _parts(connection)
    newest = select(schema.journal.c.detail).order_by(schema.journal.c.sequence.desc()).limit(1)
    return BookState(
        public_key=owner.public_key,
        epoch=owner.epoch,
        parts=parts,
        rolled_back=rolled_back,
        identifier_key_id=owner.identifier_key_id,
        hq_epoch=sync.hq_epoch,
        acked=sync.acked,
        chain=verify(connection, owner.public_key, parts),
        last_local_time=_local_time(connection.execute(newest).scalar()),
    )


def _parts(connection: Connection) -> tuple[Parts, bool]:
    """Read how the journal is divided, and whether the book was found to be an old copy."""
    if "epoch" not in inspect(connection).get_table_names():
        return _WHOLE, False
    epochs, columns = schema.epoch.c, schema.sync_state.c
    found = connection.execute(select(epochs.epoch, epochs.base)).all()
    state = connection.execute(select(columns.pruned, columns.pruned_hash, columns.rolled_back)).one()
    numbers = tuple(sorted((row.epoch, row.base) for row in found)) or _WHOLE.epochs
    return Parts(epochs=numbers, pruned=state.pruned, pruned_hash=state.pruned_hash), bool(state.rolled_back)


def _local_time(detail: bytes | None) -> str | None:
    try:
        return decode_detail(detail).local_time if detail else None
    except ValueError:  # erased, or of a later format
        return None


def _check_chain(chain: Chain, path: Path) -> Finding:
    if chain.broken_at is not None:
        return fail(ABOUT, f"the journal in {path} does not hold together from entry {chain.broken_at} on", _KEEP)
    if not chain.entries:
        return ok(ABOUT, f"{path} opens; its journal is empty")
    if not chain.whole:
        text = f"{path} opens; the first {chain.entries:,} entries hold together, and there was no time for the others"
        return warn(ABOUT, text)
    return ok(ABOUT, f"{path} opens; its {chain.entries:,} entries hold together up to head {head_code(chain.head)}")
