"""Bytes reach the printer whole and once, and what became of them is told honestly."""

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import PrinterConfig, PrinterNotReady, PrinterUnavailable
from drivers.printers.condition import SILENT, UNREACHABLE, Paper, PrinterCondition, Trouble
from drivers.printers.delivery import Patience, Surroundings
from drivers.printers.document import Document
from drivers.printers.encoders.choose import encode
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.layout import lay_out
from drivers.printers.port import PrintOutcome, PrintState
from drivers.printers.profiles.listing import UNKNOWN
from drivers.printers.profiles.profile import StatusAbilities
from drivers.printers.transports.file import FilePrinter
from drivers.printers.transports.network import NetworkPrinter
from drivers.printers.transports.serial_port import SerialPrinter
from drivers.printers.transports.usb import UsbPrinter
from drivers.printers.transports.windows import WindowsPrinter
from tests.drivers.printers.fake_printer import Mood, on_network, on_pty

SENT = PrintOutcome(state=PrintState.SENT, job_id="sale-1")
CONFIRMED = PrintOutcome(state=PrintState.CONFIRMED, job_id="sale-1")
FULL = replace(
    UNKNOWN,
    name="full",
    status=StatusAbilities(realtime=True, automatic=True, transmitted=True, identifies=True, completion=True),
)
HASTY = Patience(busy_s=0.3, answer_s=0.3, stall_s=0.6, hold_s=2.0, finish_s=0.8, look_s=0.1)
linux = pytest.mark.skipif(sys.platform == "win32", reason="platform: Windows has no such devices")


def job(document: Document, columns: int = 48) -> bytes:
    return b"".join(encode(lay_out(document, columns), UNKNOWN))


def dots(document: Document) -> bytes:
    """What is on the paper."""
    picture, data = b"", job(document)[2:]
    while data.startswith(b"\x1dv"):
        length = 8 + (data[4] + 256 * data[5]) * (data[6] + 256 * data[7])
        picture, data = picture + data[8:length], data[length:]
    return picture


def at(port: int, *, full: bool = True, watched: bool = False, **more: Any) -> EscposPrinter:
    """The printer on a loopback port."""
    settings = NetworkPrinter(host="127.0.0.1", port=port)
    profile = FULL if full else UNKNOWN
    return EscposPrinter(settings, profile, name="slips", keeps_open=watched, patience=HASTY, **more)


def until(true: Any) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, "it did not happen within 10 s"
        time.sleep(0.01)


class Cable:
    """A transport that breaks at the n-th send, or takes little at a time; it hears nothing."""

    hears = False
    bytes_per_s = None

    def __init__(self, *, breaks_at: int = -1, error: type[Exception] = OSError, most: int = 10_000) -> None:
        self.sent: list[bytes] = []
        self.closed = 0
        self._breaks_at = breaks_at
        self._error = error
        self._most = most

    def open(self) -> "Cable":
        return self

    def check(self) -> None:
        self.close()

    def send(self, data: bytes, timeout_s: float) -> int:
        if len(self.sent) == self._breaks_at:
            raise self._error("gone")
        self.sent.append(data[: self._most])
        return len(self.sent[-1])

    def receive(self, timeout_s: float) -> bytes:
        return b""

    def finish(self, timeout_s: float) -> bool:
        return True

    def close(self) -> None:
        self.closed += 1


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
    with on_network() as (fake, port):
        printer = at(port)
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


def test_a_kept_printer_says_by_itself_what_changes_between_jobs(english: Document) -> None:
    with on_network() as (fake, port):
        printer = at(port, watched=True, has_drawer=True)
        assert printer.print(english, "sale-1") == CONFIRMED
        fake.mood.cover_open = fake.mood.drawer_open = True
        until(lambda: printer.listen().troubles == (Trouble.COVER_OPEN, Trouble.DRAWER_OPEN))
        fake.mood.cover_open = False
        until(lambda: printer.listen().troubles == (Trouble.DRAWER_OPEN,))
        printer.close()


def test_the_drawer_is_opened_in_turn_or_at_once_where_the_printer_is_stopped() -> None:
    with on_network() as (fake, port):
        printer = at(port)
        printer.kick(2)
        until(lambda: fake.kicks == [("in turn", 0)])
        fake.mood.paper = "out"
        printer.kick(5)
        until(lambda: fake.kicks == [("in turn", 0), ("at once", 1)])


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


@linux
@pytest.mark.parametrize("flow", ["none", "rts"])
def test_a_serial_printer_gets_the_job_and_confirms_it(english: Document, flow: str) -> None:
    with on_pty() as (fake, path):
        settings = SerialPrinter(port=path, baud=115_200, flow=flow)
        assert EscposPrinter(settings, FULL, patience=HASTY).print(english, "sale-1") == CONFIRMED
    assert fake.papers == [dots(english)]


@linux
def test_a_serial_printer_without_a_wire_back_ends_at_sent(english: Document) -> None:
    with on_pty(Mood(answers=False)) as (fake, path):
        assert EscposPrinter(SerialPrinter(port=path), FULL, patience=HASTY).print(english, "sale-1") == SENT
        until(lambda: fake.papers == [dots(english)])


@linux
def test_a_device_file_that_answers_confirms_the_job(english: Document) -> None:
    with on_pty() as (fake, path):
        assert EscposPrinter(FilePrinter(path=path), FULL, patience=HASTY).print(english, "sale-1") == CONFIRMED
    assert fake.papers == [dots(english)]


@linux
def test_a_port_that_another_program_has_is_waited_for_and_released_after_the_job(english: Document) -> None:
    import serial

    with on_pty() as (fake, path):
        printer = EscposPrinter(SerialPrinter(port=path), FULL, patience=replace(HASTY, busy_s=5.0))
        other = serial.Serial(path, exclusive=True)
        threading.Timer(0.5, other.close).start()
        assert printer.print(english, "sale-1") == CONFIRMED
        serial.Serial(path, exclusive=True).close()
    assert fake.papers == [dots(english)]


@linux
def test_a_port_that_another_program_keeps_is_busy(english: Document) -> None:
    import serial

    with on_pty() as (_, path), serial.Serial(path, exclusive=True):
        printer = EscposPrinter(SerialPrinter(port=path), patience=HASTY)
        with pytest.raises(PrinterUnavailable, match="another program has the printer"):
            printer.print(english, "sale-1")
        assert printer.condition.troubles == (Trouble.BUSY,)


def test_a_plain_file_keeps_every_job(tmp_path: Path, english: Document) -> None:
    path = tmp_path / "paper.bin"
    path.write_bytes(b"before")
    for _ in range(2):
        assert EscposPrinter(FilePrinter(path=str(path))).print(english, "sale-1") == SENT
    assert path.read_bytes() == b"before" + job(english) * 2


def test_a_check_leaves_a_plain_file_as_it_is_and_makes_none(tmp_path: Path) -> None:
    path = tmp_path / "paper.bin"
    EscposPrinter(FilePrinter(path=str(path))).check()
    assert not path.exists()
    path.write_bytes(b"the last receipt")
    EscposPrinter(FilePrinter(path=str(path))).check()
    assert path.read_bytes() == b"the last receipt"


@linux
def test_a_device_that_has_no_end_is_opened_all_the_same(english: Document) -> None:
    EscposPrinter(FilePrinter(path=os.devnull)).check()
    assert EscposPrinter(FilePrinter(path=os.devnull)).print(english, "sale-1") == SENT


def test_one_printer_prints_many_jobs_from_many_threads(english: Document) -> None:
    cable = Cable(most=1000)
    printer = EscposPrinter(cable)
    threads = [threading.Thread(target=printer.print, args=(english, f"sale-{n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert b"".join(cable.sent) == job(english) * 8
    assert cable.closed == 8


def test_nobody_at_the_address_is_unavailable(english: Document) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    printer = at(port)
    with pytest.raises(PrinterUnavailable, match="slips: the printer cannot be reached") as caught:
        printer.print(english, "sale-1")
    assert caught.value.transient
    with pytest.raises(PrinterUnavailable):
        printer.check()
    assert printer.watch() == UNREACHABLE


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        (FilePrinter(path="none/such/lp0"), PrinterUnavailable),
        (SerialPrinter(port="/dev/serial/by-id/none-such"), PrinterUnavailable),
        (UsbPrinter.parse("04b8:0e15"), (PrinterUnavailable, PrinterConfig)),
        (WindowsPrinter(name="none"), (PrinterUnavailable, PrinterConfig)),
    ],
)
def test_a_printer_that_is_not_there_prints_nothing_and_says_so(
    english: Document, settings: Any, error: type[Exception]
) -> None:
    printer = EscposPrinter(settings)
    for attempt in (lambda: printer.print(english, "sale-1"), printer.check):
        with pytest.raises(error):
            attempt()


@pytest.mark.parametrize("error", [BrokenPipeError, TimeoutError, AssertionError, ValueError])
def test_a_printer_that_takes_not_even_the_first_bytes_has_printed_nothing(
    english: Document, error: type[Exception]
) -> None:
    cable = Cable(breaks_at=0, error=error)
    with pytest.raises(PrinterUnavailable, match="takes no bytes"):
        EscposPrinter(cable).print(english, "sale-1")
    assert cable.closed == 1


@pytest.mark.parametrize("breaks_at", [1, 2, 3])
def test_a_job_that_broke_off_is_unknown(english: Document, breaks_at: int) -> None:
    cable = Cable(breaks_at=breaks_at)
    outcome = EscposPrinter(cable, name="slips").print(english, "sale-1")
    assert (outcome.state, outcome.job_id) == (PrintState.UNKNOWN, "sale-1")
    assert outcome.detail == "slips: the connection broke while printing (OSError)"
    assert cable.closed == 1


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=True,
    )


def test_printing_writes_nothing_to_standard_output_and_leaves_the_root_logger_alone(tmp_path: Path) -> None:
    done = run(
        f"""
import logging, os, tempfile
tempfile.tempdir = {str(tmp_path)!r}
os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = "not ours"
from drivers.printers.transports.file import FilePrinter
from drivers.printers.document import Document, Line
from drivers.printers.escpos_printer import EscposPrinter
printer = EscposPrinter(FilePrinter(path={str(tmp_path / "lp0")!r}))
printer.print(Document(blocks=(Line(text="hello"),), language="en"), "sale-1")
assert logging.getLogger().handlers == [], logging.getLogger().handlers
assert os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] == "not ours"
"""
    )
    assert (done.stdout, done.stderr) == ("", "")
    assert [path.name for path in tmp_path.iterdir()] == ["lp0"]


def test_nothing_heavy_is_loaded_before_a_printer_is_opened(tmp_path: Path) -> None:
    done = run(
        f"""
import sys
from pathlib import Path
from drivers.printers.transports.network import NetworkPrinter
from drivers.printers.transports.serial_port import SerialPrinter
from drivers.printers.transports.usb import UsbPrinter
from drivers.printers.document import Document, Line
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.preview_printer import PreviewPrinter
from drivers.scanners.reader import ScanReader
from drivers.scanners.sources.serial_source import SerialSource
EscposPrinter(NetworkPrinter(host="127.0.0.1"))
PreviewPrinter(Path({str(tmp_path)!r})).print(Document(blocks=(Line(text="hello"),), language="en"), "sale-1")
print(sorted({{"escpos", "PIL", "serial", "usb", "yaml", "termios"}} & set(sys.modules)))
"""
    )
    assert done.stdout == "[]\n"


def test_the_library_logs_under_its_own_name(tmp_path: Path, english: Document, caplog: Any) -> None:
    with caplog.at_level(logging.INFO):
        EscposPrinter(FilePrinter(path=str(tmp_path / "lp0"))).print(english, "sale-1")
    assert {record.name for record in caplog.records} <= {"escpos"}
