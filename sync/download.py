"""The download loop: fetch the feed page by page until it is complete, and all of the members that the till wants."""

from collections.abc import Callable

from sync.ports import FeedSink, HqLink
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.snapshots import is_better
from sync.protocol.values import FeedPage

MAX_PAGES = 100_000
"""A bound on one round, so that a faulty HQ cannot keep a till busy for ever."""
_MOST_RESTARTS = 3


def download(sink: FeedSink, link: HqLink, take_snapshot: Callable[[], None] | None = None) -> int:
    """Bring the till level with HQ's feed; gives the number of rows that came.

    Args:
        sink: Where the rows go.
        link: The way to HQ.
        take_snapshot: Puts HQ's snapshot into the sink, so that the feed goes on behind it; without it rows do it all.

    Raises:
        LinkDown: HQ could not be reached; pages that came are kept and shown once the rest has come.
        SyncRefused: HQ sent what the protocol does not allow.
    """
    rows = restarts = 0
    for _ in range(MAX_PAGES):
        if restarts > _MOST_RESTARTS:
            raise SyncRefused(SyncErrorCode.MALFORMED, "HQ's feed keeps beginning anew")
        epoch, cursor = sink.cursor()
        wanted = sink.wanted()
        try:
            page = link.feed(cursor, sink.epoch(), wanted)
        except SyncRefused as refused:
            if refused.code is not SyncErrorCode.CURSOR_AHEAD or cursor == 0:
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
            continue
        sink.stage(page)
        rows += len(page.rows)
        if page.complete and not (page.told and sink.wanted()):
            return rows
    raise SyncRefused(SyncErrorCode.MALFORMED, f"a feed of more than {MAX_PAGES} pages")


def _check(page: FeedPage, cursor: int) -> None:
    if page.after != cursor or page.upto < cursor or (not page.complete and page.upto == cursor):
        raise SyncRefused(SyncErrorCode.MALFORMED, "a feed page that does not follow the cursor")
