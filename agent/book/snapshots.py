"""Taking HQ's snapshot into the book: fetched into a file beside it, proven, and named by the commit that shows it.

The file is never changed, so a till that is killed leaves a part of it, and goes on where the part ends. Until the feed
behind the snapshot is complete, the book stands on what it had; the commit that shows the rest names the new file.
"""

import json
import os
import shutil
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from hashlib import sha256
from itertools import islice
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import update

from agent.book import base, base_stage, staging
from agent.book.book import Book
from agent.book.files import make_private
from agent.book.schema import reach, sync_state
from agent.errors import BookFull
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.replica import APPLICATION_ID, FORMAT
from sync.protocol.snapshots import Frame, Manifest, signed_bytes
from sync.protocol.values import FeedRow
from sync.protocol.wire import row_in

_PART, _WHOLE = ".part", ".db"
_SPARE_BYTES = 64 * 1024 * 1024
"""What must be left on the disk beside the file: sales go on."""
_READ = 1 << 20
_PAUSE_S = 0.002


class BookSnapshot:
    """Where a snapshot goes in a book; for one round of the sync."""

    def __init__(self, book: Book, hq_key: bytes) -> None:
        """Make one that believes what the holder of ``hq_key`` signed."""
        self._book = book
        self._hq_key = hq_key
        self._folder = book.path.parent
        self._manifest: Manifest | None = None

    def begin(self, manifest: Manifest) -> int:
        """Verify who signed; gives the frames that an earlier round left. What is left of other snapshots is removed.

        Raises:
            SyncRefused: HQ did not sign this.
            BookFull: the disk has no place for it.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self._hq_key).verify(manifest.signature, signed_bytes(manifest))
        except (InvalidSignature, ValueError) as fault:
            raise SyncRefused(SyncErrorCode.MALFORMED, "the snapshot is not signed by HQ") from fault
        self._manifest = manifest
        self._clean(manifest)
        if self._whole.exists():
            return len(manifest.frames)
        had = self._part.stat().st_size if self._part.exists() else 0
        done = kept = 0
        for frame in manifest.frames:
            if kept + frame.plain > had:
                break
            done, kept = done + 1, kept + frame.plain
        if shutil.disk_usage(self._folder).free < manifest.plain - kept + _SPARE_BYTES:
            raise BookFull(f"{self._folder} has no place for a snapshot of {manifest.plain} bytes")
        try:
            make_private(self._part)
            with self._part.open("ab") as file:
                file.truncate(kept)
        except OSError as fault:
            raise BookFull(f"{self._part} cannot be written: {fault.strerror}") from fault
        return done

    def keep(self, frame: Frame, packed: bytes) -> None:
        """Append a frame.

        Raises:
            LinkDown: the bytes are not those that HQ described.
        """
        if len(packed) != frame.packed or sha256(packed).digest() != frame.sha256:
            raise LinkDown("a part of the snapshot is damaged; a portal or proxy may stand in between")
        unpacker = zlib.decompressobj()
        try:
            plain = unpacker.decompress(packed, frame.plain + 1)
        except zlib.error as fault:
            raise LinkDown("a part of the snapshot cannot be unpacked") from fault
        if len(plain) != frame.plain:
            raise LinkDown("a part of the snapshot has another size than HQ says")
        try:
            with self._part.open("ab") as file:
                file.write(plain)
        except OSError as fault:
            raise BookFull(f"{self._part} cannot be written: {fault.strerror}") from fault

    def finish(self) -> None:
        """Prove the file and stage it: what is staged otherwise is forgotten, and the feed goes on behind it.

        Raises:
            LinkDown: the file is not the one that HQ signed; it is removed and comes again.
        """
        path = self._whole if self._whole.exists() else self._part
        if not self._is_whole(path):
            path.unlink()
            raise LinkDown("the snapshot came damaged; it is fetched again")
        path.replace(self._whole)
        _sync_folder(self._folder)
        self._let_go()
        self._stage()

    @property
    def _said(self) -> Manifest:
        assert self._manifest is not None
        return self._manifest

    @property
    def _part(self) -> Path:
        return self._folder / f"members-{self._said.name}{_PART}"

    @property
    def _whole(self) -> Path:
        return self._folder / f"members-{self._said.name}{_WHOLE}"

    def _clean(self, manifest: Manifest) -> None:
        with self._book.read() as connection:
            named = base.reach_of(connection).file
        for path in (*self._folder.glob(f"members-*{_PART}"), *self._folder.glob(f"members-*{_WHOLE}")):
            if path.name != named and path.stem != f"members-{manifest.name}":
                with suppress(OSError):  # on Windows while a reader has it open
                    path.unlink()

    def _is_whole(self, path: Path) -> bool:
        whole = sha256()
        with path.open("rb") as file:
            while some := file.read(_READ):
                whole.update(some)
            os.fsync(file.fileno())
        return whole.digest() == self._said.sha256 and self._is_sound(path)

    def _is_sound(self, path: Path) -> bool:
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            with closing(sqlite3.connect(address, uri=True)) as connection:
                marks = [
                    connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
                ]
                about = connection.execute("SELECT hq_epoch, position, unit FROM about").fetchone()
                checked = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.Error:
            return False
        said = (self._said.hq_epoch, self._said.position, self._said.unit)
        return marks == [APPLICATION_ID, FORMAT] and about == said and checked == "ok"

    def _let_go(self) -> None:
        """Make others of all members of whom HQ told: what changed of them since may be in the snapshot only."""
        left = True
        while left:
            with self._book.write() as writing:
                left = base_stage.let_go(writing.connection, unit=self._said.unit, most=staging.SLICE) > 0
            time.sleep(_PAUSE_S)

    def _stage(self) -> None:
        with self._book.write() as writing:
            staging.clear(writing.connection)
            writing.connection.execute(update(sync_state).values(feed_epoch=None, feed_cursor=0, feed_whole=False))
        others = base_stage.Others(unit=self._said.unit, store="", told=())
        control = self._control()
        while rows := tuple(islice(control, staging.SLICE)):
            with self._book.write() as writing:
                staging.keep(writing.connection, rows, whole=True, others=others)
            time.sleep(_PAUSE_S)
        with self._book.write() as writing:
            base_stage.choose(writing.connection, base_stage.choice(everyone=False, unit=self._said.unit))
            writing.connection.execute(update(reach).values(stage_file=self._whole.name))
            place = {
                "feed_epoch": self._said.hq_epoch,
                "feed_cursor": self._said.position,
                "feed_whole": True,
                "feed_since": self._said.position,
                "feed_purge": False,  # all cards of whom HQ told were let go
            }
            writing.connection.execute(update(sync_state).values(place))

    def _control(self) -> Iterator[FeedRow]:
        address = f"{self._whole.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            for (row,) in connection.execute("SELECT row FROM control ORDER BY number"):
                yield row_in(json.loads(row))


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows does it by itself
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
