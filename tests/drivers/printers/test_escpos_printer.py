"""Bytes reach the cable whole, and a cable that breaks is told honestly."""

import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import PrinterUnavailable
from drivers.printers.connections import FilePrinter, NetworkPrinter, SerialPrinter
from drivers.printers.document import Document
from drivers.printers.encoders.escpos_raster import encode
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.layout import lay_out
from drivers.printers.port import PrintOutcome, PrintState

SENT = PrintOutcome(state=PrintState.SENT, job_id="sale-1")


def job(document: Document, columns: int = 48) -> bytes:
    return b"".join(encode(lay_out(document, columns)))


@contextmanager
def printer_on_loopback(take: int = -1) -> Iterator[tuple[int, list[bytes]]]:
    """A raw port that takes one connection, up to ``take`` bytes of it, and keeps them."""
    taken: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def serve() -> None:
            peer, _ = server.accept()
            with peer:
                while (piece := peer.recv(65_536)) and (take < 0 or sum(map(len, taken)) < take):
                    taken.append(piece)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], taken
        thread.join(10)


class Cable:
    """A connection that breaks at the n-th send, or at the end."""

    def __init__(self, *, breaks_at: int = -1, breaks_on_close: bool = False, error: type[Exception] = OSError) -> None:
        self.sent: list[bytes] = []
        self.closed = 0
        self._breaks_at = breaks_at
        self._breaks_on_close = breaks_on_close
        self._error = error

    def open(self) -> "Cable":
        return self

    def send(self, data: bytes) -> None:
        if len(self.sent) == self._breaks_at:
            raise self._error("gone")
        self.sent.append(data)

    def close(self) -> None:
        self.closed += 1
        if self._breaks_on_close:
            raise self._error("gone")


def test_a_network_printer_gets_the_job_byte_for_byte(document: Document) -> None:
    with printer_on_loopback() as (port, taken):
        printer = EscposPrinter(NetworkPrinter(host="127.0.0.1", port=port))
        assert printer.print(document, "sale-1") == SENT
    assert b"".join(taken) == job(document)


def test_a_device_file_gets_the_job_byte_for_byte(tmp_path: Path, english: Document) -> None:
    path = tmp_path / "lp0"
    assert EscposPrinter(FilePrinter(path=str(path)), columns=32).print(english, "sale-1") == SENT
    assert path.read_bytes() == job(english, 32)


def test_a_plain_file_keeps_every_job(tmp_path: Path, english: Document) -> None:
    path = tmp_path / "paper.bin"
    path.write_bytes(b"before")
    for _ in range(2):
        assert EscposPrinter(FilePrinter(path=str(path))).print(english, "sale-1") == SENT
    assert path.read_bytes() == b"before" + job(english) * 2


def test_a_check_leaves_a_plain_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "paper.bin"
    path.write_bytes(b"the last receipt")
    EscposPrinter(FilePrinter(path=str(path))).check()
    assert path.read_bytes() == b"the last receipt"


@pytest.mark.skipif(sys.platform == "win32", reason="platform: Windows has no such devices")
def test_a_device_that_has_no_end_is_opened_all_the_same(english: Document) -> None:
    EscposPrinter(FilePrinter(path=os.devnull)).check()
    assert EscposPrinter(FilePrinter(path=os.devnull)).print(english, "sale-1") == SENT


def test_one_printer_prints_many_jobs_from_many_threads(tmp_path: Path, english: Document) -> None:
    cable = Cable()
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
    printer = EscposPrinter(NetworkPrinter(host="127.0.0.1", port=port), name="till printer")
    with pytest.raises(PrinterUnavailable, match="till printer: the printer cannot be reached") as caught:
        printer.print(english, "sale-1")
    assert caught.value.transient
    with pytest.raises(PrinterUnavailable):
        printer.check()


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path, english: Document) -> None:
    with pytest.raises(PrinterUnavailable):
        EscposPrinter(FilePrinter(path=str(tmp_path / "none" / "lp0"))).print(english, "sale-1")


def test_a_port_that_is_not_there_is_unavailable(english: Document) -> None:
    with pytest.raises(PrinterUnavailable):
        EscposPrinter(SerialPrinter(port="/dev/serial/by-id/none-such")).print(english, "sale-1")


@pytest.mark.parametrize("error", [BrokenPipeError, TimeoutError, AssertionError, ValueError])
def test_a_printer_that_takes_not_even_the_first_bytes_has_printed_nothing(
    english: Document, error: type[Exception]
) -> None:
    cable = Cable(breaks_at=0, error=error)
    with pytest.raises(PrinterUnavailable, match="takes no bytes"):
        EscposPrinter(cable).print(english, "sale-1")
    assert cable.closed == 1


@pytest.mark.parametrize("cable", [Cable(breaks_at=1), Cable(breaks_at=2), Cable(breaks_on_close=True)])
def test_a_job_that_broke_off_is_unknown(english: Document, cable: Cable) -> None:
    outcome = EscposPrinter(cable, name="till printer").print(english, "sale-1")
    assert (outcome.state, outcome.job_id) == (PrintState.UNKNOWN, "sale-1")
    assert outcome.detail == "till printer: the connection broke while printing (OSError)"
    assert cable.closed >= 1


def test_a_printer_that_hangs_up_in_the_middle_is_never_reported_as_confirmed(english: Document) -> None:
    with printer_on_loopback(take=1) as (port, _):
        outcome = EscposPrinter(NetworkPrinter(host="127.0.0.1", port=port)).print(english, "sale-1")
    assert outcome.state in {PrintState.SENT, PrintState.UNKNOWN}


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
from drivers.printers.connections import FilePrinter
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
from drivers.printers.connections import NetworkPrinter
from drivers.printers.document import Document, Line
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.preview_printer import PreviewPrinter
from drivers.scanners.reader import ScanReader
from drivers.scanners.sources.serial_source import SerialSource
EscposPrinter(NetworkPrinter(host="127.0.0.1"))
PreviewPrinter(Path({str(tmp_path)!r})).print(Document(blocks=(Line(text="hello"),), language="en"), "sale-1")
print(sorted({{"escpos", "PIL", "serial", "yaml", "termios"}} & set(sys.modules)))
"""
    )
    assert done.stdout == "[]\n"


def test_the_library_logs_under_its_own_name(tmp_path: Path, english: Document, caplog: Any) -> None:
    with caplog.at_level(logging.INFO):
        EscposPrinter(FilePrinter(path=str(tmp_path / "lp0"))).print(english, "sale-1")
    assert {record.name for record in caplog.records} <= {"escpos"}
