"""Keeping the chain of segment files: what lies far behind is closed into files, and what is superseded is written out of them.

A file is written, synced to disk and named before the book names it, and none is ever changed.

Source: docs/SPEC-sync.md, section 3, "Segment files" and "Tombstones".
"""

import os
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from hq.book.book import Book
from hq.book.dialects import put_rows
from hq.book.schema import feed, feed_segment
from hq.errors import BookBusy
from hq.feed.chain import FOLDER, chain
from hq.feed.log import Entity, head_position
from hq.feed.programmes import within_bytes
from hq.feed.tombstones import dead_rows, forget, note_position, ripe
from hq.feed.values import placed_values
from sync.protocol.segment_files import FRAME_BYTES, encode_segment, row_bytes
from sync.protocol.segments import MAX_SEGMENT_PLAIN, MAX_SEGMENT_ROWS, SegmentRef
from sync.protocol.values import MAX_FEED_ROWS

LEAST_ROWS = 20_000
"""Rows behind the chain from which on they are closed into files."""
SERVED_MS = 24 * 3600 * 1000
"""How long a file is served after the chain went on without it."""
_SUPERSEDED = 2
"""The chain is written anew when it holds more than so many times the rows that are needed."""
_DRAFT = ".new"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What one run did: rows in new files, new files, and tombstones that were forgotten."""

    rows: int
    files: int
    forgotten: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What a run is to do: files from ``begin`` to ``head``, in the place of all others where that is 0."""

    begin: int
    head: int
    dead: Sequence[Any]
    ripe: int
    enough: bool


class SegmentKeeper:
    """Writes segment files. One for a book; a run may be repeated at any time."""

    def __init__(
        self,
        book: Book,
        data_dir: Path,
        hq_epoch: str,
        *,
        least_rows: int = LEAST_ROWS,
        most_rows: int = MAX_SEGMENT_ROWS,
    ) -> None:
        self._book = book
        self._folder = data_dir / FOLDER
        self._hq_epoch = hq_epoch
        self._least = least_rows
        self._most = most_rows
        self._turn = threading.Lock()

    def run(self, at: datetime) -> Kept:
        """Do what is due.

        Raises:
            BookBusy: the book or the folder could not be written just now; the chain stays as it was.
        """
        try:
            return self._run(at)
        except OSError as fault:
            raise BookBusy(f"segment files cannot be written: {fault.strerror}") from fault

    def _run(self, at: datetime) -> Kept:
        now_ms = (at - _EPOCH) // _MS
        with self._turn:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._book.write() as connection:
                note_position(connection, now_ms)
            self._clean(now_ms)
            with self._book.read() as connection:
                plan = self._plan(connection, now_ms)
            made = list(self._write(plan)) if plan.enough else []
            if made or plan.begin == 0:
                with self._book.write() as connection:
                    self._name(connection, plan, made, now_ms)
        return Kept(
            rows=sum(rows for _, rows in made), files=len(made), forgotten=len(plan.dead) if plan.begin == 0 else 0
        )

    def _plan(self, connection: Connection, now_ms: int) -> _Plan:
        held, old = chain(connection, self._hq_epoch), ripe(connection, now_ms)
        dead = tuple(dead_rows(connection, old))
        end = held[-1].upto if held else 0
        stays = self._are_there(held) and not self._is_superseded(connection, end, dead)
        begin = end if stays and not _is_somebody_forgotten(connection, end) else 0
        behind = connection.execute(select(func.count()).select_from(feed).where(feed.c.position > begin)).scalar_one()
        enough = behind - (len(dead) if begin == 0 else 0) >= self._least
        return _Plan(begin=begin, head=head_position(connection), dead=dead, ripe=old, enough=enough)

    def _are_there(self, held: Sequence[SegmentRef]) -> bool:
        """Tell whether every file of the chain is there with its size; one that is not makes all be written anew."""
        with suppress(OSError):
            return all((self._folder / ref.name).stat().st_size == ref.size for ref in held)
        return False

    def _is_superseded(self, connection: Connection, end: int, dead: Sequence[Any]) -> bool:
        counts = (feed_segment.c.hq_epoch == self._hq_epoch, feed_segment.c.retired_at_ms.is_(None))
        written = connection.execute(select(func.sum(feed_segment.c.rows)).where(*counts)).scalar_one() or 0
        still = connection.execute(select(func.count()).select_from(feed).where(feed.c.position <= end)).scalar_one()
        needed = still - sum(row.position <= end for row in dead)
        return bool(written > _SUPERSEDED * needed)

    def _write(self, plan: _Plan) -> Iterator[tuple[SegmentRef, int]]:
        """Write the files; gives each with the number of its rows.

        Each run of rows is read from a state of its own, which is fine: all states know of ``head``, so a row that
        stands at a position up to there in one of them is the newest up to there in each.
        """
        after, rows, size = plan.begin, list[bytes](), FRAME_BYTES
        last = after
        for position, data in self._rows(plan):
            if len(rows) >= self._most or size + len(data) + 1 > MAX_SEGMENT_PLAIN:
                yield self._put(after, last, rows)
                after, rows, size = last, [], FRAME_BYTES
            rows.append(data)
            size += len(data) + 1
            last = position
        yield self._put(after, plan.head, rows)

    def _rows(self, plan: _Plan) -> Iterator[tuple[int, bytes]]:
        left_out = {row.position for row in plan.dead} if plan.begin == 0 else set[int]()
        after = plan.begin
        while True:
            with self._book.read() as connection:
                log = self._log(connection, after, plan.head)
                placed = placed_values(connection, log)
            if not log:
                return
            yield from ((position, row_bytes(row)) for position, row in placed if position not in left_out)
            after = log[-1].position

    def _log(self, connection: Connection, after: int, head: int) -> Sequence[Any]:
        query = select(feed).where(feed.c.position > after, feed.c.position <= head).order_by(feed.c.position)
        return within_bytes(connection, connection.execute(query.limit(MAX_FEED_ROWS)).all())

    def _put(self, after: int, upto: int, rows: Sequence[bytes]) -> tuple[SegmentRef, int]:
        ref, data = encode_segment(self._hq_epoch, after, upto, rows)
        path = self._folder / ref.name
        if not path.exists() or sha256(path.read_bytes()).digest() != ref.sha256:
            draft = self._folder / f"{ref.name}{_DRAFT}"
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            _sync_folder(self._folder)
        return ref, len(rows)

    def _name(self, connection: Connection, plan: _Plan, made: Collection[tuple[SegmentRef, int]], now_ms: int) -> None:
        """Let the new files count. Tombstones go in the transaction in which no file with what they end counts any more."""
        if plan.begin == 0:
            counts = update(feed_segment).where(feed_segment.c.retired_at_ms.is_(None))
            connection.execute(counts.values(retired_at_ms=now_ms))
            forget(connection, plan.dead, plan.ripe)
        put_rows(connection, feed_segment, [self._row(*one) for one in made], change=("retired_at_ms",))

    def _row(self, ref: SegmentRef, rows: int) -> dict[str, object]:
        return {
            "name": ref.name,
            "hq_epoch": self._hq_epoch,
            "after": ref.after,
            "upto": ref.upto,
            "rows": rows,
            "bytes": ref.size,
            "sha256": ref.sha256,
            "retired_at_ms": None,
        }

    def _clean(self, now_ms: int) -> None:
        """Remove files that do not count since long, and those that no row of the book names: a run was cut there."""
        with self._book.write() as connection:
            other = (feed_segment.c.hq_epoch != self._hq_epoch, feed_segment.c.retired_at_ms.is_(None))
            connection.execute(update(feed_segment).where(*other).values(retired_at_ms=now_ms))
            connection.execute(delete(feed_segment).where(feed_segment.c.retired_at_ms <= now_ms - SERVED_MS))
            named = set(connection.execute(select(feed_segment.c.name)).scalars())
        for path in self._folder.iterdir():
            if path.name not in named:
                with suppress(OSError):  # on Windows while somebody reads it
                    path.unlink()


def _is_somebody_forgotten(connection: Connection, end: int) -> bool:
    """Tell whether a member was erased behind the chain, whose files may hold the name yet."""
    behind = select(feed.c.position).where(feed.c.entity == int(Entity.FORGOTTEN), feed.c.position > end).limit(1)
    return connection.execute(behind).first() is not None


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows does it by itself
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
