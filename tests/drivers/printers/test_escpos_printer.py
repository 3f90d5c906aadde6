"""Bytes reach the printer whole and once, and what became of them is told honestly."""

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import PrinterConfig, PrinterUnavailable
from drivers.printers.condition import UNREACHABLE, Trouble
from drivers.printers.delivery import Surroundings
from drivers.printers.document import Cut, Document, Line
from drivers.printers.encoders.choose import PAPER_BYTES_PER_S
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.port import PrintState
from drivers.printers.profiles.listing import UNKNOWN
from drivers.printers.transports.file import FilePrinter, FileTransport
from drivers.printers.transports.network import NetworkPrinter
from drivers.printers.transports.serial_port import SerialPrinter
from drivers.printers.transports.transport import FASTER_THAN_PAPER, TransportSettings
from drivers.printers.transports.usb import UsbPrinter
from drivers.printers.transports.windows import WindowsPrinter
from tests.drivers.printers.fake_printer import Mood, on_network, on_pty
from tests.drivers.printers.printing import CONFIRMED, FULL, HASTY, SENT, SLOW, at, dots, job, linux, until


class Cable:
    """A transport that breaks at the n-th send, or takes little at a time; it hears nothing."""

    hears = False
    held = 0
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


class EndsLater:
    """A device file whose driver says at some time that there will be nothing more to read."""

    bytes_per_s = FASTER_THAN_PAPER

    def __init__(self, settings: FilePrinter, ended: Callable[[], bool]) -> None:
        self._settings = settings
        self._ended = ended

    def open(self) -> FileTransport:
        opened = self._settings.open()
        device, ended = opened.device.device, self._ended

        class Read:
            def fileno(self) -> int:
                return int(device.fileno())

            def read(self, most: int) -> bytes | None:
                data: bytes | None = device.read(most)
                return b"" if ended() else data

            def write(self, data: bytes) -> int:
                return int(device.write(data) or 0)

            def close(self) -> None:
                device.close()

        opened.device.device = Read()
        return opened

    def check(self) -> None:
        self._settings.check()


def test_a_printer_with_a_small_buffer_gets_small_pieces_with_a_pause_between_them(english: Document) -> None:
    cable, slept = Cable(), list[float]()
    small = replace(UNKNOWN, chunk_bytes=64, pause_ms=20)
    around = Surroundings(sleep=slept.append)
    assert EscposPrinter(cable, small, patience=HASTY, around=around).print(english, "sale-1") == SENT
    assert b"".join(cable.sent) == job(english)
    pieces = cable.sent[1:]  # ESC @ goes first, for itself
    assert max(map(len, pieces)) == 64
    assert slept == [0.02] * (len(pieces) - 1)


def test_an_agent_that_stops_does_not_wait_for_all_pauses(english: Document) -> None:
    cable, slept = Cable(), list[float]()
    slow = replace(UNKNOWN, chunk_bytes=64, pause_ms=500)
    around = Surroundings(sleep=slept.append, stopping=lambda: len(slept) > 2)
    outcome = EscposPrinter(cable, slow, patience=HASTY, around=around).print(english, "sale-1")
    assert (outcome.state, len(slept)) == (PrintState.UNKNOWN, 3)


@linux
@pytest.mark.parametrize("flow", ["none", "rts"])
def test_a_serial_printer_gets_the_job_and_confirms_it(english: Document, flow: str) -> None:
    with on_pty() as (fake, path):
        settings = SerialPrinter(port=path, baud=115_200, flow=flow)
        assert EscposPrinter(settings, FULL, patience=HASTY).print(english, "sale-1") == CONFIRMED
    assert fake.papers == [dots(english, SLOW)]


@linux
def test_a_serial_printer_without_a_wire_back_ends_at_sent(english: Document) -> None:
    with on_pty(Mood(answers=False)) as (fake, path):
        assert EscposPrinter(SerialPrinter(port=path), FULL, patience=HASTY).print(english, "sale-1") == SENT
        until(lambda: fake.papers == [dots(english, SLOW)])


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
    assert fake.papers == [dots(english, SLOW)]


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
    assert path.read_bytes() == b"before" + job(english, FASTER_THAN_PAPER) * 2


def test_a_check_leaves_a_plain_file_as_it_is_and_makes_none(tmp_path: Path) -> None:
    path = tmp_path / "paper.bin"
    EscposPrinter(FilePrinter(path=str(path))).check()
    assert not path.exists()
    path.write_bytes(b"the last receipt")
    EscposPrinter(FilePrinter(path=str(path))).check()
    assert path.read_bytes() == b"the last receipt"


@pytest.mark.parametrize("left", [None, b"receipts of before"])
def test_no_file_is_written_where_a_device_would_be_that_is_unplugged(
    tmp_path: Path, english: Document, monkeypatch: pytest.MonkeyPatch, left: bytes | None
) -> None:
    monkeypatch.setattr("drivers.printers.transports.file.DEVICES", tmp_path)
    device, link = tmp_path / "usb" / "lp0", tmp_path / "receipts"
    device.parent.mkdir()
    link.symlink_to(device)
    if left is not None:
        device.write_bytes(left)
    for path in (device, link):
        printer = EscposPrinter(FilePrinter(path=str(path)), patience=HASTY)
        for attempt in (lambda printer=printer: printer.print(english, "sale-1"), printer.check):
            with pytest.raises(PrinterUnavailable, match="no such device"):
                attempt()
        assert printer.watch().troubles == (Trouble.UNREACHABLE,)
    assert (device.read_bytes() if device.exists() else None) == left


@linux
def test_a_pipe_that_somebody_reads_gets_the_job(tmp_path: Path, english: Document) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    printer = EscposPrinter(FilePrinter(path=str(path)), patience=HASTY)

    def printed() -> bool:
        with suppress(PrinterUnavailable):  # the reader may not have begun
            return printer.print(english, "sale-1") == SENT
        return False

    until(printed)
    reader.join(10)
    assert read == [job(english, FASTER_THAN_PAPER)]


@linux
def test_a_pipe_that_nobody_reads_is_unavailable_at_once(tmp_path: Path, english: Document) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    printer = EscposPrinter(FilePrinter(path=str(path)), patience=HASTY)
    for attempt in (lambda: printer.print(english, "sale-1"), printer.check):
        with pytest.raises(PrinterUnavailable, match="the printer cannot be reached"):
            attempt()


@linux
def test_a_device_that_has_an_end_is_not_listened_to_again_and_again() -> None:
    printer = EscposPrinter(FilePrinter(path=os.devnull))
    begun, spent = time.monotonic(), time.thread_time()
    printer.watch()
    assert time.thread_time() - spent < 0.3
    assert time.monotonic() - begun < 0.9


@linux
def test_a_device_that_ends_after_it_answered_breaks_the_job_off(english: Document) -> None:
    with on_pty() as (fake, path):
        settings = EndsLater(FilePrinter(path=path), lambda: fake.taken > 1000)
        begun, spent = time.monotonic(), time.thread_time()
        outcome = EscposPrinter(settings, FULL).print(english, "sale-1")
        assert outcome.state is PrintState.UNKNOWN
        assert time.monotonic() - begun < 5
        assert time.thread_time() - spent < 0.5


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


@pytest.mark.parametrize(
    "settings",
    [
        NetworkPrinter(host="printer"),
        FilePrinter(path="/dev/usb/lp0"),
        UsbPrinter.parse("04b8:0e15"),
        WindowsPrinter(name="Receipts"),
    ],
)
def test_a_way_that_is_faster_than_paper_says_so(settings: TransportSettings) -> None:
    assert (settings.bytes_per_s or 0) >= PAPER_BYTES_PER_S


def test_a_printer_on_the_network_prints_a_receipt_with_a_letter_that_it_lacks_in_one_look() -> None:
    mixed = Document(blocks=(Line(text="Total"), Line(text="Қаймақ"), Cut()), language="kk")
    with on_network() as (fake, port):
        assert at(port).print(mixed, "sale-1") == CONFIRMED
    (paper,) = fake.papers
    assert b"Total" not in paper
    assert b"Total" in dots(mixed, SLOW)


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
from drivers.printers.transports.file import FilePrinter, FileTransport
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
from drivers.printers.transports.network import NetworkPrinter
from drivers.printers.transports.serial_port import SerialPrinter
from drivers.printers.transports.transport import FASTER_THAN_PAPER, TransportSettings
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
