"""The upload loop: HQ's word says from where, lost answers and gaps heal, a fork stops it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from loyalty.journal.chain import first_head
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.resume import Stance
from sync.protocol.values import Acknowledged, Batch, FeedPage, Hello, HelloAnswer, SentEntry
from sync.upload import upload
from tests.sync.journals import PUBLIC, MemoryJournal


@dataclass
class Line:
    """HQ's end: holds cores; ``before`` may fail or change things at each request."""

    held: list[SentEntry] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    hellos: list[Hello] = field(default_factory=list)
    answer: dict[str, object] = field(default_factory=dict)
    before: Callable[[str], None] = lambda _: None
    after: Callable[[str], None] = lambda _: None

    def hello(self, hello: Hello) -> HelloAnswer:
        self._ask("hello")
        self.hellos.append(hello)
        heads = MemoryJournal([entry.core for entry in self.held]).heads()
        answer = HelloAnswer(
            protocol=1,
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

    def feed(self, after: int, wanted: Sequence[bytes] = ()) -> FeedPage:
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


@pytest.mark.parametrize(
    "answer",
    [
        {"resume_from": 7},
        {"resume_from": 2**63 - 1},
        {"resume_from": 3},
        {"resume_from": 0},
        {"held_head": bytes(32)},
        {"resume_from": 6, "held_head": first_head(PUBLIC, 1)},
    ],
)
def test_what_hq_holds_and_the_till_does_not_is_a_fork_and_nothing_is_sent(answer: dict[str, object]) -> None:
    journal, line = five(), Line(answer=answer)
    assert upload(journal, line).stance is Stance.FORKED
    assert (set(line.asked), journal.told) == ({"hello"}, [])


@pytest.mark.parametrize("fault", [None, LinkDown("cut"), SyncRefused(SyncErrorCode.CHAIN_MISMATCH)])
def test_a_till_that_sold_past_a_fork_shows_hq_its_own_hash_where_hq_ends(fault: Exception | None) -> None:
    journal, line = five(), Line(answer={"resume_from": 3, "held_head": bytes(32)})

    def fail(_: str) -> None:
        if fault is not None and len(line.asked) == 2:
            raise fault

    line.before = fail
    assert upload(journal, line).stance is Stance.FORKED
    heads = journal.heads()
    assert [(hello.sequence, hello.head) for hello in line.hellos] == [(5, heads[5]), (2, heads[2])][: len(line.hellos)]
    assert line.asked == ["hello", "hello"]


def test_a_till_without_an_entry_where_hq_ends_has_nothing_more_to_show() -> None:
    line = Line(answer={"resume_from": 9})
    assert upload(five(), line).stance is Stance.FORKED
    assert line.asked == ["hello"]


@pytest.mark.parametrize("protocol", [0, 2, 99])
def test_a_protocol_that_this_program_does_not_speak_sends_nothing(protocol: int) -> None:
    journal, line = five(), Line(answer={"protocol": protocol})
    assert upload(journal, line).stance is Stance.UNSUPPORTED
    assert (line.asked, journal.told) == (["hello"], [])


@pytest.mark.parametrize("code", [code for code in SyncErrorCode if code is not SyncErrorCode.GAP])
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


def test_a_hole_in_the_tills_own_journal_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = five()
    monkeypatch.setattr(journal, "entries", lambda *_: [])
    with pytest.raises(SyncRefused):
        upload(journal, Line())
