"""The print worker with a real book and printers that fail on request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from agent.book import print_jobs
from agent.book.print_jobs import JobState
from agent.print_worker import PrintWorker
from agent.till.papers import print_again
from agent.till.till import Till
from drivers.errors import PrinterError, PrinterNotReady, PrinterUnavailable, Unprintable, UnprintableCharacter
from drivers.printers.document import Document
from drivers.printers.layout import lay_out
from drivers.printers.port import PrintOutcome, PrintState
from drivers.printers.text_preview import preview_text
from tests.agent.shops import NOON, open_till, sale, shop


class Paper:
    """A printer in memory; ``plan`` says how the next jobs go, and then every job is sent."""

    name = "paper"

    def __init__(self, *plan: PrintState | Exception) -> None:
        self.plan = list(plan)
        self.printed: list[tuple[str, str]] = []

    def print(self, document: Document, job_id: str, begins: Callable[[], None]) -> PrintOutcome:
        outcome = self.plan.pop(0) if self.plan else PrintState.SENT
        if isinstance(outcome, PrinterError):
            raise outcome
        begins()
        if isinstance(outcome, Exception):
            raise outcome
        self.printed.append((job_id, preview_text(lay_out(document, 48))))
        return PrintOutcome(state=outcome, job_id=job_id, detail="" if outcome is PrintState.SENT else "it broke off")

    def check(self) -> None:
        """Nothing is ever wrong."""


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    with open_till(shop(tmp_path)) as opened:
        yield opened


def states(till: Till) -> dict[str, int]:
    with till.context.book.read() as connection:
        counts = {state.value: print_jobs.waiting(connection, state) for state in JobState}
    return {state: count for state, count in counts.items() if count}


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, "it did not happen within 10 s"
        time.sleep(0.005)


def printed_by(till: Till, paper: Paper, *, jobs: int) -> PrintWorker:
    worker = PrintWorker(till.context, [paper], first_wait_s=0.02)
    worker.start()
    try:
        until(lambda: len(paper.printed) == jobs and not states(till).keys() & {"queued", "sending"})
    finally:
        worker.stop()
    return worker


def test_receipts_are_printed_in_the_order_of_the_sales(till: Till) -> None:
    for key in ("a", "b", "c"):
        till.commit(sale(key))
    paper = Paper()
    printed_by(till, paper, jobs=3)
    assert [name for name, _ in paper.printed] == ["receipt-000002", "receipt-000003", "receipt-000004"]
    assert "Receipt no. 1 " in paper.printed[0][1]
    assert states(till) == {"sent": 3}


def test_what_a_printer_confirms_is_confirmed_and_what_broke_off_is_unknown_and_not_printed_again(till: Till) -> None:
    till.commit(sale("a"))
    till.commit(sale("b"))
    worker = printed_by(till, Paper(PrintState.CONFIRMED, PrintState.UNKNOWN), jobs=2)
    assert states(till) == {"confirmed": 1, "unknown": 1}
    assert (worker.status.jobs.unknown, worker.status.jobs.waiting) == (1, 0)


def test_a_printer_that_is_away_gets_its_receipts_when_it_is_back(till: Till) -> None:
    till.commit(sale())
    away = PrinterUnavailable("paper", "no answer")
    paper = Paper(away, away, away)
    worker = printed_by(till, paper, jobs=1)
    assert paper.printed[0][0] == "receipt-000002"
    assert "COPY" not in paper.printed[0][1]
    assert worker.status.working


def test_a_printer_that_is_away_is_said_to_be(till: Till) -> None:
    till.commit(sale())
    worker = PrintWorker(till.context, [Paper(*[PrinterUnavailable("paper", "no answer")] * 3)], first_wait_s=60)
    worker.start()
    until(lambda: not worker.status.working)
    assert worker.status.detail == "paper: no answer"
    assert worker.status.jobs.waiting == 1
    worker.stop()


def test_a_nudge_ends_the_wait_for_a_printer(till: Till) -> None:
    till.commit(sale())
    paper = Paper(PrinterUnavailable("paper", "no answer"))
    worker = PrintWorker(till.context, [paper], first_wait_s=60)
    worker.start()
    until(lambda: not worker.status.working)
    worker.nudge()
    until(lambda: len(paper.printed) == 1)
    worker.stop()


def test_a_letter_that_cannot_be_printed_refuses_its_receipt_and_not_the_next(till: Till) -> None:
    till.commit(sale("a"))
    till.commit(sale("b"))
    paper = Paper(UnprintableCharacter("paper", "ツ"))
    printed_by(till, paper, jobs=1)
    assert states(till) == {"refused": 1, "sent": 1}
    assert paper.printed[0][0] == "receipt-000003"


def test_a_driver_that_fails_in_an_unknown_way_may_have_printed(till: Till) -> None:
    till.commit(sale("a"))
    till.commit(sale("b"))
    printed_by(till, Paper(RuntimeError("bug")), jobs=1)
    assert states(till) == {"sent": 1, "unknown": 1}


def test_what_was_being_sent_when_the_agent_died_is_unknown_after_the_start(till: Till) -> None:
    till.commit(sale("a"))
    with till.context.book.write() as writing:
        job = print_jobs.next_queued(writing.connection)
        assert job is not None
        print_jobs.set_state(writing.connection, job.job, JobState.SENDING)
    till.commit(sale("b"))
    paper = Paper()
    printed_by(till, paper, jobs=1)
    assert states(till) == {"sent": 1, "unknown": 1}
    print_again(till.context, 2)
    printed_by(till, paper, jobs=2)
    name, text = paper.printed[1]
    assert name == "receipt-000002-copy-1"  # one printing that may have been, counted once
    assert text.splitlines()[0].strip() == "COPY"


@pytest.mark.parametrize(("state", "told"), [(JobState.SENDING, 1), (JobState.UNKNOWN, 1), (JobState.SENT, 0)])
def test_printers_hear_at_the_start_that_a_job_may_have_ended_in_the_middle(
    till: Till, state: JobState, told: int
) -> None:
    till.commit(sale())
    with till.context.book.write() as writing:
        job = print_jobs.next_queued(writing.connection)
        assert job is not None
        print_jobs.set_state(writing.connection, job.job, state)
    heard: list[str] = []
    worker = PrintWorker(till.context, [Paper()], broke_off=lambda: heard.append("broke off"))
    worker.start()
    worker.stop()
    assert len(heard) == told


def test_the_book_knows_that_a_receipt_is_being_sent_before_the_printer_gets_it(till: Till) -> None:
    till.commit(sale())
    seen: list[dict[str, int]] = []

    class Looking(Paper):
        def print(self, document: Document, job_id: str, begins: Callable[[], None]) -> PrintOutcome:
            seen.append(states(till))
            begins()
            seen.append(states(till))
            return super().print(document, job_id, begins)

    printed_by(till, Looking(), jobs=1)
    assert seen == [{"queued": 1}, {"sending": 1}]


def test_a_reprint_of_a_receipt_that_waits_prints_it_once_and_as_the_first(till: Till) -> None:
    till.commit(sale())
    print_again(till.context, 2)
    paper = Paper()
    printed_by(till, paper, jobs=1)
    assert paper.printed[0][0] == "receipt-000002"


def test_a_receipt_that_was_never_queued_is_reprinted_as_a_copy(tmp_path: Path) -> None:
    with open_till(shop(tmp_path, printer=False)) as till:
        till.commit(sale())
        assert states(till) == {}
        print_again(till.context, 2)
        paper = Paper()
        printed_by(till, paper, jobs=1)
        assert paper.printed[0][1].splitlines()[0].strip() == "COPY"


def test_a_full_disk_holds_back_the_receipt_until_there_is_room(till: Till) -> None:
    till.commit(sale())
    book = till.context.book
    full = threading.Event()
    write, paper = book.write, Paper()

    def failing() -> object:
        from agent.errors import BookFull

        if not full.is_set() and threading.current_thread().name == "print queue":
            full.set()
            raise BookFull("the disk is full; nothing was recorded")
        return write()

    book.write = failing  # type: ignore[method-assign, assignment]
    printed_by(till, paper, jobs=1)
    assert full.is_set()
    assert states(till) == {"sent": 1}


def test_a_worker_that_never_began_can_be_stopped(till: Till) -> None:
    PrintWorker(till.context, [Paper()]).stop()


def test_a_receipt_that_waited_for_too_long_is_kept_and_printed_as_the_first_when_somebody_asks(tmp_path: Path) -> None:
    now = [NOON]
    with open_till(shop(tmp_path), clock=lambda: now[0]) as till:
        till.commit(sale("a"))
        now[0] += timedelta(minutes=9)
        till.commit(sale("b"))
        now[0] += timedelta(minutes=2)
        paper = Paper()
        worker = printed_by(till, paper, jobs=1)
        assert states(till) == {"late": 1, "sent": 1}
        assert (worker.status.jobs.late, paper.printed[0][0]) == (1, "receipt-000003")
        print_again(till.context, 2)
        printed_by(till, paper, jobs=2)
        assert states(till) == {"sent": 2}
        assert (paper.printed[1][0], "COPY" in paper.printed[1][1]) == ("receipt-000002", False)


def test_receipts_become_late_while_a_printer_is_away_and_nobody_needs_to_sell_for_it(tmp_path: Path) -> None:
    now = [NOON]
    with open_till(shop(tmp_path), clock=lambda: now[0]) as till:
        till.commit(sale())
        worker = PrintWorker(
            till.context, [Paper(*[PrinterUnavailable("paper", "no answer")] * 1000)], first_wait_s=0.01
        )
        worker.start()
        until(lambda: not worker.status.working)
        now[0] += timedelta(minutes=11)
        until(lambda: states(till) == {"late": 1})
        worker.stop()


def test_another_printer_takes_over_where_the_first_took_no_byte_and_only_there(till: Till) -> None:
    for key in "abc":
        till.commit(sale(key))
    first = Paper(PrinterNotReady("paper", "no paper"), PrinterUnavailable("paper", "gone"))
    second = Paper(PrintState.UNKNOWN)
    second.name = "spare"
    worker = PrintWorker(till.context, [first, second], first_wait_s=0.02)
    worker.start()
    until(lambda: not states(till).keys() & {"queued", "sending"})
    worker.stop()
    assert states(till) == {"unknown": 1, "sent": 2}  # one that broke off at the second is not tried at the first
    assert [name for name, _ in second.printed] == ["receipt-000002", "receipt-000003", "receipt-000004"]
    assert first.printed == []
    assert worker.status.working


def test_a_job_that_broke_off_at_the_first_printer_is_not_given_to_the_second(till: Till) -> None:
    till.commit(sale())
    second = Paper()
    worker = PrintWorker(till.context, [Paper(PrintState.UNKNOWN), second])
    worker.start()
    until(lambda: states(till) == {"unknown": 1})
    worker.stop()
    assert second.printed == []


def test_the_book_knows_which_printer_had_a_receipt(till: Till) -> None:
    till.commit(sale())
    printed_by(till, Paper(), jobs=1)
    with till.context.book.read() as connection:
        assert connection.exec_driver_sql("SELECT printer, fault FROM print_job").fetchall() == [("paper", None)]


def test_what_a_printer_can_never_print_is_refused_and_holds_nobody_up(till: Till) -> None:
    for key in "abc":
        till.commit(sale(key))
    paper = Paper(Unprintable("paper", "a QR code does not fit on 384 dots; nothing was sent"))
    worker = printed_by(till, paper, jobs=2)
    assert (states(till), worker.status.working) == ({"refused": 1, "sent": 2}, True)
    with till.context.book.read() as connection:
        faults = connection.exec_driver_sql("SELECT fault FROM print_job WHERE state = 'refused'").fetchall()
    assert faults == [("paper: a QR code does not fit on 384 dots; nothing was sent",)]


def test_what_the_first_printer_cannot_print_at_all_is_printed_by_the_second(till: Till) -> None:
    till.commit(sale())
    second = Paper()
    second.name = "spare"
    worker = PrintWorker(till.context, [Paper(UnprintableCharacter("paper", "ツ")), second])
    worker.start()
    until(lambda: states(till) == {"sent": 1})
    worker.stop()
    assert [name for name, _ in second.printed] == ["receipt-000002"]


def test_what_only_a_printer_that_is_away_could_print_waits_and_lets_others_pass(till: Till) -> None:
    for key in "ab":
        till.commit(sale(key))
    away = Paper(*[PrinterUnavailable("paper", "no answer")] * 2)
    second = Paper(UnprintableCharacter("spare", "ツ"))
    second.name = "spare"
    worker = PrintWorker(till.context, [away, second], first_wait_s=0.02)
    worker.start()
    until(lambda: states(till) == {"queued": 1, "sent": 1})
    worker.stop()
    assert [name for name, _ in second.printed] == ["receipt-000003"]
    printed_by(till, away, jobs=1)
    assert away.printed[0][0] == "receipt-000002"


def test_a_printer_that_calls_itself_ready_during_its_own_failure_is_not_tried_again_at_once(till: Till) -> None:
    till.commit(sale())
    tries: list[float] = []

    class Lying(Paper):
        def print(self, document: Document, job_id: str, begins: Callable[[], None]) -> PrintOutcome:
            tries.append(time.monotonic())
            worker.nudge()
            raise PrinterUnavailable("paper", "the connection broke")

    worker = PrintWorker(till.context, [Lying()], first_wait_s=0.3)
    worker.start()
    time.sleep(0.5)
    worker.stop()
    assert len(tries) == 2


def test_what_a_printer_says_late_confirms_what_was_sent_and_no_later_printing_of_it(till: Till) -> None:
    for key in "ab":
        till.commit(sale(key))
    worker = PrintWorker(till.context, [Paper()])
    worker.start()
    try:
        until(lambda: states(till) == {"sent": 2})
        worker.printed_late("receipt-000002")
        worker.printed_late("receipt-000009")
        until(lambda: states(till) == {"confirmed": 1, "sent": 1})
        print_again(till.context, 3)
        worker.nudge()
        until(lambda: states(till) == {"confirmed": 1, "sent": 1})
        worker.printed_late("receipt-000003")  # the first printing; the copy has another name
        worker.printed_late("receipt-000003-copy-1")
        until(lambda: states(till) == {"confirmed": 2})
    finally:
        worker.stop()


def test_what_is_printed_again_is_not_confirmed_by_a_word_on_its_first_printing(till: Till) -> None:
    till.commit(sale())
    worker = printed_by(till, Paper(), jobs=1)
    print_again(till.context, 2)
    worker.printed_late("receipt-000002")
    worker._confirm()
    assert states(till) == {"queued": 1}
