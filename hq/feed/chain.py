"""The chain of segment files that counts now: its rows in the book, and where its files are."""

import re
from pathlib import Path

from sqlalchemy import Connection, select

from hq.book.schema import feed_segment
from sync.protocol.segments import MAX_LISTED, SegmentRef

FOLDER = "segments"
_NAME = re.compile(r"[0-9]{1,19}-[0-9]{1,19}-[0-9a-f]{16}\.seg", re.ASCII)


class Segments:
    """The segment files of one HQ epoch."""

    def __init__(self, data_dir: Path, hq_epoch: str) -> None:
        self._folder = data_dir / FOLDER
        self._hq_epoch = hq_epoch

    def behind(self, connection: Connection, after: int) -> tuple[SegmentRef, ...]:
        """Give what a till at a cursor had better fetch as files; nothing where it is near the end of the first one."""
        found = chain(connection, self._hq_epoch, after=after, most=MAX_LISTED)
        if not found or 2 * (found[0].upto - after) < found[0].upto - found[0].after:
            return ()
        return found

    def file(self, name: str) -> Path | None:
        """Give a file that is still there, or None."""
        path = self._folder / name
        return path if _NAME.fullmatch(name) and path.exists() else None


def chain(connection: Connection, hq_epoch: str, *, after: int = 0, most: int | None = None) -> tuple[SegmentRef, ...]:
    """Give the files that count now and end behind ``after``, each of which begins where the one before ends."""
    counts = (feed_segment.c.hq_epoch == hq_epoch, feed_segment.c.retired_at_ms.is_(None), feed_segment.c.upto > after)
    query = select(feed_segment).where(*counts).order_by(feed_segment.c.upto).limit(most)
    return tuple(
        SegmentRef(after=row.after, upto=row.upto, size=row.bytes, sha256=row.sha256)
        for row in connection.execute(query)
    )
