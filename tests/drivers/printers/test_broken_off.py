"""What a job that broke off leaves behind: a printer that waits for the rest of a picture takes no other receipt for it."""

from dataclasses import replace

import pytest

from drivers.printers.delivery import Surroundings
from drivers.printers.document import Cut, Document, Line
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.port import PrintState
from drivers.printers.profiles.listing import UNKNOWN
from drivers.printers.transports.serial_port import SerialPrinter
from tests.drivers.printers.fake_printer import FakePrinter, Mood, on_pty
from tests.drivers.printers.printing import CONFIRMED, FULL, HASTY, SENT, SLOW, dots, linux, until

KAZAKH = Document(
    blocks=(*(Line(text=f"Қазақша жол {number}") for number in range(9)), Line(text="Total 100"), Cut()), language="kk"
)


class Slow:
    """A cable to a printer that outlives it: takes ``room`` bytes in all, and has lost the last ``held`` when it is closed."""

    hears = False
    bytes_per_s = SLOW
    held = 0

    def __init__(self, room: int) -> None:
        self.line = b""
        self.room = room

    def open(self) -> "Slow":
        return self

    def check(self) -> None:
        pass

    def send(self, data: bytes, timeout_s: float) -> int:
        taken = data[: max(0, self.room - len(self.line))]
        self.line += taken
        return len(taken)

    def receive(self, timeout_s: float) -> bytes:
        return b""

    def finish(self, timeout_s: float) -> bool:
        return True

    def close(self) -> None:
        pass


def papers(line: bytes) -> list[bytes]:
    printer = FakePrinter(room=1 << 24)
    printer.take(line, lambda _said: None)
    return printer.papers


@pytest.mark.parametrize("breaks_at", [12, 100, 3000])
@pytest.mark.parametrize("held", [0, 11, 2500])
def test_the_next_receipt_is_whole_where_a_job_broke_off_in_a_picture(breaks_at: int, held: int) -> None:
    cable = Slow(breaks_at)
    printer = EscposPrinter(cable, patience=HASTY)
    cable.held = min(held, breaks_at - 2)
    assert printer.print(KAZAKH, "sale-1").state is PrintState.UNKNOWN
    cable.line, cable.room = cable.line[: len(cable.line) - cable.held], 1 << 24
    assert printer.print(KAZAKH, "sale-1") == SENT
    (paper,) = papers(cable.line)
    assert paper.endswith(dots(KAZAKH, SLOW))
    assert printer.print(KAZAKH, "sale-1") == SENT
    assert papers(cable.line) == [paper, dots(KAZAKH, SLOW)], "and nothing is made up for twice"


def test_nothing_is_sent_before_a_receipt_where_no_job_broke_off() -> None:
    cable = Slow(1 << 24)
    printer = EscposPrinter(cable, patience=HASTY)
    printer.print(KAZAKH, "sale-1")
    first, cable.line = cable.line, b""
    printer.print(KAZAKH, "sale-2")
    assert cable.line == first


def test_a_receipt_is_whole_after_a_start_where_the_agent_ended_in_the_middle() -> None:
    cable = Slow(3000)
    EscposPrinter(cable, patience=HASTY).print(KAZAKH, "sale-1")
    cable.room = 1 << 24
    printer = EscposPrinter(cable, patience=HASTY)
    printer.broke_off()
    assert printer.print(KAZAKH, "sale-1") == SENT
    (paper,) = papers(cable.line)
    assert paper.endswith(dots(KAZAKH, SLOW))


@linux
def test_a_serial_printer_that_stays_on_prints_the_next_receipt_whole() -> None:
    with on_pty(Mood(deaf_at=3000)) as (fake, path):
        printer = EscposPrinter(SerialPrinter(port=path, flow="none"), FULL, patience=HASTY)
        huge = Document(blocks=KAZAKH.blocks[:-1] * 40, language="kk")  # more than the terminal would keep
        assert printer.print(huge, "sale-1").state is PrintState.UNKNOWN
        fake.mood.deaf_at = -1
        until(lambda: printer.print(KAZAKH, "sale-1") == CONFIRMED)
        printer.close()
    assert len(fake.papers) == 1
    assert fake.papers[0].endswith(dots(KAZAKH, SLOW))


def test_a_printer_with_a_small_buffer_gets_the_rest_in_small_pieces_too() -> None:
    cable, slept = Slow(3000), list[float]()
    small = replace(UNKNOWN, chunk_bytes=256, pause_ms=20)
    printer = EscposPrinter(cable, small, patience=HASTY, around=Surroundings(sleep=slept.append))
    printer.print(KAZAKH, "sale-1")
    cable.room = 1 << 24
    assert printer.print(KAZAKH, "sale-1") == SENT
    assert papers(cable.line)[0].endswith(dots(KAZAKH, SLOW))


def test_no_drawer_opens_in_the_middle_of_a_picture_and_one_does_behind_it() -> None:
    cable, begun = Slow(3000), list[int]()

    def between() -> None:
        begun.append(len(cable.line))
        cable.room = 1 << 24

    chunk_ends = Slow(1 << 24)
    EscposPrinter(chunk_ends, patience=HASTY).print(KAZAKH, "sale-1")
    printer = EscposPrinter(cable, patience=HASTY, around=Surroundings(between=between))
    assert printer.print(KAZAKH, "sale-1").state is PrintState.UNKNOWN
    assert begun == [], "it waited inside a picture"
    at_start = Slow(2 + len(chunk_ends.line.split(b"\x1dv0")[0].removeprefix(b"\x1b@")))
    begun.clear()
    cable = at_start
    printer = EscposPrinter(cable, patience=HASTY, around=Surroundings(between=between))
    assert printer.print(KAZAKH, "sale-1") == SENT
    assert begun[0] == at_start.line.find(b"\x1dv0")
    assert papers(cable.line) == [dots(KAZAKH, SLOW)]
