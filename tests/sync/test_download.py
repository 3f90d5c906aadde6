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
from sync.protocol.segment_files import encode_segment, row_bytes
from sync.protocol.segments import SegmentRef
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


@dataclass
class Files:
    """HQ with segment files of ``size`` positions up to ``end``, and pages behind them; ``spoil`` says what comes of a file."""

    end: int
    head: int
    size: int = 4
    spoil: Callable[[str, bytes], bytes] = lambda _, data: data
    forgotten: int = 0
    asked: list[tuple[int, bool]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def made(self, after: int) -> tuple[SegmentRef, bytes]:
        upto = min(self.end, after + self.size)
        rows = [row_bytes(FeedCard(card_key=number, member=None)) for number in range(after, upto)]
        return encode_segment("e1", after, upto, rows)

    def feed_since(
        self, after: int, epoch: int, since: int, wanted: Sequence[bytes] = (), *, segments: bool = True
    ) -> FeedPage:
        self.asked.append((after, segments))
        if after > 0 and max(after, since) < self.forgotten:
            raise SyncRefused(SyncErrorCode.CURSOR_TOO_OLD)
        if not segments or after >= self.end:
            return replace(to(self.head)(after), horizon=self.forgotten)
        refs = tuple(self.made(first)[0] for first in range(after - after % self.size, self.end, self.size))
        return replace(page(after, after), segments=refs, horizon=self.forgotten)

    def segment(self, name: str) -> bytes:
        self.fetched.append(name)
        return self.spoil(name, self.made(int(name.partition("-")[0]))[1])


def no_segment(*_: object) -> bytes:
    raise SyncRefused(SyncErrorCode.NO_SEGMENT)


@pytest.mark.parametrize("cursor", [0, 3, 4, 9, 10, 11])
def test_files_come_first_and_pages_behind_them(cursor: int) -> None:
    sink, files = MemoryFeed(hq_epoch="e1" if cursor else None, upto=cursor), Files(end=10, head=11)
    download(sink, Line(to(0)), None, files)
    assert sink.cursor() == ("e1", 11)
    keys = {row.card_key for one in sink.pages for row in one.rows if isinstance(row, FeedCard)}
    assert keys >= set(range(cursor, 11))
    assert [one.complete for one in sink.pages] == [False] * (len(sink.pages) - 1) + [True]
    assert files.asked == [(cursor, True)] + [(10, True)] * (cursor < 10)


def test_a_file_is_staged_in_slices_and_only_the_last_one_moves_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FEED_ROWS", 2)
    sink = MemoryFeed()
    assert download(sink, Line(to(0)), None, Files(end=5, head=5, size=5)) == 5
    staged = [(one.after, one.upto, len(one.rows)) for one in sink.pages]
    assert staged == [(0, 0, 2), (0, 0, 2), (0, 5, 1), (5, 5, 0)]


def test_a_file_without_rows_moves_the_cursor_too() -> None:
    sink, files = MemoryFeed(), Files(end=4, head=4)
    files.made = lambda after: encode_segment("e1", after, 4, [])  # type: ignore[method-assign]
    download(sink, Line(to(0)), None, files)
    assert sink.cursor() == ("e1", 4)


@pytest.mark.parametrize(
    "spoil", [no_segment, lambda _, data: data[:-1], lambda _, data: data + b"x", lambda _, data: data[::-1]]
)
def test_a_file_that_is_gone_or_damaged_is_asked_for_three_times_and_then_pages_do_it(
    spoil: Callable[[str, bytes], bytes],
) -> None:
    sink, files = MemoryFeed(), Files(end=8, head=9, spoil=spoil)
    assert download(sink, Line(to(0)), None, files) == 9
    assert files.asked[:4] == [(0, True)] * 3 + [(0, False)]
    assert (len(files.fetched), sink.cursor()) == (3, ("e1", 9))


def test_after_a_file_that_was_replaced_the_new_list_is_used() -> None:
    left = iter([no_segment])
    sink, files = MemoryFeed(), Files(end=8, head=9)
    files.spoil = lambda name, data: next(left, lambda *_: data)(name, data)
    assert download(sink, Line(to(0)), None, files) == 9
    assert files.asked == [(0, True), (0, True), (8, True)]


def test_another_refusal_of_a_file_and_a_cut_go_out() -> None:
    def cut(*_: object) -> bytes:
        raise LinkDown("cut")

    def shut(*_: object) -> bytes:
        raise SyncRefused(SyncErrorCode.REVOKED)

    for spoil, fault in ((cut, LinkDown), (shut, SyncRefused)):
        with pytest.raises(fault):
            download(MemoryFeed(), Line(to(0)), None, Files(end=8, head=9, spoil=spoil))


def test_files_that_do_not_hold_the_cursor_are_refused() -> None:
    for after, upto in ((4, 8), (0, 2)):
        ref = encode_segment("e1", after, upto, [])[0]
        files = Files(end=8, head=9)
        files.feed_since = lambda *_, ref=ref, **__: replace(page(2, 2), segments=(ref,))  # type: ignore[method-assign]
        with pytest.raises(SyncRefused) as raised:
            download(MemoryFeed(hq_epoch="e1", upto=2), Line(to(0)), None, files)
        assert raised.value.code is SyncErrorCode.MALFORMED
        assert files.fetched == []


def test_a_cursor_that_is_too_old_begins_anew() -> None:
    sink, files = MemoryFeed(hq_epoch="e1", upto=3), Files(end=0, head=9, forgotten=5)
    sink.told = 3
    sink.restart = lambda hq_epoch: sink.__dict__.update(upto=0, told=5, restarts=1)  # type: ignore[method-assign]
    download(sink, Line(to(0)), None, files)
    assert (sink.cursor(), sink.restarts, files.asked[:2]) == (("e1", 9), 1, [(3, True), (0, True)])
