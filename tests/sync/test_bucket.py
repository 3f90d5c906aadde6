"""Fetching one bucket alone: page by page, and what HQ does not tell is given up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from sync.bucket import fetch_bucket
from sync.protocol.buckets import BucketPage
from sync.protocol.errors import LinkDown, NoSuchAddress, SyncErrorCode, SyncRefused
from sync.protocol.sums import bounds_of

FIRST, LAST = bounds_of(5)


def page(first: bytes, last: bytes = LAST) -> BucketPage:
    return BucketPage(hq_epoch="e1", position=1, first=first, last=last, rows=(), everyone=True, unit=None)


@dataclass
class Sink:
    """A till that needs a bucket from an account on, in memory."""

    first: bytes | None = FIRST
    pages: list[BucketPage] = field(default_factory=list)
    given_up: bool = False

    def bucket_first(self) -> bytes | None:
        return self.first

    def stage_bucket(self, page: BucketPage) -> None:
        self.pages.append(page)
        self.first = page.next

    def give_bucket_up(self) -> None:
        self.first, self.given_up = None, True


@dataclass
class Line:
    answer: Callable[[bytes], BucketPage]

    def bucket(self, first: bytes) -> BucketPage:
        return self.answer(first)


def in_two(first: bytes) -> BucketPage:
    return page(first, b"\x15" * 16 if first == FIRST else LAST)


def test_nothing_is_asked_where_no_bucket_is_needed() -> None:
    assert not fetch_bucket(Sink(first=None), Line(lambda _: pytest.fail("asked")))


def test_pages_come_to_the_end_of_the_bucket() -> None:
    sink = Sink()
    assert fetch_bucket(sink, Line(in_two))
    assert [one.first for one in sink.pages] == [FIRST, b"\x15" * 15 + b"\x16"]
    assert not fetch_bucket(sink, Line(in_two))


def test_a_cut_between_pages_goes_on_where_it_was_cut() -> None:
    def cut(first: bytes) -> BucketPage:
        if first != FIRST:
            raise LinkDown("cut")
        return in_two(first)

    sink = Sink()
    with pytest.raises(LinkDown):
        fetch_bucket(sink, Line(cut))
    assert (len(sink.pages), sink.given_up) == (1, False)
    assert fetch_bucket(sink, Line(in_two))
    assert len(sink.pages) == 2


@pytest.mark.parametrize(
    "fault", [NoSuchAddress("HQ answered 404"), SyncRefused(SyncErrorCode.TOO_LARGE, "one account")]
)
def test_a_bucket_that_hq_does_not_tell_is_given_up(fault: Exception) -> None:
    def refuse(_: bytes) -> BucketPage:
        raise fault

    sink = Sink()
    assert not fetch_bucket(sink, Line(refuse))
    assert sink.given_up


def test_without_a_way_to_buckets_it_is_given_up() -> None:
    sink = Sink()
    assert not fetch_bucket(sink, None)
    assert sink.given_up


@pytest.mark.parametrize("code", [SyncErrorCode.BUSY, SyncErrorCode.REVOKED, SyncErrorCode.MALFORMED])
def test_another_refusal_ends_the_round_and_the_bucket_stays_needed(code: SyncErrorCode) -> None:
    def refuse(_: bytes) -> BucketPage:
        raise SyncRefused(code)

    sink = Sink()
    with pytest.raises(SyncRefused):
        fetch_bucket(sink, Line(refuse))
    assert (sink.first, sink.given_up) == (FIRST, False)


def test_a_page_that_begins_elsewhere_is_refused_and_not_kept() -> None:
    sink = Sink()
    with pytest.raises(SyncRefused) as caught:
        fetch_bucket(sink, Line(lambda _: page(b"\x15" * 16)))
    assert (caught.value.code, sink.pages) == (SyncErrorCode.MALFORMED, [])
