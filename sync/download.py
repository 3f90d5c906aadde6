"""The download loop: fetch the feed until it is complete, by segment files where HQ has them, and all of the members that the till wants."""

from collections.abc import Callable, Iterator, Sequence

from sync.ports import FeedSink, HqLink, SegmentLink
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.segment_files import decode_segment
from sync.protocol.segments import SegmentRef
from sync.protocol.snapshots import is_better
from sync.protocol.values import MAX_FEED_ROWS, FeedPage, FeedRow

MAX_PAGES = 100_000
"""A bound on one round, so that a faulty HQ cannot keep a till busy for ever."""
_MOST_RESTARTS = 3
_MOST_UNUSABLE = 3
_ANEW = frozenset({SyncErrorCode.CURSOR_AHEAD, SyncErrorCode.CURSOR_TOO_OLD})
_UNUSABLE = frozenset({SyncErrorCode.NO_SEGMENT, SyncErrorCode.MALFORMED, SyncErrorCode.TOO_LARGE})


def download(
    sink: FeedSink,
    link: HqLink,
    take_snapshot: Callable[[], None] | None = None,
    files: SegmentLink | None = None,
    fetch_bucket: Callable[[], bool] | None = None,
) -> int:
    """Bring the till level with HQ's feed; gives the number of rows that came.

    Args:
        sink: Where the rows go.
        link: The way to HQ.
        take_snapshot: Puts HQ's snapshot into the sink, so that the feed goes on behind it; without it rows do it all.
        files: The way to HQ's segment files; without it every row comes by pages, and HQ cannot say that a cursor is too old.
        fetch_bucket: Fetches into the sink the bucket that it holds otherwise than HQ, if there is one, and tells whether the feed is
            to be asked again to show it.

    Raises:
        LinkDown: HQ could not be reached; what came is kept and shown once the rest has come.
        SyncRefused: HQ sent what the protocol does not allow.
    """
    rows = restarts = unusable = 0
    for _ in range(MAX_PAGES):
        if restarts > _MOST_RESTARTS:
            raise SyncRefused(SyncErrorCode.MALFORMED, "HQ's feed keeps beginning anew")
        epoch, cursor = sink.cursor()
        try:
            page = _ask(sink, link, files, cursor, by_files=unusable < _MOST_UNUSABLE)
        except SyncRefused as refused:
            if refused.code not in _ANEW or cursor == 0:
                raise
            sink.restart("")
            restarts += 1
            continue
        if epoch not in (None, page.hq_epoch):
            sink.restart(page.hq_epoch)
            restarts += 1
            continue
        _check(page, cursor)
        if take_snapshot is not None and is_better(cursor, page):
            take_snapshot()
            take_snapshot = None
        elif page.segments and files is not None:
            came, usable = _fetch(sink, files, page)
            rows, unusable = rows + came, unusable + (not usable)
        else:
            sink.stage(page)
            rows += len(page.rows)
            if page.complete and not (page.told and sink.wanted()) and not (fetch_bucket and fetch_bucket()):
                return rows
    raise SyncRefused(SyncErrorCode.MALFORMED, f"a feed of more than {MAX_PAGES} pages")


def _ask(sink: FeedSink, link: HqLink, files: SegmentLink | None, cursor: int, *, by_files: bool) -> FeedPage:
    if files is None:
        return link.feed(cursor, sink.epoch(), sink.wanted())
    return files.feed_since(cursor, sink.epoch(), sink.since(), sink.wanted(), segments=by_files)


def _fetch(sink: FeedSink, files: SegmentLink, page: FeedPage) -> tuple[int, bool]:
    """Fetch and stage the files that a page names, as far as they are there and are what it says."""
    came, cursor = 0, page.after
    for ref in page.segments:
        try:
            rows = decode_segment(files.segment(ref.name), ref, page.hq_epoch)
        except SyncRefused as refused:
            if refused.code not in _UNUSABLE:
                raise
            return came, False
        for part in _parts(page, ref, rows, cursor):
            sink.stage(part)
            if sink.cursor() != (page.hq_epoch, part.upto):  # it began anew: other members are let go from now on
                return came, True
        came, cursor = came + len(rows), ref.upto
    return came, True


def _parts(page: FeedPage, ref: SegmentRef, rows: Sequence[FeedRow], cursor: int) -> Iterator[FeedPage]:
    """Give the rows of a file as incomplete pages of their own; the last one moves the cursor.

    What is staged before is staged again after a crash, since all behind the cursor comes again. A file with
    ``after <= cursor < upto`` holds nothing older than what the till has: a row stands in it at a position p because
    nothing newer of it stood at any position up to ``upto`` when the file was written, and what the till knows has
    positions up to the cursor, which is less.
    """
    starts = range(0, len(rows), MAX_FEED_ROWS) or range(1)
    for start in starts:
        yield FeedPage(
            hq_epoch=page.hq_epoch,
            after=cursor,
            upto=ref.upto if start == starts[-1] else cursor,
            complete=False,
            applied=0,
            rows=tuple(rows[start : start + MAX_FEED_ROWS]),
            everyone=page.everyone,
            unit=page.unit,
            horizon=page.horizon,
        )


def _check(page: FeedPage, cursor: int) -> None:
    if page.segments:
        first = page.segments[0]
        if (
            page.complete
            or page.rows
            or (page.after, page.upto) != (cursor, cursor)
            or not first.after <= cursor < first.upto
        ):
            raise SyncRefused(SyncErrorCode.MALFORMED, "segments that do not hold the cursor")
    elif page.after != cursor or page.upto < cursor or (not page.complete and page.upto == cursor):
        raise SyncRefused(SyncErrorCode.MALFORMED, "a feed page that does not follow the cursor")
