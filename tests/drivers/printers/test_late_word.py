"""A printer that says only after the wait that a receipt is printed: it is believed on the connection that it was asked on."""

from __future__ import annotations

from drivers.printers.delivery import Surroundings
from drivers.printers.document import Document
from drivers.printers.port import PrintOutcome, PrintState
from drivers.printers.unheard import Unheard
from tests.drivers.printers.fake_printer import Mood, on_network
from tests.drivers.printers.printing import SENT, at, until


def test_what_it_says_late_is_told_once(english: Document) -> None:
    late: list[str] = []
    with on_network(Mood(withholds_ids=True)) as (fake, port):
        printer = at(port, watched=True, around=Surroundings(printed=late.append))
        assert printer.print(english, "sale-1") == SENT
        printer.watch()
        printer.listen()
        assert late == []
        fake.mood.withholds_ids = False

        def heard() -> bool:
            printer.listen()
            return late == ["sale-1"]

        until(heard)
        printer.watch()
        assert late == ["sale-1"]
        printer.close()


def test_one_that_is_said_to_be_printed_tells_of_all_before_it(english: Document) -> None:
    late: list[str] = []
    with on_network(Mood(withholds_ids=True)) as (fake, port):
        printer = at(port, watched=True, around=Surroundings(printed=late.append))
        for job_id in ("sale-1", "sale-2"):
            assert printer.print(english, job_id).state is PrintState.SENT
        fake._withheld = b""  # it forgot what it was asked, and knows the next
        fake.mood.withholds_ids = False
        assert printer.print(english, "sale-3").state is PrintState.CONFIRMED
        assert late == ["sale-1", "sale-2"]
        printer.close()


def test_nothing_is_believed_over_another_connection(english: Document) -> None:
    late: list[str] = []
    with on_network(Mood(withholds_ids=True)) as (fake, port):
        printer = at(port, watched=True, around=Surroundings(printed=late.append))
        assert printer.print(english, "sale-1") == SENT
        printer.close()
        fake.mood.withholds_ids = False
        assert printer.print(english, "sale-2") == PrintOutcome(state=PrintState.CONFIRMED, job_id="sale-2")
        printer.close()
    assert late == []


def test_what_it_said_of_a_printing_is_not_said_of_the_next_one_by_the_same_name(english: Document) -> None:
    with on_network() as (fake, port):
        printer = at(port, watched=True)
        assert printer.print(english, "shift-2").state is PrintState.CONFIRMED
        fake.mood.withholds_ids = True
        assert printer.print(english, "shift-2").state is PrintState.SENT
        printer.close()


def test_the_order_of_the_jobs_is_that_of_the_printer() -> None:
    unheard = Unheard()
    for process, job_id in ((b"aaaa", "1"), (b"bbbb", "2"), (b"cccc", "3")):
        unheard.add(process, job_id)
    assert unheard.take(lambda process: process == b"bbbb") == ("1", "2")
    assert unheard.take(lambda process: process == b"bbbb") == ()
    assert unheard.take_all() == ("3",)
    for number in range(40):
        unheard.add(b"dddd", str(number))
    assert unheard.take_all() == tuple(str(number) for number in range(8, 40))
