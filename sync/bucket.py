"""Fetching one bucket of accounts alone, page by page, for a sink that holds it otherwise than HQ."""

from typing import Protocol

from sync.protocol.buckets import BucketPage
from sync.protocol.errors import NoSuchAddress, SyncErrorCode, SyncRefused


class BucketLink(Protocol):
    """The way to HQ's buckets. Every call may raise `LinkDown` or `SyncRefused`."""

    def bucket(self, first: bytes) -> BucketPage:
        """Ask for the accounts of a bucket from one id on."""


class BucketSink(Protocol):
    """Where a bucket goes at the till."""

    def bucket_first(self) -> bytes | None:
        """Give the account from which on a bucket is to be fetched, or None where none is."""

    def stage_bucket(self, page: BucketPage) -> None:
        """Keep the page that begins there, to be shown with the next complete page of the feed, and go on behind it."""

    def give_bucket_up(self) -> None:
        """Hear that HQ tells no such bucket: everything is needed instead."""


def fetch_bucket(sink: BucketSink, link: BucketLink | None) -> bool:
    """Fetch what is left of the bucket that the sink needs; tells whether something came that the feed is to show.

    Raises:
        LinkDown: HQ could not be reached; what came is kept, and it goes on from there.
        SyncRefused: HQ refused for a reason that has nothing to do with the bucket.
    """
    came = False
    while (first := sink.bucket_first()) is not None:
        try:
            page = link.bucket(first) if link is not None else None
        except NoSuchAddress:
            page = None
        except SyncRefused as refused:
            if refused.code is not SyncErrorCode.TOO_LARGE:
                raise
            page = None
        if page is None:
            sink.give_bucket_up()
            return False
        if page.first != first:
            raise SyncRefused(SyncErrorCode.MALFORMED, "a page of another bucket")
        sink.stage_bucket(page)
        came = True
    return came
