"""The download loop: fetch the feed page by page until it is complete."""

from sync.ports import FeedSink, HqLink
from sync.protocol.errors import SyncErrorCode, SyncRefused

MAX_PAGES = 100_000
"""A bound on one round, so that a faulty HQ cannot keep a till busy for ever."""
_MOST_RESTARTS = 3


def download(sink: FeedSink, link: HqLink) -> int:
    """Bring the till level with HQ's feed; gives the number of rows that came.

    Raises:
        LinkDown: HQ could not be reached; pages that came are kept and shown once the rest has come.
        SyncRefused: HQ sent what the protocol does not allow.
    """
    rows = restarts = 0
    for _ in range(MAX_PAGES):
        if restarts > _MOST_RESTARTS:
            raise SyncRefused(SyncErrorCode.MALFORMED, "HQ's feed keeps beginning anew")
        epoch, cursor = sink.cursor()
        try:
            page = link.feed(cursor, sink.epoch())
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
        if page.after != cursor or page.upto < cursor or (not page.complete and page.upto == cursor):
            raise SyncRefused(SyncErrorCode.MALFORMED, "a feed page that does not follow the cursor")
        sink.stage(page)
        rows += len(page.rows)
        if page.complete:
            return rows
    raise SyncRefused(SyncErrorCode.MALFORMED, f"a feed of more than {MAX_PAGES} pages")
