"""The download loop: page by page from the cursor, anew when HQ was restored, and never for ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from sync import download as module
from sync.download import download
from sync.protocol.epochs import EpochOpened, EpochRequest, HashAnswer, HashAsked
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.leases import LeaseAnswer, LeaseRequest
from sync.protocol.values import Acknowledged, Batch, FeedCard, FeedPage, Hello, HelloAnswer
from tests.sync.journals import MemoryFeed


def page(after: int, upto: int, *, complete: bool = False, epoch: str = "e1") -> FeedPage:
    rows = tuple(FeedCard(card_key=number, member=None) for number in range(after, upto))
    return FeedPage(hq_epoch=epoch, after=after, upto=upto, complete=complete, applied=0, rows=rows)


@dataclass
class Line:
    """A feed that is a function of the cursor."""

    feed_after: Callable[[int], FeedPage]
    asked: list[int] = field(default_factory=list)
    tells: int = 2
    told: list[tuple[bytes, ...]] = field(default_factory=list)

    def leases(self, request: LeaseRequest) -> LeaseAnswer:
        raise NotImplementedError

    def feed(self, after: int, epoch: int, wanted: Sequence[bytes] = ()) -> FeedPage:
        self.asked.append(after)
        answer = self.feed_after(after)
        if not (answer.complete and wanted):
            return answer
        self.told.append(tuple(wanted[: self.tells]))
        return replace(answer, told=self.told[-1])

    def hello(self, hello: Hello) -> HelloAnswer:
        raise NotImplementedError

    def upload(self, batch: Batch) -> Acknowledged:
        raise NotImplementedError

    def hash_at(self, asked: HashAsked) -> HashAnswer:
        raise NotImplementedError

    def open_epoch(self, request: EpochRequest) -> EpochOpened:
        raise NotImplementedError


def to(end: int, step: int = 2, epoch: str = "e1") -> Callable[[int], FeedPage]:
    def answer(after: int) -> FeedPage:
        if after > end:
            raise SyncRefused(SyncErrorCode.CURSOR_AHEAD)
        upto = min(end, after + step)
        return page(after, upto, complete=upto == end, epoch=epoch)

    return answer


def test_pages_come_until_one_is_complete() -> None:
    sink, line = MemoryFeed(), Line(to(5))
    assert download(sink, line) == 5
    assert (line.asked, sink.cursor()) == ([0, 2, 4], ("e1", 5))
    assert download(sink, line) == 0
    assert line.asked[3:] == [5]


def test_a_cut_between_pages_goes_on_at_the_cursor() -> None:
    sink = MemoryFeed()

    def cut(after: int) -> FeedPage:
        if after == 4:
            raise LinkDown("cut")
        return to(5)(after)

    with pytest.raises(LinkDown):
        download(sink, Line(cut))
    line = Line(to(5))
    download(sink, line)
    assert (line.asked, sink.cursor()) == ([4], ("e1", 5))


def test_a_cursor_ahead_of_hq_begins_anew() -> None:
    sink, line = MemoryFeed(hq_epoch="e1", upto=99), Line(to(3))
    assert download(sink, line) == 3
    assert (line.asked, sink.restarts, sink.cursor()) == ([99, 0, 2], 1, ("e1", 3))


def test_another_hq_epoch_begins_anew_and_keeps_nothing_of_the_page_that_told_it() -> None:
    sink, line = MemoryFeed(hq_epoch="e1", upto=2), Line(to(3, epoch="e2"))
    assert download(sink, line) == 3
    assert (line.asked, sink.restarts, sink.cursor()) == ([2, 0, 2], 1, ("e2", 3))
    assert [(one.after, one.upto) for one in sink.pages] == [(0, 2), (2, 3)]


@pytest.mark.parametrize(
    "bad",
    [
        page(1, 2, complete=True),
        page(0, 0),
        FeedPage(hq_epoch="e1", after=0, upto=-1, complete=True, applied=0, rows=()),
    ],
)
def test_a_page_that_does_not_follow_the_cursor_is_refused_and_not_kept(bad: FeedPage) -> None:
    sink = MemoryFeed()
    with pytest.raises(SyncRefused) as raised:
        download(sink, Line(lambda _: bad))
    assert (raised.value.code, sink.pages) == (SyncErrorCode.MALFORMED, [])


def test_a_cursor_ahead_at_the_very_beginning_is_hqs_fault() -> None:
    def ahead(_: int) -> FeedPage:
        raise SyncRefused(SyncErrorCode.CURSOR_AHEAD)

    line = Line(ahead)
    with pytest.raises(SyncRefused):
        download(MemoryFeed(), line)
    assert line.asked == [0]


def test_a_feed_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PAGES", 10)
    line = Line(lambda after: page(after, after + 1))
    with pytest.raises(SyncRefused):
        download(MemoryFeed(), line)
    assert len(line.asked) == 10


def test_an_hq_whose_epoch_never_stays_is_given_up_soon() -> None:
    line = Line(lambda after: page(after, after + 1, epoch=f"e{len(line.asked)}"))
    with pytest.raises(SyncRefused):
        download(MemoryFeed(), line)
    assert len(line.asked) < 20


def test_members_who_are_wanted_are_asked_for_until_all_are_told() -> None:
    names = tuple(bytes([number]) * 16 for number in range(5))
    sink, line = MemoryFeed(wants=names), Line(to(3))
    download(sink, line)
    assert (line.told, sink.wants) == ([names[:2], names[2:4], names[4:]], ())
    assert line.asked == [0, 2, 3, 3]


def test_an_hq_that_tells_nobody_is_not_asked_again_in_the_same_round() -> None:
    sink, line = MemoryFeed(wants=(bytes(16),)), Line(to(1), tells=0)
    download(sink, line)
    assert (line.asked, sink.wants) == ([0], (bytes(16),))
