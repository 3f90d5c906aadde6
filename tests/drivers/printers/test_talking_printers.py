"""A printer that answers: once, whole and never more than the truth, whatever it does in between."""

import threading
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from drivers.errors import PrinterNotReady, PrinterUnavailable
from drivers.printers.condition import SILENT, UNREACHABLE, DrawerContact, Paper, PrinterCondition, Trouble
from drivers.printers.delivery import Patience, Surroundings
from drivers.printers.document import Document
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.owner import PrinterOwner
from drivers.printers.port import PrintState
from drivers.printers.profiles.listing import UNKNOWN
from drivers.printers.profiles.profile import StatusAbilities
from drivers.printers.transports.network import NetworkPrinter
from drivers.printers.transports.transport import FASTER_THAN_PAPER
from tests.drivers.printers.fake_printer import Mood, on_network
from tests.drivers.printers.printing import CONFIRMED, FULL, HASTY, SENT, at, dots, job, until

SOON = float("inf")


@pytest.mark.parametrize("watched", [False, True])
def test_a_printer_that_says_so_has_printed(document: Document, watched: bool) -> None:
    with on_network() as (fake, port):
        printer = at(port, watched=watched)
        assert printer.print(document, "sale-1") == CONFIRMED
        assert printer.print(document, "sale-1") == CONFIRMED
        printer.close()
    assert fake.papers == [dots(document)] * 2
    assert fake.connections == (1 if watched else 2)
    assert printer.condition == PrinterCondition(answers=True, paper=Paper.THERE)


def test_a_printer_without_process_ids_has_worked_off_the_job_when_it_answers_behind_it(english: Document) -> None:
    with on_network(Mood(knows_process_ids=False)) as (fake, port):
        profile = replace(FULL, status=replace(FULL.status, completion=False))
        printer = EscposPrinter(NetworkPrinter(host="127.0.0.1", port=port), profile, patience=HASTY)
        assert printer.print(english, "sale-1") == CONFIRMED
    assert fake.papers == [dots(english)]


@pytest.mark.parametrize(("changed", "state"), [(True, PrintState.CONFIRMED), (False, PrintState.UNKNOWN)])
def test_a_printer_that_worked_off_the_job_and_stopped_has_printed_it_when_it_goes_on(
    english: Document, changed: bool, state: PrintState
) -> None:
    with on_network(Mood(out_behind=True)) as (fake, port):
        profile = replace(FULL, status=StatusAbilities(realtime=True, transmitted=True))
        printer = EscposPrinter(NetworkPrinter(host="127.0.0.1", port=port), profile, patience=HASTY)

        def change_paper() -> None:
            until(lambda: Trouble.PAPER_OUT in printer.condition.troubles)
            fake.mood.paper = "there"

        person = threading.Thread(target=change_paper if changed else lambda: None)
        person.start()
        assert printer.print(english, "sale-1").state is state
        person.join()
    assert fake.papers == [dots(english)]


def test_a_printer_that_does_not_know_the_command_after_all_is_never_reported_as_having_printed(
    english: Document,
) -> None:
    with on_network(Mood(knows_process_ids=False)) as (fake, port):
        assert at(port).print(english, "sale-1") == SENT
    assert fake.papers == [dots(english)]


def test_an_unknown_printer_is_asked_how_it_is_and_nothing_else(english: Document) -> None:
    with on_network() as (fake, port):
        assert at(port, full=False).print(english, "sale-1") == SENT
        until(lambda: fake.papers == [dots(english)])
    assert not fake._automatic


def test_a_printer_that_is_not_to_be_asked_gets_the_job_and_nothing_else_and_without_a_wait(english: Document) -> None:
    silent = replace(UNKNOWN, status=StatusAbilities(realtime=False))
    with on_network(Mood(answers=False)) as (fake, port):
        printer = EscposPrinter(NetworkPrinter(host="127.0.0.1", port=port), silent, patience=Patience(answer_s=20))
        begun = time.monotonic()
        assert printer.print(english, "sale-1") == SENT
        assert time.monotonic() - begun < 10
        until(lambda: fake.papers == [dots(english)])
        assert fake.taken == len(job(english, FASTER_THAN_PAPER))


def test_a_printer_without_answers_costs_one_wait_for_each_opening(english: Document) -> None:
    with on_network(Mood(answers=False)) as (fake, port):
        begun = time.monotonic()
        assert at(port).print(english, "sale-1") == SENT
        assert HASTY.answer_s <= time.monotonic() - begun < HASTY.answer_s + 0.5
        until(lambda: fake.papers == [dots(english)])


@pytest.mark.parametrize(
    ("mood", "trouble"),
    [
        (Mood(paper="out"), Trouble.PAPER_OUT),
        (Mood(cover_open=True), Trouble.COVER_OPEN),
        (Mood(cutter_error=True), Trouble.CUTTER),
    ],
)
def test_a_printer_that_cannot_print_gets_no_byte_of_the_job(english: Document, mood: Mood, trouble: Trouble) -> None:
    with on_network(mood) as (fake, port):
        printer = at(port)
        with pytest.raises(
            PrinterNotReady, match=f"slips: the printer cannot print now .{trouble.value.split('_')[0]}"
        ):
            printer.print(english, "sale-1")
        assert printer.condition.troubles == (trouble,)
    assert fake.papers == []
    assert fake._buffer in (b"", b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04")


def test_little_paper_is_said_and_printed_on(english: Document) -> None:
    with on_network(Mood(paper="near_end")) as (_, port):
        printer = at(port)
        assert printer.print(english, "sale-1") == CONFIRMED
    assert printer.condition.troubles == (Trouble.PAPER_NEAR_END,)


def test_paper_that_runs_out_in_the_middle_is_waited_for_and_the_receipt_comes_out_once(english: Document) -> None:
    told: list[PrinterCondition] = []
    with on_network(Mood(out_at=1)) as (fake, port):
        printer = at(port, around=Surroundings(told=told.append))

        def change_paper() -> None:
            until(lambda: Trouble.PAPER_OUT in printer.condition.troubles)
            fake.mood.paper = "there"

        person = threading.Thread(target=change_paper)
        person.start()
        assert printer.print(english, "sale-1") == CONFIRMED
        person.join()
    assert fake.papers == [dots(english)]
    assert [condition.troubles for condition in told] == [(), (Trouble.PAPER_OUT,), ()]


def test_paper_that_nobody_changes_leaves_the_receipt_unknown(english: Document) -> None:
    with on_network(Mood(out_at=1)) as (fake, port):
        outcome = at(port).print(english, "sale-1")
    assert outcome.state is PrintState.UNKNOWN
    assert outcome.detail == "slips: the printer stopped in the middle (paper_out)"
    assert fake.papers == []


def test_a_cover_that_is_opened_and_closed_in_the_middle_loses_nothing(english: Document) -> None:
    unhurried = replace(HASTY, stall_s=20.0, finish_s=20.0, answer_s=5.0)
    with on_network() as (fake, port):
        printer = EscposPrinter(NetworkPrinter(host="127.0.0.1", port=port), FULL, patience=unhurried)
        fake.mood.silent_at = -1

        def meddle() -> None:
            until(lambda: fake.taken > 20)
            fake.mood.cover_open = True
            time.sleep(0.4)
            fake.mood.cover_open = False

        person = threading.Thread(target=meddle)
        person.start()
        assert printer.print(english, "sale-1") == CONFIRMED
        person.join()
    assert fake.papers == [dots(english)]


def test_a_printer_that_says_in_the_middle_that_it_cannot_print_gets_no_more_pieces_meanwhile(
    english: Document,
) -> None:
    pieces = replace(FULL, chunk_bytes=256, pause_ms=5)
    with on_network() as (fake, port):
        printer = EscposPrinter(NetworkPrinter(host="127.0.0.1", port=port), pieces, patience=HASTY)
        taken: list[int] = []

        def meddle() -> None:
            until(lambda: fake.taken > 1000)
            fake.mood.cover_open = True
            until(lambda: Trouble.COVER_OPEN in printer.condition.troubles)
            for _ in range(2):
                time.sleep(0.3)
                taken.append(fake.taken)
            fake.mood.cover_open = False

        person = threading.Thread(target=meddle)
        person.start()
        assert printer.print(english, "sale-1") == CONFIRMED
        person.join()
    assert taken[0] == taken[1] < len(job(english, FASTER_THAN_PAPER)) - 1000
    assert fake.papers == [dots(english)]


def test_a_printer_that_goes_silent_after_the_job_leaves_it_unknown(english: Document) -> None:
    with on_network(Mood(silent_at=1000)) as (_, port):
        outcome = at(port).print(english, "sale-1")
    assert (outcome.state, outcome.detail) == (PrintState.UNKNOWN, "slips: the printer went silent")


def test_a_printer_that_takes_nothing_more_and_does_not_say_why_is_given_up(english: Document) -> None:
    with on_network(Mood(deaf_at=3000)) as (_, port):
        begun = time.monotonic()
        huge = Document(blocks=english.blocks * 40, language=english.language)  # more than the system would keep
        outcome = at(port).print(huge, "sale-1")
        assert time.monotonic() - begun < 8
    assert outcome.state is PrintState.UNKNOWN
    assert outcome.detail in {"slips: the printer takes no more bytes", "slips: the printer went silent"}


def test_a_printer_that_hangs_up_in_the_middle_leaves_the_receipt_unknown(english: Document) -> None:
    with on_network(Mood(hangs_up_at=2000)) as (fake, port):
        outcome = at(port).print(english, "sale-1")
    assert outcome.state is PrintState.UNKNOWN
    assert outcome.detail.startswith("slips: the connection broke while printing")
    assert fake.papers == []


def test_late_answers_are_taken_for_the_questions_that_they_answer(english: Document) -> None:
    """The answer about paper, come late, would say "offline" if it were taken for the first one."""
    with on_network(Mood(delay_s=0.5, paper="near_end")) as (fake, port):
        printer = at(port, watched=True)
        for _ in range(8):
            with suppress(PrinterUnavailable):
                printer.watch()
            assert set(printer.condition.troubles) <= {Trouble.PAPER_NEAR_END, Trouble.UNREACHABLE}
        fake.mood.delay_s = 0.0
        until(lambda: printer.watch().troubles == (Trouble.PAPER_NEAR_END,))
        assert printer.print(english, "sale-1") == CONFIRMED
        printer.close()
    assert fake.papers == [dots(english)]


@pytest.mark.parametrize("noise", [b"\xff", b"\x80\x12", b"\x12\x80", b"\x7f\x90\x12\x10\x00\x91", b"HTTP/1.1 400\r\n"])
def test_noise_is_believed_nothing_and_the_receipt_is_sent_once(english: Document, noise: bytes) -> None:
    with on_network(Mood(noise=noise)) as (fake, port):
        printer = at(port)
        assert printer.print(english, "sale-1") == SENT
        until(lambda: fake.papers == [dots(english)])
    assert printer.condition == SILENT


def test_a_printer_that_answered_before_and_does_not_now_gets_nothing(english: Document) -> None:
    with on_network() as (fake, port):
        printer = at(port)
        assert printer.print(english, "sale-1") == CONFIRMED
        fake.mood.answers = False
        with pytest.raises(PrinterUnavailable, match="slips: the printer does not answer"):
            printer.print(english, "sale-2")
        assert printer.condition == UNREACHABLE
        fake.mood.answers = True
        assert printer.print(english, "sale-1") == CONFIRMED
    assert fake.papers == [dots(english)] * 2


def test_a_kept_printer_that_was_switched_off_and_on_gets_the_next_job_over_a_new_connection(english: Document) -> None:
    with on_network() as (fake, port):
        printer = at(port, watched=True)
        assert printer.print(english, "sale-1") == CONFIRMED
        fake.mood.hangs_up_at = 0
        until(lambda: printer.listen() == UNREACHABLE)
        fake.mood.hangs_up_at = -1
        assert printer.print(english, "sale-1") == CONFIRMED
        printer.close()
    assert fake.papers == [dots(english)] * 2


@pytest.mark.parametrize("level_high", [False, True])
@pytest.mark.parametrize("drawer_open", [False, True])
def test_a_drawer_is_open_by_the_level_that_its_contact_has_then(level_high: bool, drawer_open: bool) -> None:
    with on_network(Mood(drawer_open=drawer_open is not level_high)) as (_, port):  # the fake one's contact is low then
        printer = at(port, drawer=DrawerContact.HIGH if level_high else DrawerContact.LOW)
        assert (Trouble.DRAWER_OPEN in printer.watch().troubles) is drawer_open


def test_a_kept_printer_says_by_itself_what_changes_between_jobs(english: Document) -> None:
    with on_network() as (fake, port):
        printer = at(port, watched=True, drawer=DrawerContact.LOW)
        assert printer.print(english, "sale-1") == CONFIRMED
        fake.mood.cover_open = fake.mood.drawer_open = True
        until(lambda: printer.listen().troubles == (Trouble.COVER_OPEN, Trouble.DRAWER_OPEN))
        fake.mood.cover_open = False
        until(lambda: printer.listen().troubles == (Trouble.DRAWER_OPEN,))
        printer.close()


def test_the_drawer_is_opened_in_turn_or_at_once_where_the_printer_is_stopped() -> None:
    with on_network() as (fake, port):
        printer = at(port)
        printer.kick(2, SOON)
        until(lambda: fake.kicks == [("in turn", 0)])
        fake.mood.paper = "out"
        printer.kick(5, SOON)
        until(lambda: fake.kicks == [("in turn", 0), ("at once", 1)])


def test_a_drawer_stays_closed_where_its_printer_answers_too_late() -> None:
    with on_network(Mood(delay_s=0.2)) as (fake, port):  # four questions
        owner = PrinterOwner(lambda around: at(port, around=around))
        owner.start()
        with pytest.raises(PrinterUnavailable, match="the drawer stays closed"):
            owner.kick(2, timeout_s=0.5)
        owner.kick(5, timeout_s=5.0)
        until(lambda: fake.kicks == [("in turn", 1)])
        owner.stop()


def test_the_drawer_opens_while_a_receipt_waits_for_paper(english: Document) -> None:
    with on_network(Mood(out_at=1)) as (fake, port):
        fake.room, wishes = 1 << 20, [2]  # one whose buffer is full hears nothing any more

        def between() -> None:
            if Trouble.PAPER_OUT in printer.condition.troubles:
                if wishes:
                    printer.pulse(wishes.pop())
                elif fake.kicks:
                    fake.mood.paper = "there"

        printer = at(port, around=Surroundings(between=between))
        assert printer.print(english, "sale-1") == CONFIRMED
    assert fake.kicks == [("at once", 0)]
    assert fake.papers == [dots(english)]


def test_an_agent_that_stops_does_not_wait_for_paper(english: Document) -> None:
    with on_network(Mood(out_at=1)) as (_, port):
        stop = threading.Event()
        printer = at(
            port, around=Surroundings(told=lambda found: stop.set() if found.troubles else None, stopping=stop.is_set)
        )
        assert printer.print(english, "sale-1").state is PrintState.UNKNOWN


def test_a_printer_that_hears_nothing_any_more_is_not_told_to_open_a_drawer(english: Document) -> None:
    chances: list[None] = []
    with on_network(Mood(deaf_at=40)) as (_, port):
        printer = EscposPrinter(
            NetworkPrinter(host="127.0.0.1", port=port),
            FULL,
            patience=replace(HASTY, stall_s=3.0, finish_s=5.0),  # seven questions
            around=Surroundings(between=lambda: chances.append(None)),
        )
        assert printer.print(english, "sale-1").state is PrintState.UNKNOWN
    assert len(chances) <= 3  # before the first of them
