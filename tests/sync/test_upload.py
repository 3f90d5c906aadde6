"""The upload loop: HQ's word says from where, lost answers and gaps heal, a fork stops it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from loyalty.journal.chain import first_head
from sync.protocol.epochs import EpochOpened, EpochRequest, HashAnswer, HashAsked, epoch_signing_bytes
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.leases import LeaseAnswer, LeaseRequest
from sync.protocol.resume import Stance
from sync.protocol.values import Acknowledged, Batch, FeedPage, Hello, HelloAnswer, SentEntry
from sync.upload import upload
from tests.sync.journals import KEY, PUBLIC, MemoryJournal


@dataclass
class Line:
    """HQ's end: holds cores; ``before`` may fail or change things at each request."""

    held: list[SentEntry] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    hellos: list[Hello] = field(default_factory=list)
    asked_for: list[EpochRequest] = field(default_factory=list)
    answer: dict[str, object] = field(default_factory=dict)
    before: Callable[[str], None] = lambda _: None
    after: Callable[[str], None] = lambda _: None

    def hello(self, hello: Hello) -> HelloAnswer:
        self._ask("hello")
        self.hellos.append(hello)
        heads = MemoryJournal([entry.core for entry in self.held]).heads()
        answer = HelloAnswer(
            protocol=1,
            epoch=1,
            durable=0,
            resume_from=len(self.held) + 1,
            held_head=heads[-1],
            hq_epoch="e1",
            hq_time=0,
            max_batch_entries=2,
            max_batch_bytes=10_000,
        )
        return replace(answer, **self.answer)  # type: ignore[arg-type]

    def upload(self, batch: Batch) -> Acknowledged:
        what = f"{batch.first}..{batch.first + len(batch.entries) - 1}"
        self._ask(what)
        if batch.first > len(self.held) + 1:
            raise SyncRefused(SyncErrorCode.GAP, need=len(self.held) + 1)
        self.held[batch.first - 1 :] = batch.entries
        self.after(what)
        return Acknowledged(acked=len(self.held), durable=0)

    def hash_at(self, asked: HashAsked) -> HashAnswer:
        self._ask(f"hash {asked.epoch}.{asked.sequence}")
        if asked.epoch != 1:
            return HashAnswer(held=0, hash=first_head(PUBLIC, asked.epoch))
        heads = MemoryJournal([entry.core for entry in self.held]).heads()
        return HashAnswer(held=len(self.held), hash=heads[min(len(self.held), asked.sequence)])

    def open_epoch(self, request: EpochRequest) -> EpochOpened:
        self._ask(f"epoch {request.next} behind {request.common_epoch}.{request.common}")
        self.asked_for.append(request)
        self.answer |= {"epoch": request.next, "resume_from": 1, "held_head": first_head(PUBLIC, request.next)}
        return EpochOpened(epoch=request.next)

    def leases(self, request: LeaseRequest) -> LeaseAnswer:
        raise NotImplementedError

    def feed(self, after: int, epoch: int, wanted: Sequence[bytes] = ()) -> FeedPage:
        raise NotImplementedError

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        self.before(what)


def five() -> MemoryJournal:
    return MemoryJournal([b"%d" % number for number in range(1, 6)])


def test_everything_goes_up_in_batches_of_what_hq_takes() -> None:
    journal, line = five(), Line()
    done = upload(journal, line)
    assert (done.stance, done.entries, done.acked) == (Stance.BEHIND, 5, 5)
    assert line.asked == ["hello", "1..2", "3..4", "5..5"]
    assert [entry.core for entry in line.held] == journal.cores
    assert journal.told == [
        ("held", 0, "e1"),
        ("about to send", 2),
        ("acked", 2, "e1"),
        ("about to send", 4),
        ("acked", 4, "e1"),
        ("about to send", 5),
        ("acked", 5, "e1"),
    ]


def test_a_level_journal_sends_nothing_and_notes_what_hq_holds() -> None:
    journal, line = five(), Line()
    upload(journal, line)
    journal.told.clear()
    done = upload(journal, line)
    assert (done.stance, done.entries, done.acked) == (Stance.LEVEL, 0, 5)
    assert journal.told == [("held", 5, "e1")]


def test_an_empty_journal_is_level() -> None:
    assert upload(MemoryJournal(), Line()).stance is Stance.LEVEL


@pytest.mark.parametrize("lost", ["hello", "1..2", "3..4", "5..5"])
@pytest.mark.parametrize("late", [False, True])
def test_a_line_that_is_cut_anywhere_is_taken_up_where_hq_says(lost: str, late: bool) -> None:
    journal, line = five(), Line()

    def cut(what: str) -> None:
        if what == lost:
            raise LinkDown("cut")

    if late and lost != "hello":
        line.after = cut
    else:
        line.before = cut
    with pytest.raises(LinkDown):
        upload(journal, line)
    line.before = line.after = lambda _: None
    upload(journal, line)
    assert [entry.core for entry in line.held] == journal.cores
    assert upload(journal, line).stance is Stance.LEVEL


def test_entries_written_meanwhile_wait_for_the_next_call() -> None:
    journal, line = five(), Line()
    line.after = lambda what: journal.cores.append(b"late") if what == "1..2" else None
    assert upload(journal, line).entries == 5
    assert len(line.held) == 5
    assert upload(journal, line).entries == 1


def test_a_gap_is_asked_about_again() -> None:
    journal, line = five(), Line()
    forgotten: list[bool] = []

    def forget(what: str) -> None:
        if what == "3..4" and not forgotten:
            forgotten.append(True)
            del line.held[1:]

    line.before = forget
    upload(journal, line)
    assert line.asked == ["hello", "1..2", "3..4", "hello", "2..3", "4..5"]
    assert [entry.core for entry in line.held] == journal.cores


def test_an_hq_that_only_ever_finds_gaps_is_given_up() -> None:
    line = Line()

    def gap(what: str) -> None:
        if what != "hello":
            raise SyncRefused(SyncErrorCode.GAP, need=1)

    line.before = gap
    with pytest.raises(SyncRefused) as raised:
        upload(five(), line)
    assert (raised.value.code, len(line.asked)) == (SyncErrorCode.GAP, 6)


def entries(*cores: bytes) -> list[SentEntry]:
    return [SentEntry(core=core, detail=b"{}") for core in cores]


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ([b"1", b"2", b"3", b"x", b"y", b"z", b"w"], ["hash 1.5", "hash 1.2", "hash 1.3", "hash 1.4"]),
        ([b"1", b"2", b"3", b"x"], ["hash 1.5", "hash 1.2", "hash 1.3"]),
        ([b"1", b"2", b"3", b"4", b"5", b"6"], ["hash 1.5"]),
        ([b"x"], ["hash 1.5"]),
    ],
)
def test_a_fork_is_mended_behind_the_last_common_entry_and_what_follows_is_sent_anew(
    held: list[bytes], asked: list[str]
) -> None:
    journal, line = five(), Line(held=entries(*held))
    common = next((place for place, (a, b) in enumerate(zip(held, journal.cores, strict=False)) if a != b), 5)
    heads = journal.heads()
    line.after = lambda _: line.answer.clear()
    done = upload(journal, line)
    (request,) = line.asked_for
    KEY.public_key().verify(request.signature, epoch_signing_bytes(request))
    assert replace(request, signature=b"") == EpochRequest(
        terminal=journal.head().terminal,
        epoch=1,
        common_epoch=1,
        common=common,
        common_hash=heads[common],
        next=2,
        through=5 - common,
        missing=0,
        rolled_back=False,
        head=heads[5],
    )
    assert line.asked[: len(asked) + 3] == ["hello", *asked, f"epoch 2 behind 1.{common}", "hello"]
    assert (done.mended, done.entries, journal.told[0]) == (1, 5 - common, ("epoch", 2, common))


def test_an_epoch_that_hq_never_heard_of_is_left_and_what_hq_lost_before_it_goes_up_again() -> None:
    """HQ was restored to before the till's second epoch, and to before the end of what they had shared."""
    journal, line = (
        MemoryJournal([b"1", b"2", b"3", b"4", b"5"], begun=[(1, 0), (2, 3)]),
        Line(held=entries(b"1", b"2")),
    )
    done = upload(journal, line)
    assert line.asked[:5] == ["hello", "hash 2.2", "hash 1.3", "epoch 3 behind 1.2", "hello"]
    assert (journal.begun[-1], done.mended, done.entries) == ((3, 2), 1, 3)


def test_an_hq_that_takes_another_epoch_each_time_is_given_up_for_this_round() -> None:
    journal, line = five(), Line()

    def elsewhere(what: str) -> None:
        if what == "hello":
            line.answer["epoch"] = 7 + len(line.asked_for) * 2

    line.before = elsewhere
    with pytest.raises(SyncRefused) as raised:
        upload(journal, line)
    assert (raised.value.code, [one.next for one in line.asked_for]) == (SyncErrorCode.CHAIN_MISMATCH, [8, 10, 12])


@pytest.mark.parametrize("lost", ["hello", "hash 1.5", "hash 1.2", "epoch 2 behind 1.3"])
def test_a_line_that_is_cut_while_a_fork_is_mended_is_taken_up_by_the_next_round(lost: str) -> None:
    journal, line = five(), Line(held=entries(b"1", b"2", b"3", b"x"))

    def cut(what: str) -> None:
        if what == lost:
            raise LinkDown("cut")

    line.before = cut
    with pytest.raises(LinkDown):
        upload(journal, line)
    assert journal.told == []
    line.before = lambda _: None
    assert upload(journal, line).mended == 1


@pytest.mark.parametrize("protocol", [0, 2, 99])
def test_a_protocol_that_this_program_does_not_speak_sends_nothing(protocol: int) -> None:
    journal, line = five(), Line(answer={"protocol": protocol})
    assert upload(journal, line).stance is Stance.UNSUPPORTED
    assert (line.asked, journal.told) == (["hello"], [])


AGAIN = {SyncErrorCode.GAP, SyncErrorCode.CHAIN_MISMATCH, SyncErrorCode.EPOCH_UNKNOWN}


@pytest.mark.parametrize("code", sorted(AGAIN))
def test_what_another_hello_may_mend_is_tried_three_times(code: SyncErrorCode) -> None:
    line = Line()

    def refuse(_: str) -> None:
        raise SyncRefused(code)

    line.before = refuse
    with pytest.raises(SyncRefused) as raised:
        upload(five(), line)
    assert (raised.value.code, line.asked) == (code, ["hello"] * 3)


@pytest.mark.parametrize("code", sorted(set(SyncErrorCode) - AGAIN))
def test_any_other_refusal_is_passed_on_at_once(code: SyncErrorCode) -> None:
    line = Line()

    def refuse(_: str) -> None:
        raise SyncRefused(code)

    line.before = refuse
    with pytest.raises(SyncRefused) as raised:
        upload(five(), line)
    assert (raised.value.code, line.asked) == (code, ["hello"])


def test_a_batch_that_is_too_large_goes_in_halves() -> None:
    journal, line = MemoryJournal([b"%d" % number for number in range(1, 10)]), Line(answer={"max_batch_entries": 8})

    def refuse(what: str) -> None:
        if what != "hello" and len(range(*map(int, what.split("..")))) >= 3:
            raise SyncRefused(SyncErrorCode.TOO_LARGE)

    line.before = refuse
    done = upload(journal, line)
    assert (done.entries, done.acked) == (9, 9)
    assert line.asked == ["hello", "1..8", "1..4", "1..2", "3..4", "5..6", "7..8", "9..9"]
    assert [entry.core for entry in line.held] == journal.cores


def test_one_entry_that_is_too_large_waits_for_a_person_behind_those_before_it() -> None:
    journal, line = five(), Line()

    def refuse(what: str) -> None:
        if what in {"3..4", "3..3"}:
            raise SyncRefused(SyncErrorCode.TOO_LARGE)

    line.before = refuse
    with pytest.raises(SyncRefused) as raised:
        upload(journal, line)
    assert raised.value.code is SyncErrorCode.TOO_LARGE
    assert line.asked == ["hello", "1..2", "3..4", "3..3"]
    assert journal.told[-2:] == [("about to send", 4), ("about to send", 3)]


def test_good_entries_go_up_before_one_that_changed_and_a_new_epoch_begins_behind_them() -> None:
    journal, line = five(), Line()
    journal.rotten.add(3)
    done = upload(journal, line)
    assert line.asked[:6] == ["hello", "1..2", "hash 1.5", "epoch 2 behind 1.2", "hello", "1..2"]
    assert (done.mended, journal.begun, line.asked_for[0].missing) == (1, [(1, 0), (2, 2)], 0)


def test_what_stays_unsound_is_given_up_for_this_round() -> None:
    journal, line = five(), Line()
    journal.rotten, journal.seals = {1}, False
    with pytest.raises(SyncRefused) as raised:
        upload(journal, line)
    assert (raised.value.code, len(line.asked_for)) == (SyncErrorCode.CHAIN_MISMATCH, 3)
